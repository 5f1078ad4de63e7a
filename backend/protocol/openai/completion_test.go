package openai

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
)

func completionReply(req *llm.Request) protocol.Reply {
	return protocol.Reply{Request: req, Model: "m", Created: time.Unix(1, 0), Mint: func(n int, _ string) string { return strings.Repeat("x", n) }}
}

func sayWithProbs() *llm.Response {
	prob := func(token, p string) llm.TokenLogprob {
		return llm.TokenLogprob{Token: token, Logprob: llm.Number(p), Top: []llm.TokenLogprob{{Token: token, Logprob: llm.Number(p)}}}
	}
	return &llm.Response{Choices: []llm.Choice{{
		Parts:    []llm.Part{{Kind: llm.KindReasoning, Text: "hm"}, llm.TextPart("é b"), {Kind: llm.KindCall, Call: &llm.Call{Name: "f"}}},
		Logprobs: []llm.TokenLogprob{prob("é", "-0.50"), prob(" b", "-1.25")}, Close: llm.Close{Reason: llm.ReasonLength},
	}}, Usage: &llm.Usage{Input: 3, Output: 2}}
}

// TestCompletionForms: whole and streamed tell the same, in the shapes of old.
func TestCompletionForms(t *testing.T) {
	req, err := Completions{}.DecodeRequest(protocol.Inbound{Body: []byte(`{"model":"m","prompt":"A","logprobs":1,"stream":true,"stream_options":{"include_usage":true}}`)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var losses llm.Losses
	whole, err := Completions{}.EncodeResponse(sayWithProbs(), completionReply(req), &losses)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"text":"é b","index":0,"logprobs":{"tokens":["é"," b"],"token_logprobs":[-0.50,-1.25],"top_logprobs":[{"é":-0.50},{" b":-1.25}],"text_offset":[0,1]},"finish_reason":"length"}`
	if !strings.Contains(string(whole), want) || !strings.Contains(string(whole), `"usage":{"prompt_tokens":3,"completion_tokens":2`) {
		t.Errorf("%s", whole)
	}
	if l := losses.List(); len(l) != 1 || l[0].Code != "completion.part" {
		t.Errorf("%v", l)
	}
	enc := Completions{}.NewStreamEncoder(completionReply(req), nil)
	var out []byte
	for ev, err := range llm.Replay(sayWithProbs()) {
		if err != nil {
			t.Fatal(err)
		}
		if out, err = enc.Encode(out, ev); err != nil {
			t.Fatal(err)
		}
	}
	out = enc.End(out)
	text, finish := "", ""
	for line := range strings.SplitSeq(string(out), "\n\n") {
		data := strings.TrimPrefix(line, "data: ")
		if data == "" || data == "[DONE]" {
			continue
		}
		var chunk struct {
			Object  string
			Choices []struct {
				Text         string
				FinishReason string `json:"finish_reason"`
			}
		}
		if err := json.Unmarshal([]byte(data), &chunk); err != nil || chunk.Object != "text_completion" {
			t.Fatalf("%s: %v", data, err)
		}
		for _, c := range chunk.Choices {
			text += c.Text
			finish += c.FinishReason
		}
	}
	if text != "é b" || finish != "length" || !strings.Contains(string(out), `"choices":[],"usage":{"prompt_tokens":3`) || !strings.HasSuffix(string(out), "data: [DONE]\n\n") {
		t.Errorf("%q %q\n%s", text, finish, out)
	}
}

func FuzzCompletion(f *testing.F) {
	f.Add(`{"model":"m","prompt":["a","b"],"n":2,"echo":true,"stop":["x"]}`)
	f.Add(`{"model":"m","prompt":[[1,2]],"suffix":"x"}`)
	f.Fuzz(func(t *testing.T, body string) {
		if !json.Valid([]byte(body)) {
			return
		}
		in := protocol.Inbound{Body: []byte(body)}
		_, _ = Completions{}.Ask(in)
		_, _ = Embeddings{}.DecodeEmbed(in, nil)
		req, err := Completions{}.DecodeRequest(in, nil)
		if err != nil {
			if fault.From(err).Class != fault.InvalidRequest {
				t.Fatal(err)
			}
			return
		}
		parts := Completions{}.Split(req, 1)
		if len(parts) != len(req.Turns[0].Parts) {
			t.Fatalf("%d parts of %s", len(parts), body)
		}
		out, err := Completions{}.EncodeResponse(sayWithProbs(), completionReply(req), nil)
		if err != nil || !json.Valid(out) {
			t.Fatalf("%s %v", out, err)
		}
	})
}
