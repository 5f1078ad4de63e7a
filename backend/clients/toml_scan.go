package clients

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// tomlItem is one key with its value, as offsets. Items of an inline table hang below the item that
// holds it.
type tomlItem struct {
	path             []string // from the root; elements of arrays of tables have a mark in it
	base             int      // how many of them the header, or the inline table around it, gives
	start            int      // of the key
	valStart, valEnd int
	lineStart        int
	lineEnd          int // after the line end
	kids             []tomlItem
	table            bool // the value is an inline table
}

// tomlTable is the root or what follows one header.
type tomlTable struct {
	path     []string
	array    bool
	start    int // of the header
	headEnd  int // after the header's line
	end      int // where the next header begins
	items    []tomlItem
	implicit bool // the root
}

// tomlScanner walks a text that the parser has accepted. It only needs to find where things lie; what it
// misjudges is caught by parsing the result.
type tomlScanner struct {
	src    []byte
	i      int
	arrays map[string]int // how often an array of tables has been opened, by path
}

func scanTOML(src []byte) []tomlTable {
	s := &tomlScanner{src: src, arrays: map[string]int{}}
	tables := []tomlTable{{implicit: true}}
	for {
		s.skipSpace(true)
		if s.i >= len(src) {
			break
		}
		at := &tables[len(tables)-1]
		if src[s.i] == '[' {
			at.end = s.i
			tables = append(tables, s.header())
			continue
		}
		item, ok := s.item(at.path)
		if !ok {
			break
		}
		item.lineEnd = lineEnd(src, item.valEnd)
		item.lineStart = bytes.LastIndexByte(src[:item.start], '\n') + 1
		at.items = append(at.items, item)
		s.i = item.lineEnd
	}
	tables[len(tables)-1].end = len(src)
	return tables
}

// skipSpace steps over blanks and, if lines may end, over line ends and comments.
func (s *tomlScanner) skipSpace(lines bool) {
	for s.i < len(s.src) {
		switch c := s.src[s.i]; {
		case c == ' ' || c == '\t':
			s.i++
		case lines && (c == '\r' || c == '\n'):
			s.i++
		case lines && c == '#':
			s.i = lineEnd(s.src, s.i)
		default:
			return
		}
	}
}

func (s *tomlScanner) header() tomlTable {
	t := tomlTable{start: bytes.LastIndexByte(s.src[:s.i], '\n') + 1}
	s.i++
	if s.i < len(s.src) && s.src[s.i] == '[' {
		t.array = true
		s.i++
	}
	keys := s.key()
	// A header below an array of tables belongs to the array's last element.
	for i, key := range keys {
		t.path = append(t.path, key)
		name := strings.Join(t.path, "\x00")
		if t.array && i == len(keys)-1 {
			s.arrays[name]++
		}
		if n := s.arrays[name]; n > 0 {
			t.path = append(t.path, "\x00"+strconv.Itoa(n))
		}
	}
	t.headEnd = lineEnd(s.src, s.i)
	s.i = t.headEnd
	return t
}

// key reads a key of parts with dots between them.
func (s *tomlScanner) key() []string {
	var parts []string
	for {
		s.skipSpace(false)
		start := s.i
		if s.i < len(s.src) && (s.src[s.i] == '"' || s.src[s.i] == '\'') {
			s.skipString()
			parts = append(parts, tomlText(s.src[start:s.i]))
		} else {
			for s.i < len(s.src) && isBareKey(s.src[s.i]) {
				s.i++
			}
			parts = append(parts, string(s.src[start:s.i]))
		}
		s.skipSpace(false)
		if s.i >= len(s.src) || s.src[s.i] != '.' {
			return parts
		}
		s.i++
	}
}

func isBareKey(c byte) bool {
	return c == '_' || c == '-' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}

// tomlText decodes a string in quotes.
func tomlText(quoted []byte) string {
	var v struct{ V string }
	if toml.Unmarshal(append([]byte("V = "), quoted...), &v) != nil {
		return string(quoted)
	}
	return v.V
}

func (s *tomlScanner) item(table []string) (tomlItem, bool) {
	item := tomlItem{base: len(table), start: s.i}
	item.path = append(slices.Clone(table), s.key()...)
	if s.i >= len(s.src) || s.src[s.i] != '=' {
		return item, false
	}
	s.i++
	s.skipSpace(false)
	item.valStart = s.i
	if s.i < len(s.src) && s.src[s.i] == '{' {
		item.table = true
		item.kids = s.inlineTable(item.path)
	} else {
		s.skipValue()
	}
	item.valEnd = s.i
	return item, item.valEnd > item.valStart
}

// inlineTable reads the items between braces.
func (s *tomlScanner) inlineTable(path []string) []tomlItem {
	var list []tomlItem
	s.i++
	for {
		s.skipSpace(true)
		if s.i >= len(s.src) {
			return list
		}
		switch s.src[s.i] {
		case '}':
			s.i++
			return list
		case ',':
			s.i++
			continue
		}
		item, ok := s.item(path)
		if !ok {
			s.i = len(s.src)
			return list
		}
		list = append(list, item)
	}
}

func (s *tomlScanner) skipValue() {
	if s.i >= len(s.src) {
		return
	}
	switch s.src[s.i] {
	case '"', '\'':
		s.skipString()
	case '[':
		s.i++
		for {
			s.skipSpace(true)
			if s.i >= len(s.src) {
				return
			}
			switch s.src[s.i] {
			case ']':
				s.i++
				return
			case ',':
				s.i++
			default:
				before := s.i
				if s.skipElement(); s.i == before {
					s.i = len(s.src)
					return
				}
			}
		}
	default:
		start := s.i
		for s.i < len(s.src) && !bytes.ContainsRune([]byte(",]}#\r\n"), rune(s.src[s.i])) {
			s.i++
		}
		s.i = start + len(bytes.TrimRight(s.src[start:s.i], " \t"))
	}
}

func (s *tomlScanner) skipElement() {
	if s.src[s.i] == '{' {
		s.inlineTable(nil)
		return
	}
	s.skipValue()
}

// skipString steps over a string of any of the four kinds.
func (s *tomlScanner) skipString() {
	quote := s.src[s.i]
	triple := bytes.Repeat([]byte{quote}, 3)
	if bytes.HasPrefix(s.src[s.i:], triple) {
		s.i += 3
		for s.i < len(s.src) && !bytes.HasPrefix(s.src[s.i:], triple) {
			s.step(quote)
		}
		s.i = min(s.i+3, len(s.src))
		for range 2 { // up to two quotes may stand right before the end
			if s.i < len(s.src) && s.src[s.i] == quote {
				s.i++
			}
		}
		return
	}
	s.i++
	for s.i < len(s.src) && s.src[s.i] != quote {
		s.step(quote)
	}
	s.i = min(s.i+1, len(s.src))
}

// step goes one character on; in basic strings a backslash takes the next one along.
func (s *tomlScanner) step(quote byte) {
	if quote == '"' && s.src[s.i] == '\\' {
		s.i++
	}
	s.i = min(s.i+1, len(s.src))
}
