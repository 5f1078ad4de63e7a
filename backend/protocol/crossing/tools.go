package crossing

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/rawjson"
)

// NameRule tells which tool names a target accepts.
type NameRule struct {
	First func(r rune) bool // accepted at the start
	Rest  func(r rune) bool // accepted elsewhere
	Max   int               // bytes
	// Custom: the target has freeform tools of its own, which keep their form.
	Custom bool
	// Deferred: the target loads tools late itself.
	Deferred bool
	// Own: the request is in the target's own protocol.
	Own bool
}

// nameMax is the length that every target and version accepts; longer names
// are cut to nameCut bytes and the hash of the original.
const (
	nameMax = 64
	nameCut = 55
)

// customSchema stands for the arguments of a freeform tool where there are
// only functions.
const customSchema = `{"type":"object","properties":{"input":{"type":"string"}},"required":["input"]}`

// Flat is a request's tool set for a target that has plain functions only.
type Flat struct {
	Tools []llm.Tool     // functions and server tools, with the target's names
	Table *llm.ToolTable // gives replies the declared names back; nil if none changed
	rule  NameRule
	names map[qualified]string
	taken map[string]qualified
	// called are tools of late loading that the history calls.
	called map[qualified]bool
}

type qualified struct{ namespace, name string }

// FlattenTools renames and reshapes the tools of a request for a target
// without namespaces and freeform tools (mapping.md section 5).
func FlattenTools(req *llm.Request, rule NameRule, losses *llm.Losses) *Flat {
	f := &Flat{rule: rule, names: map[qualified]string{}, taken: map[string]qualified{}}
	if rule.Deferred && !rule.Own {
		f.called = calledTools(req)
	}
	for i, tool := range req.Tools {
		path := fmt.Sprintf("tools[%d]", i)
		if tool.Builtin == llm.BuiltinToolSearch && !rule.Deferred {
			losses.Adapt("tool.deferred", path, tool.Name) // there is nothing left to search for
			continue
		}
		if tool.Kind == llm.ToolServer {
			f.Tools = append(f.Tools, tool)
			continue
		}
		f.declare(f.flatten(tool, path, losses))
	}
	f.history(req, losses)
	return f
}

// Searches tells whether a request has a tool that searches for others.
func Searches(req *llm.Request) bool {
	return slices.ContainsFunc(req.Tools, func(t llm.Tool) bool { return t.Builtin == llm.BuiltinToolSearch })
}

func calledTools(req *llm.Request) map[qualified]bool {
	called := map[qualified]bool{}
	for i := range req.Turns {
		for j := range req.Turns[i].Parts {
			if call := req.Turns[i].Parts[j].Call; call != nil {
				called[qualified{call.Namespace, call.Name}] = true
			}
		}
	}
	return called
}

// declare adds a tool. Upstreams refuse a name twice; of a tool that is
// declared again the later declaration counts.
func (f *Flat) declare(tool llm.Tool) {
	for i := range f.Tools {
		if f.Tools[i].Kind != llm.ToolServer && f.Tools[i].Name == tool.Name {
			f.Tools[i] = tool
			return
		}
	}
	f.Tools = append(f.Tools, tool)
}

func (f *Flat) flatten(tool llm.Tool, path string, losses *llm.Losses) llm.Tool {
	origin := llm.ToolOrigin{Namespace: tool.Namespace, Name: tool.Name, Kind: llm.CallFunction, Trained: tool.Trained}
	if tool.Kind == llm.ToolCustom {
		origin.Kind = llm.CallCustom
	}
	if tool.Kind == llm.ToolCustom && !f.rule.Custom {
		tool = customAsFunction(tool, path, losses)
	}
	if tool.Deferred && !f.rule.Deferred {
		losses.Adapt("tool.deferred", path, tool.Name)
	}
	// What the model has called it has found; what it found it in may not have
	// crossed.
	tool.Deferred = tool.Deferred && f.rule.Deferred && !f.called[qualified{tool.Namespace, tool.Name}]
	if tool.Trained != "" {
		losses.Adapt("tool.trained", path, tool.Trained)
	}
	if tool.Namespace != "" {
		losses.Adapt("tool.namespace", path, tool.Namespace)
		if tool.GroupText != "" {
			tool.Description = strings.TrimRight(tool.GroupText+"\n\n"+tool.Description, "\n")
		}
		tool.Namespace, tool.GroupText = "", ""
	}
	name := f.name(qualified{origin.Namespace, origin.Name}, path, losses)
	f.remember(name, origin)
	tool.Name = name
	return tool
}

