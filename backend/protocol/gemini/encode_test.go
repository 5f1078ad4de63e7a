package gemini

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/genai"
	"pgregory.net/rapid"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/protocoltest"
	"antigravity-tools/backend/rawjson"
)

// digest is what of a reply must survive the way to a Gemini client and back:
// texts by kind, calls, media, seals, why it ended, the counts.
func digest(resp *llm.Response) string {
	var b strings.Builder
	for i := range resp.Choices {
		c := &resp.Choices[i]
		texts := map[llm.PartKind]string{}
		calls := 0
		for j := range c.Parts {
			p := &c.Parts[j]
			switch p.Kind {
			case llm.KindText, llm.KindReasoning:
				texts[p.Kind] += p.Text
			case llm.KindCall:
				calls++
				fmt.Fprintf(&b, "%d call %s %s %s\n", i, p.Call.Name, rawjson.Compact(nil, p.Call.RawArgs()), googleSeal(p.Seal))
			case llm.KindMedia:
				fmt.Fprintf(&b, "%d media %s %s\n", i, p.Media.MIME, p.Media.Data)
			case llm.KindCode:
				fmt.Fprintf(&b, "%d code %s %s\n", i, p.Code.Language, p.Code.Text)
			}
		}
		reason := finishWord(c.Close.Reason)
		fmt.Fprintf(&b, "%d text %q thought %q %s\n", i, texts[llm.KindText], texts[llm.KindReasoning], reason)
	}
	if u := resp.Usage; u != nil {
		fmt.Fprintf(&b, "in %d read %d out %d think %d\n", u.TotalInput(), u.CacheRead, u.Output, u.Reasoning)
	}
	return b.String()
}

func googleSeal(s *llm.Seal) string {
	if s == nil || s.Issuer != llm.IssuerGoogle {
		return ""
	}
	return s.Data
}

// hasContent tells a reply that Google's rules let end in any way: one without
// a part that ends normally is a fault.
func hasContent(resp *llm.Response) bool {
	for i := range resp.Choices {
		if digest(&llm.Response{Choices: resp.Choices[i : i+1]}) == fmt.Sprintf("0 text %q thought %q STOP\n", "", "") {
			return false
		}
	}
	return true
}

func TestEncodedStreamsDecode(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events := protocoltest.Events(t, protocoltest.Shape{Choices: 2, Logprobs: true})
		want := protocoltest.Collect(t, events)
		if !hasContent(want) {
			t.Skip("no content")
		}
		reply := protocoltest.Reply(&llm.Request{})
		stream := protocoltest.Stream(t, Client{}.NewStreamEncoder(reply, nil), events)
		if bytes.Contains(bytes.ReplaceAll(stream, []byte("\r\n"), nil), []byte("\n")) {
			t.Fatalf("a bare line end: %s", stream)
		}
		got, err := llm.Collect(llm.Validate(Upstream{}.DecodeStream(bytes.NewReader(stream), nil)))
		if err != nil {
			t.Fatalf("%v\n%s", err, stream)
		}
		if d := cmp.Diff(digest(want), digest(got)); d != "" {
			t.Fatalf("streamed: %s\n%s", d, stream)
		}
		body, err := Client{}.EncodeResponse(want, reply, nil)
		if err != nil {
			t.Fatal(err)
		}
		whole, err := Upstream{}.DecodeResponse(body, nil)
		if err != nil {
			t.Fatalf("%v\n%s", err, body)
		}
		if d := cmp.Diff(digest(want), digest(whole)); d != "" {
			t.Fatalf("whole: %s\n%s", d, body)
		}
		reply.SSE = false
		array := protocoltest.Stream(t, Client{}.NewStreamEncoder(reply, nil), events)
		if err := rawjson.Check(array, 100); err != nil || rawjson.KindOf(array) != rawjson.KindArray {
			t.Fatalf("%v\n%s", err, array)
		}
	})
}

