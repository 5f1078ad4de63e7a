package clients

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// yamlEditor edits YAML by lines in block style and by items in flow style. A real parser judges the text
// before and after; anchors, aliases, comments, quotes and layout stay, since nothing else is written.
type yamlEditor struct{}

func (yamlEditor) tree(src []byte) (out map[string]any, err error) {
	// The library is young: a text that upsets it is one that is not edited.
	defer func() {
		if r := recover(); r != nil {
			out, err = nil, &brokenError{1, 1, "the YAML cannot be read"}
		}
	}()
	d, err := parseYAML(src)
	if err != nil || d.root == nil {
		return map[string]any{}, err
	}
	out = map[string]any{}
	if err := yaml.Unmarshal(unixLines(src), &out); err != nil {
		return nil, d.broken(err)
	}
	return out, nil
}

func (yamlEditor) set(src []byte, path []string, value any) ([]byte, Undo, error) {
	if el, ok := value.(element); ok && el.key == "" {
		return nil, Undo{}, &shapeError{strings.Join(path, ".") + " is not edited in YAML"}
	}
	d, err := parseYAML(src)
	if err != nil {
		return nil, Undo{}, err
	}
	if d.root == nil {
		return d.append("", path, value)
	}
	refused := &shapeError{strings.Join(path, ".") + " is written in a way that is not edited"}
	at := d.root
	for depth, name := range path {
		m, ok := unwrap(at).(*ast.MappingNode)
		if !ok {
			return nil, Undo{}, refused
		}
		e, found, ok := d.entry(m, name)
		switch {
		case !ok:
			return nil, Undo{}, refused
		case !found:
			return d.insertKey(m, depth == 0, path[depth:], value, depth)
		}
		if _, null := e.value.(*ast.NullNode); null {
			return d.fillNull(e, path, depth+1, value, m.IsFlowStyle)
		}
		if depth == len(path)-1 {
			return d.setValue(e, m.IsFlowStyle, path, value)
		}
		at = e.value
	}
	return nil, Undo{}, refused
}

// append adds keys at the end of the document.
func (d yamlDoc) append(indent string, path []string, value any) ([]byte, Undo, error) {
	nl := newline(d.src)
	text := blockText(indent, path, value, nl)
	if len(d.src) > 0 && d.src[len(d.src)-1] != '\n' {
		return splice(d.src, len(d.src), len(d.src), nl+strings.TrimSuffix(text, nl)), Undo{Lead: nl}, nil
	}
	return splice(d.src, len(d.src), len(d.src), text), Undo{}, nil
}

// insertKey adds what a mapping lacks: at the end of the root, else before its first key.
func (d yamlDoc) insertKey(m *ast.MappingNode, isRoot bool, path []string, value any, depth int) ([]byte, Undo, error) {
	refused := &shapeError{strings.Join(path, ".") + " cannot be added to this file"}
	if m.IsFlowStyle {
		at, ok := d.offset(m.Start, "{")
		if !ok {
			return nil, Undo{}, refused
		}
		return splice(d.src, at+1, at+1, flowItem(flowStyle().member("", path, value), len(m.Values))), Undo{Made: depth}, nil
	}
	if len(m.Values) == 0 {
		return nil, Undo{}, refused
	}
	first, ok := d.offset(m.Values[0].Start, ":")
	if !ok {
		return nil, Undo{}, refused
	}
	line := d.lineStart(first)
	indent := indentAt(d.src, line)
	if strings.ContainsAny(string(d.src[line+len(indent):line+len(indent)+1]), "-?:") || strings.Trim(indent, " ") != "" {
		return nil, Undo{}, refused
	}
	if isRoot {
		return d.append(indent, path, value)
	}
	return splice(d.src, line, line, blockText(indent, path, value, newline(d.src))), Undo{Made: depth}, nil
}

// fillNull gives a key without a value one. depth counts the keys that are there.
func (d yamlDoc) fillNull(e yamlEntry, path []string, depth int, value any, flow bool) ([]byte, Undo, error) {
	refused := &shapeError{strings.Join(path[:depth], ".") + " is written in a way that is not edited"}
	el, isElement := value.(element)
	inner := func() string {
		switch {
		case depth < len(path):
			return flowStyle().object("", path[depth:], value)
		case isElement:
			return flowStyle().list("", el)
		}
		return flowStyle().scalar(value)
	}
	start, end, text := d.rest(e.colon + 1)
	switch {
	case flow:
		return nil, Undo{}, refused
	case text == "null" || text == "~" || text == "Null" || text == "NULL":
		if depth == len(path) && !isElement {
			return splice(d.src, start, end, inner()), Undo{Had: true, Prior: text, Made: depth}, nil
		}
		return splice(d.src, start, end, inner()), Undo{Made: depth, Shell: &text}, nil
	case text != "":
		return nil, Undo{}, refused
	case depth == len(path) && !isElement:
		empty := ""
		return splice(d.src, e.colon+1, e.colon+1, " "+inner()), Undo{Made: depth, Shell: &empty}, nil
	}
	indent, ok := d.alone(e.key)
	if !ok {
		return nil, Undo{}, refused
	}
	nl := newline(d.src)
	body := blockText(indent+"  ", path[depth:], value, nl)
	at := lineEnd(d.src, e.colon)
	if d.src[at-1] != '\n' {
		return splice(d.src, at, at, nl+strings.TrimSuffix(body, nl)), Undo{Made: depth, Lead: nl}, nil
	}
	return splice(d.src, at, at, body), Undo{Made: depth}, nil
}

