package responses

import (
	"slices"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
)

// loadingOf reads an item of a search for tools that the service made
// (openai-go, ResponseToolSearchCall and ResponseToolSearchOutputItem); nil for
// one that the client is to make.
func loadingOf(kind string, item []byte) *llm.Loading {
	if wire.WordOf(item, "execution") == executionClient {
		return nil
	}
	if kind == "tool_search_call" {
		args, _ := rawjson.Get(item, "arguments")
		return &llm.Loading{Args: string(args)}
	}
	found := &llm.Loading{Output: true, Failed: wire.WordOf(item, "status") == statusIncomplete}
	list, _ := rawjson.Get(item, "tools")
	for tool := range rawjson.Items(list) {
		name := wire.WordOf(tool, "name")
		if wire.WordOf(tool, "type") != "namespace" {
			found.Tools = append(found.Tools, llm.ToolOrigin{Name: name})
			continue
		}
		inner, _ := rawjson.Get(tool, "tools")
		for t := range rawjson.Items(inner) {
			found.Tools = append(found.Tools, llm.ToolOrigin{Namespace: name, Name: wire.WordOf(t, "name")})
		}
	}
	return found
}

// showLoading shows a search for tools that another upstream made as the items
// of the service's own; false if the client declared no such tool.
func (s *replyState) showLoading(found *llm.Loading) bool {
	req := s.reply.Request
	if found == nil || req == nil || !slices.ContainsFunc(req.Tools, func(t llm.Tool) bool { return t.Builtin == llm.BuiltinToolSearch }) {
		return false
	}
	it := &outputItem{kind: itemLoading, loading: *found}
	prefix := "tsc_"
	if found.Output {
		prefix = "tso_"
		it.action = declared(req.Echo, found.Tools)
	}
	s.begin(it, prefix)
	s.flush("")
	return true
}

// declared gives the tools of a request, as it wrote them, that a search found.
func declared(echo []byte, found []llm.ToolOrigin) []byte {
	has := func(namespace string, tool []byte) bool {
		name := wire.WordOf(tool, "name")
		return slices.ContainsFunc(found, func(o llm.ToolOrigin) bool { return o.Namespace == namespace && o.Name == name })
	}
	tools, _ := rawjson.Get(echo, "tools")
	var w rawjson.Writer
	w.Arr()
	for tool := range rawjson.Items(tools) {
		switch wire.WordOf(tool, "type") {
		case "namespace":
			if group := foundOf(tool, has); group != nil {
				w.Raw(group)
			}
		case toolSearch:
		default:
			if has("", tool) {
				w.Raw(tool)
			}
		}
	}
	w.EndArr()
	return rawjson.Compact(nil, w.Bytes())
}

// foundOf is a group of tools with those alone that were found, nil if none was.
func foundOf(group []byte, has func(string, []byte) bool) []byte {
	tools, _ := rawjson.Get(group, "tools")
	var w rawjson.Writer
	w.Arr()
	n := 0
	for tool := range rawjson.Items(tools) {
		if has(wire.WordOf(group, "name"), tool) {
			w.Raw(tool)
			n++
		}
	}
	w.EndArr()
	if n == 0 {
		return nil
	}
	return setMember(group, w.Bytes(), "tools")
}

func (it *outputItem) writeLoading(w *rawjson.Writer, status string) {
	kind, key, raw, none := "tool_search_call", "arguments", []byte(it.loading.Args), "{}"
	if it.loading.Output {
		kind, key, raw, none = "tool_search_output", "tools", it.action, "[]"
		if it.loading.Failed && status != statusInProgress {
			status = statusIncomplete
		}
	}
	w.StrField("type", kind)
	w.StrField("status", status)
	w.StrField("execution", "server")
	w.Key("call_id")
	w.Null()
	if len(raw) == 0 || status == statusInProgress {
		raw = []byte(none)
	}
	w.RawField(key, rawjson.Compact(nil, raw))
}
