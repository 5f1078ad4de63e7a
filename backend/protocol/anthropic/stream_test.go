package anthropic_test

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
		events := protocoltest.Events(t, protocoltest.Shape{Custom: true})
		req := &llm.Request{SealsInBand: rapid.Bool().Draw(t, "inBand")}
		if rapid.Bool().Draw(t, "omit") {
			req.Reasoning.Visible = llm.VisibleOmit
		}
		checkStream(t, req, events)
	})
}

func checkStream(t interface{ Fatalf(string, ...any) }, req *llm.Request, events []llm.Event) *message {
	resp := protocoltest.Collect(t, events)
	stream := protocoltest.Stream(t, codec.NewStreamEncoder(protocoltest.Reply(req), nil), events)
	body, err := codec.EncodeResponse(resp, protocoltest.Reply(req), nil)
	if err != nil {
		t.Fatalf("%v", err)
	}
	whole := &message{}
	if err := json.Unmarshal(body, whole); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	gathered, err := gather(stream)
	if err != nil {
		t.Fatalf("%v\n%s", err, stream)
	}
	if d := cmp.Diff(whole, gathered); d != "" {
		t.Fatalf("whole and stream differ:\n%s\n%s\n%s", d, body, stream)
	}
	switch *whole.StopReason {
	case "end_turn", "max_tokens", "stop_sequence", "tool_use", "pause_turn", "refusal", "model_context_window_exceeded":
	default:
		t.Fatalf("foreign stop_reason %q", *whole.StopReason)
	}
	checkOrder(t, whole)
	return whole
}

// checkOrder: no thought text is shown behind text.
func checkOrder(t interface{ Fatalf(string, ...any) }, m *message) {
	text := false
	for i, b := range m.Content {
		text = text || b.Type == "text"
		if text && b.Type == "thinking" && b.Thinking != "" {
			t.Fatalf("block %d: thinking behind text", i)
		}
	}
}

func replay(resp *llm.Response) (events []llm.Event) {
	for ev := range llm.Replay(resp) {
		events = append(events, ev)
	}
	return events
}

func respond(reason llm.Reason, parts ...llm.Part) []llm.Event {
	return replay(&llm.Response{Choices: []llm.Choice{{Parts: parts, Close: llm.Close{Reason: reason}}}})
}

// kinds lists the blocks of a reply in short.
func kinds(m *message) string {
	var out []string
	for _, b := range m.Content {
		s := b.Type
		switch b.Type {
		case "thinking":
			s += "(" + b.Thinking + "|" + b.Signature + ")"
		case "text":
			s += "(" + b.Text + ")"
		case "redacted_thinking":
			s += "(" + b.Data + ")"
		case "tool_use":
			s += "(" + b.Name + " " + string(b.Input) + ")"
		}
		out = append(out, s)
	}
	return strings.Join(out, " ")
}

