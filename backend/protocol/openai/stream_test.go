package openai_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol/protocoltest"
)

// The whole reply is what a client gathers from the stream, whatever the
// events are and however parts overlap (mapping rules, section 19, law 8).
func TestStreamEqualsWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events := protocoltest.Events(t, protocoltest.Shape{Choices: 3, Logprobs: true, Custom: true})
		req := &llm.Request{StreamUsage: rapid.Bool().Draw(t, "usage")}
		if rapid.Bool().Draw(t, "old") {
			req.Native = llm.Native{Protocol: llm.OpenAIChat, Rest: []byte(`{"functions":[]}`)}
		}
		checkStream(t, req, events)
	})
}

func checkStream(t interface{ Fatalf(string, ...any) }, req *llm.Request, events []llm.Event) *completion {
	resp := protocoltest.Collect(t, events)
	stream := protocoltest.Stream(t, codec.NewStreamEncoder(protocoltest.Reply(req), nil), events)
	body, err := codec.EncodeResponse(resp, protocoltest.Reply(req), nil)
	if err != nil {
		t.Fatalf("%v", err)
	}
	whole, err := decodeWhole(body)
	if err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	gathered, err := accumulate(stream, req.StreamUsage)
	if err != nil {
		t.Fatalf("%v\n%s", err, stream)
	}
	if !req.StreamUsage {
		gathered.Usage = whole.Usage
	}
	if d := cmp.Diff(whole.normal(), gathered.normal()); d != "" {
		t.Fatalf("whole and stream differ:\n%s\n%s\n%s", d, body, stream)
	}
	checkWhole(t, body)
	return whole
}

// checkWhole checks what typed clients rely on beyond the values.
func checkWhole(t interface{ Fatalf(string, ...any) }, body []byte) {
	var shape struct {
		Object  string
		Choices []struct {
			Message map[string]json.RawMessage
			Rest    map[string]json.RawMessage `json:"-"`
			Finish  string                     `json:"finish_reason"`
		}
	}
	if err := json.Unmarshal(body, &shape); err != nil || shape.Object != "chat.completion" {
		t.Fatalf("%v, object %q", err, shape.Object)
	}
	for _, ch := range shape.Choices {
		for _, key := range []string{"role", "content", "refusal"} {
			if _, ok := ch.Message[key]; !ok {
				t.Fatalf("the message lacks %q: %s", key, body)
			}
		}
		switch ch.Finish {
		case "stop", "length", "tool_calls", "content_filter", "function_call":
		default:
			t.Fatalf("foreign finish_reason %q", ch.Finish)
		}
	}
}

func TestStreamErrorFrame(t *testing.T) {
	enc := codec.NewStreamEncoder(protocoltest.Reply(&llm.Request{}), nil)
	out := string(enc.Error(enc.KeepAlive(nil), fault.New(fault.Overloaded, "no capacity")))
	want := ": ping\n\n" +
		`data: {"error":{"message":"no capacity","type":"server_error","param":null,"code":"overloaded"}}` +
		"\n\ndata: [DONE]\n\n"
	if d := cmp.Diff(want, out); d != "" {
		t.Error(d)
	}
	if enc.ContentType() != "text/event-stream" {
		t.Error(enc.ContentType())
	}
}

// A deprecated client sees one function_call and its own finish reason.
func TestOldForm(t *testing.T) {
	call := func(name string) llm.Part {
		return llm.Part{Kind: llm.KindCall, Call: &llm.Call{Kind: llm.CallFunction, ID: name, Name: name, Args: `{"a":1}`}}
	}
	req := &llm.Request{Native: llm.Native{Protocol: llm.OpenAIChat, Rest: []byte(`{"functions":[]}`)}}
	events := replay(&llm.Response{Choices: []llm.Choice{{
		Parts: []llm.Part{call("f"), call("g")}, Close: llm.Close{Reason: llm.ReasonTool},
	}}})
	got := checkStream(t, req, events).Choices[0]
	if *got.Finish != "function_call" || got.Message.FunctionCall.Name != "f" || got.Message.FunctionCall.Arguments != `{"a":1}` || got.Message.ToolCalls != nil {
		t.Errorf("%+v", got)
	}
}

