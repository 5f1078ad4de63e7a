package judges

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/anthropics/anthropic-sdk-go"
	aoption "github.com/anthropics/anthropic-sdk-go/option"
	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"google.golang.org/genai"

	"antigravity-tools/test/fakegemini"
)

// TestLoopback: a demo gateway without any account answers every SDK.
func TestLoopback(t *testing.T) {
	g := launchWith(t, config{settings: [][2]string{{"loopback.enabled", "on"}}})
	both(t, func(t *testing.T, stream bool) {
		r, err := g.chat(t, stream, openai.ChatCompletionNewParams{Model: "loopback", Messages: userSays("echo me")})
		if err != nil || !strings.Contains(r.Choices[0].Message.Content, "echo me") {
			t.Errorf("openai: %v %s", err, r.RawJSON())
		}
		m, err := g.message(t, stream, anthropic.MessageNewParams{Model: "loopback", Messages: asks("echo me")})
		if err != nil || !strings.Contains(text(m), "echo me") {
			t.Errorf("anthropic: %v %s", err, m.RawJSON())
		}
		parts, _, err := g.generate(t, stream, "loopback", genai.Text(mark+" echo me"), nil)
		if err != nil || !strings.Contains(joined(parts), "echo me") {
			t.Errorf("genai: %v %q", err, joined(parts))
		}
	})
	t.Run("tools", func(t *testing.T) {
		r, err := g.chat(t, true, openai.ChatCompletionNewParams{Model: "loopback-tools", Messages: userSays("go"), Tools: []openai.ChatCompletionToolUnionParam{weatherTool()}})
		if err != nil || len(r.Choices[0].Message.ToolCalls) != 1 || r.Choices[0].Message.ToolCalls[0].Function.Name != "get_weather" {
			t.Fatalf("%v %s", err, r.RawJSON())
		}
	})
	t.Run("error", func(t *testing.T) {
		for _, status := range []int{400, 429, 503} {
			var e *openai.Error
			_, err := g.chat(t, false, openai.ChatCompletionNewParams{Model: "loopback-error", Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage(fmt.Sprint(status))}})
			if !errors.As(err, &e) || e.StatusCode != status {
				t.Errorf("%d: %v", status, err)
			}
		}
	})
}

// TestWrongBaseURLs: each SDK with a usual mistake reads what to change.
func TestWrongBaseURLs(t *testing.T) {
	g := launch(t)
	for _, c := range []struct{ base, code string }{
		{"", "missing_version_prefix"}, {"/v1/v1", "duplicated_version_prefix"}, {"/v1beta", "wrong_version_prefix"},
		{"/v1/chat/completions", "nested_resource_path"}, {"/openai/v1", "foreign_prefix"},
	} {
		var e *openai.Error
		client := g.openai(option.WithBaseURL(g.url() + c.base))
		_, err := client.Chat.Completions.New(ctx(t), openai.ChatCompletionNewParams{Model: flash, Messages: userSays("go")})
		if !errors.As(err, &e) || e.StatusCode != 404 || e.Code != c.code || !strings.Contains(e.Message, g.url()+"/v1") {
			t.Errorf("openai %q: %v", c.base, err)
		}
	}
	client := anthropic.NewClient(aoption.WithBaseURL(g.url()+"/v1"), aoption.WithAPIKey(clientKey), aoption.WithMaxRetries(0))
	_, err := client.Messages.New(ctx(t), anthropic.MessageNewParams{Model: flash, MaxTokens: 10, Messages: asks("go")})
	var ae *anthropic.Error
	if !errors.As(err, &ae) || ae.StatusCode != 404 || ae.Type() != anthropic.ErrorTypeNotFoundError || !strings.Contains(ae.RawJSON(), "duplicated_version_prefix") {
		t.Errorf("anthropic: %v", err)
	}
	for _, c := range []struct {
		path    string
		version string
		ok      bool
	}{{"", "v1", true}, {"", "v1beta", true}, {"/v1beta", "v1beta", false}} {
		gc, err := genai.NewClient(ctx(t), &genai.ClientConfig{APIKey: clientKey, Backend: genai.BackendGeminiAPI, HTTPOptions: genai.HTTPOptions{BaseURL: g.url() + c.path, APIVersion: c.version}})
		if err != nil {
			t.Fatal(err)
		}
		_, err = gc.Models.GenerateContent(ctx(t), flash, genai.Text(mark), nil)
		var ge genai.APIError
		if c.ok != (err == nil) || (!c.ok && (!errors.As(err, &ge) || ge.Code != 404 || !strings.Contains(ge.Message, "duplicated_version_prefix"))) {
			t.Errorf("genai %q %s: %v", c.path, c.version, err)
		}
	}
}

