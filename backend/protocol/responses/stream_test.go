package responses_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/protocoltest"
)

// reply is a reply to req whose minted ids differ from each other and are the
// same for each reply.
func reply(req *llm.Request) protocol.Reply {
	r := protocoltest.Reply(req)
	count := 0
	r.Mint = func(n int, _ string) string {
		count++
		return fmt.Sprintf("%0*d", n, count)
	}
	return r
}

// The whole reply is the response object that ends the stream, byte for byte,
// whatever the events are and however parts overlap.
func TestStreamEqualsWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events := protocoltest.Events(t, protocoltest.Shape{Choices: 1, Logprobs: true, Custom: true})
		checkStream(t, drawRequest(t), events)
	})
}

func drawRequest(t *rapid.T) *llm.Request {
	req := &llm.Request{SealsInBand: rapid.Bool().Draw(t, "seals")}
	if rapid.Bool().Draw(t, "hide") {
		req.Reasoning.Visible = llm.VisibleOmit
	}
	if rapid.Bool().Draw(t, "code") {
		req.Tools = []llm.Tool{{Kind: llm.ToolServer, Builtin: llm.BuiltinCodeExecution}}
	}
	if rapid.Bool().Draw(t, "late") {
		req.Tools = append(req.Tools, llm.Tool{Kind: llm.ToolServer, Builtin: llm.BuiltinToolSearch})
	}
	if rapid.Bool().Draw(t, "echo") {
		req.Echo = []byte("{\"temperature\":0.30,\"tools\":[ {\n\"type\":\"function\"} ],\"metadata\":{\"a\":\"b\"}}")
	}
	return req
}

func checkStream(t interface{ Fatalf(string, ...any) }, req *llm.Request, events []llm.Event) *response {
	stream := protocoltest.Stream(t, codec.NewStreamEncoder(reply(req), nil), events)
	last, err := checkLaw(stream)
	if err != nil {
		t.Fatalf("%v\n%s", err, stream)
	}
	whole, err := codec.EncodeResponse(protocoltest.Collect(t, events), reply(req), nil)
	if err != nil {
		t.Fatalf("%v", err)
	}
	if d := cmp.Diff(string(whole), string(last)); d != "" {
		t.Fatalf("whole and stream differ:\n%s\n%s", d, stream)
	}
	r, err := parseResponse(whole)
	if err != nil {
		t.Fatalf("%v in %s", err, whole)
	}
	switch r.Status {
	case "completed", "incomplete":
	default:
		t.Fatalf("foreign status %q", r.Status)
	}
	return r
}

func whole(t *testing.T, req *llm.Request, reason llm.Reason, parts ...llm.Part) *response {
	t.Helper()
	resp := &llm.Response{Choices: []llm.Choice{{Parts: parts, Close: llm.Close{Reason: reason}}}}
	return checkStream(t, req, replay(resp))
}

func replay(resp *llm.Response) (events []llm.Event) {
	for ev := range llm.Replay(resp) {
		events = append(events, ev)
	}
	return events
}

func call(id, name, args string) llm.Part {
	return llm.Part{Kind: llm.KindCall, Call: &llm.Call{Kind: llm.CallFunction, ID: id, Name: name, Args: args}}
}

func types(r *response) (out []string) {
	for _, it := range r.items {
		out = append(out, it.Type)
	}
	return out
}