// setValue replaces the value of a key, or puts an element into the list that it is.
func (d yamlDoc) setValue(e yamlEntry, flow bool, path []string, value any) ([]byte, Undo, error) {
	refused := &shapeError{strings.Join(path, ".") + " is written in a way that is not edited"}
	if el, ok := value.(element); ok {
		list, ok := unwrap(e.value).(*ast.SequenceNode)
		if !ok {
			return nil, Undo{}, &shapeError{strings.Join(path, ".") + " is no list in this file"}
		}
		return d.setElement(e, list, path, el)
	}
	start, _, _ := d.rest(e.colon + 1)
	end, ok := d.scalarEnd(start, flow)
	if !ok {
		return nil, Undo{}, refused
	}
	text := flowStyle().scalar(value)
	if one, isText := value.(string); isText {
		text = yamlText(one)
	}
	return splice(d.src, start, end, text), Undo{Had: true, Prior: string(d.src[start:end]), Made: len(path)}, nil
}

// setElement puts an element first into a list: Continue takes the first model of a role.
func (d yamlDoc) setElement(e yamlEntry, list *ast.SequenceNode, path []string, el element) ([]byte, Undo, error) {
	refused := &shapeError{strings.Join(path, ".") + " is written in a way that is not edited"}
	nl := newline(d.src)
	if i := d.elementIndex(list, el.ref()); i >= 0 {
		start, end, ok := d.elementAt(list, i)
		if !ok {
			return nil, Undo{}, refused
		}
		u := Undo{Had: true, Prior: string(d.src[start:end]), Made: len(path)}
		text := flowStyle().element("", el)
		if !list.IsFlowStyle {
			text = elementLines(indentAt(d.src, start), el, nl)
			if d.src[end-1] != '\n' {
				text = strings.TrimSuffix(text, nl)
			}
		}
		return splice(d.src, start, end, text), u, nil
	}
	if list.IsFlowStyle {
		at, ok := d.offset(list.Start, "[")
		if !ok {
			return nil, Undo{}, refused
		}
		return splice(d.src, at+1, at+1, flowItem(flowStyle().element("", el), len(list.Values))), Undo{Made: len(path)}, nil
	}
	dash, ok := d.offset(list.Start, "-")
	indent, isAlone := d.alone(dash)
	at := lineEnd(d.src, e.colon)
	if !ok || !isAlone || at > d.lineStart(dash) {
		return nil, Undo{}, refused
	}
	return splice(d.src, at, at, elementLines(indent, el, nl)), Undo{Made: len(path)}, nil
}

// elementIndex finds an element by the member that it is known by.
func (d yamlDoc) elementIndex(list *ast.SequenceNode, ref *Element) int {
	for i, v := range list.Values {
		m, ok := unwrap(v).(*ast.MappingNode)
		if !ok {
			continue
		}
		for _, pair := range m.Values {
			key, isText := pair.Key.(*ast.StringNode)
			name, isName := unwrap(pair.Value).(*ast.StringNode)
			if isText && isName && key.Value == ref.Key && name.Value == ref.Value {
				return i
			}
		}
	}
	return -1
}

// elementAt is where an element lies: whole lines in block style, from brace to brace in flow style.
func (d yamlDoc) elementAt(list *ast.SequenceNode, i int) (start, end int, ok bool) {
	if list.IsFlowStyle {
		if start, ok = d.offset(list.Values[i].GetToken(), "{"); ok {
			end, ok = d.flowEnd(start)
		}
		return start, end, ok
	}
	if i >= len(list.Entries) || list.Entries[i] == nil {
		return 0, 0, false
	}
	dash, ok := d.offset(list.Entries[i].Start, "-")
	if _, isAlone := d.alone(dash); !ok || !isAlone {
		return 0, 0, false
	}
	return d.lineStart(dash), d.blockEnd(dash), true
}

func flowStyle() style { return style{inline: true, colon: ": ", spaced: true} }

// flowItem is what goes behind an opening bracket.
func flowItem(text string, others int) string {
	if others > 0 {
		return text + ", "
	}
	return text
}

// blockText writes keys on lines of their own, down to a value or a list of one element.
func blockText(indent string, path []string, value any, nl string) string {
	if len(path) == 0 {
		return elementLines(indent, value.(element), nl)
	}
	head := indent + yamlText(path[0]) + ":"
	if len(path) > 1 {
		return head + nl + blockText(indent+"  ", path[1:], value, nl)
	}
	switch value := value.(type) {
	case element:
		return head + nl + elementLines(indent+"  ", value, nl)
	case string:
		return head + " " + yamlText(value) + nl
	default:
		return head + " " + flowStyle().scalar(value) + nl
	}
}

func elementLines(indent string, el element, nl string) string {
	var b strings.Builder
	for i, m := range el.members {
		lead := indent + "  "
		if i == 0 {
			lead = indent + "- "
		}
		b.WriteString(lead + strings.TrimLeft(blockText("", []string{m.name}, m.value, nl), " "))
	}
	return b.String()
}

// plainYAML are the words that need no quotes, whatever reads them.
var plainYAML = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_./-]*(?:[ :][A-Za-z0-9_./-]+)*$`)

// yamlText writes a string, in quotes where it could be taken for something else.
func yamlText(text string) string {
	if plainYAML.MatchString(text) {
		var v any
		if err := yaml.Unmarshal([]byte(text), &v); err == nil && fmt.Sprint(v) == text && !isYAMLWord(text) {
			return text
		}
	}
	quoted, _ := encodeJSON(text) // a string always encodes, and JSON's quotes are YAML's
	return quoted
}

// isYAMLWord tells the words that some readers take for another type.
func isYAMLWord(text string) bool {
	switch strings.ToLower(text) {
	case "y", "n", "yes", "no", "on", "off", "true", "false", "null":
		return true
	}
	return false
}