// TestBadInput: nonsense gets a 4xx in the caller's protocol, and the gateway
// goes on.
func TestBadInput(t *testing.T) {
	g := launch(t)
	paths := map[string]string{"/v1/chat/completions": "error.message", "/v1/responses": "error.message", "/v1/messages": "error.type", "/v1beta/models/" + flash + ":generateContent": "error.status"}
	bodies := map[string]string{"empty": "", "half": `{"model":`, "list": `[]`, "text": `"x"`, "wrong type": `{"model":5,"messages":5,"input":5,"contents":5}`,
		"no content": `{"model":"` + flash + `"}`, "invalid utf-8": "{\"model\":\"\xff\xfe\"}", "deep": strings.Repeat(`{"a":`, 20000) + "1" + strings.Repeat("}", 20000)}
	g.refusals = true // the identity path may leave the verdict to the upstream
	for path := range paths {
		for name, body := range bodies {
			status, answer := g.post(t, path, body)
			var e struct {
				Error *struct{ Message, Type, Status string }
			}
			if status < 400 || status > 499 || json.Unmarshal([]byte(answer), &e) != nil || e.Error == nil || e.Error.Message == "" {
				t.Errorf("%s, %s: %d %.300s", path, name, status, answer)
			}
		}
	}
	if !g.healthy() {
		t.Error("the gateway is gone")
	}
}

// TestRepairs: what the gateway mends by itself before the client sees it.
func TestRepairs(t *testing.T) {
	g := launch(t)
	t.Run("malformed call", func(t *testing.T) {
		g.script(fakegemini.Step{Fault: fakegemini.FaultMalformedFn})
		if r, err := g.chat(t, true, openai.ChatCompletionNewParams{Model: flash, Messages: userSays("go")}); err != nil || !strings.Contains(r.Choices[0].Message.Content, "You said") {
			t.Errorf("%v %s", err, r.RawJSON())
		}
	})
	t.Run("signature refused", func(t *testing.T) {
		p := openai.ChatCompletionNewParams{Model: pro3, Messages: userSays("weather?"), Tools: []openai.ChatCompletionToolUnionParam{weatherTool()}}
		g.script(fakegemini.Step{Reply: fakegemini.Calls(weatherCall("Oslo"))}, fakegemini.Fail(fakegemini.Invalid("Corrupted thought signature.")))
		r, err := g.chat(t, false, p)
		if err != nil {
			t.Fatal(err)
		}
		p.Messages = append(p.Messages, r.Choices[0].Message.ToParam(), openai.ToolMessage("mild", r.Choices[0].Message.ToolCalls[0].ID))
		if _, err := g.chat(t, false, p); err != nil {
			t.Fatal(err)
		}
		if s := g.upstream(t, -1).Contents[1].Parts[0].ThoughtSignature; s != "skip_thought_signature_validator" {
			t.Errorf("the second attempt carried %q", s)
		}
	})
	t.Run("blocked prompt", func(t *testing.T) {
		both(t, func(t *testing.T, stream bool) {
			g.script(fakegemini.Step{Reply: &fakegemini.Reply{PromptFeedback: json.RawMessage(`{"blockReason":"PROHIBITED_CONTENT"}`)}})
			r, err := g.chat(t, stream, openai.ChatCompletionNewParams{Model: flash, Messages: userSays("go")})
			if err != nil || r.Choices[0].FinishReason != "content_filter" || !strings.Contains(r.Choices[0].Message.Refusal, "PROHIBITED_CONTENT") {
				t.Errorf("%v %s", err, r.RawJSON())
			}
		})
	})
	t.Run("names that one side forbids", func(t *testing.T) {
		tool := weatherTool()
		tool.OfFunction.Function.Name = strings.Repeat("long_name_", 6) + "-end"
		r, err := g.chat(t, true, openai.ChatCompletionNewParams{Model: flash, Messages: userSays("go"), Tools: []openai.ChatCompletionToolUnionParam{tool},
			ToolChoice: openai.ChatCompletionToolChoiceOptionUnionParam{OfAuto: openai.String("required")}})
		if err != nil || len(r.Choices[0].Message.ToolCalls) != 1 || r.Choices[0].Message.ToolCalls[0].Function.Name != tool.OfFunction.Function.Name {
			t.Errorf("%v %s", err, r.RawJSON())
		}
	})
}

