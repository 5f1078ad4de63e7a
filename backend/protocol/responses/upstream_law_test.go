package responses_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"antigravity-tools/backend/family"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/crossing"
	"antigravity-tools/backend/protocol/protocoltest"
	"antigravity-tools/backend/protocol/responses"
	"antigravity-tools/backend/rawjson"
)

var up = responses.Upstream{}

func target(model string, caps family.Caps) protocol.Target {
	return protocol.Target{Model: model, Caps: caps, Realm: protocoltest.Realm}
}

// drawBody draws a request as clients of this protocol write them, unknown
// members and big numbers included.
func drawBody(t *rapid.T, model string) string {
	str := func(label string) string {
		b, _ := json.Marshal("x" + rapid.StringN(0, 12, -1).Draw(t, label))
		return string(b)
	}
	maybe := func(label, text string) string {
		if rapid.Bool().Draw(t, label) {
			return text
		}
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, `{"model":%q%s,"input":[`, model, maybe("instructions", `,"instructions":`+str("system")))
	b.WriteString(maybe("developer", `{"type":"message","role":"developer","content":[{"type":"input_text","text":"d"}]},`))
	fmt.Fprintf(&b, `{"type":"message","role":"user","content":[{"type":"input_text","text":%s}]}`, str("first"))
	for id := range rapid.IntRange(0, 3).Draw(t, "steps") {
		fmt.Fprintf(&b, `%s,{"type":"message","role":"assistant","content":[{"type":"output_text","text":%s}]%s}`,
			maybe("thought", `,{"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"s"}],"encrypted_content":"gAAA="}`),
			str("said"), maybe("phase", `,"phase":"commentary"`))
		fmt.Fprintf(&b, `,{"type":"function_call","call_id":"c%d","name":"f","namespace":"ns","arguments":"{\"a\":1.50}"},{"type":"function_call_output","call_id":"c%d","output":%s}`, id, id, str("result"))
		fmt.Fprintf(&b, `%s`, maybe("custom", fmt.Sprintf(`,{"type":"custom_tool_call","call_id":"k%d","name":"g","input":"free"},{"type":"custom_tool_call_output","call_id":"k%d","output":"o"}`, id, id)))
		fmt.Fprintf(&b, `,{"type":"message","role":"user","content":[{"type":"input_text","text":"look"},{"type":"input_image","image_url":"data:image/png;base64,AAAA","detail":"low"},{"type":"odd","x":1e400}]}`)
		b.WriteString(maybe("opaque", `,{"type":"web_search_call","id":"ws_1","status":"completed","action":{"type":"search","query":"q"}}`))
	}
	b.WriteString(`]`)
	b.WriteString(maybe("tools", `,"tools":[{"type":"function","name":"plain","parameters":{"type":"object","properties":{"b":{"minimum":1.0},"a":{}}},"strict":false,"output_schema":{}},`+
		`{"type":"namespace","name":"ns","description":"group","tools":[{"type":"function","name":"f","strict":true,"parameters":{"type":"object"}}]},`+
		`{"type":"custom","name":"g","format":{"type":"grammar","syntax":"lark","definition":"start: x"}},{"type":"web_search","filters":{"allowed_domains":["a.example"]}},{"type":"mcp","server_label":"m"}],"tool_choice":"required","parallel_tool_calls":false`))
	for _, member := range []string{
		`"text":{"format":{"type":"json_schema","name":"n","schema":{"z":1,"a":[]},"strict":true},"verbosity":"low"}`,
		`"max_output_tokens":1000`, `"temperature":0.70`, `"top_p":1e-1`, `"top_logprobs":3`, `"reasoning":{"effort":"low","summary":"auto","context":"all_turns"}`,
		`"safety_identifier":"u"`, `"prompt_cache_key":"k"`, `"metadata":{"a":"b"}`, `"service_tier":"scale"`, `"store":true`,
		`"truncation":"auto"`, `"unheard_of":{"big":123456789012345678901}`,
		`"include":["reasoning.encrypted_content"]`,
	} {
		b.WriteString(maybe(member, ","+member))
	}
	return b.String() + "}"
}

