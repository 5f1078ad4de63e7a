package anthropic

import (
	"slices"
	"strings"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
)

const (
	toolSearchPrefix = "tool_search_tool_"
	toolSearchResult = "tool_search_tool_result"
)

// loadingOf reads a block of the service's own search for tools
// (anthropic-sdk-go, ToolSearchToolResultBlock); nil for every other block.
func loadingOf(raw []byte) *llm.Loading {
	switch member(raw, "type") {
	case "server_tool_use":
		if !strings.HasPrefix(member(raw, "name"), toolSearchPrefix) {
			return nil
		}
		input, _ := rawjson.Get(raw, "input")
		return &llm.Loading{ID: member(raw, "id"), Args: string(input)}
	case toolSearchResult:
		content, _ := rawjson.Get(raw, "content")
		found := &llm.Loading{ID: member(raw, "tool_use_id"), Output: true}
		found.Failed = strings.HasSuffix(member(content, "type"), "_error")
		list, _ := rawjson.Get(content, "tool_references")
		for item := range rawjson.Items(list) {
			if name := member(item, "tool_name"); name != "" {
				found.Tools = append(found.Tools, llm.ToolOrigin{Name: name})
			}
		}
		return found
	}
	return nil
}

// showLoading shows a search for tools that another upstream made, in the blocks
// of the tool that the client declared; false if it declared none.
func (s *replyState) showLoading(found *llm.Loading) bool {
	if found == nil || s.reply.Request == nil {
		return false
	}
	tools := s.reply.Request.Tools
	i := slices.IndexFunc(tools, func(t llm.Tool) bool { return t.Builtin == llm.BuiltinToolSearch })
	switch {
	case i < 0, found.Output && s.looked == "":
		return false
	case found.Output:
		s.begin(blockHead{kind: toolSearchResult, id: s.looked, data: references(found)})
		s.looked = ""
	default:
		s.looked = ourID + s.reply.Mint(20, wire.Base62)
		s.begin(blockHead{kind: "server_tool_use", id: s.looked, name: tools[i].Name})
		s.sink.input(lookedFor(found.Args))
	}
	s.finish()
	return true
}

// lookedFor is the input of a search: its query, which OpenAI's service words as
// the paths of groups of tools.
func lookedFor(args string) string {
	raw := []byte(args)
	if _, ok := rawjson.Get(raw, "query"); ok {
		return args
	}
	var words []string
	paths, _ := rawjson.Get(raw, "paths")
	for item := range rawjson.Items(paths) {
		if word, err := rawjson.String(item); err == nil {
			words = append(words, word)
		}
	}
	var w rawjson.Writer
	w.Obj()
	w.StrField("query", strings.Join(words, " "))
	w.End()
	return string(w.Bytes())
}

// references writes the content of a result.
func references(found *llm.Loading) string {
	var w rawjson.Writer
	w.Obj()
	if found.Failed {
		w.StrField("type", "tool_search_tool_result_error")
		w.StrField("error_code", "unavailable")
		w.Key("error_message")
		w.Null()
		w.End()
		return string(w.Bytes())
	}
	w.StrField("type", "tool_search_tool_search_result")
	w.Key("tool_references")
	w.Arr()
	for _, tool := range found.Tools {
		w.Obj()
		w.StrField("type", "tool_reference")
		w.StrField("tool_name", tool.Name)
		w.End()
	}
	w.EndArr()
	w.End()
	return string(w.Bytes())
}