// TestCitations: byte offsets upstream, character offsets for the client.
func TestCitations(t *testing.T) {
	g := launch(t)
	answer, span := "Größe 🙂: it is 42 m tall.", "42 m"
	g.script(fakegemini.Step{Reply: &fakegemini.Reply{Parts: []fakegemini.Part{{Text: answer}}, Grounding: fakegemini.Ground(answer, span, "https://example.org/a", "A")}})
	r, err := g.chat(t, false, openai.ChatCompletionNewParams{Model: flash, Messages: userSays("how tall?")})
	if err != nil || len(r.Choices[0].Message.Annotations) != 1 {
		t.Fatalf("%v %s", err, r.RawJSON())
	}
	c := r.Choices[0].Message.Annotations[0].URLCitation
	start := int64(utf8.RuneCountInString(answer[:strings.Index(answer, span)]))
	if c.URL != "https://example.org/a" || c.StartIndex != start || c.EndIndex != start+int64(len(span)) {
		t.Errorf("%+v, want start %d", c, start)
	}
}

// TestReplyHeaders: a request id, the model and the provider; nothing of the
// account.
func TestReplyHeaders(t *testing.T) {
	g := launch(t)
	var res *http.Response
	c := g.openai(option.WithResponseInto(&res))
	if _, err := c.Chat.Completions.New(ctx(t), openai.ChatCompletionNewParams{Model: flash, Messages: userSays("go")}); err != nil {
		t.Fatal(err)
	}
	if res.Header.Get("X-Request-Id") == "" || res.Header.Get("X-Antigravity-Model") != flash || res.Header.Get("X-Antigravity-Provider") != "gemini" {
		t.Errorf("%v", res.Header)
	}
	for name, v := range res.Header {
		if strings.Contains(strings.Join(v, " "), "first") || strings.Contains(strings.Join(v, " "), keyOne) {
			t.Errorf("%s: %v", name, v)
		}
	}
}

// TestManyAtOnce: answers do not mix.
func TestManyAtOnce(t *testing.T) {
	g := launchWith(t, twoAccounts())
	var wg sync.WaitGroup
	errs := make(chan error, 24)
	for i := range 24 {
		wg.Go(func() {
			want := fmt.Sprintf("number %d.", i)
			r, err := g.chat(t, i%2 == 0, openai.ChatCompletionNewParams{Model: flash, Messages: userSays(want)})
			if err == nil && !strings.Contains(r.Choices[0].Message.Content, want) {
				err = fmt.Errorf("asked for %q, got %q", want, r.Choices[0].Message.Content)
			}
			errs <- err
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			t.Error(err)
		}
	}
}