func decode(t protocoltest.Failer, body []byte) *llm.Request {
	t.Helper()
	req, err := codec.DecodeRequest(protocol.Inbound{Body: body}, nil)
	if err != nil {
		t.Fatalf("%v\n%s", err, body)
	}
	return req
}

// A client of this protocol before an upstream of it: the bytes pass; of a body
// that has to be edited all else keeps them.
func TestEditKeepsBytes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		body := drawBody(t, "asked")
		req := decode(t, []byte(body))
		same, err := up.Edit([]byte(body), req, target("asked", family.Caps{}), nil)
		if err != nil || string(same) != body {
			t.Fatalf("%v\n%s\n%s", err, body, same)
		}
		other, err := up.Edit([]byte(body), req, target("served", family.Caps{}), nil)
		if want := strings.Replace(body, `"asked"`, `"served"`, 1); err != nil || string(other) != want {
			t.Fatalf("%v\n%s\n%s", err, want, other)
		}
		bare, err := up.Edit([]byte(body), req, protocol.Target{Model: "asked", DropSeals: true}, nil)
		if err != nil || strings.Contains(string(bare), `"type":"reasoning"`) || strings.Contains(string(bare), `"id":"ws_1"`) {
			t.Fatalf("%v\n%s", err, bare)
		}
	})
}

func TestEdit(t *testing.T) {
	foreign := (&llm.Seal{Issuer: llm.IssuerGoogle, Model: "g", Data: "sig"}).Envelope("call:0")
	summary := (&llm.Seal{Issuer: "x", Data: "all of it"}).Envelope("compaction")
	body := `{"model":"m","input":[{"type":"reasoning","summary":[],"encrypted_content":"` + foreign + `"},{"type":"reasoning","id":"rs_1","encrypted_content":"own"},` +
		`{"type":"compaction","encrypted_content":"` + summary + `"},{"type":"compaction","encrypted_content":"theirs"}]}`
	losses := &llm.Losses{}
	got, err := up.Edit([]byte(body), &llm.Request{}, target("m", family.Caps{}), losses)
	want := `{"model":"m","input":[{"type":"reasoning","id":"rs_1","encrypted_content":"own"},` +
		`{"type":"message","role":"user","content":[{"type":"input_text","text":"Summary of the conversation so far:\nall of it"}]},{"type":"compaction","encrypted_content":"theirs"}]}`
	if d := cmp.Diff(want, string(got)); d != "" || err != nil {
		t.Errorf("%v\n%s", err, d)
	}
	if got := protocoltest.LossLines(losses, nil); got != "dropped reasoning.foreign input google\n" {
		t.Error(got)
	}
	suffix := &llm.Request{Reasoning: llm.Reasoning{FromSuffix: true, Mode: llm.ReasoningOn, Effort: llm.EffortHigh}}
	got, err = up.Edit([]byte(`{"model":"m(high)","input":"x","reasoning":{"effort":"low","summary":"auto"}}`), suffix, target("m", family.Caps{}), nil)
	if string(got) != `{"model":"m","input":"x","reasoning":{"effort":"high","summary":"auto"}}` || err != nil {
		t.Errorf("%s %v", got, err)
	}
}

