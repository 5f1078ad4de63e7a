package anthropic

import (
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/rawjson"
)

// maxSources bounds the sources of one search, far above what the service finds.
const maxSources = 200

// searchOf reads a block of the service's own web search (anthropic-sdk-go,
// ServerToolUseBlock and WebSearchToolResultBlock): what was searched for, or
// what was found. It is nil for every other block.
func searchOf(raw []byte) *llm.Search {
	switch member(raw, "type") {
	case "server_tool_use":
		if member(raw, "name") != "web_search" {
			return nil
		}
		s := &llm.Search{ID: member(raw, "id")}
		input, _ := rawjson.Get(raw, "input")
		if query := member(input, "query"); query != "" {
			s.Queries = []string{query}
		}
		return s
	case "web_search_tool_result":
		return foundOf(raw)
	}
	return nil
}

// foundOf reads a result: a list of pages, or an object that is an error.
func foundOf(raw []byte) *llm.Search {
	content, _ := rawjson.Get(raw, "content")
	s := &llm.Search{ID: member(raw, "tool_use_id"), Failed: rawjson.KindOf(content) == rawjson.KindObject}
	for item := range rawjson.Items(content) {
		if url := member(item, "url"); url != "" && len(s.Sources) < maxSources {
			s.Sources = append(s.Sources, llm.Citation{URL: url, Title: member(item, "title")})
		}
	}
	return s
}