func TestSeals(t *testing.T) {
	google := &llm.Seal{Issuer: llm.IssuerGoogle, Model: "g", Realm: "r", Data: "GS"}
	openAI := &llm.Seal{Issuer: llm.IssuerOpenAI, Model: "o", Data: "OS"}
	own := &llm.Seal{Issuer: llm.IssuerAnthropic, Data: "AS"}
	thought := func(s string, seal *llm.Seal) llm.Part {
		return llm.Part{Kind: llm.KindReasoning, Text: s, Seal: seal}
	}
	call := func(name string, seal *llm.Seal) llm.Part {
		return llm.Part{Kind: llm.KindCall, Seal: seal, Call: &llm.Call{Kind: llm.CallFunction, ID: name, Name: name}}
	}
	text := llm.TextPart("x")
	e0, e1 := google.Envelope("call:0"), google.Envelope("call:1")
	table := []struct {
		name   string
		inBand bool
		parts  []llm.Part
		want   string
	}{
		{"on the thought just before", true, []llm.Part{thought("t", nil), call("a", google)}, "thinking(t|" + e0 + ") tool_use(a {})"},
		{"on an empty thought", true, []llm.Part{call("a", google)}, "thinking(|" + e0 + ") tool_use(a {})"},
		{"behind text", true, []llm.Part{thought("t", nil), text, call("a", google)}, "thinking(t|) text(x) thinking(|" + e0 + ") tool_use(a {})"},
		{"second call", true, []llm.Part{call("a", nil), call("b", google)}, "tool_use(a {}) thinking(|" + e1 + ") tool_use(b {})"},
		{"not asked for", false, []llm.Part{thought("t", nil), call("a", google)}, "thinking(t|) tool_use(a {})"},
		{"own", false, []llm.Part{thought("t", own), call("a", nil)}, "thinking(t|AS) tool_use(a {})"},
		{"own without text", false, []llm.Part{thought("", own), text}, "thinking(|AS) text(x)"},
		{"foreign on reasoning", true, []llm.Part{thought("t", openAI), text}, "thinking(t|" + openAI.Envelope("reasoning") + ") text(x)"},
		{"foreign on reasoning, not asked for", false, []llm.Part{thought("t", openAI), text}, "thinking(t|) text(x)"},
		{"signed thought, then a sealed call", true, []llm.Part{thought("t", own), call("a", google)}, "thinking(t|AS) thinking(|" + e0 + ") tool_use(a {})"},
		{"redacted", false, []llm.Part{thought("", &llm.Seal{Issuer: llm.IssuerAnthropic, Data: "RD", Redacted: true}), text}, "redacted_thinking(RD) text(x)"},
		{"late", true, []llm.Part{text, thought("late", nil), call("a", nil)}, "text(x) tool_use(a {})"},
		{"two thoughts", true, []llm.Part{thought("t", nil), thought("u", nil), text}, "thinking(t|) thinking(u|) text(x)"},
		{"nothing but a thought", true, []llm.Part{thought("t", nil)}, "thinking(t|)"},
	}
	for _, row := range table {
		got := kinds(checkStream(t, &llm.Request{SealsInBand: row.inBand}, respond(llm.ReasonTool, row.parts...)))
		if got != row.want {
			t.Errorf("%s:\n%s\nwant\n%s", row.name, got, row.want)
		}
	}
}

func TestCitations(t *testing.T) {
	own := llm.Native{Protocol: llm.Anthropic, Rest: []byte(`{"type":"char_location","cited_text":"c","document_index":0}`)}
	got := checkStream(t, nil, respond(llm.ReasonEnd, llm.Part{Kind: llm.KindText, Text: "x", Citations: []llm.Citation{
		{URL: "https://a", Title: "A", Cited: "c"}, {URL: "https://b"}, {Native: own}, {Cited: "nowhere"},
	}}))
	var cites []string
	for _, c := range got.Content[0].Citations {
		cites = append(cites, string(c))
	}
	want := []string{
		`{"type":"web_search_result_location","url":"https://a","title":"A","cited_text":"c","encrypted_index":""}`,
		`{"type":"web_search_result_location","url":"https://b","title":"https://b","cited_text":"","encrypted_index":""}`,
		string(own.Rest),
	}
	if d := cmp.Diff(want, cites); d != "" {
		t.Error(d)
	}
}

func TestThinkingHidden(t *testing.T) {
	google := &llm.Seal{Issuer: llm.IssuerGoogle, Data: "GS"}
	events := respond(llm.ReasonTool,
		llm.Part{Kind: llm.KindReasoning, Text: "secret"},
		llm.Part{Kind: llm.KindCall, Seal: google, Call: &llm.Call{ID: "a", Name: "a"}})
	omit := &llm.Request{SealsInBand: true, Reasoning: llm.Reasoning{Mode: llm.ReasoningOn, Visible: llm.VisibleOmit}}
	if got, want := kinds(checkStream(t, omit, events)), "thinking(|"+google.Envelope("call:0")+") tool_use(a {})"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	off := &llm.Request{Reasoning: llm.Reasoning{Mode: llm.ReasoningOff}}
	if got := kinds(checkStream(t, off, events)); got != "tool_use(a {})" {
		t.Error(got)
	}
}

