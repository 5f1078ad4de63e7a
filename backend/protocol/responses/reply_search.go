package responses

import (
	"slices"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/rawjson"
)

// searched shows a search of the web that the upstream made within its answer:
// an item when it begins, completed with what it found.
func (s *replyState) searched(found *llm.Search) {
	if len(found.Queries) > 0 {
		s.told = true
		s.beginSearch(*found)
	}
	if found.Sources == nil && !found.Failed {
		return // what it found comes later
	}
	if s.open == nil || s.open.kind != itemSearch || s.open.search.ID != found.ID {
		return // its item is closed; the citations tell what was of use
	}
	s.open.search.Sources, s.open.search.Failed = found.Sources, found.Failed
	s.flush("")
}

// showSearch shows a search that was told beside the answer alone, to a client
// that asked for one.
func (s *replyState) showSearch(found *llm.Search) {
	if found == nil || s.told || len(found.Queries) == 0 || s.reply.Request == nil {
		return
	}
	asked := slices.ContainsFunc(s.reply.Request.Tools, func(t llm.Tool) bool { return t.Builtin == llm.BuiltinWebSearch })
	if asked {
		s.beginSearch(*found)
		s.flush("")
	}
}

func (s *replyState) beginSearch(search llm.Search) {
	sources := s.reply.Request != nil && s.reply.Request.SearchSources
	s.begin(&outputItem{kind: itemSearch, search: search, sources: sources}, "ws_")
	s.frames.searchSteps(s.open)
}

// writeSearch writes a web_search_call (openai-go, ResponseFunctionWebSearch).
func (it *outputItem) writeSearch(w *rawjson.Writer, status string) {
	w.StrField("type", "web_search_call")
	w.StrField("status", status)
	w.Key("action")
	w.Obj()
	w.StrField("type", "search")
	w.StrField("query", it.search.Queries[0])
	w.Key("queries")
	w.Arr()
	for _, query := range it.search.Queries {
		w.Str(query)
	}
	w.EndArr()
	if it.sources && status != statusInProgress {
		w.Key("sources")
		w.Arr()
		for i := range it.search.Sources {
			w.Obj()
			w.StrField("type", "url")
			w.StrField("url", it.search.Sources[i].URL)
			w.End()
		}
		w.EndArr()
	}
	w.End()
}

func (f *frames) searchSteps(it *outputItem) {
	if f == nil {
		return
	}
	for _, step := range [...]string{".in_progress", ".searching"} {
		f.of("response.web_search_call"+step, it)
		f.end()
	}
}

// searchDone tells that a search has ended, and gives its status; a failed one
// has no event of its own.
func (f *frames) searchDone(it *outputItem) (status string) {
	if it.search.Failed {
		return statusFailed
	}
	if f != nil {
		f.of("response.web_search_call.completed", it)
		f.end()
	}
	return statusCompleted
}
