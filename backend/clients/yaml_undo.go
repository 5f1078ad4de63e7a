package clients

import (
	"strings"

	"github.com/goccy/go-yaml/ast"
)

func (yamlEditor) undo(src []byte, u Undo) ([]byte, error) {
	d, err := parseYAML(src)
	if err != nil || d.root == nil {
		return src, err
	}
	refused := &shapeError{strings.Join(u.Path, ".") + " is written in a way that is not edited"}
	e, m, depth, ok := d.follow(u.Path)
	if !ok {
		return nil, refused
	}
	if depth == len(u.Path) {
		var done bool
		if src, done, ok = d.takeBack(u, e, m); !ok {
			return nil, refused
		}
		if done {
			return src, nil
		}
	}
	if u.Had {
		return src, nil
	}
	return pruneYAML(src, u)
}

// follow goes down a path: the last entry that is there, the mapping that holds it, and how deep it lies.
func (d yamlDoc) follow(path []string) (e yamlEntry, m *ast.MappingNode, depth int, ok bool) {
	at := d.root
	for depth, name := range path {
		next, isMapping := unwrap(at).(*ast.MappingNode)
		if !isMapping {
			return e, m, depth, true
		}
		one, found, placed := d.entry(next, name)
		if !placed {
			return e, m, depth, false
		}
		if !found {
			return e, m, depth, true
		}
		e, m, at = one, next, one.value
	}
	return e, m, len(path), true
}

// takeBack removes what a set wrote or writes what it replaced; done tells that nothing is left to prune.
func (d yamlDoc) takeBack(u Undo, e yamlEntry, m *ast.MappingNode) (out []byte, done, ok bool) {
	if u.Element != nil {
		list, isList := unwrap(e.value).(*ast.SequenceNode)
		if !isList {
			return d.src, false, true
		}
		i := d.elementIndex(list, u.Element)
		if i < 0 {
			return d.src, false, true
		}
		start, end, ok := d.elementAt(list, i)
		switch {
		case !ok:
			return nil, false, false
		case u.Had:
			return splice(d.src, start, end, u.Prior), true, true
		case list.IsFlowStyle:
			return d.cutItem(start, end), false, true
		}
		return cutLine(d.src, start, end, ""), false, true
	}
	start, _, _ := d.rest(e.colon + 1)
	end, ok := d.scalarEnd(start, m.IsFlowStyle)
	if list, isList := e.value.(*ast.SequenceNode); isList && list.IsFlowStyle {
		end, ok = d.flowEnd(start)
	}
	switch {
	case !ok:
		return nil, false, false
	case u.Had:
		return splice(d.src, start, end, u.Prior), true, true
	case u.Made == len(u.Path): // the key was there without a value
		return splice(d.src, e.colon+1, end, ""), true, true
	}
	return d.cutEntry(e, m, end, u), false, true
}

// cutItem removes something from a flow collection, with the comma that was put behind it.
func (d yamlDoc) cutItem(start, end int) []byte {
	if end < len(d.src) && d.src[end] == ',' {
		end++
		if end < len(d.src) && d.src[end] == ' ' {
			end++
		}
		return splice(d.src, start, end, "")
	}
	// The user has put something before ours: its comma goes.
	head := strings.TrimRight(string(d.src[:start]), " ")
	if strings.HasSuffix(head, ",") {
		start = len(head) - 1
	}
	return splice(d.src, start, end, "")
}

// cutEntry removes a key whose value ends at end.
func (d yamlDoc) cutEntry(e yamlEntry, m *ast.MappingNode, end int, u Undo) []byte {
	if m.IsFlowStyle {
		return d.cutItem(e.key, end)
	}
	return cutLine(d.src, d.lineStart(e.key), lineEnd(d.src, end), u.Lead)
}

// pruneYAML removes the keys that a set made and that hold nothing any more, and gives a null that was
// there before its text back.
func pruneYAML(src []byte, u Undo) ([]byte, error) {
	deepest := len(u.Path) - 1
	if u.Element != nil {
		deepest++
	}
	for k := deepest; k >= max(u.Made, 1); k-- {
		d, err := parseYAML(src)
		if err != nil || d.root == nil {
			return src, err
		}
		e, m, depth, ok := d.follow(u.Path[:k])
		if !ok || depth != k {
			return src, nil
		}
		start, end, text := d.rest(e.colon + 1)
		empty := text == "" || text == "[]" || text == "{}"
		if _, null := e.value.(*ast.NullNode); text == "" && !null {
			empty = false
		}
		switch {
		case !empty && !m.IsFlowStyle:
			return src, nil
		case k == u.Made:
			if u.Shell != nil && text != "" {
				return splice(src, start, end, *u.Shell), nil
			}
			return src, nil
		case m.IsFlowStyle:
			end, ok := d.flowEnd(start)
			if !ok || strings.Trim(string(src[start:end]), "[]{} ") != "" {
				return src, nil
			}
			src = d.cutItem(e.key, end)
		case strings.Contains(string(src[e.colon:lineEnd(src, e.colon)]), "#"):
			return src, nil // a comment of the user's
		default:
			src = d.cutEntry(e, m, end, u)
		}
	}
	return src, nil
}
