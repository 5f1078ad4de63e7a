package anthropic

import (
	"slices"
	"strings"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
)

// ourID begins the ids of what another vendor's model searched for or ran. The
// blocks that have them are for the client's eyes: Anthropic would refuse a
// result that it did not encrypt, or a run in no container of its own. In a
// history searches are left out and code is shown as text.
const ourID = "srvtoolu_agt1"

// showSearch shows what the upstream searched the web for, to a client that
// declared the tool: others do not know the blocks (mapping rules, section 18).
// They stand at the end, for an upstream may tell of its search only then.
func (s *replyState) showSearch(found *llm.Search) {
	if found == nil || !s.declares(llm.BuiltinWebSearch) {
		return
	}
	s.searches = len(found.Queries)
	id := ourID + s.reply.Mint(20, wire.Base62)
	s.begin(blockHead{kind: "server_tool_use", id: id, name: "web_search"})
	var w rawjson.Writer
	w.Obj()
	w.StrField("query", strings.Join(found.Queries, "; "))
	w.End()
	s.sink.input(string(w.Bytes()))
	s.finish()
	s.begin(blockHead{kind: "web_search_tool_result", id: id, data: searchResults(found.Sources)})
	s.finish()
}

func (s *replyState) declares(tool llm.Builtin) bool {
	return s.reply.Request != nil && slices.ContainsFunc(s.reply.Request.Tools, func(t llm.Tool) bool {
		return t.Kind == llm.ToolServer && t.Builtin == tool
	})
}

// searchResults writes the content of a result. Its envelope in the place of the
// encrypted text keeps a history that holds it from passing upwards unread.
func searchResults(sources []llm.Citation) string {
	var w rawjson.Writer
	w.Arr()
	for i := range sources {
		w.Obj()
		w.StrField("type", "web_search_result")
		w.StrField("url", sources[i].URL)
		w.StrField("title", sources[i].Title)
		w.StrField("encrypted_content", (&llm.Seal{Issuer: llm.IssuerGoogle}).Envelope("search"))
		w.Key("page_age")
		w.Null()
		w.End()
	}
	w.EndArr()
	return string(w.Bytes())
}

// writeResult writes the members of a server tool's result.
func (b *blockHead) writeResult(w *rawjson.Writer) {
	w.StrField("tool_use_id", b.id)
	w.RawField("content", []byte(b.data))
}

// ours tells the blocks that showSearch and showCode made.
func ours(block []byte) bool {
	return strings.HasPrefix(member(block, "id"), ourID) || strings.HasPrefix(member(block, "tool_use_id"), ourID)
}
