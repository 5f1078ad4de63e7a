package fakeopenai

import "testing"

// Each body breaks one rule; the fake would prove nothing if it took them.
func TestRefuses(t *testing.T) {
	const ok = `{"model":"gpt-4.1","messages":[{"role":"user","content":"hi"}]`
	if _, err := parse([]byte(ok + "}")); err != nil {
		t.Fatal(err)
	}
	for name, body := range map[string]string{
		"unknown member":   ok + `,"top_k":5}`,
		"unknown model":    `{"model":"x","messages":[{"role":"user","content":"hi"}]}`,
		"no messages":      `{"model":"gpt-4.1","messages":[]}`,
		"sampling":         `{"model":"gpt-5","temperature":1,"messages":[{"role":"user","content":"hi"}]}`,
		"orphan result":    `{"model":"gpt-4.1","messages":[{"role":"tool","tool_call_id":"x","content":"y"}]}`,
		"missing result":   `{"model":"gpt-4.1","messages":[{"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"user","content":"hi"}]}`,
		"empty assistant":  `{"model":"gpt-4.1","messages":[{"role":"assistant","content":null}]}`,
		"image for system": `{"model":"gpt-4.1","messages":[{"role":"system","content":[{"type":"image_url","image_url":{"url":"https://a/b"}}]}]}`,
		"choice alone":     ok + `,"tool_choice":"auto"}`,
		"stream options":   ok + `,"stream_options":{"include_usage":true}}`,
		"five stops":       ok + `,"stop":["a","b","c","d","e"]}`,
		"schema":           ok + `,"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"string"}}}]}`,
		"strict schema":    ok + `,"tools":[{"type":"function","function":{"name":"f","strict":true,"parameters":{"type":"object","properties":{"a":{}}}}}]}`,
		"search":           ok + `,"web_search_options":{}}`,
		"size of search":   `{"model":"gpt-4o-search-preview","web_search_options":{"search_context_size":"huge"},"messages":[{"role":"user","content":"hi"}]}`,
		"effort":           `{"model":"gpt-5","reasoning_effort":"none","messages":[{"role":"user","content":"hi"}]}`,
		"tools that think": `{"model":"gpt-5.6","messages":[{"role":"user","content":"hi"}],"tools":[{"type":"function","function":{"name":"f"}}]}`,
		"tool name":        ok + `,"tools":[{"type":"function","function":{"name":"a b"}}]}`,
	} {
		if _, err := parse([]byte(body)); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

// The same for Responses.
func TestRefusesResponses(t *testing.T) {
	const head = `{"model":"o4-mini","input":`
	const ok = head + `"hi"`
	const tools = ok + `,"tools":[`
	const user = `{"role":"user","content":"hi"}`
	call := func(id string) string {
		return `{"type":"function_call","call_id":"` + id + `","name":"f","arguments":"{}"}`
	}
	const result = `{"type":"function_call_output","call_id":"a","output":"x"}`
	sealed := `{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"` + Seal("why") + `"}`
	for _, body := range []string{
		ok + "}", head + `[` + user + `,` + sealed + `,` + call("a") + `,` + result + `]}`,
		tools + `{"type":"namespace","name":"n","description":"d","tools":[{"type":"function","name":"f","strict":false,"parameters":{"type":"object"}}]},{"type":"web_search","external_web_access":true}]}`,
	} {
		if _, err := parseResponses([]byte(body)); err != nil {
			t.Fatalf("%v: %s", err, body)
		}
	}
	for name, body := range map[string]string{
		"unknown member":       ok + `,"top_k":5}`,
		"unknown model":        `{"model":"x","input":"hi"}`,
		"sampling":             ok + `,"temperature":1}`,
		"a small limit":        ok + `,"max_output_tokens":15}`,
		"a chat tool":          tools + `{"type":"function","function":{"name":"f"}}]}`,
		"strict by default":    tools + `{"type":"function","name":"f","parameters":{"type":"object","properties":{"a":{}}}}]}`,
		"a search with a name": tools + `{"type":"tool_search","name":"find"}]}`,
		"a late namespace":     tools + `{"type":"namespace","name":"n","description":"d","defer_loading":true,"tools":[{"type":"custom","name":"c"}]}]}`,
		"an empty namespace":   tools + `{"type":"namespace","name":"n","description":"d","tools":[]}]}`,
		"a nested namespace":   tools + `{"type":"namespace","name":"n","description":"d","tools":[{"type":"namespace","name":"m","description":"d","tools":[{"type":"custom","name":"c"}]}]}]}`,
		"tools of a function":  tools + `{"type":"function","name":"f","strict":false,"parameters":{"type":"object"},"tools":[{"type":"custom","name":"c"}]}]}`,
		"an orphan result":     head + `[` + user + `,` + result + `]}`,
		"a missing result":     head + `[` + user + `,` + call("a") + `]}`,
		"an id twice":          head + `[` + user + `,` + call("a") + `,` + result + `,` + call("a") + `,` + result + `]}`,
		"reasoning at the end": head + `[` + user + `,` + sealed + `]}`,
		"reasoning of another": head + `[` + user + `,{"type":"reasoning","summary":[],"encrypted_content":"gAAA-orgB-1"},` + call("a") + `,` + result + `]}`,
		"reasoning alone":      head + `[` + user + `,` + sealed + `,` + user + `]}`,
		"a user's output_text": head + `[{"role":"user","content":[{"type":"output_text","text":"a"}]}]}`,
		"an item's id":         head + `[{"type":"message","id":"fc_1","role":"user","content":"hi"}]}`,
	} {
		if _, err := parseResponses([]byte(body)); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}
