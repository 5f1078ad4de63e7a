package responses_test

import (
	"strings"
	"testing"

	"antigravity-tools/backend/llm"
)

func searching(id string, queries ...string) llm.Part {
	return llm.Part{Kind: llm.KindOpaque, Search: &llm.Search{ID: id, Queries: queries}}
}

func sources(id string, urls ...string) llm.Part {
	s := &llm.Search{ID: id, Failed: len(urls) == 0}
	for _, url := range urls {
		s.Sources = append(s.Sources, llm.Citation{URL: url})
	}
	return llm.Part{Kind: llm.KindOpaque, Search: s}
}

// A search is an item in its place, with its sources where they are asked for;
// one that failed says so; results that come late find their item closed.
func TestSearchItems(t *testing.T) {
	all, tools := &llm.Request{SearchSources: true}, []llm.Tool{{Kind: llm.ToolServer, Builtin: llm.BuiltinWebSearch}}
	const action = `completed {"type":"search","query":"q","queries":["q"]`
	for name, row := range map[string]struct {
		req   *llm.Request
		parts []llm.Part
		want  string
	}{
		"plain":           {&llm.Request{}, []llm.Part{searching("a", "q"), sources("a", "https://x.example")}, action + "}"},
		"with sources":    {all, []llm.Part{searching("a", "q"), sources("a", "https://x.example")}, action + `,"sources":[{"type":"url","url":"https://x.example"}]}`},
		"failed":          {&llm.Request{}, []llm.Part{searching("a", "q"), sources("a")}, "failed " + strings.TrimPrefix(action, "completed ") + "}"},
		"another's":       {all, []llm.Part{searching("a", "q"), sources("b", "https://x.example")}, action + `,"sources":[]}`},
		"after its item":  {&llm.Request{}, []llm.Part{searching("a", "q"), llm.TextPart("x"), sources("a")}, action + "}"},
		"several queries": {&llm.Request{}, []llm.Part{searching("a", "q", "r")}, `completed {"type":"search","query":"q","queries":["q","r"]}`},
	} {
		it := whole(t, row.req, llm.ReasonEnd, row.parts...).items[0]
		if got := it.Status + " " + string(it.Action); it.Type != "web_search_call" || got != row.want || !strings.HasPrefix(it.ID, "ws_") {
			t.Errorf("%s: %s %s", name, it.Type, got)
		}
	}
	beside := &llm.Response{Choices: []llm.Choice{{
		Parts: []llm.Part{llm.TextPart("x")}, Close: llm.Close{Reason: llm.ReasonLength, Search: &llm.Search{Queries: []string{"q"}}},
	}}}
	for _, asked := range []bool{false, true} {
		req, want := &llm.Request{}, "message"
		if asked {
			req.Tools, want = tools, "message web_search_call"
		}
		r := checkStream(t, req, replay(beside))
		if got := strings.Join(types(r), " "); got != want || r.items[0].Status != "incomplete" {
			t.Errorf("asked %v: %s %s", asked, got, r.items[0].Status)
		}
	}
}
