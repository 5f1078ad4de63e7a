package clients

import (
	"bytes"
	"strings"

	"github.com/tailscale/hujson"
)

// style is how a text lays its members out.
type style struct {
	nl, unit, colon string
	inline          bool
	gap             string // before and after the members of an inline object, and between them
}

// styleOf learns from the root's first member. A file of one line stays one.
func styleOf(src []byte, root *hujson.Value) style {
	st := style{nl: newline(src), unit: "  ", colon: ": "}
	obj, ok := root.Value.(*hujson.Object)
	if !ok || len(obj.Members) == 0 {
		return st
	}
	first := obj.Members[0]
	st.colon = colonOf(src, first)
	if bytes.IndexByte(src[root.StartOffset:first.Name.StartOffset], '\n') < 0 {
		st.inline = true
		if strings.HasSuffix(st.colon, " ") {
			st.gap = " "
		}
		return st
	}
	if indent := indentAt(src, first.Name.StartOffset); indent != "" {
		st.unit = indent
	}
	return st
}

// colonOf is what stands between a member's name and its value, if it is nothing but a colon and blanks.
func colonOf(src []byte, m hujson.ObjectMember) string {
	between := string(src[m.Name.EndOffset:m.Value.StartOffset])
	if strings.Trim(between, " \t") == ":" {
		return between
	}
	return ": "
}

// indentAt is the white space at the beginning of the line that holds an offset.
func indentAt(src []byte, offset int) string {
	line := src[bytes.LastIndexByte(src[:offset], '\n')+1:]
	return string(line[:len(line)-len(bytes.TrimLeft(line, " \t"))])
}

// object writes nested objects down to one value. indent is that of the line it begins on.
func (st style) object(indent string, path []string, value string) string {
	if st.inline {
		pad := st.gap
		if pad == "" {
			return "{" + st.member(indent, path, value) + "}"
		}
		return "{" + pad + st.member(indent, path, value) + pad + "}"
	}
	inner := indent + st.unit
	return "{" + st.nl + inner + st.member(inner, path, value) + st.nl + indent + "}"
}

// member writes a member whose value lies under the rest of the path.
func (st style) member(indent string, path []string, value string) string {
	name, _ := encodeJSON(path[0]) // a string always encodes
	if len(path) > 1 {
		value = st.object(indent, path[1:], value)
	}
	return name + st.colon + value
}

// insertMember adds a member at the end of an object. The undo holds the object's text if it was empty,
// else the white space put before the member.
func insertMember(src []byte, root, v *hujson.Value, obj *hujson.Object, path []string, value string) ([]byte, Undo) {
	st := styleOf(src, root)
	if len(obj.Members) == 0 {
		shell := string(src[v.StartOffset:v.EndOffset])
		return fillEmpty(src, v, st, path, value), Undo{Shell: &shell}
	}
	last := obj.Members[len(obj.Members)-1]
	st.colon = colonOf(src, last)
	lead := st.lead(src, v, last)
	text := lead + st.member(strings.TrimLeft(lead, "\r\n"), path, value)
	end := last.Value.EndOffset
	comma := skipExtra(src, end)
	if src[comma] == ',' { // a trailing comma: ours gets one too
		at := lineTail(src, comma+1)
		return splice(src, at, at, text+","), Undo{Lead: lead}
	}
	at := lineTail(src, end)
	out := splice(src, at, at, text)
	return splice(out, end, end, ","), Undo{Lead: lead}
}

// lead is what comes before a new last member: a line of its own where the last one has one.
func (st *style) lead(src []byte, v *hujson.Value, last hujson.ObjectMember) string {
	name := last.Name.StartOffset
	if bytes.IndexByte(src[v.StartOffset:name], '\n') >= 0 {
		indent, outer := indentAt(src, name), indentAt(src, v.StartOffset)
		if unit, ok := strings.CutPrefix(indent, outer); ok && unit != "" {
			st.unit = unit
		}
		st.inline = false
		return st.nl + indent
	}
	st.inline, st.gap = true, ""
	if strings.HasSuffix(st.colon, " ") {
		st.gap = " "
	}
	// A comment that runs to the end of the line would swallow what comes after it.
	if bytes.IndexByte(src[last.Value.EndOffset:v.EndOffset], '\n') >= 0 {
		return st.nl + indentAt(src, name)
	}
	return st.gap
}

