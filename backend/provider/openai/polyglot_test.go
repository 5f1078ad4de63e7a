package openai

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/provider"
)

func TestProtocolAt(t *testing.T) {
	own, other := provider.Credential{APIKey: "k"}, provider.Credential{APIKey: "k", BaseURL: "http://127.0.0.1:11434"}
	plainly := &llm.Request{Tools: []llm.Tool{{Kind: llm.ToolFunction, Name: "f"}}}
	grouped := &llm.Request{Tools: []llm.Tool{{Kind: llm.ToolFunction, Namespace: "ns", Name: "f"}}}
	off := &llm.Request{Tools: plainly.Tools, Reasoning: llm.Reasoning{Mode: llm.ReasoningOff}}
	for _, row := range []struct {
		cred   provider.Credential
		api    string
		client llm.Protocol
		model  string
		req    *llm.Request
		want   llm.Protocol
	}{
		{own, "", llm.OpenAIChat, "gpt-4.1", plainly, llm.OpenAIChat},
		{own, "auto", llm.Responses, "gpt-4.1", plainly, llm.Responses},
		{own, "", llm.Anthropic, "gpt-4.1", plainly, llm.Responses},
		{own, "", llm.OpenAIChat, "gpt-5.6", plainly, llm.Responses},
		{own, "", llm.OpenAIChat, "gpt-5.6", off, llm.OpenAIChat},
		{own, "", llm.OpenAIChat, "gpt-5-pro", nil, llm.Responses},
		{own, "chat", llm.Responses, "gpt-5", plainly, llm.OpenAIChat},
		{other, "", llm.Anthropic, "llama", plainly, llm.OpenAIChat},
		{other, "", llm.Responses, "llama", plainly, llm.Responses},
		{other, "", llm.Responses, "llama", grouped, llm.OpenAIChat},
		{other, "responses", llm.Anthropic, "llama", grouped, llm.Responses},
	} {
		row.cred.API = row.api
		if got := New("1").ProtocolAt(row.cred, provider.Ask{Model: row.model, Client: row.client, Request: row.req}).Name(); got != row.want {
			t.Errorf("%+v: %s", row, got)
		}
	}
}

func TestLearned(t *testing.T) {
	p, now := New("1"), time.Unix(0, 0)
	p.learned.now = func() time.Time { return now }
	cred := provider.Credential{APIKey: "k", BaseURL: "http://127.0.0.1:11434"}
	ask := provider.Ask{Client: llm.Responses, Model: "m", Request: &llm.Request{}}
	call := provider.Call{Operation: provider.Generate, Protocol: llm.Responses}
	refuse := func(status int, body string) bool {
		return p.Refused(cred, call, status, p.Classify(status, http.Header{}, []byte(body)))
	}
	for status, body := range map[int]string{
		404: `{"error":{"message":"The model 'm' does not exist","type":"invalid_request_error","code":"model_not_found"}}`,
		400: `{"error":{"message":"no"}}`,
		403: ``,
	} {
		if refuse(status, body) {
			t.Errorf("learned from %d %s", status, body)
		}
	}
	if refuse(404, `{"error":{"message":"Item with id 'rs_1' not found."}}`) {
		t.Error("an item that is not there is no missing address")
	}
	if !refuse(404, "404 page not found") || p.ProtocolAt(cred, ask).Name() != llm.OpenAIChat {
		t.Error("a server without Responses is not learned of")
	}
	if refuse(404, "404 page not found") {
		t.Error("the same is learned twice")
	}
	if !refuse(400, `{"error":{"message":"Your organization must be verified","param":"reasoning.summary","code":"unsupported_value"}}`) || !p.CapsIn(cred, "gpt-5", llm.Responses).NoSummary {
		t.Error("summaries that are refused are not learned of")
	}
	const oldName = `{"error":{"message":"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.","param":"max_tokens","code":"unsupported_parameter"}}`
	call = provider.Call{Operation: provider.Generate, Protocol: llm.OpenAIChat, Model: "gpt-5"}
	if !refuse(400, oldName) || !p.CapsIn(cred, "gpt-5", llm.OpenAIChat).CompletionTokens || p.CapsIn(cred, "m", llm.OpenAIChat).CompletionTokens {
		t.Error("the name of the limit is not learned of")
	}
	if !refuse(400, `{"error":{"message":"Additional properties are not allowed ('reasoning_content' was unexpected) - 'messages.1'"}}`) || !p.CapsIn(cred, "any", llm.OpenAIChat).NoThoughts {
		t.Error("that thinking is refused is not learned of")
	}
	if refuse(400, oldName) {
		t.Error("the name of the limit is learned twice")
	}
	now = now.Add(learnedFor + time.Second)
	if p.ProtocolAt(cred, ask).Name() != llm.Responses {
		t.Error("what was learned is never forgotten")
	}
	for i := range maxLearned + 10 {
		p.learned.add(noResponses, provider.Credential{APIKey: fmt.Sprint(i)})
	}
	if n := len(p.learned.until); n > maxLearned {
		t.Errorf("%d facts", n)
	}
}

func TestFinalURLAt(t *testing.T) {
	for _, row := range [][3]string{
		{"", "", DefaultBaseURL + "/responses"}, {"", "chat", DefaultBaseURL + "/chat/completions"},
		{"http://h/v1", "auto", "http://h/v1/chat/completions"}, {"http://h/v1/responses", "responses", "http://h/v1/responses"},
	} {
		if got, err := provider.FinalURLOf(New("1"), provider.Credential{BaseURL: row[0], API: row[1]}, "m"); got != row[2] || err != nil {
			t.Errorf("%v: %s %v", row, got, err)
		}
	}
	if err := provider.CheckOf(New("1"), provider.Credential{API: "odd"}, "m"); err == nil {
		t.Error("an API of no name")
	}
}
