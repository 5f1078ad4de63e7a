package fakeanthropic

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// Each body breaks one rule; the fake would prove nothing if it took them.
func TestRefuses(t *testing.T) {
	const head = `{"model":"claude-opus-5","max_tokens":2000,`
	const user = `{"role":"user","content":"hi"}`
	loop := func(blocks string) string {
		return head + `"messages":[` + user + `,{"role":"assistant","content":[` + blocks + `{"type":"tool_use","id":"t","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"t"}]}]}`
	}
	signed := fmt.Sprintf(`{"type":"thinking","thinking":"why","signature":%q},`, signature(Adaptive, "why"))
	search := func(id, sign, tail string) string {
		return head + `"messages":[` + user + `,{"role":"assistant","content":[{"type":"server_tool_use","id":"` + id + `","name":"web_search","input":{"query":"q"}},{"type":"web_search_tool_result","tool_use_id":"` + id + `","content":[{"type":"web_search_result","url":"https://a","title":"A","encrypted_content":"` + sign + `","page_age":null}]}` + tail + `]}]}`
	}
	found := signature(Adaptive, "https://a")
	for _, body := range []string{head + `"messages":[` + user + `]}`, loop(""), loop(signed), search("srvtoolu_1", found, "")} {
		if _, err := parse([]byte(body), false); err != nil {
			t.Fatal(err)
		}
	}
	for name, body := range map[string]string{
		"unknown member":           head + `"seed":5,"messages":[` + user + `]}`,
		"no limit":                 `{"model":"claude-opus-5","messages":[` + user + `]}`,
		"assistant first":          head + `"messages":[{"role":"assistant","content":"hi"},` + user + `]}`,
		"prefill":                  head + `"messages":[` + user + `,{"role":"assistant","content":"hi"}]}`,
		"prefill behind a search":  search("srvtoolu_1", found, `,{"type":"text","text":"hi"}`),
		"a call's id for a search": search("toolu_1", found, ""),
		"a result made up":         search("srvtoolu_1", "", ""),
		"blank text":               head + `"messages":[{"role":"user","content":" "}]}`,
		"altered thought":          loop(`{"type":"thinking","thinking":"why not","signature":"x"},`),
		"no result":                head + `"messages":[` + user + `,{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"f","input":{}}]},` + user + `]}`,
		"late result":              head + `"messages":[` + user + `,{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"f","input":{}}]},{"role":"user","content":[{"type":"text","text":"a"},{"type":"tool_result","tool_use_id":"t"}]}]}`,
		"sampling":                 head + `"temperature":1,"messages":[` + user + `]}`,
		"budget":                   head + `"thinking":{"type":"enabled","budget_tokens":1024},"messages":[` + user + `]}`,
		"big budget":               `{"model":"claude-sonnet-4-5","max_tokens":2000,"thinking":{"type":"enabled","budget_tokens":2000},"messages":[` + user + `]}`,
		"plain: adaptive":          `{"model":"claude-haiku-7","max_tokens":2000,"thinking":{"type":"adaptive"},"messages":[` + user + `]}`,
		"plain: too much":          `{"model":"claude-haiku-7","max_tokens":5001,"messages":[` + user + `]}`,
		"plain: a picture":         `{"model":"claude-haiku-7","max_tokens":9,"messages":[{"role":"user","content":[{"type":"image","source":{"type":"url","url":"https://a/b.png"}}]}]}`,
		"choice alone":             head + `"tool_choice":{"type":"auto"},"messages":[` + user + `]}`,
		"schema root":              head + `"tools":[{"name":"f","input_schema":{"type":"object","anyOf":[]}}],"messages":[` + user + `]}`,
		"search, no name of its":   head + `"tools":[{"type":"tool_search_tool_bm25_20251119","name":"find"}],"messages":[` + user + `]}`,
		"search loaded late":       head + `"tools":[{"type":"tool_search_tool_bm25_20251119","name":"tool_search_tool_bm25","defer_loading":true}],"messages":[` + user + `]}`,
		"form of no kind":          head + `"output_config":{"format":{"type":"json_object"}},"messages":[` + user + `]}`,
		"form without a schema":    head + `"output_config":{"format":{"type":"json_schema"}},"messages":[` + user + `]}`,
		"form that is open":        head + `"output_config":{"format":{"type":"json_schema","schema":{"type":"object"}}},"messages":[` + user + `]}`,
		"five caches":              head + `"system":[{"type":"text","text":"a","cache_control":{"type":"ephemeral"}},{"type":"text","text":"a","cache_control":{"type":"ephemeral"}},{"type":"text","text":"a","cache_control":{"type":"ephemeral"}},{"type":"text","text":"a","cache_control":{"type":"ephemeral"}}],"cache_control":{"type":"ephemeral"},"messages":[` + user + `]}`,
	} {
		if _, err := parse([]byte(body), false); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if _, err := parse([]byte(head+`"messages":[`+user+`]}`), true); err == nil {
		t.Error("a count takes max_tokens")
	}
}

// TestVersions: of the API's two versions the newer one knows no sampling.
func TestVersions(t *testing.T) {
	s := New("key")
	defer s.Close()
	for version, row := range map[string]struct {
		more   string
		status int
	}{"2023-06-01": {`,"temperature":0.5`, 200}, "2026-10-21": {`,"top_k":5`, 400}, "2020-01-01": {"", 400}} {
		body := `{"model":"claude-sonnet-4-5","max_tokens":9,"messages":[{"role":"user","content":"hi"}]` + row.more + `}`
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL()+"/v1/messages", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header = http.Header{"X-Api-Key": {"key"}, "Anthropic-Version": {version}}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != row.status {
			t.Errorf("%s: %d", version, res.StatusCode)
		}
	}
}