// remember lets replies that call name find their way back.
func (f *Flat) remember(name string, origin llm.ToolOrigin) {
	plain := origin.Kind == llm.CallFunction && origin.Trained == "" && origin.Namespace == ""
	if _, known := f.Table.Lookup(name); !known && plain && name == origin.Name {
		return
	}
	if f.Table == nil {
		f.Table = &llm.ToolTable{}
	}
	f.Table.Set(name, origin)
}

func customAsFunction(tool llm.Tool, path string, losses *llm.Losses) llm.Tool {
	losses.Adapt("tool.custom", path, tool.Name)
	if tool.Grammar != "" {
		losses.Drop("tool.grammar", path, tool.Name)
		tool.Description += "\n\nThe input must follow this grammar:\n" + tool.Grammar
	}
	tool.Kind, tool.Schema, tool.Grammar = llm.ToolFunction, json.RawMessage(customSchema), ""
	return tool
}

// history gives names to calls of tools that are no longer declared, so that
// the map covers the whole conversation: models call again what they see.
func (f *Flat) history(req *llm.Request, losses *llm.Losses) {
	for i := range req.Turns {
		for j := range req.Turns[i].Parts {
			call := req.Turns[i].Parts[j].Call
			if call == nil {
				continue
			}
			q := qualified{call.Namespace, call.Name}
			if _, known := f.names[q]; known {
				continue
			}
			name := f.name(q, fmt.Sprintf("turns[%d].parts[%d]", i, j), losses)
			f.remember(name, llm.ToolOrigin{Namespace: call.Namespace, Name: call.Name, Kind: call.Kind, Trained: call.Trained})
		}
	}
}

// Name is the target's name of a declared tool or of a call in the history.
func (f *Flat) Name(namespace, name string) string {
	if n, ok := f.names[qualified{namespace, name}]; ok {
		return n
	}
	return f.legal(qualified{namespace, name})
}

// Args returns the arguments of a call as the target takes them: one JSON
// object. Text that is no object is kept under "_raw".
func (f *Flat) Args(call *llm.Call, path string, losses *llm.Losses) json.RawMessage {
	if call.Kind == llm.CallCustom {
		return json.RawMessage(llm.WrapCustom(call.Args))
	}
	return ObjectArgs(call.Args, path, losses)
}

// ObjectArgs embeds the text of a call's arguments as a JSON object.
func ObjectArgs(args, path string, losses *llm.Losses) json.RawMessage {
	if strings.TrimSpace(args) == "" {
		return json.RawMessage("{}")
	}
	raw := json.RawMessage(args)
	if rawjson.KindOf(raw) == rawjson.KindObject && rawjson.Check(raw, maxArgsDepth) == nil {
		return raw
	}
	losses.Adapt("call.args", path, "")
	w := rawjson.NewWriter(len(args) + 16)
	w.Obj()
	w.StrField("_raw", args)
	w.End()
	return w.Bytes()
}

const maxArgsDepth = 200

func (f *Flat) name(q qualified, path string, losses *llm.Losses) string {
	if n, ok := f.names[q]; ok {
		return n
	}
	n := f.legal(q)
	for try := 0; ; try++ {
		if _, used := f.taken[n]; !used {
			break
		}
		n = hashed(f.legal(q), fmt.Sprintf("%s\x00%s\x00%d", q.namespace, q.name, try))
	}
	if n != q.flat() {
		losses.Adapt("tool.name", path, n)
	}
	f.names[q], f.taken[n] = n, q
	return n
}

func (q qualified) flat() string {
	if q.namespace == "" {
		return q.name
	}
	return q.namespace + "__" + q.name
}

// legal returns the name itself if the target accepts it, else a legal one
// derived from it.
func (f *Flat) legal(q qualified) string {
	flat := q.flat()
	if f.accepts(flat) {
		return flat
	}
	out := make([]rune, 0, len(flat)+1)
	for _, r := range flat {
		if !f.rule.Rest(r) {
			r = '_'
		}
		out = append(out, r)
	}
	if len(out) == 0 || !f.rule.First(out[0]) {
		out = append([]rune{'_'}, out...)
	}
	return hashed(string(out), flat)
}

func (f *Flat) accepts(name string) bool {
	if name == "" || len(name) > min(nameMax, f.rule.Max) {
		return false
	}
	for i, r := range name {
		if (i == 0 && !f.rule.First(r)) || !f.rule.Rest(r) {
			return false
		}
	}
	return true
}

// hashed cuts a name (of one-byte runes) and marks it with its origin.
func hashed(name, origin string) string {
	sum := sha256.Sum256([]byte(origin))
	if len(name) > nameCut {
		name = name[:nameCut]
	}
	return name + "_" + hex.EncodeToString(sum[:4])
}