// Texts that follow each other share a message; anything else between makes a
// new item.
func TestItems(t *testing.T) {
	text, image := llm.TextPart, llm.Part{Kind: llm.KindMedia, Media: &llm.Media{MIME: "image/webp", Data: "UklGRg=="}}
	thought := llm.Part{Kind: llm.KindReasoning, Text: "hm"}
	code := llm.Part{Kind: llm.KindCode, Code: &llm.Code{Language: "python", Text: "1"}}
	audio := llm.Part{Kind: llm.KindMedia, Media: &llm.Media{MIME: "audio/wav", Data: "QQ=="}}
	table := []struct {
		name  string
		parts []llm.Part
		want  string
		texts string
	}{
		{"neighbours", []llm.Part{text("a"), text("b")}, "message", "a|b"},
		{"blank between", []llm.Part{text("a"), text(""), text("b")}, "message", "a|\n\nb"},
		{"only blank", []llm.Part{text("")}, "", ""},
		{"call between", []llm.Part{text("a"), call("c", "f", "{}"), text("b")}, "message function_call message", "a|b"},
		{"thought", []llm.Part{thought, text("a")}, "reasoning message", "a"},
		{"image", []llm.Part{text("see"), image, text("done")}, "message image_generation_call message", "see|done"},
		{"code", []llm.Part{text("run"), code, text("done")}, "message", "run|\n\n```python\n1\n```|\n\ndone"},
		{"sound", []llm.Part{audio}, "message", "[audio](data:audio/wav;base64,QQ==)"},
		{"opaque", []llm.Part{{Kind: llm.KindOpaque}, text("a")}, "message", "a"},
	}
	for _, row := range table {
		r := whole(t, &llm.Request{}, llm.ReasonEnd, row.parts...)
		if got := strings.Join(types(r), " "); got != row.want {
			t.Errorf("%s: items %q, want %q", row.name, got, row.want)
		}
		if got := strings.Join(texts(t, r), "|"); got != row.texts {
			t.Errorf("%s: texts %q, want %q", row.name, got, row.texts)
		}
	}
}

// A Google seal stands in a reasoning item before its call; the reasoning that
// is there already takes it.
func TestCallSeal(t *testing.T) {
	seal := &llm.Seal{Issuer: llm.IssuerGoogle, Model: "gemini-3", Realm: "r", Data: "S/+="}
	sealed := call("a", "f", "{}")
	sealed.Seal = seal
	own := llm.Part{Kind: llm.KindReasoning, Text: "hm", Seal: &llm.Seal{Issuer: llm.IssuerGoogle, Data: "own"}}
	thought := llm.Part{Kind: llm.KindReasoning, Text: "hm"}
	in := &llm.Request{SealsInBand: true}
	table := []struct {
		name  string
		req   *llm.Request
		parts []llm.Part
		want  string
		slots string
	}{
		{"alone", in, []llm.Part{sealed}, "reasoning function_call", "call:0"},
		{"after a thought", in, []llm.Part{thought, sealed}, "reasoning function_call", "call:0"},
		{"after a sealed thought", in, []llm.Part{own, sealed}, "reasoning reasoning function_call", "reasoning call:0"},
		{"after text", in, []llm.Part{thought, llm.TextPart("x"), sealed}, "reasoning message reasoning function_call", "call:0"},
		{"second call", in, []llm.Part{call("b", "g", "{}"), sealed}, "function_call reasoning function_call", "call:1"},
		{"not asked for", &llm.Request{}, []llm.Part{thought, sealed}, "reasoning function_call", ""},
		{"hidden thought", &llm.Request{SealsInBand: true, Reasoning: llm.Reasoning{Visible: llm.VisibleOmit}},
			[]llm.Part{thought, sealed}, "reasoning function_call", "call:0"},
	}
	for _, row := range table {
		r := whole(t, row.req, llm.ReasonTool, row.parts...)
		var slots []string
		for _, it := range r.items {
			if s, ok := llm.ParseEnvelope(it.Sealed); ok {
				slots = append(slots, s.Slot)
			} else if it.Sealed != "" {
				t.Errorf("%s: no envelope: %s", row.name, it.Sealed)
			}
		}
		if got := strings.Join(types(r), " "); got != row.want || strings.Join(slots, " ") != row.slots {
			t.Errorf("%s: %s with %v, want %s with %s", row.name, got, slots, row.want, row.slots)
		}
	}
}