// The seals of other vendors come back out of a Gemini client byte for byte.
func TestForeignSealsTravel(t *testing.T) {
	resp := &llm.Response{Choices: []llm.Choice{{Parts: []llm.Part{
		{Kind: llm.KindReasoning, Text: "hm", Seal: &llm.Seal{Issuer: llm.IssuerAnthropic, Model: "claude", Realm: "0a", Data: "sig+/="}},
		{Kind: llm.KindReasoning, Seal: &llm.Seal{Issuer: llm.IssuerAnthropic, Data: "hidden", Redacted: true}},
		{Kind: llm.KindCall, Call: &llm.Call{Name: "f"}},
	}, Close: llm.Close{Reason: llm.ReasonTool}}}}
	for name, encode := range map[string]func() []byte{
		"whole": func() []byte {
			out, _ := Client{}.EncodeResponse(resp, protocoltest.Reply(nil), nil)
			return out
		},
		"array": func() []byte {
			reply := protocoltest.Reply(nil)
			reply.SSE = false
			enc := Client{}.NewStreamEncoder(reply, nil)
			var out []byte
			for ev := range llm.Replay(resp) {
				out, _ = enc.Encode(out, ev)
			}
			return enc.End(out)
		},
	} {
		var parts []string
		collect := func(frame []byte) {
			for c := range rawjson.Items(member(frame, "candidates")) {
				for p := range rawjson.Items(member(c, "content", "parts")) {
					parts = append(parts, string(p))
				}
			}
		}
		out := encode()
		collect(out)
		for f := range rawjson.Items(out) {
			collect(f)
		}
		req, err := Client{}.DecodeRequest(protocol.Inbound{Body: []byte(`{"contents":[{"role":"model","parts":[` + strings.Join(parts, ",") + `]}]}`)}, nil)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, p := range req.Turns[0].Parts {
			if p.Seal != nil {
				got = append(got, fmt.Sprintf("%s %s %s %s %s %s", p.Kind, p.Seal.Issuer, p.Seal.Model, p.Seal.Realm, p.Seal.Slot, p.Seal.Data))
			}
		}
		want := []string{"call anthropic claude 0a reasoning sig+/=", "text anthropic   redacted hidden"}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

// Google's own SDK reads what we write: parts, a keep-alive before the first
// event, the end, an error in the middle.
func TestGenaiReadsStreams(t *testing.T) {
	events := []llm.Event{
		{Kind: llm.EventOpen},
		{Kind: llm.EventPartOpen, Part: &llm.Part{Kind: llm.KindReasoning}},
		{Kind: llm.EventDelta, Text: "hm"},
		{Kind: llm.EventPartClose},
		{Kind: llm.EventPartOpen, Index: 1, Part: &llm.Part{Kind: llm.KindText}},
		{Kind: llm.EventDelta, Index: 1, Text: "hello\n"},
		{Kind: llm.EventDelta, Index: 1, Citation: &llm.Citation{Start: 0, End: 5, URL: "https://a", Title: "A"}},
		{Kind: llm.EventPartClose, Index: 1},
		{Kind: llm.EventPartOpen, Index: 2, Part: &llm.Part{Kind: llm.KindCall, Call: &llm.Call{ID: "c1", Name: "f"}, Seal: &llm.Seal{Issuer: llm.IssuerGoogle, Data: "c2ln"}}},
		{Kind: llm.EventDelta, Index: 2, Args: "{\n \"a\":"},
		{Kind: llm.EventDelta, Index: 2, Args: "1}"},
		{Kind: llm.EventPartClose, Index: 2},
		{Kind: llm.EventMeter, Usage: &llm.Usage{Input: 3, Output: 4}},
		{Kind: llm.EventClose, Close: &llm.Close{Reason: llm.ReasonTool}},
	}
	var failAt int
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		enc := Client{}.NewStreamEncoder(protocoltest.Reply(nil), nil)
		w.Header().Set("Content-Type", enc.ContentType())
		out := enc.KeepAlive(nil)
		for i, ev := range events {
			if failAt > 0 && i == failAt {
				w.Write(enc.Error(out, fault.New(fault.Overloaded, "busy")))
				return
			}
			out, _ = enc.Encode(out, ev)
			out = enc.KeepAlive(out)
		}
		w.Write(enc.End(out))
	}))
	defer srv.Close()
	client, err := genai.NewClient(t.Context(), &genai.ClientConfig{APIKey: "AIza-fake", Backend: genai.BackendGeminiAPI, HTTPClient: srv.Client(), HTTPOptions: genai.HTTPOptions{BaseURL: srv.URL}})
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	read := func() (last error) {
		got.Reset()
		for resp, err := range client.Models.GenerateContentStream(t.Context(), "m", genai.Text("hi"), nil) {
			if err != nil {
				return err
			}
			for _, c := range resp.Candidates {
				if c.Content != nil {
					for _, p := range c.Content.Parts {
						fmt.Fprintf(&got, "%v%s;", p.Thought, p.Text)
						if p.FunctionCall != nil {
							fmt.Fprintf(&got, "%s %v %s;", p.FunctionCall.Name, p.FunctionCall.Args, p.ThoughtSignature)
						}
					}
				}
				if c.FinishReason != "" {
					fmt.Fprintf(&got, "%s %d %s;", c.FinishReason, resp.UsageMetadata.TotalTokenCount, c.GroundingMetadata.GroundingChunks[0].Web.URI)
				}
			}
		}
		return nil
	}
	if err := read(); err != nil {
		t.Fatal(err)
	}
	if want := "truehm;falsehello\n;false;f map[a:1] sig;STOP 7 https://a;"; got.String() != want {
		t.Errorf("got %q", got.String())
	}
	failAt = 5
	if err := read(); err == nil || !strings.Contains(err.Error(), "busy") {
		t.Errorf("error %v after %q", err, got.String())
	}
}

