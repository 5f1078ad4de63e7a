package loopback

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/gemini"
	"antigravity-tools/backend/provider"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func user(parts ...llm.Part) llm.Turn { return llm.Turn{Role: llm.RoleUser, Parts: parts} }

// send makes the call that the relay would make.
func send(t *testing.T, ctx context.Context, req *llm.Request, op provider.Operation) *http.Response {
	t.Helper()
	p := New()
	target := protocol.Target{Model: req.Model, Caps: p.Caps(req.Model), Stream: req.Stream}
	encode := p.Protocol(req.Model).EncodeRequest
	if op == provider.CountTokens {
		encode = p.Protocol(req.Model).(protocol.Counter).EncodeCount
	}
	enc, err := encode(req, target, nil)
	if err != nil {
		t.Fatal(err)
	}
	call := provider.Call{Operation: op, Model: req.Model, Stream: req.Stream, Body: enc.Body}
	hr, err := p.Prepare(ctx, provider.Credential{}, call)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := p.RoundTripper().RoundTrip(hr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	return resp
}

func both(t *testing.T, req *llm.Request) *llm.Response {
	t.Helper()
	req.Stream = true
	resp := send(t, t.Context(), req, provider.Generate)
	streamed, err := llm.Collect(llm.Validate(gemini.Upstream{}.DecodeStream(resp.Body, nil)))
	if err != nil {
		t.Fatal(err)
	}
	req.Stream = false
	resp = send(t, t.Context(), req, provider.Generate)
	body, _ := io.ReadAll(resp.Body)
	whole, err := gemini.Upstream{}.DecodeResponse(body, nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(streamed.Choices, whole.Choices); diff != "" {
		t.Errorf("streamed and whole answers differ:\n%s", diff)
	}
	if diff := cmp.Diff(streamed.Usage, whole.Usage); diff != "" {
		t.Errorf("usage differs:\n%s", diff)
	}
	return whole
}

func TestEcho(t *testing.T) {
	long := strings.Repeat("grüße 😀 ", 500)
	for name, tc := range map[string]struct {
		req  llm.Request
		want string
		why  llm.Reason
	}{
		"text":  {llm.Request{Turns: []llm.Turn{user(llm.TextPart("one")), {Role: llm.RoleModel, Parts: []llm.Part{llm.TextPart("x")}}, user(llm.TextPart("two"))}}, "two", llm.ReasonEnd},
		"long":  {llm.Request{Turns: []llm.Turn{user(llm.TextPart(long))}}, long, llm.ReasonEnd},
		"media": {llm.Request{Turns: []llm.Turn{user(llm.TextPart("see"), llm.Part{Kind: llm.KindMedia, Media: &llm.Media{MIME: "image/png", Data: "aGVsbG8="}})}}, "see\n[image/png, 5 bytes]", llm.ReasonEnd},
		"limit": {llm.Request{Turns: []llm.Turn{user(llm.TextPart("123456789"))}, Sampling: llm.Sampling{MaxTokens: llm.Ptr(int64(2))}}, "12345678", llm.ReasonLength},
		"stop":  {llm.Request{Turns: []llm.Turn{user(llm.TextPart("a STOP b"))}, Sampling: llm.Sampling{Stop: []string{"STOP"}}}, "a ", llm.ReasonEnd},
		"json":  {llm.Request{Turns: []llm.Turn{user(llm.TextPart("a"))}, Format: llm.Format{Kind: llm.FormatJSON}}, `{"echo":"a"}`, llm.ReasonEnd},
		"schema": {llm.Request{Turns: []llm.Turn{user(llm.TextPart("a"))}, Format: llm.Format{Kind: llm.FormatSchema,
			Schema: []byte(`{"type":"object","required":["n","s"],"properties":{"n":{"type":"integer"},"s":{"enum":["q"]},"o":{"type":"string"}}}`)}}, `{"n":1,"s":"q"}`, llm.ReasonEnd},
	} {
		t.Run(name, func(t *testing.T) {
			tc.req.Model = Echo
			resp := both(t, &tc.req)
			if got := resp.Choices[0].Parts[0].Text; got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
			if got := resp.Choices[0].Close.Reason; got != tc.why {
				t.Errorf("reason %q, want %q", got, tc.why)
			}
			if resp.Usage == nil || resp.Usage.Input == 0 || resp.Usage.Output == 0 {
				t.Errorf("usage %+v", resp.Usage)
			}
		})
	}
}

func TestTools(t *testing.T) {
	tools := []llm.Tool{
		{Kind: llm.ToolFunction, Name: "first", Schema: []byte(`{"type":"object","properties":{"path":{"type":"string"},"deep":{"type":"object","required":["a"],"properties":{"a":{"type":"array","minItems":1,"items":{"type":"number","minimum":2}}}},"opt":{"type":"string"}},"required":["path","deep"]}`)},
		{Kind: llm.ToolFunction, Name: "second"},
	}
	ask := llm.Request{Model: Tools, Turns: []llm.Turn{user(llm.TextPart("go"))}, Tools: tools}
	call := func(resp *llm.Response) *llm.Call {
		t.Helper()
		c := resp.Choices[0].Parts[0].Call
		if c == nil || resp.Choices[0].Close.Reason != llm.ReasonTool {
			t.Fatalf("no call: %+v", resp.Choices[0])
		}
		return c
	}
	c := call(both(t, &ask))
	if c.Name != "first" || c.Args != `{"path":"loopback","deep":{"a":[2]}}` || c.ID == "" {
		t.Errorf("call %+v", c)
	}
	forced := ask
	forced.ToolChoice = llm.ToolChoice{Mode: llm.ChoiceAny, Names: []string{"second"}}
	if c := call(both(t, &forced)); c.Name != "second" || c.Args != "{}" {
		t.Errorf("forced call %+v", c)
	}
	none := ask
	none.ToolChoice.Mode = llm.ChoiceNone
	if got := both(t, &none).Choices[0].Parts[0].Text; !strings.HasPrefix(got, "go\n") {
		t.Errorf("none: %q", got)
	}
	done := ask
	done.Turns = append(done.Turns,
		llm.Turn{Role: llm.RoleModel, Parts: []llm.Part{{Kind: llm.KindCall, Call: c}}},
		user(llm.Part{Kind: llm.KindResult, Result: &llm.Result{CallID: c.ID, Name: "first", Parts: []llm.Part{llm.TextPart("42")}}}))
	if got := both(t, &done).Choices[0].Parts[0].Text; got != "The tool first answered: 42" {
		t.Errorf("report %q", got)
	}
}

func TestErrorModel(t *testing.T) {
	for text, want := range map[string]struct {
		status int
		class  fault.Class
		retry  time.Duration
	}{
		"please 429":   {429, fault.RateLimited, 2 * time.Second},
		"429 30s":      {429, fault.RateLimited, 30 * time.Second},
		"429 2h":       {429, fault.QuotaExhausted, 2 * time.Hour},
		"a 503, later": {503, fault.Overloaded, 2 * time.Second},
		"401":          {401, fault.Unauthenticated, 0},
		"402":          {402, fault.InvalidRequest, 0},
		"403":          {403, fault.Forbidden, 0},
		"418":          {418, fault.InvalidRequest, 0},
		"502":          {502, fault.UpstreamProtocol, 0},
		"504":          {504, fault.Timeout, 0},
		"400":          {400, fault.InvalidRequest, 0},
		"404":          {404, fault.NotFound, 0},
		"nothing":      {500, fault.Internal, 0},
	} {
		t.Run(text, func(t *testing.T) {
			req := llm.Request{Model: Error, Stream: true, Turns: []llm.Turn{user(llm.TextPart(text))}}
			resp := send(t, t.Context(), &req, provider.Generate)
			body, _ := io.ReadAll(resp.Body)
			f := New().Classify(resp.StatusCode, resp.Header, body)
			if resp.StatusCode != want.status || f.HTTPStatus() != want.status || !strings.Contains(f.Message, "as it was asked to") || f.Class != want.class || f.RetryAfter != want.retry {
				t.Errorf("got %d %s %s, want %+v", resp.StatusCode, f.Class, f.RetryAfter, want)
			}
		})
	}
}

func TestSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		req := llm.Request{Model: Slow, Stream: true, Turns: []llm.Turn{user(llm.TextPart("for 3 seconds"))}}
		resp := send(t, t.Context(), &req, provider.Generate)
		got, err := llm.Collect(gemini.Upstream{}.DecodeStream(resp.Body, nil))
		if err != nil {
			t.Fatal(err)
		}
		if d := time.Since(start); d != 3*time.Second {
			t.Errorf("took %s", d)
		}
		if text := got.Choices[0].Parts[0].Text; !strings.HasSuffix(text, "12 of 12") {
			t.Errorf("text %q", text)
		}
	})
}

func TestSlowCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		req := llm.Request{Model: Slow, Stream: true, Turns: []llm.Turn{user(llm.TextPart("go"))}}
		resp := send(t, ctx, &req, provider.Generate)
		seen := 0
		for ev, err := range (gemini.Upstream{}).DecodeStream(resp.Body, nil) {
			if err != nil {
				if !fault.Is(err, fault.Cancelled) || !errors.Is(err, context.Canceled) {
					t.Errorf("error %v", err)
				}
				break
			}
			if ev.Text != "" {
				if seen++; seen == 3 {
					cancel()
				}
			}
		}
		if seen != 3 {
			t.Errorf("saw %d pieces", seen)
		}
	})
}

// A reader that leaves ends the writer: goleak and synctest would tell.
func TestSlowAbandoned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		req := llm.Request{Model: Slow, Stream: true, Turns: []llm.Turn{user(llm.TextPart("go"))}}
		resp := send(t, t.Context(), &req, provider.Generate)
		buf := make([]byte, 10)
		if _, err := resp.Body.Read(buf); err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		synctest.Wait()
	})
}

func TestCount(t *testing.T) {
	req := llm.Request{Model: Echo, Turns: []llm.Turn{user(llm.TextPart("12345678"))}}
	resp := send(t, t.Context(), &req, provider.CountTokens)
	body, _ := io.ReadAll(resp.Body)
	usage, err := gemini.Upstream{}.DecodeCount(body)
	if err != nil || usage.Input != 2 {
		t.Errorf("usage %+v, %v", usage, err)
	}
}

func TestRefusals(t *testing.T) {
	for _, url := range []string{"http://loopback.internal/other", "http://elsewhere/v1beta/models/loopback:generateContent"} {
		req, _ := http.NewRequest(http.MethodPost, url, strings.NewReader("{}"))
		resp, err := New().RoundTripper().RoundTrip(req)
		if err != nil || resp.StatusCode != 404 {
			t.Errorf("%s: %v %v", url, resp, err)
		}
	}
	req, _ := http.NewRequest(http.MethodPost, "http://loopback.internal/v1beta/models/loopback:generateContent", strings.NewReader(`{"contents":[{"parts":[{"text":1}]}]}`))
	resp, err := New().RoundTripper().RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(resp.Body)
	if resp.StatusCode != 400 || !strings.Contains(string(body), "contents[0].parts[0].text") {
		t.Errorf("%d %s", resp.StatusCode, body)
	}
}