// Seals of OpenAI stand as they are, others in an envelope, redacted thoughts
// in an item without text.
func TestReasoningSeal(t *testing.T) {
	r := whole(t, &llm.Request{SealsInBand: true}, llm.ReasonEnd,
		llm.Part{Kind: llm.KindReasoning, Text: "one", Seal: &llm.Seal{Issuer: llm.IssuerOpenAI, Data: "gAAAA"}},
		llm.Part{Kind: llm.KindReasoning, Text: "two", Seal: &llm.Seal{Issuer: llm.IssuerAnthropic, Data: "sig"}},
		llm.Part{Kind: llm.KindReasoning, Seal: &llm.Seal{Issuer: llm.IssuerAnthropic, Data: "red", Redacted: true}})
	if len(r.items) != 3 || r.items[0].Sealed != "gAAAA" || len(r.items[2].Summary) != 0 {
		t.Fatalf("%+v", r.items)
	}
	for i, slot := range []string{"reasoning", "redacted"} {
		if s, ok := llm.ParseEnvelope(r.items[i+1].Sealed); !ok || s.Slot != slot || s.Issuer != llm.IssuerAnthropic {
			t.Errorf("%+v", s)
		}
	}
}

// A late seal of a call cannot be shown any more: the client saw the call.
func TestLateCallSeal(t *testing.T) {
	losses := &llm.Losses{}
	enc := codec.NewStreamEncoder(reply(&llm.Request{SealsInBand: true}), losses)
	p := call("a", "f", "")
	stream := protocoltest.Stream(t, enc, []llm.Event{
		{Kind: llm.EventOpen}, {Kind: llm.EventPartOpen, Part: &p},
		{Kind: llm.EventDelta, Seal: &llm.Seal{Issuer: llm.IssuerGoogle, Data: "late"}},
		{Kind: llm.EventPartClose}, {Kind: llm.EventClose, Close: &llm.Close{Reason: llm.ReasonTool}},
	})
	if _, err := checkLaw(stream); err != nil {
		t.Fatal(err)
	}
	if got := protocoltest.DumpLosses(losses); got != "loss dropped reasoning.late parts[0]\n" {
		t.Error(got)
	}
}

func TestTrainedCalls(t *testing.T) {
	trained := func(tool, args string) llm.Part {
		p := call("c", tool, args)
		p.Call.Trained = tool
		return p
	}
	table := []struct{ tool, args, kind, action string }{
		{"local_shell", `{"command":["ls","-l"],"timeout_ms":5, "working_directory":"/w"}`, "local_shell_call",
			`{"type":"exec","command":["ls","-l"],"env":{},"timeout_ms":5,"working_directory":"/w"}`},
		{"local_shell", `{"command":["ls"],"env":{"A":"b"}}`, "local_shell_call", `{"type":"exec","command":["ls"],"env":{"A":"b"}}`},
		{"local_shell", `{"command":"ls"}`, "function_call", ""},
		{"local_shell", `{"command":[]}`, "function_call", ""},
		{"local_shell", `{"command":["ls"`, "function_call", ""},
		{"shell", "{\"commands\":[\"ls\"],\n\"timeout_ms\":9}", "shell_call", `{"commands":["ls"],"timeout_ms":9,"max_output_length":null}`},
		{"shell", `{}`, "function_call", ""},
		{"apply_patch", "{\"type\":\"update_file\",\n \"path\":\"a.go\",\"diff\":\"@@\\n-a\\n+b\"}", "apply_patch_call",
			`{"type":"update_file","path":"a.go","diff":"@@\n-a\n+b"}`},
		{"apply_patch", `{"type":"delete_file","path":"a.go"}`, "apply_patch_call", `{"type":"delete_file","path":"a.go"}`},
		{"apply_patch", `{"type":"create_file","path":"a.go"}`, "function_call", ""},
		{"apply_patch", ``, "function_call", ""},
	}
	for _, row := range table {
		it := whole(t, &llm.Request{}, llm.ReasonTool, trained(row.tool, row.args)).items[0]
		action := string(it.Action) + string(it.Operation)
		if row.action == "" {
			if want := row.args; it.Type != row.kind || it.Arguments != want && want != "" {
				t.Errorf("%s %s: %+v", row.tool, row.args, it)
			}
			continue
		}
		if it.Type != row.kind || action != strings.ReplaceAll(row.action, "\n", `\n`) || it.CallID != "c" {
			t.Errorf("%s %s: %s %s", row.tool, row.args, it.Type, action)
		}
		if (row.tool == "shell") != (string(it.Environment) == `{"type":"local"}`) {
			t.Errorf("%s: environment %s", row.tool, it.Environment)
		}
	}
}

