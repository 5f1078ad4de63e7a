package clients

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"
)

// Format is how a settings file is written.
type Format string

// The formats that can be edited in place.
const (
	JSON Format = "json" // JSON, with comments and trailing commas where the file has them
	TOML Format = "toml"
	YAML Format = "yaml"
	Env  Format = "env" // lines of NAME=value
)

// Undo is what one set replaced: enough to take it back out of a text that has changed since.
type Undo struct {
	Path []string `json:"path"`
	// Element is set where an object is ours as a whole (JSON, and in lists YAML).
	Element *Element `json:"element,omitempty"`
	// Stay leaves the key where it is as long as anything else is in the file.
	Stay bool `json:"stay,omitempty"`
	// Set is the fingerprint of the value that was written: a value that is not it any more is the user's.
	Set string `json:"set"`
	// Had tells whether the key was there, and Prior how its value was written.
	Had   bool   `json:"had"`
	Prior string `json:"prior,omitempty"`
	// Made is how many keys of Path were there before (JSON, YAML): deeper containers are ours.
	Made int `json:"made"`
	// Shell is the text of the empty container that the key went into (JSON, YAML).
	Shell *string `json:"shell,omitempty"`
	// Lead and Trail are the white space put around what was made. Header tells that the table's header
	// was made for the key (TOML).
	Header bool   `json:"header,omitempty"`
	Lead   string `json:"lead,omitempty"`
	Trail  string `json:"trail,omitempty"`
}

// editor changes one key of a text and leaves all else as it is. Values are strings, booleans, integers,
// lists of strings and elements. Functions may assume that tree accepts the text.
type editor interface {
	// tree decodes the text; the error is *brokenError where it cannot be read.
	tree(src []byte) (map[string]any, error)
	set(src []byte, path []string, value any) ([]byte, Undo, error)
	// undo takes a set back; what stands there is what the set wrote, or nothing any more.
	undo(src []byte, u Undo) ([]byte, error)
}

func editorOf(f Format) editor {
	switch f {
	case TOML:
		return tomlEditor{}
	case Env:
		return envEditor{}
	case YAML:
		return yamlEditor{}
	default:
		return jsonEditor{}
	}
}

// brokenError says where a text stops making sense. Lines and columns count from 1.
type brokenError struct {
	line, column int
	what         string
}

func (e *brokenError) Error() string {
	return fmt.Sprintf("%d:%d: %s", e.line, e.column, e.what)
}

// shapeError says that a key cannot be put where it belongs because something else is there.
type shapeError struct{ what string }

func (e *shapeError) Error() string { return e.what }

// setting is one key and the value that it is to have.
type setting struct {
	path  []string
	value any // string, bool, int, []string or element
	// keep leaves a value that is there already; stay is the undo's.
	keep, stay bool
	secret     bool
}

func (s setting) ref() *Element {
	if el, ok := s.value.(element); ok {
		return el.ref()
	}
	return nil
}

// setAll puts all settings into a text. The undos are in the order of the sets; settings that held
// already have none.
func setAll(e editor, src []byte, settings []setting) ([]byte, []Undo, error) {
	before, err := e.tree(src)
	if err != nil {
		return nil, nil, err
	}
	out := src
	var undos []Undo
	for _, s := range settings {
		if have, ok := held(before, s.path, s.ref()); ok && (s.keep || printOf(have, s.ref()) == printOf(s.value, s.ref())) {
			continue
		}
		next, u, err := e.set(out, s.path, s.value)
		if err != nil {
			return nil, nil, err
		}
		u.Path, u.Element, u.Stay, u.Set = s.path, s.ref(), s.stay, printOf(s.value, s.ref().signature())
		out, undos = next, append(undos, u)
	}
	after, err := e.tree(out)
	if err != nil {
		return nil, nil, &shapeError{"the file is written in a way that cannot be edited safely"}
	}
	for _, s := range settings {
		if have, ok := held(after, s.path, s.ref()); !ok || (!s.keep && printOf(have, s.ref()) != printOf(s.value, s.ref())) {
			return nil, nil, &shapeError{strings.Join(s.path, ".") + " cannot be set in this file"}
		}
	}
	return out, undos, onlyAt(before, after, undos)
}

