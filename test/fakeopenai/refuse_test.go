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
		"tool name":        ok + `,"tools":[{"type":"function","function":{"name":"a b"}}]}`,
	} {
		if _, err := parse([]byte(body)); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}