func TestCallForms(t *testing.T) {
	spaced := call("", "f", "")
	spaced.Call.Namespace = "ns"
	custom := llm.Part{Kind: llm.KindCall, Call: &llm.Call{Kind: llm.CallCustom, ID: "x", Name: "patch", Args: "*** Begin\n"}}
	r := whole(t, &llm.Request{}, llm.ReasonTool, spaced, custom)
	if it := r.items[0]; it.Namespace != "ns" || it.Arguments != "{}" || !strings.HasPrefix(it.CallID, "call_") || !strings.HasPrefix(it.ID, "fc_") {
		t.Errorf("%+v", it)
	}
	if it := r.items[1]; it.Type != "custom_tool_call" || it.Input != "*** Begin\n" || !strings.HasPrefix(it.ID, "ctc_") {
		t.Errorf("%+v", it)
	}
	if len(r.items[0].ID) != len("fc_")+48 || len(r.ID) != len("resp_")+48 {
		t.Errorf("%q %q", r.items[0].ID, r.ID)
	}
}

// A client that asked for a code interpreter gets its items, with what the
// code printed; they decode to what they were made of.
func TestCodeItems(t *testing.T) {
	ran := func(text string) llm.Part {
		return llm.Part{Kind: llm.KindCode, Code: &llm.Code{Language: "python", Text: text}}
	}
	printed := func(text string) llm.Part {
		return llm.Part{Kind: llm.KindCode, Code: &llm.Code{Output: true, Text: text}}
	}
	req := &llm.Request{Tools: []llm.Tool{{Kind: llm.ToolServer, Builtin: llm.BuiltinCodeExecution}}}
	r := whole(t, req, llm.ReasonEnd, ran("print(1)"), printed("1\n"), ran("2"), llm.TextPart("x"), printed("late"))
	if got := strings.Join(types(r), " "); got != "code_interpreter_call code_interpreter_call message" {
		t.Errorf("%s", got)
	}
	if got := strings.Join(texts(t, r), "|"); got != "x|\n\n```output\nlate\n```" {
		t.Errorf("%q", got)
	}
	got := dump(t, `{"model":"m","input":[`+string(r.Output[0])+"]}")
	for _, want := range []string{`code language="python" id="ci_`, ` "print(1)"`, `code output id="ci_`, ` "1\n"`} {
		if !strings.Contains(got, want) {
			t.Errorf("%s lacks %s", got, want)
		}
	}
}

func TestStatus(t *testing.T) {
	for reason, want := range map[llm.Reason]string{
		llm.ReasonEnd: "completed ", llm.ReasonStopSequence: "completed ", llm.ReasonTool: "completed ",
		llm.ReasonLength: "incomplete max_output_tokens", llm.ReasonContext: "incomplete max_output_tokens",
		llm.ReasonPause: "incomplete max_output_tokens", llm.ReasonFilter: "incomplete content_filter",
		llm.ReasonRecitation: "incomplete content_filter", "unheard of": "completed ",
	} {
		r := whole(t, &llm.Request{}, reason, llm.TextPart("x"))
		got := r.Status + " "
		if r.Incomplete != nil {
			got += r.Incomplete.Reason
		}
		if got != want || r.items[0].Status != r.Status {
			t.Errorf("%s: %s with item %s, want %s", reason, got, r.items[0].Status, want)
		}
	}
}