func TestStopReasons(t *testing.T) {
	for reason, want := range map[llm.Reason]string{
		llm.ReasonEnd: "end_turn", llm.ReasonStopSequence: "stop_sequence", llm.ReasonTool: "tool_use", llm.ReasonLength: "max_tokens",
		llm.ReasonContext: "model_context_window_exceeded", llm.ReasonFilter: "refusal", llm.ReasonRecitation: "refusal",
		llm.ReasonPause: "pause_turn", "unheard of": "end_turn",
	} {
		if got := *checkStream(t, nil, respond(reason, llm.TextPart("x"))).StopReason; got != want {
			t.Errorf("%s: %s, want %s", reason, got, want)
		}
	}
	refusal := llm.Part{Kind: llm.KindText, Text: "No.", Refusal: true}
	got := checkStream(t, nil, respond(llm.ReasonEnd, refusal))
	if *got.StopReason != "refusal" || string(got.StopDetails) != `{"type":"refusal","category":null,"explanation":"No."}` {
		t.Errorf("%s %s", *got.StopReason, got.StopDetails)
	}
	events := replay(&llm.Response{Choices: []llm.Choice{{Close: llm.Close{Reason: llm.ReasonStopSequence, StopSequence: "END", Detail: "STOP"}}}})
	if got := checkStream(t, nil, events); got.StopSequence == nil || *got.StopSequence != "END" {
		t.Errorf("%v", got.StopSequence)
	}
}

// message_start tells the input tokens: the upstream's if it reported them at
// once, else our estimate; the end tells the true ones (pitfall C5).
func TestStartUsage(t *testing.T) {
	start := func(events []llm.Event) string {
		enc := codec.NewStreamEncoder(protocoltest.Reply(nil), nil)
		out := string(protocoltest.Stream(t, enc, events))
		_, rest, _ := strings.Cut(out, `"usage":`)
		usage, _, _ := strings.Cut(rest, "}}")
		return usage
	}
	text := respond(llm.ReasonEnd, llm.TextPart("x"))
	if got := start(text); !strings.Contains(got, `"input_tokens":77`) || !strings.HasSuffix(got, `"output_tokens":0`) {
		t.Error(got)
	}
	meter := llm.Event{Kind: llm.EventMeter, Usage: &llm.Usage{Input: 5, CacheRead: 6, Output: 9}}
	early := append([]llm.Event{text[0], meter}, text[1:]...)
	if got := start(early); !strings.Contains(got, `"input_tokens":5,"cache_creation_input_tokens":0,"cache_read_input_tokens":6,"output_tokens":0`) {
		t.Error(got)
	}
}

