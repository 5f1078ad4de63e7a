package llm

import (
	"encoding/json"
	"strings"
)

// ToolTable remembers how the tools of one request were renamed for an
// upstream, so that the reply's calls reach the client under the names, in
// the namespaces and in the kinds it declared. It is built while a request is
// encoded and read while its reply is decoded; a nil table changes nothing.
type ToolTable struct{ byUpstream map[string]ToolOrigin }

// ToolOrigin is a tool as the client declared it.
type ToolOrigin struct {
	Namespace string
	Name      string
	Kind      CallKind
	Trained   string
}

// Set records that the upstream knows origin as name.
func (t *ToolTable) Set(name string, origin ToolOrigin) {
	if t.byUpstream == nil {
		t.byUpstream = map[string]ToolOrigin{}
	}
	t.byUpstream[name] = origin
}

// Lookup returns the tool that the upstream called name.
func (t *ToolTable) Lookup(name string) (ToolOrigin, bool) {
	if t == nil {
		return ToolOrigin{}, false
	}
	origin, ok := t.byUpstream[name]
	return origin, ok
}

// Restore gives the calls of a stream their declared names back. Arguments of
// custom tools are unwrapped, which holds their fragments until the call
// ends; everything else passes at once.
func (t *ToolTable) Restore(stream Stream) Stream {
	if t == nil || len(t.byUpstream) == 0 {
		return stream
	}
	return func(yield func(Event, error) bool) {
		held := map[[2]int]*strings.Builder{}
		for ev, err := range stream {
			if err != nil {
				yield(ev, err)
				return
			}
			for _, out := range t.restore(ev, held) {
				if !yield(out, nil) {
					return
				}
			}
		}
	}
}

func (t *ToolTable) restore(ev Event, held map[[2]int]*strings.Builder) []Event {
	key := [2]int{ev.Choice, ev.Index}
	switch ev.Kind {
	case EventPartOpen:
		if ev.Part.Loading != nil {
			ev.Part = t.loading(ev.Part)
			break
		}
		origin, ok := ToolOrigin{}, false
		if ev.Part.Call != nil {
			origin, ok = t.Lookup(ev.Part.Call.Name)
		}
		if !ok {
			break
		}
		part, call := *ev.Part, *ev.Part.Call
		wrapped := call.Kind != CallCustom // a function stood in for it
		call.Name, call.Namespace = origin.Name, origin.Namespace
		call.Kind, call.Trained = origin.Kind, origin.Trained
		part.Call = &call
		ev.Part = &part
		if origin.Kind == CallCustom && wrapped {
			held[key] = &strings.Builder{}
			held[key].WriteString(call.Args)
			call.Args = ""
		}
	case EventDelta:
		if b := held[key]; b != nil && ev.Args != "" {
			b.WriteString(ev.Args)
			ev.Args = ""
			if ev.Seal == nil {
				return nil
			}
		}
	case EventPartClose:
		if b := held[key]; b != nil {
			delete(held, key)
			if input := UnwrapCustom(b.String()); input != "" {
				return []Event{{Kind: EventDelta, Choice: ev.Choice, Index: ev.Index, Args: input}, ev}
			}
		}
	}
	return []Event{ev}
}

// loading gives the tools that a search found their declared names back.
func (t *ToolTable) loading(p *Part) *Part {
	part, found := *p, *p.Loading
	found.Tools = make([]ToolOrigin, len(p.Loading.Tools))
	for i, tool := range p.Loading.Tools {
		if origin, ok := t.Lookup(tool.Name); ok && tool.Namespace == "" {
			tool = origin
		}
		found.Tools[i] = tool
	}
	part.Loading = &found
	return &part
}

// UnwrapCustom returns the free text of a custom tool's call from the
// arguments of the function that stood in for it; arguments of another form
// are returned as they are.
func UnwrapCustom(args string) string {
	var in struct {
		Input *string `json:"input"`
	}
	if json.Unmarshal([]byte(args), &in) == nil && in.Input != nil {
		return *in.Input
	}
	return args
}

// WrapCustom is the inverse of UnwrapCustom.
func WrapCustom(input string) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(input) // a string cannot fail to encode
	return `{"input":` + strings.TrimRight(b.String(), "\n") + `}`
}
