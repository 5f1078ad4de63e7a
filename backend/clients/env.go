package clients

import (
	"bytes"
	"strings"
)

// envEditor edits lines of NAME=value as the dotenv libraries read them: with `export`, quotes (in which
// a value may run over lines) and comments.
type envEditor struct{}

// envEntry is one assignment as offsets: the whole line, and the value with its quotes.
type envEntry struct {
	name             string
	start, end       int // end is after the line end
	valStart, valEnd int
	value            string
}

func (envEditor) tree(src []byte) (map[string]any, error) {
	if i := bytes.IndexByte(src, 0); i >= 0 {
		line, column := position(src, i)
		return nil, &brokenError{line, column, "this is no text"}
	}
	out := map[string]any{}
	for _, e := range scanEnv(src) {
		out[e.name] = e.value
	}
	return out, nil
}

func scanEnv(src []byte) []envEntry {
	var list []envEntry
	for i := 0; i < len(src); {
		e, next, ok := scanEnvLine(src, i)
		if ok {
			list = append(list, e)
		}
		i = next
	}
	return list
}

func scanEnvLine(src []byte, start int) (e envEntry, next int, ok bool) {
	next = lineEnd(src, start)
	i := skipBlanks(src, start)
	if rest, found := bytes.CutPrefix(src[i:next], []byte("export")); found && len(rest) > 0 && (rest[0] == ' ' || rest[0] == '\t') {
		i = skipBlanks(src, i+len("export"))
	}
	nameStart := i
	for i < next && isEnvName(src[i]) {
		i++
	}
	e = envEntry{name: string(src[nameStart:i]), start: start}
	i = skipBlanks(src, i)
	if e.name == "" || i >= next || src[i] != '=' {
		return e, next, false
	}
	e.valStart = skipBlanks(src, i+1)
	e.valEnd, e.value = envValue(src, e.valStart, next)
	if e.valEnd > next {
		next = lineEnd(src, e.valEnd)
	}
	e.end = next
	return e, next, true
}

func isEnvName(c byte) bool {
	return c == '_' || c == '.' || c == '-' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}

// envValue reads a value that begins at start on a line that ends before next.
func envValue(src []byte, start, next int) (end int, value string) {
	if start < len(src) && strings.IndexByte("\"'`", src[start]) >= 0 {
		quote := src[start]
		for i := start + 1; i < len(src); i++ {
			switch src[i] {
			case '\\':
				i++
			case quote:
				return i + 1, unquoteEnv(string(src[start+1:i]), quote)
			}
		}
	}
	line := src[start:max(start, len(bytes.TrimRight(src[:next], "\r\n")))]
	if i := bytes.IndexByte(line, '#'); i >= 0 {
		line = line[:i]
	}
	line = bytes.TrimRight(line, " \t")
	return start + len(line), string(line)
}

func unquoteEnv(s string, quote byte) string {
	if quote != '"' {
		return s
	}
	return strings.NewReplacer(`\n`, "\n", `\r`, "\r").Replace(s)
}

func (envEditor) set(src []byte, path []string, value any) ([]byte, Undo, error) {
	text, ok := value.(string)
	if !ok || strings.ContainsAny(text, "\r\n\x00'") {
		return nil, Undo{}, &shapeError{path[0] + " cannot take this value"}
	}
	if strings.ContainsAny(text, " \t#\"`\\$") {
		text = "'" + text + "'"
	}
	if e, found := findEnv(src, path[0]); found {
		return splice(src, e.valStart, e.valEnd, text), Undo{Had: true, Prior: string(src[e.valStart:e.valEnd])}, nil
	}
	line := path[0] + "=" + text
	nl := newline(src)
	if len(src) > 0 && src[len(src)-1] != '\n' {
		return append(bytes.Clone(src), nl+line...), Undo{Lead: nl}, nil
	}
	return append(bytes.Clone(src), line+nl...), Undo{}, nil
}

// findEnv finds the last assignment of a name: it is the one that counts.
func findEnv(src []byte, name string) (found envEntry, ok bool) {
	for _, e := range scanEnv(src) {
		if e.name == name {
			found, ok = e, true
		}
	}
	return found, ok
}

func (envEditor) undo(src []byte, u Undo) ([]byte, error) {
	e, found := findEnv(src, u.Path[0])
	if !found {
		return src, nil
	}
	if u.Had {
		return splice(src, e.valStart, e.valEnd, u.Prior), nil
	}
	return cutLine(src, e.start, e.end, u.Lead), nil
}

// cutLine removes a line. A last line without a line end takes the one before it along, which is the lead
// if it was put there.
func cutLine(src []byte, start, end int, lead string) []byte {
	if end == len(src) && start > 0 && src[end-1] != '\n' {
		switch head := src[:start]; {
		case lead != "" && bytes.HasSuffix(head, []byte(lead)):
			start -= len(lead)
		case bytes.HasSuffix(head, []byte("\r\n")):
			start -= 2
		default:
			start--
		}
	}
	return splice(src, start, end, "")
}

// lineEnd returns the offset after the line end that follows i.
func lineEnd(src []byte, i int) int {
	if n := bytes.IndexByte(src[i:], '\n'); n >= 0 {
		return i + n + 1
	}
	return len(src)
}

func skipBlanks(src []byte, i int) int {
	for i < len(src) && (src[i] == ' ' || src[i] == '\t') {
		i++
	}
	return i
}