func TestUsageTable(t *testing.T) {
	resp := &llm.Response{Choices: []llm.Choice{{Close: llm.Close{Reason: llm.ReasonEnd}}}, Usage: &llm.Usage{
		Input: 12, CacheRead: 9000, CacheWrite: 500, CacheLong: 100, Output: 230, Reasoning: 120, ReasoningKnown: true,
	}}
	want := `{"input_tokens":12,"cache_creation_input_tokens":500,"cache_read_input_tokens":9000,` +
		`"cache_creation":{"ephemeral_5m_input_tokens":400,"ephemeral_1h_input_tokens":100},` +
		`"output_tokens":350,"output_tokens_details":{"thinking_tokens":120}}`
	if got := string(checkStream(t, nil, replay(resp)).Usage); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// Only the first choice exists here, and a part that nobody closed in the
// stream does not break it.
func TestForeignChoice(t *testing.T) {
	resp := &llm.Response{Choices: []llm.Choice{
		{Parts: []llm.Part{llm.TextPart("a")}, Close: llm.Close{Reason: llm.ReasonEnd}},
		{Parts: []llm.Part{llm.TextPart("b")}, Close: llm.Close{Reason: llm.ReasonLength}},
	}}
	if got := checkStream(t, nil, replay(resp)); kinds(got) != "text(a)" || *got.StopReason != "end_turn" {
		t.Error(kinds(got), *got.StopReason)
	}
}

func TestStreamError(t *testing.T) {
	enc := codec.NewStreamEncoder(protocoltest.Reply(nil), nil)
	out := string(enc.Error(enc.KeepAlive(nil), fault.New(fault.Overloaded, "no capacity").WithCode("no_usable_account")))
	want := "event: ping\ndata: {\"type\":\"ping\"}\n\n" +
		"event: error\ndata: " + `{"type":"error","error":{"type":"overloaded_error","message":"no capacity","details":{"error_code":"no_usable_account"}},"request_id":"req_test"}` + "\n\n"
	if d := cmp.Diff(want, out); d != "" {
		t.Error(d)
	}
	if enc.ContentType() != "text/event-stream" {
		t.Error(enc.ContentType())
	}
}

func TestLosses(t *testing.T) {
	events := respond(llm.ReasonEnd,
		llm.Part{Kind: llm.KindOpaque},
		llm.Part{Kind: llm.KindMedia, Media: &llm.Media{MIME: "image/png", Data: "QQ=="}},
		llm.Part{Kind: llm.KindCode, Code: &llm.Code{Text: "1"}},
		llm.Part{Kind: llm.KindText, Text: "x", Citations: []llm.Citation{{Cited: "no url"}}},
		llm.Part{Kind: llm.KindReasoning, Text: "late"},
		llm.Part{Kind: llm.KindCall, Call: &llm.Call{ID: "c", Name: "f", Args: `{"cut`}})
	losses := &llm.Losses{}
	resp := protocoltest.Collect(t, events)
	if _, err := codec.EncodeResponse(resp, protocoltest.Reply(nil), losses); err != nil {
		t.Fatal(err)
	}
	want := "loss dropped opaque content[0]\n" +
		"loss adapted media.out content[1] image/png\n" +
		"loss adapted code content[2]\n" +
		"loss dropped citation content[3]\n" +
		"loss adapted call.truncated content[3].input\n" +
		"loss dropped reasoning.late content[4]\n"
	if d := cmp.Diff(want, protocoltest.DumpLosses(losses)); d != "" {
		t.Error(d)
	}
}

func TestErrors(t *testing.T) {
	table := []struct {
		err    *fault.Error
		status int
		kind   string
	}{
		{fault.Invalid("", "bad"), 400, "invalid_request_error"},
		{fault.New(fault.Unauthenticated, "bad"), 401, "authentication_error"},
		{fault.New(fault.Forbidden, "bad"), 403, "permission_error"},
		{fault.New(fault.NotFound, "bad"), 404, "not_found_error"},
		{fault.New(fault.TooLarge, "bad"), 413, "request_too_large"},
		{fault.New(fault.RateLimited, "bad"), 429, "rate_limit_error"},
		{fault.New(fault.QuotaExhausted, "bad"), 429, "rate_limit_error"},
		{fault.New(fault.Overloaded, "bad"), 529, "overloaded_error"},
		{fault.New(fault.Overloaded, "bad").WithStatus(503), 503, "overloaded_error"},
		{fault.New(fault.UpstreamAuth, "bad"), 503, "api_error"},
		{fault.New(fault.UpstreamInvalid, "bad"), 502, "api_error"},
		{fault.New(fault.UpstreamProtocol, "bad"), 502, "api_error"},
		{fault.New(fault.Timeout, "bad"), 504, "timeout_error"},
		{fault.New(fault.Internal, "bad"), 500, "api_error"},
	}
	for _, row := range table {
		status, body := codec.EncodeError(row.err, "req_1")
		want := `{"type":"error","error":{"type":"` + row.kind + `","message":"bad"},"request_id":"req_1"}`
		if status != row.status || string(body) != want {
			t.Errorf("%s: %d %s, want %d %s", row.err.Class, status, body, row.status, want)
		}
	}
	if _, body := codec.EncodeError(fault.Invalid("tools[0]", "bad"), "r"); !strings.Contains(string(body), `"message":"tools[0]: bad"`) {
		t.Errorf("the field is not named: %s", body)
	}
	_, body := codec.EncodeError(fault.New(fault.InvalidRequest, "9 > 8").WithCode("context_length_exceeded"), "")
	want := `{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 9 > 8","details":{"error_code":"context_length_exceeded"}}}`
	if string(body) != want {
		t.Errorf("%s", body)
	}
	if got := string(codec.EncodeCount(llm.Usage{Input: 3, CacheRead: 4})); got != `{"input_tokens":7}` {
		t.Error(got)
	}
}