// A Google seal travels on the call, also when it comes late; seals of others
// have no place.
func TestSealOnCall(t *testing.T) {
	open := func(i int, seal *llm.Seal) llm.Event {
		return llm.Event{Kind: llm.EventPartOpen, Index: i, Part: &llm.Part{
			Kind: llm.KindCall, Seal: seal, Call: &llm.Call{Kind: llm.CallFunction, ID: "c", Name: "f"},
		}}
	}
	late := llm.Event{Kind: llm.EventDelta, Index: 1, Seal: &llm.Seal{Issuer: llm.IssuerGoogle, Data: "late"}}
	events := []llm.Event{
		{Kind: llm.EventOpen},
		open(0, &llm.Seal{Issuer: llm.IssuerGoogle, Data: "early"}), {Kind: llm.EventPartClose, Index: 0},
		open(1, nil), late, {Kind: llm.EventPartClose, Index: 1},
		open(2, &llm.Seal{Issuer: llm.IssuerAnthropic, Data: "foreign"}), {Kind: llm.EventPartClose, Index: 2},
		{Kind: llm.EventClose, Close: &llm.Close{Reason: llm.ReasonTool}},
	}
	calls := checkStream(t, &llm.Request{}, events).Choices[0].Message.ToolCalls
	for i, want := range []string{`{"google":{"thought_signature":"early"}}`, `{"google":{"thought_signature":"late"}}`, ""} {
		if got := string(calls[i].Extra); got != want {
			t.Errorf("call %d: %s, want %s", i, got, want)
		}
	}
}

func TestContentJoins(t *testing.T) {
	text := llm.TextPart
	table := []struct {
		name  string
		parts []llm.Part
		want  string
	}{
		{"neighbours", []llm.Part{text("a"), text("b")}, "ab"},
		{"across a call", []llm.Part{text("a"), {Kind: llm.KindCall, Call: &llm.Call{ID: "c", Name: "f"}}, text("b")}, "a\n\nb"},
		{"image", []llm.Part{text("see"), {Kind: llm.KindMedia, Media: &llm.Media{MIME: "image/png", Data: "QQ=="}}, text("done")},
			"see\n\n![image](data:image/png;base64,QQ==)\n\ndone"},
		{"code", []llm.Part{{Kind: llm.KindCode, Code: &llm.Code{Language: "python", Text: "print(1)\n"}}, {Kind: llm.KindCode, Code: &llm.Code{Output: true, Text: "1"}}},
			"```python\nprint(1)\n```\n\n```output\n1\n```"},
		{"opaque", []llm.Part{{Kind: llm.KindOpaque}, text("a")}, "a"},
	}
	for _, row := range table {
		resp := &llm.Response{Choices: []llm.Choice{{Parts: row.parts, Close: llm.Close{Reason: llm.ReasonEnd}}}}
		got := checkStream(t, &llm.Request{}, replay(resp)).Choices[0].Message.Content
		if got == nil || *got != row.want {
			t.Errorf("%s: %v, want %q", row.name, got, row.want)
		}
	}
}