func TestStreamForms(t *testing.T) {
	reply := protocoltest.Reply(nil)
	for _, tc := range []struct {
		sse  bool
		run  func(protocol.StreamEncoder) []byte
		want string
	}{
		{true, func(e protocol.StreamEncoder) []byte { return e.KeepAlive(nil) }, "\r\n\r\n"},
		{true, func(e protocol.StreamEncoder) []byte { return e.End(nil) }, ""},
		{false, func(e protocol.StreamEncoder) []byte { return e.End(nil) }, "[]"},
		{false, func(e protocol.StreamEncoder) []byte {
			return e.Error(e.KeepAlive(nil), fault.New(fault.Timeout, "late"))
		},
			"\r\n" + `[{"error":{"code":504,"message":"late","status":"DEADLINE_EXCEEDED","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"timeout","domain":"antigravity-tools"},{"@type":"type.googleapis.com/google.rpc.RequestInfo","requestId":"req_test"}]}}]`},
		{true, func(e protocol.StreamEncoder) []byte {
			out, _ := e.Encode(nil, llm.Event{Kind: llm.EventOpen})
			out, _ = e.Encode(out, llm.Event{Kind: llm.EventClose, Close: &llm.Close{Reason: llm.ReasonLength}})
			return e.End(out)
		}, `data: {"candidates":[{"content":{"parts":[{"text":""}],"role":"model"},"finishReason":"MAX_TOKENS","index":0}],"modelVersion":"asked-model","responseId":"0000000000000000000000"}` + "\r\n\r\n"},
	} {
		reply.SSE = tc.sse
		if got := string(tc.run(Client{}.NewStreamEncoder(reply, nil))); got != tc.want {
			t.Errorf("got %q\nwant %q", got, tc.want)
		}
	}
}

// A call that was cut off by the limit is left out, and recorded.
func TestCallCutOff(t *testing.T) {
	resp := &llm.Response{Choices: []llm.Choice{{Parts: []llm.Part{{Kind: llm.KindCall, Call: &llm.Call{Name: "f", Args: `{"a":`}}}, Close: llm.Close{Reason: llm.ReasonLength}}}}
	var losses llm.Losses
	out, err := Client{}.EncodeResponse(resp, protocoltest.Reply(nil), &losses)
	if err != nil || bytes.Contains(out, []byte("functionCall")) || losses.Len() != 1 || losses.List()[0].Code != "call.truncated" {
		t.Errorf("%s %v %v", out, err, losses.List())
	}
}

func TestUsageRules(t *testing.T) {
	for in, want := range map[string]llm.Usage{
		`{"promptTokenCount":5000,"cachedContentTokenCount":4096,"toolUsePromptTokenCount":300,"candidatesTokenCount":200,"thoughtsTokenCount":800,"totalTokenCount":6300}`: {Input: 1204, CacheRead: 4096, Output: 200, Reasoning: 800, ReasoningKnown: true},
		`{"promptTokenCount":100,"candidatesTokenCount":900,"thoughtsTokenCount":700,"totalTokenCount":1000}`:                                                               {Input: 100, Output: 200, Reasoning: 700, ReasoningKnown: true},
		`{"promptTokenCount":"7","candidatesTokenCount":1}`:  {Input: 7, Output: 1},
		`{"promptTokenCount":1,"cachedContentTokenCount":9}`: {CacheRead: 9},
	} {
		got, _, err := decodeUsage([]byte(in))
		if err != nil || *got != want {
			t.Errorf("%s: %+v %v", in, got, err)
		}
	}
}