// fillEmpty puts a first member into an empty object and keeps comments in it.
func fillEmpty(src []byte, v *hujson.Value, st style, path []string, value string) []byte {
	inner := src[v.StartOffset+1 : v.EndOffset-1]
	kept := bytes.TrimRight(inner, " \t\r\n")
	if st.inline && bytes.IndexByte(inner, '\n') < 0 {
		text := string(kept) + st.gap + st.member("", path, value) + st.gap
		return splice(src, v.StartOffset+1, v.EndOffset-1, text)
	}
	st.inline = false
	indent := indentAt(src, v.StartOffset)
	inside := indent + st.unit
	text := string(kept) + st.nl + inside + st.member(inside, path, value) + st.nl + indent
	return splice(src, v.StartOffset+1, v.EndOffset-1, text)
}

// deleteMember removes what a path names: the inverse of insertMember. The lead is the white space that
// was put before the name; nil if that is not known.
func deleteMember(src []byte, path []string, lead *string) ([]byte, error) {
	root, err := parseJSON(src)
	if err != nil {
		return nil, jsonBroken(src, err)
	}
	parent, _ := descend(&root, path[:len(path)-1])
	obj, ok := parent.Value.(*hujson.Object)
	if !ok {
		return src, nil
	}
	i := memberIndex(obj, path[len(path)-1])
	if i < 0 {
		return src, nil
	}
	start, end := obj.Members[i].Name.StartOffset, obj.Members[i].Value.EndOffset
	token := parent.StartOffset + 1
	if i > 0 {
		token = obj.Members[i-1].Value.EndOffset
	}
	comma := skipExtra(src, end)
	if src[comma] == ',' {
		src = splice(src, comma, comma+1, "")
		return splice(src, leadStart(src, token, start, end, lead), end, ""), nil
	}
	src = splice(src, leadStart(src, token, start, end, lead), end, "")
	if i > 0 { // the comma before it goes as well
		before := skipExtra(src, token)
		src = splice(src, before, before+1, "")
	}
	return src, nil
}

// leadStart is where to cut, so that the white space before a member goes with it. It stays where the
// rest of the line would otherwise come to stand behind a comment that runs to the end of the line.
func leadStart(src []byte, token, start, end int, lead *string) int {
	cut := max(token, len(bytes.TrimRight(src[:start], " \t\r\n")))
	if lead != nil && bytes.HasSuffix(src[token:start], []byte(*lead)) {
		cut = start - len(*lead)
	}
	rest := bytes.TrimLeft(src[end:], " \t")
	if len(rest) == 0 || rest[0] == '\n' || rest[0] == '\r' {
		return cut
	}
	before := src[token:cut]
	if bytes.Contains(before[bytes.LastIndexByte(before, '\n')+1:], []byte("//")) {
		return start
	}
	return cut
}

// skipExtra steps over white space and comments.
func skipExtra(src []byte, i int) int {
	for i < len(src) {
		switch {
		case strings.IndexByte(" \t\r\n", src[i]) >= 0:
			i++
		case bytes.HasPrefix(src[i:], []byte("//")):
			n := bytes.IndexByte(src[i:], '\n')
			if n < 0 {
				return len(src)
			}
			i += n
		case bytes.HasPrefix(src[i:], []byte("/*")):
			n := bytes.Index(src[i+2:], []byte("*/"))
			if n < 0 {
				return len(src)
			}
			i += n + 4
		default:
			return i
		}
	}
	return i
}

// lineTail returns the end of the comments that follow on the same line, or i itself if there are none.
func lineTail(src []byte, i int) int {
	end := i
	for at := i; at < len(src); {
		switch {
		case src[at] == ' ' || src[at] == '\t':
			at++
		case bytes.HasPrefix(src[at:], []byte("//")):
			n := bytes.IndexByte(src[at:], '\n')
			if n < 0 {
				return end
			}
			line := bytes.TrimRight(src[at:at+n], "\r")
			return at + len(line)
		case bytes.HasPrefix(src[at:], []byte("/*")):
			n := bytes.Index(src[at+2:], []byte("*/"))
			if n < 0 || bytes.IndexByte(src[at:at+n+4], '\n') >= 0 {
				return end
			}
			at += n + 4
			end = at
		default:
			return end
		}
	}
	return end
}
