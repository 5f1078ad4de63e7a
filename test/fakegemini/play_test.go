package fakegemini

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"google.golang.org/genai"
)

const (
	streamPath = "/v1beta/models/gemini-3-pro-preview:streamGenerateContent"
	unaryPath  = "/v1beta/models/gemini-3-pro-preview:generateContent"
)

func client(t *testing.T, s *Server) *genai.Client {
	t.Helper()
	c, err := genai.NewClient(t.Context(), &genai.ClientConfig{APIKey: testKey, Backend: genai.BackendGeminiAPI,
		HTTPOptions: genai.HTTPOptions{BaseURL: s.URL()},
		HTTPClient:  &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestFramings checks the bytes of the two stream forms.
func TestFramings(t *testing.T) {
	s := start(t, Options{})
	s.Script("", Answer(Part{Text: "abcdef"}), Answer(Part{Text: "abcdef"}))
	_, sse := post(t, s, streamPath+"?alt=sse", history(hi))
	frames := strings.Split(strings.TrimSuffix(sse, "\r\n\r\n"), "\r\n\r\n")
	if len(frames) != 4 { // three pieces and the signature on an empty text
		t.Fatalf("%d frames in %q", len(frames), sse)
	}
	for i, f := range frames {
		data, ok := strings.CutPrefix(f, "data: ")
		if !ok || !json.Valid([]byte(data)) || strings.Contains(data, "finishReason") != (i == 3) {
			t.Fatalf("frame %d: %q", i, f)
		}
	}
	if !strings.Contains(frames[3], `"text":"","thoughtSignature":"`) {
		t.Fatalf("last frame %q", frames[3])
	}
	_, array := post(t, s, streamPath, history(hi))
	var list []json.RawMessage
	if err := json.Unmarshal([]byte(array), &list); err != nil || len(list) != 4 {
		t.Fatalf("array %q: %v", array, err)
	}
}

// TestSDK talks to the fake with Google's own client.
func TestSDK(t *testing.T) {
	s := start(t, Options{})
	c := client(t, s)
	res, err := c.Models.GenerateContent(t.Context(), "gemini-2.5-flash", genai.Text("hello"), nil)
	if err != nil || res.Text() != "You said: hello" || res.Candidates[0].FinishReason != genai.FinishReasonStop || res.UsageMetadata.TotalTokenCount == 0 {
		t.Fatalf("%v %+v", err, res)
	}
	var text strings.Builder
	for res, err := range c.Models.GenerateContentStream(t.Context(), "gemini-3-flash-preview", genai.Text("hello"), nil) {
		if err != nil {
			t.Fatal(err)
		}
		text.WriteString(res.Text())
	}
	if text.String() != "You said: hello" {
		t.Fatalf("stream %q", text.String())
	}
	n, err := c.Models.CountTokens(t.Context(), "gemini-2.5-flash", genai.Text("hello"), nil)
	if err != nil || n.TotalTokens == 0 {
		t.Fatalf("%v %+v", err, n)
	}
	emb, err := c.Models.EmbedContent(t.Context(), "gemini-embedding-001", genai.Text("hello"), nil)
	if err != nil || len(emb.Embeddings) != 1 {
		t.Fatalf("%v %+v", err, emb)
	}
	names := map[string]bool{}
	page, err := c.Models.List(t.Context(), &genai.ListModelsConfig{PageSize: 3})
	for ; err == nil; page, err = page.Next(t.Context()) {
		for _, m := range page.Items {
			names[m.Name] = true
		}
	}
	if !errors.Is(err, genai.ErrPageDone) || len(names) != len(DefaultModels()) {
		t.Fatalf("%v %v", err, names)
	}
	if m, err := c.Models.Get(t.Context(), "gemini-2.5-pro", nil); err != nil || m.OutputTokenLimit != 65536 {
		t.Fatalf("%v %+v", err, m)
	}
	if r := s.Refused(); len(r) > 0 {
		t.Fatalf("refused: %+v", r)
	}
}

// TestSignatures runs two turns with a tool: what the fake gave comes back
// and is taken; changed, it is not.
func TestSignatures(t *testing.T) {
	s := start(t, Options{})
	s.Script("", Step{Reply: Calls(Call{Name: "f", Args: json.RawMessage(`{"a":1}`)}, Call{Name: "f", Args: json.RawMessage(`{"a":2}`)})})
	_, body := post(t, s, unaryPath, history(hi))
	var reply struct {
		Candidates []struct {
			Content struct {
				Parts []struct {
					FunctionCall     struct{ ID string }
					ThoughtSignature string
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(body), &reply); err != nil {
		t.Fatal(err)
	}
	parts := reply.Candidates[0].Content.Parts
	if parts[0].ThoughtSignature == "" || parts[1].ThoughtSignature != "" || parts[0].FunctionCall.ID == "" {
		t.Fatalf("only the first of parallel calls is signed: %s", body)
	}
	sig, a, b := parts[0].ThoughtSignature, parts[0].FunctionCall.ID, parts[1].FunctionCall.ID
	second := func(name, firstSig, secondSig, args string) string {
		return history(hi + `,` + model(
			`{"functionCall":{"id":"`+a+`","name":"`+name+`","args":`+args+`},"thoughtSignature":"`+firstSig+`"}`,
			`{"functionCall":{"id":"`+b+`","name":"f","args":{"a":2}},"thoughtSignature":"`+secondSig+`"}`) +
			`,` + user(result(name, a), result("f", b)))
	}
	cases := []struct {
		name, model, body string
		status            int
	}{
		{"as given", "3-pro-preview", second("f", sig, "", `{"a":1}`), 200},
		{"other model of the family", "3-flash-preview", second("f", sig, "", `{ "a": 1.0 }`), 200},
		{"on the other call", "3-pro-preview", second("f", placeholder, sig, `{"a":1}`), 400},
		{"arguments changed", "3-pro-preview", second("f", sig, "", `{"a":9}`), 400},
		{"name changed", "3-pro-preview", second("g", sig, "", `{"a":1}`), 400},
		{"encoded twice", "3-pro-preview", second("f", b64([]byte(sig)), "", `{"a":1}`), 400},
		{"other family", "2.5-pro", second("f", sig, "", `{"a":1}`), 400},
		{"on a text", "3-pro-preview", history(hi + `,` + model(`{"text":"x","thoughtSignature":"`+sig+`"}`) + `,` + hi), 400},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			status, body := post(t, s, "/v1beta/models/gemini-"+c.model+":generateContent", c.body)
			if status != c.status || (status == 400 && !strings.Contains(body, "Corrupted thought signature.")) {
				t.Fatalf("%d %s", status, body)
			}
		})
	}
}

func TestErrorsAndQueues(t *testing.T) {
	s := start(t, Options{})
	s.Script(testKey, Fail(RateLimited("gemini-3-pro-preview", 1500*time.Millisecond)))
	s.Script("AIza-fake-two", Fail(Overloaded()))
	s.Script("", Step{Op: "list", Error: Internal()})
	if status, body := post(t, s, unaryPath, history(hi)); status != 429 || !strings.Contains(body, `"retryDelay": "1.5s"`) || !strings.Contains(body, "QuotaFailure") {
		t.Fatalf("%d %s", status, body)
	}
	if status, _ := post(t, s, unaryPath, history(hi)); status != 200 {
		t.Fatalf("after 429: %d", status)
	}
	if status, _ := post(t, s, unaryPath, history(hi), "X-Goog-Api-Key", "AIza-fake-two"); status != 503 {
		t.Fatalf("other key: %d", status)
	}
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL()+"/v1beta/models?key="+testKey, nil)
	if status, _ := do(t, req); status != 500 {
		t.Fatalf("list: %d", status)
	}
	if s.Unplayed() != 0 || len(s.Requests()) != 4 || len(s.Refused()) != 0 {
		t.Fatalf("%d unplayed, %+v", s.Unplayed(), s.Requests())
	}
}

// TestFaults plays each fault and looks at what arrives.
func TestFaults(t *testing.T) {
	s := start(t, Options{})
	cases := []struct {
		name   string
		step   Step
		broken bool // the transport reports an error
		says   string
		not    string
	}{
		{"cut reset", Step{Fault: FaultCutReset, After: 1}, true, "data: ", "finishReason"},
		{"cut clean", Step{Fault: FaultCutClean, After: 1}, false, "data: ", "finishReason"},
		{"error at once", Step{Fault: FaultErrorIn200}, false, `"UNAVAILABLE"`, "candidates"},
		{"error later", Step{Fault: FaultErrorIn200, After: 1, Error: Internal()}, false, `"INTERNAL"`, "finishReason"},
		{"bare error", Step{Fault: FaultBareError, After: 1}, false, "\n{\"error\"", "finishReason"},
		{"garbage", Step{Fault: FaultGarbage, After: 1}, false, "<garbage>", "finishReason"},
		{"malformed", Step{Fault: FaultMalformed, After: 1}, false, "data: ", "finishReason"},
		{"empty", Step{Fault: FaultEmpty}, false, "", "data"},
		{"byte by byte", Step{Fault: FaultByteByByte}, false, "finishReason", "error"},
		{"malformed call", Step{Fault: FaultMalformedFn}, false, "MALFORMED_FUNCTION_CALL", "parts"},
		{"silence ends", Step{Fault: FaultSilence, After: 1, Hold: time.Millisecond}, true, "data: ", "finishReason"},
		{"blocked", Step{Reply: &Reply{PromptFeedback: json.RawMessage(`{"blockReason":"SAFETY"}`)}}, false, "blockReason", "candidates"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s.Script("", c.step)
			req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL()+streamPath+"?alt=sse", strings.NewReader(history(hi)))
			req.Header.Set("X-Goog-Api-Key", testKey)
			req.Close = true
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			b, err := io.ReadAll(res.Body)
			if (err != nil) != c.broken || res.StatusCode != 200 || !strings.Contains(string(b), c.says) || strings.Contains(string(b), c.not) {
				t.Fatalf("%d %v %q", res.StatusCode, err, b)
			}
		})
	}
}

func TestRefusedConnectionsAndReset(t *testing.T) {
	s := start(t, Options{})
	try := func() error {
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL()+"/v1beta/models?key="+testKey, nil)
		req.Close = true
		res, err := http.DefaultClient.Do(req)
		if err == nil {
			res.Body.Close()
		}
		return err
	}
	s.Refuse()
	if err := try(); err == nil || !strings.Contains(err.Error(), "refused") {
		t.Fatalf("want a refused connection, got %v", err)
	}
	if err := s.Resume(); err != nil {
		t.Fatal(err)
	}
	s.Script("", Step{Op: "list", Fault: FaultReset})
	if err := try(); err == nil {
		t.Fatal("want a reset")
	}
	if err := try(); err != nil {
		t.Fatal(err)
	}
}

// TestClientLeaves sees a client go while the answer is silent.
func TestClientLeaves(t *testing.T) {
	s := start(t, Options{})
	s.Script("", Step{Fault: FaultSilence, After: 1})
	ctx, cancel := context.WithCancel(t.Context())
	req, _ := http.NewRequestWithContext(ctx, http.MethodPost, s.URL()+streamPath+"?alt=sse", strings.NewReader(history(hi)))
	req.Header.Set("X-Goog-Api-Key", testKey)
	req.Close = true
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := bufio.NewReader(res.Body).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	cancel()
	res.Body.Close()
	if !s.Await(5*time.Second, func(r []Request) bool { return len(r) == 1 && r[0].Gone && r[0].Done }) {
		t.Fatalf("%+v", s.Requests())
	}
}