// Only the last item can have been cut off, and a call whose arguments are
// whole was not.
func TestCutItems(t *testing.T) {
	r := whole(t, &llm.Request{}, llm.ReasonLength, llm.TextPart("x"), call("a", "f", `{"a":1}`))
	if r.items[0].Status != "completed" || r.items[1].Status != "completed" {
		t.Errorf("%+v", r.items)
	}
	r = whole(t, &llm.Request{}, llm.ReasonLength, llm.TextPart("x"), call("a", "f", `{"a":`))
	if r.items[0].Status != "completed" || r.items[1].Status != "incomplete" {
		t.Errorf("%+v", r.items)
	}
}

func TestRefusal(t *testing.T) {
	for want, end := range map[string]llm.Close{
		"The model declined to answer.": {Reason: llm.ReasonFilter},
		"Because.": {Reason: llm.ReasonFilter, Native: llm.Native{
			Protocol: llm.Anthropic, Rest: []byte(`{"stop_details":{"explanation":"Because."}}`)}},
	} {
		r := checkStream(t, &llm.Request{}, replay(&llm.Response{Choices: []llm.Choice{{Close: end}}}))
		if len(r.items) != 1 || !strings.Contains(string(r.items[0].Content[0]), want) {
			t.Errorf("%s: %+v", want, r.items)
		}
	}
	r := whole(t, &llm.Request{}, llm.ReasonFilter, llm.Part{Kind: llm.KindText, Refusal: true, Text: "No."})
	if string(r.items[0].Content[0]) != `{"type":"refusal","refusal":"No."}` {
		t.Errorf("%s", r.items[0].Content[0])
	}
}

// Spans count runes of their own content part.
func TestAnnotations(t *testing.T) {
	r := whole(t, &llm.Request{}, llm.ReasonEnd, llm.Part{Kind: llm.KindCode, Code: &llm.Code{Text: "1"}},
		llm.Part{Kind: llm.KindText, Text: "日本 is far", Citations: []llm.Citation{
			{URL: "https://a", Title: "A"}, {Start: 0, End: 2, URL: "https://b"}, {Cited: "no url"},
		}})
	want := `"annotations":[{"type":"url_citation","start_index":2,"end_index":11,"url":"https://a","title":"A"},` +
		`{"type":"url_citation","start_index":2,"end_index":4,"url":"https://b","title":""}]`
	if got := string(r.items[0].Content[1]); !strings.Contains(got, want) {
		t.Error(got)
	}
}

// Logprobs without text wait for the text they belong to.
func TestLogprobs(t *testing.T) {
	token := []llm.TokenLogprob{{Token: "é", Logprob: "-0.5", Top: []llm.TokenLogprob{{Token: "e", Bytes: []int{101}}}}}
	stream := protocoltest.Stream(t, codec.NewStreamEncoder(reply(nil), nil), []llm.Event{
		{Kind: llm.EventOpen}, {Kind: llm.EventPartOpen, Part: &llm.Part{Kind: llm.KindText}},
		{Kind: llm.EventDelta, Logprobs: token}, {Kind: llm.EventDelta, Text: "é"},
		{Kind: llm.EventPartClose}, {Kind: llm.EventClose, Close: &llm.Close{Reason: llm.ReasonEnd}},
	})
	last, err := checkLaw(stream)
	if err != nil {
		t.Fatal(err)
	}
	want := `"logprobs":[{"token":"é","logprob":-0.5,"bytes":[195,169],"top_logprobs":[{"token":"e","logprob":-9999,"bytes":[101]}]}]`
	if !strings.Contains(string(last), want) {
		t.Errorf("%s", last)
	}
	if want := `"delta":"é","logprobs":[{"token":"é","logprob":-0.5,"top_logprobs":[{"token":"e","logprob":-9999}]}]`; !strings.Contains(string(stream), want) {
		t.Errorf("%s", stream)
	}
}