// Citations count runes of the whole content, wherever their part begins.
func TestAnnotations(t *testing.T) {
	cited := llm.Part{Kind: llm.KindText, Text: "日本 is far", Citations: []llm.Citation{
		{URL: "https://a", Title: "A"}, {Start: 0, End: 2, URL: "https://b"}, {Cited: "no url"},
	}}
	resp := &llm.Response{Choices: []llm.Choice{{Parts: []llm.Part{llm.TextPart("🙂 "), cited}, Close: llm.Close{Reason: llm.ReasonEnd}}}}
	var got []string
	for _, a := range checkStream(t, &llm.Request{}, replay(resp)).Choices[0].Message.Annotations {
		got = append(got, string(a))
	}
	want := []string{
		`{"type":"url_citation","url_citation":{"start_index":2,"end_index":11,"url":"https://a","title":"A"}}`,
		`{"type":"url_citation","url_citation":{"start_index":2,"end_index":4,"url":"https://b","title":""}}`,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// The blank line before a part counts, and a refusal has no annotations.
func TestAnnotationsAfterGap(t *testing.T) {
	cite := []llm.Citation{{URL: "https://a", Title: "A"}}
	resp := &llm.Response{Choices: []llm.Choice{{Close: llm.Close{Reason: llm.ReasonEnd}, Parts: []llm.Part{
		llm.TextPart("ab"), {Kind: llm.KindCall, Call: &llm.Call{ID: "c", Name: "f"}},
		{Kind: llm.KindText, Text: "xyz", Citations: cite},
		{Kind: llm.KindText, Text: "no", Refusal: true, Citations: cite},
	}}}}
	m := checkStream(t, &llm.Request{}, replay(resp)).Choices[0].Message
	want := `{"type":"url_citation","url_citation":{"start_index":4,"end_index":7,"url":"https://a","title":"A"}}`
	if len(m.Annotations) != 1 || string(m.Annotations[0]) != want || *m.Content != "ab\n\nxyz" || *m.Refusal != "no" {
		t.Errorf("%s %q", m.Annotations, *m.Content)
	}
}

func TestFinishAndRefusal(t *testing.T) {
	for reason, want := range map[llm.Reason]string{
		llm.ReasonEnd: "stop", llm.ReasonStopSequence: "stop", llm.ReasonTool: "tool_calls", llm.ReasonLength: "length",
		llm.ReasonContext: "length", llm.ReasonFilter: "content_filter", llm.ReasonRecitation: "content_filter",
		llm.ReasonPause: "length", "unheard of": "stop",
	} {
		resp := &llm.Response{Choices: []llm.Choice{{Parts: []llm.Part{llm.TextPart("x")}, Close: llm.Close{Reason: reason}}}}
		if got := *checkStream(t, &llm.Request{}, replay(resp)).Choices[0].Finish; got != want {
			t.Errorf("%s: %s, want %s", reason, got, want)
		}
	}
	bare := &llm.Response{Choices: []llm.Choice{{Close: llm.Close{Reason: llm.ReasonFilter}}}}
	if got := checkStream(t, &llm.Request{}, replay(bare)).Choices[0].Message.Refusal; got == nil || *got != "The model declined to answer." {
		t.Errorf("refusal %v", got)
	}
	explained := &llm.Response{Choices: []llm.Choice{{Close: llm.Close{Reason: llm.ReasonFilter, Native: llm.Native{
		Protocol: llm.Anthropic, Rest: []byte(`{"stop_details":{"explanation":"Because."}}`),
	}}}}}
	if got := checkStream(t, &llm.Request{}, replay(explained)).Choices[0].Message.Refusal; got == nil || *got != "Because." {
		t.Errorf("refusal %v", got)
	}
}

// Reasoning is shown in one channel, and not at all to those who do not want
// it.
func TestReasoningVisibility(t *testing.T) {
	resp := &llm.Response{Choices: []llm.Choice{{Parts: []llm.Part{
		{Kind: llm.KindReasoning, Text: "one"}, {Kind: llm.KindReasoning, Text: "two"}, llm.TextPart("x"),
	}, Close: llm.Close{Reason: llm.ReasonEnd}}}}
	if got := checkStream(t, &llm.Request{}, replay(resp)).Choices[0].Message.Reasoning; got != "one\n\ntwo" {
		t.Errorf("%q", got)
	}
	hidden := &llm.Request{Reasoning: llm.Reasoning{Visible: llm.VisibleOmit}}
	if got := checkStream(t, hidden, replay(resp)).Choices[0].Message.Reasoning; got != "" {
		t.Errorf("%q", got)
	}
}

func TestLosses(t *testing.T) {
	resp := &llm.Response{Choices: []llm.Choice{{Parts: []llm.Part{
		{Kind: llm.KindOpaque},
		{Kind: llm.KindMedia, Media: &llm.Media{MIME: "image/png", Data: "QQ=="}},
		{Kind: llm.KindCode, Code: &llm.Code{Text: "1"}},
		{Kind: llm.KindText, Text: "x", Citations: []llm.Citation{{Cited: "no url"}}},
	}, Close: llm.Close{Reason: llm.ReasonEnd}}}}
	losses := &llm.Losses{}
	if _, err := codec.EncodeResponse(resp, protocoltest.Reply(nil), losses); err != nil {
		t.Fatal(err)
	}
	want := "loss dropped opaque choices[0].parts[0]\n" +
		"loss adapted media.out choices[0].parts[1] image/png\n" +
		"loss adapted code choices[0].parts[2]\n" +
		"loss dropped citation choices[0].parts[3]\n"
	if d := cmp.Diff(want, protocoltest.DumpLosses(losses)); d != "" {
		t.Error(d)
	}
}

func replay(resp *llm.Response) (events []llm.Event) {
	for ev := range llm.Replay(resp) {
		events = append(events, ev)
	}
	return events
}

func TestErrors(t *testing.T) {
	table := []struct {
		err    *fault.Error
		status int
		want   string
	}{
		{fault.Invalid("messages[0].content", "bad"), 400, `"type":"invalid_request_error","param":"messages[0].content","code":null`},
		{fault.New(fault.InvalidRequest, "bad").WithCode("context_length_exceeded"), 400, `"type":"invalid_request_error","param":null,"code":"context_length_exceeded"`},
		{fault.New(fault.Unauthenticated, "bad"), 401, `"type":"invalid_request_error","param":null,"code":"invalid_api_key"`},
		{fault.New(fault.Forbidden, "bad"), 403, `"type":"invalid_request_error","param":null,"code":"permission_denied"`},
		{fault.New(fault.NotFound, "bad"), 404, `"type":"invalid_request_error","param":null,"code":"model_not_found"`},
		{fault.New(fault.NotFound, "bad").WithCode("unknown_route"), 404, `"type":"invalid_request_error","param":null,"code":"unknown_route"`},
		{fault.New(fault.TooLarge, "bad"), 413, `"type":"invalid_request_error","param":null,"code":"request_too_large"`},
		{fault.New(fault.RateLimited, "bad"), 429, `"type":"rate_limit_error","param":null,"code":"rate_limit_exceeded"`},
		{fault.New(fault.QuotaExhausted, "bad"), 429, `"type":"insufficient_quota","param":null,"code":"insufficient_quota"`},
		{fault.New(fault.Overloaded, "bad"), 503, `"type":"server_error","param":null,"code":"overloaded"`},
		{fault.New(fault.UpstreamAuth, "bad"), 503, `"type":"server_error","param":null,"code":"upstream_auth"`},
		{fault.New(fault.UpstreamInvalid, "bad"), 502, `"type":"server_error","param":null,"code":"upstream_error"`},
		{fault.New(fault.UpstreamProtocol, "bad"), 502, `"type":"server_error","param":null,"code":"upstream_error"`},
		{fault.New(fault.Timeout, "bad"), 504, `"type":"server_error","param":null,"code":"timeout"`},
		{fault.New(fault.Internal, "bad"), 500, `"type":"server_error","param":null,"code":"internal_error"`},
		{fault.New(fault.Internal, "bad").WithStatus(501), 501, `"type":"server_error","param":null,"code":"internal_error"`},
	}
	for _, row := range table {
		status, body := codec.EncodeError(row.err, "req_1")
		want := `{"error":{"message":"bad",` + row.want + `}}`
		if status != row.status || string(body) != want {
			t.Errorf("%s: %d %s, want %d %s", row.err.Class, status, body, row.status, want)
		}
	}
	if got := string(codec.EncodeCount(llm.Usage{Input: 3, CacheRead: 4})); !strings.Contains(got, `"prompt_tokens":7`) {
		t.Error(got)
	}
}
