package responses

import (
	"slices"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
)

// maxSources bounds the sources that are told beside an answer.
const maxSources = 200

// searched notes what a web_search_call searched for, and the sources that it
// names where they were asked for (openai-go, ResponseFunctionWebSearch). It is
// false for one that opened a page or looked into it.
func (d *answerDecoder) searched(item []byte) bool {
	action, _ := rawjson.Get(item, "action")
	before := len(d.search.Queries)
	add := func(query string) {
		if query != "" && !slices.Contains(d.search.Queries, query) {
			d.search.Queries = append(d.search.Queries, query)
		}
	}
	add(wire.WordOf(action, "query"))
	list, _ := rawjson.Get(action, "queries")
	for raw := range rawjson.Items(list) {
		if query, err := rawjson.String(raw); err == nil {
			add(query)
		}
	}
	sources, _ := rawjson.Get(action, "sources")
	for raw := range rawjson.Items(sources) {
		d.found(llm.Citation{URL: wire.WordOf(raw, "url")})
	}
	return len(d.search.Queries) > before
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
