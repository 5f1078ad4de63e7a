package responses

import (
	"encoding/json"
	"slices"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
)

// maxSources bounds the sources that are told beside an answer.
const maxSources = 200

// endSearch shows a web_search_call (openai-go, ResponseFunctionWebSearch) where
// it stands, and notes it for the end of the answer: only there is known what
// the answer cites.
func (d *answerDecoder) endSearch(it *itemState, body []byte) {
	part := llm.Part{Kind: llm.KindOpaque, Native: native(json.RawMessage(body))}
	if s := searchOf(body); s != nil {
		part.Search = s
		for _, query := range s.Queries {
			if !slices.Contains(d.search.Queries, query) {
				d.search.Queries = append(d.search.Queries, query)
			}
		}
		for _, source := range s.Sources {
			d.found(source)
		}
	}
	d.whole(it, part)
}

// searchOf is what a call searched for, and the sources that it names where they
// were asked for. It is nil for one that opened a page or looked into it.
func searchOf(item []byte) *llm.Search {
	action, _ := rawjson.Get(item, "action")
	s := &llm.Search{ID: wire.WordOf(item, "id"), Failed: wire.WordOf(item, "status") == statusFailed}
	add := func(query string) {
		if query != "" && !slices.Contains(s.Queries, query) {
			s.Queries = append(s.Queries, query)
		}
	}
	add(wire.WordOf(action, "query"))
	list, _ := rawjson.Get(action, "queries")
	for raw := range rawjson.Items(list) {
		if query, err := rawjson.String(raw); err == nil {
			add(query)
		}
	}
	if len(s.Queries) == 0 {
		return nil
	}
	sources, _ := rawjson.Get(action, "sources")
	for raw := range rawjson.Items(sources) {
		if url := wire.WordOf(raw, "url"); url != "" && len(s.Sources) < maxSources {
			s.Sources = append(s.Sources, llm.Citation{URL: url})
		}
	}
	return s
}

// found notes a source, each address once; the title counts that came first.
func (d *answerDecoder) found(source llm.Citation) {
	at := slices.IndexFunc(d.search.Sources, func(have llm.Citation) bool { return have.URL == source.URL })
	switch {
	case source.URL == "", at < 0 && len(d.search.Sources) >= maxSources:
	case at < 0:
		d.search.Sources = append(d.search.Sources, source)
	case d.search.Sources[at].Title == "":
		d.search.Sources[at].Title = source.Title
	}
}
