package clients

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"antigravity-tools/backend/fault"
)

// answers are streams as each client's protocol has them; the text is "Hello there."
var answers = map[string]string{
	"claude-code": "event: x\ndata: {\"type\":\"content_block_delta\",\"delta\":{\"type\":\"thinking_delta\",\"thinking\":\"hm\"}}\n\n" +
		"data: {\"type\":\"content_block_delta\",\"delta\":{\"type\":\"text_delta\",\"text\":\"Hello \"}}\n\ndata: {\"delta\":{\"text\":\"there.\"}}\n\n",
	"codex": "data: {\"type\":\"response.reasoning_summary_text.delta\",\"delta\":\"hm\"}\n\n" +
		"data: {\"type\":\"response.output_text.delta\",\"delta\":\"Hello there.\"}\n\n",
	"gemini-cli": "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"hm\",\"thought\":true},{\"text\":\"Hello there.\"}]}}]}\r\n\r\n",
	"qwen-code":  "data: {\"choices\":[{\"delta\":{\"content\":\"Hello there.\"}}]}\n\ndata: [DONE]\n\n",
}

func TestVerifyMakesTheClientsOwnCall(t *testing.T) {
	answers := map[string]string{
		"claude-code": answers["claude-code"], "codex": answers["codex"], "qwen-code": answers["qwen-code"],
		"crush": answers["qwen-code"], "cline": answers["qwen-code"], "continue": answers["qwen-code"], "droid": answers["qwen-code"],
		"gemini-cli": answers["gemini-cli"], "kilo-code": answers["gemini-cli"], "opencode": answers["gemini-cli"],
	}
	calls := map[string]string{
		"crush": "/v1/chat/completions", "cline": "/v1/chat/completions", "continue": "/v1/chat/completions", "droid": "/v1/chat/completions",
		"claude-code": "/v1/messages?beta=true", "codex": "/v1/responses", "qwen-code": "/v1/chat/completions",
		"gemini-cli": "/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse",
		"kilo-code":  "/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse",
		"opencode":   "/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse",
	}
	for name, answer := range answers {
		t.Run(name, func(t *testing.T) {
			gateway := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method != http.MethodPost || r.URL.RequestURI() != calls[name] {
					t.Errorf("%s %s", r.Method, r.URL.RequestURI())
				}
				if key := r.Header.Get("x-goog-api-key"); key != ours.Key && r.Header.Get("Authorization") != "Bearer "+ours.Key {
					t.Error("the key is not there")
				}
				body, err := io.ReadAll(r.Body)
				if err != nil || strings.Contains(string(body), "{model}") {
					t.Errorf("%s %v", body, err)
				}
				io.WriteString(w, answer)
			}))
			defer gateway.Close()
			p := newPlace(t)
			v := ours
			v.Root = gateway.URL
			p.apply(name, v)
			got, err := p.setup.Verify(context.Background(), name)
			if err != nil || !got.OK || got.Answer != "Hello there." || got.Status != http.StatusOK || got.Model != ours.Model {
				t.Errorf("%+v %v", got, err)
			}
		})
	}
}

func TestVerifyTellsWhatWentWrong(t *testing.T) {
	table := []struct {
		name, body string
		status     int
		want       string
	}{
		{"refused", `{"error":{"message":"no key was sent"}}`, 401, "no key was sent"},
		{"something else", "<html>", 404, "something else listens there"},
		{"error in the stream", "data: {\"type\":\"error\",\"error\":{\"message\":\"too busy\"}}\n\n", 200, "too busy"},
		{"no text", "data: {\"type\":\"message_stop\"}\n\n", 200, "holds no text"},
	}
	for _, c := range table {
		t.Run(c.name, func(t *testing.T) {
			gateway := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(c.status)
				io.WriteString(w, c.body)
			}))
			defer gateway.Close()
			p := newPlace(t)
			v := ours
			v.Root = gateway.URL
			p.apply("claude-code", v)
			got, err := p.setup.Verify(context.Background(), "claude-code")
			if err != nil || got.OK || got.Status != c.status || !strings.Contains(got.Error, c.want) {
				t.Errorf("%+v %v", got, err)
			}
		})
	}
	t.Run("nobody there", func(t *testing.T) {
		gateway := httptest.NewServer(http.NotFoundHandler())
		p := newPlace(t)
		v := ours
		v.Root = gateway.URL
		gateway.Close()
		p.apply("claude-code", v)
		got, err := p.setup.Verify(context.Background(), "claude-code")
		if err != nil || got.OK || got.Status != 0 || !strings.Contains(got.Error, "is the gateway running?") {
			t.Errorf("%+v %v", got, err)
		}
	})
	t.Run("not set up", func(t *testing.T) {
		_, err := newPlace(t).setup.Verify(context.Background(), "codex")
		var f *fault.Error
		if !errors.As(err, &f) || f.Code != "not_set_up" {
			t.Errorf("%v", err)
		}
	})
}

func TestSharedFoldersGoWithTheLastClient(t *testing.T) {
	p := newPlace(t)
	before := p.snapshot()
	p.apply("kilo-code", ours)
	p.apply("opencode", ours)
	p.restore("kilo-code")
	p.restore("opencode")
	if after := p.snapshot(); len(after) != len(before) {
		t.Errorf("left behind: %v", after)
	}
}