// A suffix asks a model for what it has: the nearest effort, or nothing of one
// that does not reason; one of which nothing is known is asked as it was said.
func TestEditSuffix(t *testing.T) {
	budget, lost := int64(8192), "adapted reasoning.effort reasoning the model does not reason\n"
	for name, row := range map[string]struct {
		model, want, losses string
		caps                func(string) family.Caps
		r                   llm.Reasoning
	}{
		"level":          {"gpt-5", `,"reasoning":{"effort":"high"}`, "adapted reasoning.effort reasoning xhigh -> high\n", family.OpenAIResponses, llm.Reasoning{Mode: llm.ReasoningOn, Effort: llm.EffortXHigh}},
		"off":            {"gpt-5.2", `,"reasoning":{"effort":"none"}`, "", family.OpenAIResponses, llm.Reasoning{Mode: llm.ReasoningOff}},
		"budget":         {"gpt-5", `,"reasoning":{"effort":"medium"}`, "", family.CompatibleResponses, llm.Reasoning{Mode: llm.ReasoningOn, Budget: &budget}},
		"does not":       {"gpt-4.1", "", lost, family.OpenAIResponses, llm.Reasoning{Mode: llm.ReasoningOn, Effort: llm.EffortHigh}},
		"does not there": {"gpt-4.1", "", lost, family.CompatibleResponses, llm.Reasoning{Mode: llm.ReasoningOn, Effort: llm.EffortHigh}},
		"off as it is":   {"gpt-4.1", "", "", family.OpenAIResponses, llm.Reasoning{Mode: llm.ReasoningOff}},
		"unknown":        {"house-model", `,"reasoning":{"effort":"max"}`, "", family.CompatibleResponses, llm.Reasoning{Mode: llm.ReasoningOn, Effort: llm.EffortMax}},
	} {
		row.r.FromSuffix = true
		losses := &llm.Losses{}
		got, err := up.Edit([]byte(`{"model":"asked","input":"x"}`), &llm.Request{Reasoning: row.r}, target(row.model, row.caps(row.model)), losses)
		if want := `{"model":"` + row.model + `","input":"x"` + row.want + `}`; string(got) != want || err != nil {
			t.Errorf("%s: %s %v", name, got, err)
		}
		if got := protocoltest.LossLines(losses, nil); got != row.losses {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// What the model of a request holds comes through an upstream of this protocol
// unchanged: decoded, written and decoded again it is the same.
func TestRequestFixpoint(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		body := drawBody(t, "m")
		req := decode(t, []byte(body))
		crossing.Normalize(req, nil)
		enc, err := up.EncodeRequest(req, target("m", family.OpenAIResponses("gpt-5.2")), nil)
		if err != nil {
			t.Fatalf("%v\n%s", err, body)
		}
		if err := rawjson.Check(enc.Body, 100); err != nil || enc.Tools != nil {
			t.Fatalf("%v\n%s", err, enc.Body)
		}
		again := decode(t, enc.Body)
		crossing.Normalize(again, nil)
		if d := cmp.Diff(protocoltest.Dump(req), protocoltest.Dump(again)); d != "" {
			t.Fatalf("%s\n%s\n%s", d, body, enc.Body)
		}
	})
}

// What our own client side streams, the upstream side reads, and gives a client
// the same again: streamed, byte by byte, and at once.
func TestReplyIdentity(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		req := &llm.Request{SealsInBand: true}
		drawn := protocoltest.Events(r, protocoltest.Shape{Logprobs: true, Custom: true})
		first := protocoltest.Stream(r, codec.NewStreamEncoder(protocoltest.Reply(req), nil), drawn)
		if !strings.Contains(string(first), "output_item.added") {
			return // a fault, tested elsewhere
		}
		got := protocoltest.DecodeBothWays(r, up, first)
		reason := protocoltest.Whole(got).Choices[0].Close.Reason
		if drew := protocoltest.Whole(drawn).Choices[0].Close.Reason; reason == llm.ReasonFilter && drew != reason && drew != llm.ReasonRecitation {
			return // a refusal alone is told as one, whatever the end said
		}
		again := protocoltest.Stream(r, codec.NewStreamEncoder(protocoltest.Reply(req), nil), got)
		want, have := protocoltest.HeardStream(t, llm.Responses, first), protocoltest.HeardStream(t, llm.Responses, again)
		plain(&want)
		plain(&have)
		if d := cmp.Diff(want, have); d != "" {
			r.Fatalf("(-first +again):\n%s\n%s\n%s", d, first, again)
		}
		if _, err := checkLaw(again); err != nil {
			r.Fatalf("%v", err)
		}
		protocoltest.WholeIdentity(r, codec, up, req, got)
		seen := protocoltest.CheckObserver(r, up, first, got)
		if reason != seen.Reason {
			r.Fatalf("reason %s, not %s", seen.Reason, reason)
		}
	})
}

// plain leaves out what depends on blank parts, which leave no trace: where a
// message ends and the next begins, and whether the last item counts as cut.
func plain(h *protocoltest.Heard) {
	var out []protocoltest.Piece
	for _, p := range h.Pieces {
		p.Kind = strings.TrimSuffix(strings.TrimSuffix(p.Kind, " incomplete"), " completed")
		if n := len(out); n > 0 && p.Kind == "message" && out[n-1].Kind == p.Kind {
			out[n-1].Text += p.Text
			continue
		}
		out = append(out, p)
	}
	h.Pieces = out
}