// undoAll takes sets back, the last one first. What is not as it was set is the user's by now and stays.
func undoAll(e editor, src []byte, undos []Undo) ([]byte, error) {
	before, err := e.tree(src)
	if err != nil {
		return nil, err
	}
	out := src
	for _, u := range slices.Backward(undos) {
		if have, ok := held(before, u.Path, u.Element); ok && printOf(have, u.Element.signature()) != u.Set {
			continue
		}
		if u.Stay && needed(e, out, undos) {
			continue
		}
		if out, err = e.undo(out, u); err != nil {
			return nil, err
		}
	}
	after, err := e.tree(out)
	if err != nil {
		return nil, &shapeError{"the file is written in a way that cannot be edited safely"}
	}
	return out, onlyAt(before, after, undos)
}

// needed tells that a text holds more than what stays for the sake of the rest.
func needed(e editor, src []byte, undos []Undo) bool {
	tree, err := e.tree(src)
	if err != nil {
		return true
	}
	tree = maps.Clone(tree)
	for _, u := range undos {
		if u.Stay {
			strip(tree, u.Path, nil)
		}
	}
	return !hollow(tree)
}

// hollow tells that a value holds nothing but empty containers.
func hollow(value any) bool {
	switch at := value.(type) {
	case map[string]any:
		for _, inner := range at {
			if !hollow(inner) {
				return false
			}
		}
		return true
	case []any:
		return len(at) == 0
	}
	return value == nil
}

// onlyAt fails unless two trees are alike but for what was set or taken back.
func onlyAt(before, after map[string]any, undos []Undo) error {
	before, after = maps.Clone(before), maps.Clone(after)
	for _, u := range undos {
		strip(before, u.Path, u.Element)
		strip(after, u.Path, u.Element)
	}
	if !alike(before, after) {
		return &shapeError{"the edit would change more than its own keys"}
	}
	return nil
}

// strip removes a path from a tree, and containers that it leaves empty. Maps on the way are copied:
// the caller's own may be shared.
func strip(tree map[string]any, path []string, ref *Element) {
	next, ok := tree[path[0]]
	if !ok {
		return
	}
	if len(path) == 1 {
		if list, ok := next.([]any); ok && ref.inList() {
			if list = ref.without(list); len(list) > 0 {
				tree[path[0]] = list
				return
			}
		}
		delete(tree, path[0])
		return
	}
	inner, ok := next.(map[string]any)
	if !ok {
		if next == nil {
			delete(tree, path[0])
		}
		return
	}
	inner = maps.Clone(inner)
	strip(inner, path[1:], ref)
	tree[path[0]] = inner
	if len(inner) == 0 {
		delete(tree, path[0])
	}
}

// alike compares trees; unlike reflect.DeepEqual it takes NaN for equal to itself.
func alike(a, b any) bool {
	switch a := a.(type) {
	case map[string]any:
		other, ok := b.(map[string]any)
		return ok && maps.EqualFunc(a, other, alike)
	case []any:
		other, ok := b.([]any)
		return ok && slices.EqualFunc(a, other, alike)
	case float64:
		other, ok := b.(float64)
		return ok && (a == other || (math.IsNaN(a) && math.IsNaN(other)))
	}
	return reflect.DeepEqual(a, b)
}

// lookup follows a path through a tree.
func lookup(tree map[string]any, path []string) (any, bool) {
	var at any = tree
	for _, key := range path {
		m, ok := at.(map[string]any)
		if !ok {
			return nil, false
		}
		if at, ok = m[key]; !ok {
			return nil, false
		}
	}
	return at, true
}

// fingerprint tells values apart without keeping them: they may be secrets.
func fingerprint(value any) string {
	text, err := encodeJSON(value)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func encodeJSON(value any) (string, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(value)
	return strings.TrimSuffix(b.String(), "\n"), err
}

// newline is the line end that a text uses.
func newline(src []byte) string {
	if i := bytes.IndexByte(src, '\n'); i > 0 && src[i-1] == '\r' {
		return "\r\n"
	}
	return "\n"
}

// splice returns src with [start, end) replaced.
func splice(src []byte, start, end int, text string) []byte {
	out := make([]byte, 0, len(src)-(end-start)+len(text))
	out = append(out, src[:start]...)
	out = append(out, text...)
	return append(out, src[end:]...)
}

// position turns an offset into line and column, both from 1; columns count bytes.
func position(src []byte, offset int) (line, column int) {
	offset = min(offset, len(src))
	head := src[:offset]
	return 1 + bytes.Count(head, []byte{'\n'}), offset - bytes.LastIndexByte(head, '\n')
}
