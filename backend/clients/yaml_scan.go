package clients

import (
	"bytes"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// yamlDoc is a text of one YAML document whose root is a mapping. The library parses it and tells lines
// and columns; where things lie in the bytes is worked out here and held against the text, so that a
// misjudged place is an error and not an edit.
type yamlDoc struct {
	src   []byte
	lines []int // offsets where lines begin
	root  ast.Node
}

func parseYAML(src []byte) (yamlDoc, error) {
	d := yamlDoc{src: src, lines: []int{0}}
	for i, c := range src {
		if c == '\n' {
			d.lines = append(d.lines, i+1)
		}
	}
	file, err := parser.ParseBytes(unixLines(src), 0)
	if err != nil {
		return d, d.broken(err)
	}
	for _, one := range file.Docs {
		switch body := one.Body.(type) {
		case nil, *ast.DirectiveNode, *ast.CommentGroupNode, *ast.NullNode:
			continue
		default:
			at := body.GetToken().Position
			if d.root != nil {
				return d, &brokenError{at.Line, at.Column, "the file holds more than one document"}
			}
			if _, isMapping := unwrap(body).(*ast.MappingNode); !isMapping {
				return d, &brokenError{at.Line, at.Column, "the file holds no mapping"}
			}
			d.root = body
		}
	}
	return d, nil
}

// unixLines takes the carriage returns out of line ends: the library counts some of them as lines of
// their own. Lines and columns stay the same.
func unixLines(src []byte) []byte { return bytes.ReplaceAll(src, []byte("\r\n"), []byte("\n")) }

// broken takes line and column out of the library's error, whose text may quote the file.
func (d yamlDoc) broken(err error) error {
	b := &brokenError{1, 1, "this is no valid YAML"}
	syntax, ok := errors.AsType[yaml.Error](err)
	if !ok || syntax.GetToken() == nil || syntax.GetToken().Position == nil {
		return b
	}
	at := syntax.GetToken().Position
	b.line, b.column = at.Line, at.Column
	if message := syntax.GetMessage(); strings.HasPrefix(message, "mapping key ") && strings.Contains(message, "already defined") {
		b.what = "this key stands here a second time"
	}
	return b
}

// unwrap steps through anchors and tags.
func unwrap(n ast.Node) ast.Node {
	for {
		switch at := n.(type) {
		case *ast.AnchorNode:
			n = at.Value
		case *ast.TagNode:
			n = at.Value
		default:
			return n
		}
	}
}

// offset is where a token begins, if one of the given characters stands there.
func (d yamlDoc) offset(t *token.Token, first string) (int, bool) {
	if t == nil || t.Position == nil || t.Position.Line < 1 || t.Position.Line > len(d.lines) {
		return 0, false
	}
	i := d.lines[t.Position.Line-1]
	for range t.Position.Column - 1 {
		if i >= len(d.src) || d.src[i] == '\n' {
			return 0, false
		}
		_, n := utf8.DecodeRune(d.src[i:])
		i += n
	}
	return i, i < len(d.src) && strings.IndexByte(first, d.src[i]) >= 0
}

// lineStart is the offset at which the line of an offset begins.
func (d yamlDoc) lineStart(i int) int { return bytes.LastIndexByte(d.src[:i], '\n') + 1 }

// alone tells that nothing but blanks stands before an offset on its line, and gives them.
func (d yamlDoc) alone(i int) (indent string, ok bool) {
	indent = string(d.src[d.lineStart(i):i])
	return indent, strings.Trim(indent, " ") == ""
}

// yamlEntry is one key of a mapping, as offsets.
type yamlEntry struct {
	key, colon int
	value      ast.Node
}

// entry finds a key of a mapping.
func (d yamlDoc) entry(m *ast.MappingNode, name string) (e yamlEntry, found, ok bool) {
	for _, v := range m.Values {
		key, isText := v.Key.(*ast.StringNode)
		if !isText || key.Value != name {
			continue
		}
		e.value = v.Value
		var keyOK, colonOK bool
		e.key, keyOK = d.offset(key.GetToken(), `"'`+name[:min(1, len(name))])
		e.colon, colonOK = d.offset(v.Start, ":")
		return e, true, keyOK && colonOK
	}
	return e, false, true
}

// rest is what stands on the line behind an offset, without a comment.
func (d yamlDoc) rest(i int) (start, end int, text string) {
	end = lineEnd(d.src, i)
	line := d.src[i:end]
	if n := bytes.Index(line, []byte(" #")); n >= 0 {
		line = line[:n]
	}
	text = strings.TrimSpace(string(line))
	start = i + bytes.Index(line, []byte(text))
	return start, start + len(text), text
}

// scalarEnd is where a scalar that begins at i ends, if it ends on its line or in quotes.
func (d yamlDoc) scalarEnd(i int, flow bool) (int, bool) {
	if i >= len(d.src) {
		return i, false
	}
	switch d.src[i] {
	case '"', '\'':
		return d.quoteEnd(i)
	case '|', '>', '{', '[', '&', '*', '!':
		return i, false
	}
	start, end, text := d.rest(i)
	if flow {
		if n := strings.IndexAny(text, ",]}"); n >= 0 {
			end = start + len(strings.TrimRight(text[:n], " "))
		}
	}
	return end, end > i
}

// quoteEnd is the offset behind the quotes that open at i.
func (d yamlDoc) quoteEnd(i int) (int, bool) {
	quote := d.src[i]
	for i++; i < len(d.src); i++ {
		switch {
		case quote == '"' && d.src[i] == '\\':
			i++
		case d.src[i] == quote && quote == '\'' && i+1 < len(d.src) && d.src[i+1] == quote:
			i++
		case d.src[i] == quote:
			return i + 1, true
		}
	}
	return i, false
}

// flowEnd is the offset behind the bracket that closes the one at i.
func (d yamlDoc) flowEnd(i int) (int, bool) {
	for depth := 0; i < len(d.src); i++ {
		switch c := d.src[i]; c {
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1, true
			}
		case '"', '\'':
			if strings.IndexByte(" \t\n,[{:", d.src[i-1]) < 0 {
				continue // inside a plain word
			}
			end, ok := d.quoteEnd(i)
			if !ok {
				return i, false
			}
			i = end - 1
		case '#':
			if strings.IndexByte(" \t\n", d.src[i-1]) >= 0 {
				i = lineEnd(d.src, i) - 1
			}
		}
	}
	return i, false
}

// blockEnd is where the lines of the element end whose dash is at i: those that are indented deeper.
// Blank lines and comments at its end are not its own.
func (d yamlDoc) blockEnd(i int) int {
	indent := i - d.lineStart(i)
	end := lineEnd(d.src, i)
	for at := end; at < len(d.src); {
		next := lineEnd(d.src, at)
		line := bytes.TrimRight(d.src[at:next], " \t\r\n")
		deep := len(line) - len(bytes.TrimLeft(line, " "))
		if len(line) > 0 && deep <= indent {
			break
		}
		if len(line) > deep && line[deep] != '#' {
			end = next
		}
		at = next
	}
	return end
}
