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
	spaced          bool   // a blank behind commas even without a gap
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

// braced writes what stands between two brackets. indent is that of the line it begins on.
func (st style) braced(open, shut, indent string, inner func(indent string) []string) string {
	if st.inline {
		comma := "," + st.gap
		if st.spaced {
			comma = ", "
		}
		return open + st.gap + strings.Join(inner(indent), comma) + st.gap + shut
	}
	deeper := indent + st.unit
	return open + st.nl + deeper + strings.Join(inner(deeper), ","+st.nl+deeper) + st.nl + indent + shut
}

// object writes nested objects down to one value.
func (st style) object(indent string, path []string, value any) string {
	return st.braced("{", "}", indent, func(indent string) []string { return []string{st.member(indent, path, value)} })
}

// member writes a member whose value lies under the rest of the path.
func (st style) member(indent string, path []string, value any) string {
	name, _ := encodeJSON(path[0]) // a string always encodes
	if len(path) > 1 {
		return name + st.colon + st.object(indent, path[1:], value)
	}
	return name + st.colon + st.value(indent, value)
}

// value writes a value of any kind; indent is that of the line it begins on.
func (st style) value(indent string, value any) string {
	switch value := value.(type) {
	case element:
		if value.key != "" {
			return st.list(indent, value)
		}
		return st.element(indent, value)
	case []member:
		return st.element(indent, element{members: value})
	}
	return st.scalar(value)
}

// scalar writes a value, or a list of strings on one line.
func (st style) scalar(value any) string {
	list, ok := value.([]string)
	if !ok {
		text, _ := encodeJSON(value) // scalars encode
		return text
	}
	parts := make([]string, len(list))
	for i, one := range list {
		parts[i], _ = encodeJSON(one)
	}
	comma := ","
	if strings.HasSuffix(st.colon, " ") {
		comma = ", "
	}
	return "[" + strings.Join(parts, comma) + "]"
}

// list writes a list of one element.
func (st style) list(indent string, el element) string {
	return st.braced("[", "]", indent, func(indent string) []string { return []string{st.element(indent, el)} })
}

// element writes an object.
func (st style) element(indent string, el element) string {
	return st.braced("{", "}", indent, func(indent string) []string {
		var list []string
		for _, m := range el.members {
			list = append(list, st.member(indent, []string{m.name}, m.value))
		}
		return list
	})
}

// slot is where a member of an object or an element of a list lies.
type slot struct{ start, end int }

func slotsOf(v *hujson.Value) []slot {
	var list []slot
	switch at := v.Value.(type) {
	case *hujson.Object:
		for _, m := range at.Members {
			list = append(list, slot{m.Name.StartOffset, m.Value.EndOffset})
		}
	case *hujson.Array:
		for _, e := range at.Elements {
			list = append(list, slot{e.StartOffset, e.EndOffset})
		}
	}
	return list
}

// writer writes something new in a style, at an indentation.
type writer func(st style, indent string) string

// insertLast adds something at the end of an object or a list. The undo holds the container's text if it
// was empty, else the white space put before what is new.
func insertLast(src []byte, root, v *hujson.Value, write writer) ([]byte, Undo) {
	st := styleOf(src, root)
	slots := slotsOf(v)
	if len(slots) == 0 {
		shell := string(src[v.StartOffset:v.EndOffset])
		return fillEmpty(src, v, st, write), Undo{Shell: &shell}
	}
	last := slots[len(slots)-1]
	if obj, ok := v.Value.(*hujson.Object); ok {
		st.colon = colonOf(src, obj.Members[len(obj.Members)-1])
	}
	lead := st.lead(src, v, last)
	text := lead + write(st, strings.TrimLeft(lead, "\r\n"))
	comma := skipExtra(src, last.end)
	if src[comma] == ',' { // a trailing comma: ours gets one too
		at := lineTail(src, comma+1)
		return splice(src, at, at, text+","), Undo{Lead: lead}
	}
	at := lineTail(src, last.end)
	out := splice(src, at, at, text)
	return splice(out, last.end, last.end, ","), Undo{Lead: lead}
}

// lead is what comes before a new last member: a line of its own where the last one has one.
func (st *style) lead(src []byte, v *hujson.Value, last slot) string {
	if bytes.IndexByte(src[v.StartOffset:last.start], '\n') >= 0 {
		indent, outer := indentAt(src, last.start), indentAt(src, v.StartOffset)
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
	if bytes.IndexByte(src[last.end:v.EndOffset], '\n') >= 0 {
		return st.nl + indentAt(src, last.start)
	}
	return st.gap
}

// fillEmpty puts a first member into an empty container and keeps comments in it.
func fillEmpty(src []byte, v *hujson.Value, st style, write writer) []byte {
	inner := src[v.StartOffset+1 : v.EndOffset-1]
	kept := bytes.TrimRight(inner, " \t\r\n")
	if st.inline && bytes.IndexByte(inner, '\n') < 0 {
		text := string(kept) + st.gap + write(st, "") + st.gap
		return splice(src, v.StartOffset+1, v.EndOffset-1, text)
	}
	st.inline = false
	indent := indentAt(src, v.StartOffset)
	inside := indent + st.unit
	text := string(kept) + st.nl + inside + write(st, inside) + st.nl + indent
	return splice(src, v.StartOffset+1, v.EndOffset-1, text)
}

// deleteSlot removes the i-th member of a container: the inverse of insertLast. The lead is the white
// space that was put before it; nil if that is not known.
func deleteSlot(src []byte, v *hujson.Value, i int, lead *string) []byte {
	slots := slotsOf(v)
	start, end := slots[i].start, slots[i].end
	token := v.StartOffset + 1
	if i > 0 {
		token = slots[i-1].end
	}
	comma := skipExtra(src, end)
	if src[comma] == ',' {
		src = splice(src, comma, comma+1, "")
		return splice(src, leadStart(src, token, start, end, lead), end, "")
	}
	src = splice(src, leadStart(src, token, start, end, lead), end, "")
	if i > 0 { // the comma before it goes as well
		before := skipExtra(src, token)
		src = splice(src, before, before+1, "")
	}
	return src
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
