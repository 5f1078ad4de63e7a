package protocol_test

import (
	"strings"
	"testing"

	"antigravity-tools/backend/rawjson"
	"antigravity-tools/test/fakeanthropic"
	"antigravity-tools/test/fakegemini"
	"antigravity-tools/test/fakeopenai"
)

// TestMarksMean: a mark by which the matrix sees a feature is not in what a
// plain talk becomes in the same cell, so that a ✓ of docs/fidelity.md says
// something.
func TestMarksMean(t *testing.T) {
	talk := features()[0]
	crossing4x4(t, func(t *testing.T, m *matrixCell) {
		if m.name == talk.name {
			return // the plain talk itself
		}
		plain := talk.at(t, m.client, m.upstream)
		plain.cell.Target = m.cell.Target
		got := plain.cell.Cross(t, plain.frames)
		if got.Refused != "" {
			t.Fatalf("the plain talk is refused: %s", got.Refused)
		}
		if mark := m.feature.asks[m.upstream]; m.asks && mark != "" && strings.Contains(string(rawjson.Compact(nil, got.Up)), mark) {
			t.Errorf("a plain talk asks for it too: %s", mark)
		}
		if mark := m.feature.tells[m.client]; m.tells && mark != "" && m.noTell[m.client] == "" && strings.Contains(joined(t, m.client, got.Whole), mark) {
			t.Errorf("a plain talk tells it too: %s", mark)
		}
	})
}

// lack is a request for what a protocol does not have: a member of the body,
// in the words in which another protocol has it.
type lack struct{ letter, feature, member, value string }

// lacks prove the list of docs/fidelity.md of what a protocol does not have.
func lacks() []lack {
	const (
		image = `{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgo="}}`
		ask   = `{"role":"user","content":"Say hello."}`
		call  = `{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}}]}`
		item  = `{"type":"function_call","call_id":"c1","name":"f","arguments":"{}"}`
		sound = `{"type":"input_audio","input_audio":{"data":"UklGRg==","format":"wav"}}`
		say   = `{"role":"user","parts":[{"text":"Say hello."}]}`
		free  = `[{"type":"custom","name":"f","format":{"type":"text"}}]`
	)
	return []lack{
		{"C", "reasoning_budget", "thinking", `{"type":"enabled","budget_tokens":4096}`},
		{"C", "result_error", "messages", `[` + ask + `,` + call + `,{"role":"tool","tool_call_id":"c1","content":"no","is_error":true}]`},
		{"C", "result_image", "messages", `[` + ask + `,` + call + `,{"role":"tool","tool_call_id":"c1","content":[` + image + `]}]`},
		{"C", "code", "tools", `[{"type":"code_interpreter","container":{"type":"auto"}}]`},
		{"C", "top_k", "top_k", `40`},
		{"C", "cached_content", "cached_content", `"cachedContents/a"`},
		{"C", "enum", "response_format", `{"type":"enum","enum":["red","blue"]}`},
		{"C", "tool_search", "tools", `[{"type":"function","defer_loading":true,"function":{"name":"f"}}]`},
		{"R", "reasoning_budget", "reasoning", `{"budget_tokens":4096}`},
		{"R", "enum", "text", `{"format":{"type":"enum","enum":["red","blue"]}}`},
		{"R", "result_error", "input", `[` + ask + `,` + item + `,{"type":"function_call_output","call_id":"c1","output":"no","is_error":true}]`},
		{"R", "audio", "input", `[{"role":"user","content":[` + sound + `]}]`},
		{"R", "stop", "stop", `["END"]`},
		{"R", "top_k", "top_k", `40`},
		{"R", "seed", "seed", `7`},
		{"R", "penalties", "presence_penalty", `0.5`},
		{"R", "n", "n", `2`},
		{"R", "cached_content", "cached_content", `"cachedContents/a"`},
		{"A", "json_mode", "output_config", `{"format":{"type":"json_object"}}`},
		{"A", "enum", "output_config", `{"format":{"type":"enum","enum":["red","blue"]}}`},
		{"A", "tool_subset", "tool_choice", `{"type":"any","allowed_tools":["f"]}`},
		{"A", "tool_custom", "tools", free},
		{"A", "image_detail", "messages", `[{"role":"user","content":[{"type":"image","detail":"low","source":{"type":"base64","media_type":"image/png","data":"iVBORw0KGgo="}}]}]`},
		{"A", "audio", "messages", `[{"role":"user","content":[` + sound + `]}]`},
		{"A", "image_out", "modalities", `["text","image"]`},
		{"A", "seed", "seed", `7`},
		{"A", "penalties", "presence_penalty", `0.5`},
		{"A", "logprobs", "top_logprobs", `2`},
		{"A", "n", "n", `2`},
		{"A", "metadata", "metadata", `{"run":"7"}`},
		{"A", "cache_key", "prompt_cache_key", `"k-1"`},
		{"A", "cached_content", "cached_content", `"cachedContents/a"`},
		{"G", "developer", "contents", `[` + say + `,{"role":"system","parts":[{"text":"Answer in French."}]},` + say + `]`},
		{"G", "tool_single", "toolConfig", `{"functionCallingConfig":{"mode":"AUTO","parallelToolCalls":false}}`},
		{"G", "tool_search", "tools", `[{"functionDeclarations":[{"name":"f","deferLoading":true}]}]`},
		{"G", "tool_custom", "tools", free},
		{"G", "user", "user", `"u-123"`},
		{"G", "cache", "contents", `[{"role":"user","parts":[{"text":"Say hello.","cacheControl":{"type":"ephemeral"}}]}]`},
		{"G", "cache_key", "promptCacheKey", `"k-1"`},
	}
}

// TestLacks: what the page says that a protocol does not have, the strict
// stand-in for its vendor refuses; each such line has its proof.
func TestLacks(t *testing.T) {
	check := map[string]func([]byte) error{
		"C": fakeopenai.Check, "R": fakeopenai.CheckResponses, "A": fakeanthropic.Check,
		"G": func(body []byte) error { return fakegemini.Check(newestModels["G"], body) },
	}
	proved := map[string]bool{}
	for _, l := range lacks() {
		t.Run(l.letter+"."+l.feature, func(t *testing.T) {
			proved[l.letter+"."+l.feature] = true
			body := features()[0].file(t, "client."+l.letter+".json")
			if l.letter != "G" {
				body = set(t, body, "model", `"`+newestModels[l.letter]+`"`)
			}
			if err := check[l.letter](body); err != nil {
				t.Fatalf("a plain talk is refused: %v", err)
			}
			if err := check[l.letter](set(t, body, l.member, l.value)); err == nil {
				t.Errorf("%s has %s: %s", l.letter, l.member, l.value)
			} else {
				t.Log(err)
			}
		})
	}
	for _, f := range features() {
		for letter := range f.noAsk {
			if !proved[letter+"."+f.name] {
				t.Errorf("nothing proves that %s does not have: %s", letter, f.title)
			}
		}
	}
}

func set(t *testing.T, body []byte, member, value string) []byte {
	t.Helper()
	out, err := rawjson.Set(body, []byte(value), member)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