func TestStreamErrors(t *testing.T) {
	early := codec.NewStreamEncoder(reply(nil), nil)
	got := string(early.Error(early.KeepAlive(nil), fault.Invalid("input", "too long").WithCode("context_length_exceeded")))
	want := ": ping\n\nevent: error\n" +
		`data: {"type":"error","sequence_number":0,"code":"context_length_exceeded","message":"too long","param":"input"}` + "\n\n"
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	table := []struct {
		err           *fault.Error
		code, message string
	}{
		{fault.New(fault.UpstreamProtocol, "cut"), "server_error", "cut"},
		{fault.New(fault.Overloaded, "busy"), "server_error", "busy"},
		{fault.New(fault.InvalidRequest, "bad"), "invalid_prompt", "bad"},
		{fault.New(fault.QuotaExhausted, "empty"), "rate_limit_exceeded", "empty"},
		{&fault.Error{Class: fault.RateLimited, Message: "slow down.", RetryAfter: 1500 * time.Millisecond}, "rate_limit_exceeded",
			"slow down. Please try again in 2s."},
		{&fault.Error{Class: fault.RateLimited, Message: "try again in 9s", RetryAfter: time.Second}, "rate_limit_exceeded", "try again in 9s"},
	}
	for _, row := range table {
		enc := codec.NewStreamEncoder(reply(nil), nil)
		var out []byte
		for _, ev := range []llm.Event{
			{Kind: llm.EventOpen}, {Kind: llm.EventPartOpen, Part: &llm.Part{Kind: llm.KindReasoning, Text: "done"}}, {Kind: llm.EventPartClose},
			{Kind: llm.EventPartOpen, Index: 1, Part: &llm.Part{Kind: llm.KindText, Text: "half"}},
		} {
			out, _ = enc.Encode(out, ev)
		}
		last, err := checkLaw(enc.Error(out, row.err))
		if err != nil {
			t.Fatal(err)
		}
		r, err := parseResponse(last)
		if err != nil || r.Status != "failed" || r.Error == nil || r.Error.Code != row.code || r.Error.Message != row.message || len(r.items) != 1 {
			t.Errorf("%v: %s", err, last)
		}
	}
	if early.ContentType() != "text/event-stream" {
		t.Error(early.ContentType())
	}
}

// Usage may come after the Close.
func TestUsage(t *testing.T) {
	r := checkStream(t, &llm.Request{}, []llm.Event{
		{Kind: llm.EventOpen}, {Kind: llm.EventMeter, Usage: &llm.Usage{Input: 1}},
		{Kind: llm.EventPartOpen, Part: &llm.Part{Kind: llm.KindText, Text: "x"}}, {Kind: llm.EventPartClose},
		{Kind: llm.EventClose, Close: &llm.Close{Reason: llm.ReasonEnd}},
		{Kind: llm.EventMeter, Usage: &llm.Usage{Input: 12, CacheRead: 9000, CacheWrite: 500, Output: 230, Reasoning: 120}},
	})
	want := `{"input_tokens":9512,"input_tokens_details":{"cached_tokens":9000,"cache_write_tokens":500},` +
		`"output_tokens":350,"output_tokens_details":{"reasoning_tokens":120},"total_tokens":9862}`
	if string(r.Usage) != want {
		t.Errorf("%s", r.Usage)
	}
}

func texts(t *testing.T, r *response) (out []string) {
	for _, it := range r.items {
		for _, raw := range it.Content {
			var c contentOut
			if err := json.Unmarshal(raw, &c); err != nil {
				t.Fatal(err)
			}
			out = append(out, c.Text)
		}
	}
	return out
}