const seedStream = "event: response.created\ndata: {\"type\":\"response.created\",\"sequence_number\":0,\"response\":{\"id\":\"resp_1\",\"model\":\"m\"}}\n\n" +
	"data: {\"type\":\"response.output_item.added\",\"output_index\":0,\"item\":{\"type\":\"reasoning\",\"id\":\"rs_1\",\"summary\":[]}}\n\n" +
	"data: {\"type\":\"response.reasoning_summary_text.delta\",\"item_id\":\"rs_1\",\"output_index\":0,\"summary_index\":0,\"delta\":\"hm\"}\n\n" +
	"data: {\"type\":\"response.output_item.done\",\"output_index\":0,\"item\":{\"type\":\"reasoning\",\"id\":\"rs_1\",\"summary\":[],\"encrypted_content\":\"e\"}}\n\n" +
	"data: {\"type\":\"response.output_item.added\",\"output_index\":1,\"item\":{\"type\":\"function_call\",\"id\":\"fc_1\",\"call_id\":\"c\",\"name\":\"f\",\"arguments\":\"\"}}\n\n" +
	"data: {\"type\":\"response.function_call_arguments.delta\",\"output_index\":1,\"delta\":\"{}\"}\n\n" +
	"data: {\"type\":\"response.output_item.added\",\"output_index\":2,\"item\":{\"type\":\"message\",\"content\":[]}}\n\n" +
	"data: {\"type\":\"response.content_part.added\",\"output_index\":2,\"content_index\":0,\"part\":{\"type\":\"output_text\",\"text\":\"\"}}\n\n" +
	"data: {\"type\":\"response.output_text.delta\",\"output_index\":2,\"content_index\":0,\"delta\":\"a\",\"logprobs\":[]}\n\n" +
	"data: {\"type\":\"response.output_text.annotation.added\",\"output_index\":2,\"content_index\":0,\"annotation\":{\"type\":\"url_citation\",\"url\":\"u\",\"start_index\":0,\"end_index\":1}}\n\n" +
	"data: {\"type\":\"response.completed\",\"response\":{\"status\":\"completed\",\"output\":[],\"usage\":{\"input_tokens\":3,\"output_tokens\":2}}}\n\n"

func FuzzDecodeStream(f *testing.F) {
	f.Add([]byte(seedStream))
	f.Add([]byte("data: {\"type\":\"error\",\"code\":\"rate_limit_exceeded\",\"message\":\"Please try again in 2s.\"}\n\n"))
	f.Add([]byte("data: {\"type\":\"response.failed\",\"response\":{\"status\":\"failed\",\"error\":{\"code\":\"server_error\",\"message\":\"x\"}}}\n\n"))
	f.Fuzz(func(t *testing.T, body []byte) { protocoltest.FuzzStream(t, up, body) })
}

func FuzzDecodeResponse(f *testing.F) {
	f.Add([]byte(`{"id":"i","model":"m","status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"output":[{"type":"message","content":[{"type":"output_text","text":"a","annotations":[],"logprobs":[]},{"type":"refusal","refusal":"no"}]},{"type":"custom_tool_call","call_id":"c","name":"n","input":"x"},{"type":"image_generation_call","result":"AAAA"},{"type":"code_interpreter_call","code":"1","outputs":[{"type":"logs","logs":"1"}]},{"type":"shell_call","call_id":"s","action":{"commands":["ls"]}},{"type":"odd"}],"usage":{"input_tokens":1,"output_tokens_details":{"reasoning_tokens":1}}}`))
	f.Fuzz(func(t *testing.T, body []byte) { protocoltest.FuzzResponse(t, up, body) })
}

func FuzzDecodeError(f *testing.F) {
	f.Add(400, []byte(`{"error":{"message":"The encrypted content gAAA could not be verified.","type":"invalid_request_error","code":null}}`))
	f.Fuzz(func(t *testing.T, status int, body []byte) { protocoltest.FuzzError(t, up, status, body) })
}
