package anthropic_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"antigravity-tools/backend/family"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/anthropic"
	"antigravity-tools/backend/protocol/crossing"
	"antigravity-tools/backend/protocol/protocoltest"
	"antigravity-tools/backend/rawjson"
)

var up = anthropic.Upstream{}

func target(model string, caps family.Caps) protocol.Target {
	return protocol.Target{Model: model, Caps: caps, Realm: protocoltest.Realm}
}

// drawRequest draws a request in the form in which this codec writes one.
func drawRequest(t *rapid.T) string {
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
	cache := func(label string) string {
		return rapid.SampledFrom([]string{"", "", `,"cache_control":{"type":"ephemeral"}`, `,"cache_control":{"type":"ephemeral","ttl":"1h"}`}).Draw(t, label)
	}
	var b strings.Builder
	fmt.Fprintf(&b, `{"model":"m","max_tokens":5000`)
	if rapid.Bool().Draw(t, "system") {
		fmt.Fprintf(&b, `,"system":[{"type":"text","text":%s%s}]`, str("sys"), cache("sys-cache"))
	}
	b.WriteString(`,"messages":[`)
	fmt.Fprintf(&b, `{"role":"user","content":%s}`, str("first"))
	id := 0
	for range rapid.IntRange(0, 3).Draw(t, "steps") {
		fmt.Fprintf(&b, `,{"role":"assistant","content":[%s`, maybe("thought", `{"type":"thinking","thinking":`+str("thought")+`,"signature":"c2ln"},{"type":"redacted_thinking","data":"cmVk"},`))
		fmt.Fprintf(&b, `{"type":"text","text":"one"},{"type":"text","text":%s%s%s}`, str("said"), maybe("cited", `,"citations":[{"type":"char_location","cited_text":"c","document_index":0,"start_char_index":0,"end_char_index":1,"document_title":null}]`), cache("said-cache"))
		b.WriteString(maybe("server", `,{"type":"server_tool_use","id":"srvtoolu_1","name":"web_search","input":{"query":"q"}},{"type":"web_search_tool_result","tool_use_id":"srvtoolu_1","content":[]}`))
		results := ""
		for c := range rapid.IntRange(0, 3).Draw(t, "calls") {
			id++
			fmt.Fprintf(&b, `,{"type":"tool_use","id":"toolu_%d","name":"f%d","input":{"a":1.50}%s}`, id, c, cache("call-cache"))
			results += fmt.Sprintf(`{"type":"tool_result","tool_use_id":"toolu_%d"%s%s%s},`, id, rapid.SampledFrom([]string{
				"", `,"content":` + str("result"), `,"content":[{"type":"text","text":"a"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}}]`,
			}).Draw(t, "content"), maybe("failed", `,"is_error":true`), cache("result-cache"))
		}
		fmt.Fprintf(&b, `]},{"role":"user","content":[%s{"type":"text","text":%s},{"type":"image","source":{"type":"url","url":"https://a.example/b.png"}},`, results, str("look"))
		fmt.Fprintf(&b, `{"type":"document","source":{"type":"text","media_type":"text/plain","data":"d"},"title":"t","context":"c","citations":{"enabled":true}%s},`, cache("doc-cache"))
		b.WriteString(`{"type":"search_result","source":"s","title":"t","content":[{"type":"text","text":"x"}]},{"type":"odd","x":1e400}]}`)
	}
	b.WriteString(`]`)
	if rapid.Bool().Draw(t, "tools") {
		b.WriteString(`,"tools":[{"name":"f0","description":"d","input_schema":{"type":"object","properties":{"b":{"minimum":1.0},"a":{}}},"strict":false,"defer_loading":true},` +
			`{"name":"f1","input_schema":{"type":"object"},"input_examples":[{}]},{"type":"bash_20250124","name":"bash"},{"type":"web_search_20250305","name":"web_search","max_uses":3}]` +
			rapid.SampledFrom([]string{
				"", `,"tool_choice":{"type":"auto"}`, `,"tool_choice":{"type":"none"}`, `,"tool_choice":{"type":"any","disable_parallel_tool_use":true}`,
				`,"tool_choice":{"type":"tool","name":"f0"}`,
			}).Draw(t, "choice"))
	}
	for _, member := range []string{
		`"stop_sequences":["a"," ","b"]`, `"temperature":0.70`, `"top_p":1e-1`, `"top_k":5`, `"metadata":{"user_id":"u"}`,
		`"cache_control":{"type":"ephemeral"}`, `"service_tier":"standard_only"`, `"thinking":{"type":"disabled"}`,
		`"output_config":{"effort":"low","format":{"type":"json_schema","schema":{"z":1,"a":[]}},"task_budget":{"total":5}}`,
		`"mcp_servers":[]`, `"context_management":{"edits":[]}`, `"unheard_of":{"big":123456789012345678901}`,
	} {
		b.WriteString(maybe(member, ","+member))
	}
	return b.String() + "}"
}

// Encode(Decode(x)) is x: nothing that an Anthropic client says is lost on the
// way to an Anthropic upstream, unknown members and number literals included.
func TestRequestIdentity(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		body := drawRequest(t)
		req, err := codec.DecodeRequest(protocol.Inbound{Body: []byte(body)}, nil)
		if err != nil {
			t.Fatalf("%v\n%s", err, body)
		}
		crossing.Normalize(req, nil)
		enc, err := up.EncodeRequest(req, target("m", family.Anthropic("claude-opus-4-8")), nil)
		if err != nil {
			t.Fatalf("%v\n%s", err, body)
		}
		if !rawjson.Equal([]byte(body), enc.Body) {
			t.Fatalf("in:  %s\nout: %s", body, enc.Body)
		}
	})
}

// What our own client side streams, the upstream side reads, and gives a client
// the same bytes again: streamed, byte by byte, and at once.
func TestReplyIdentity(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		req := &llm.Request{SealsInBand: true}
		drawn := protocoltest.Events(r, protocoltest.Shape{})
		first := protocoltest.Stream(r, codec.NewStreamEncoder(protocoltest.Reply(req), nil), drawn)
		if !bytes.Contains(first, []byte("content_block_start")) {
			return // a fault, tested elsewhere
		}
		got := protocoltest.DecodeBothWays(r, up, first)
		again := protocoltest.Stream(r, codec.NewStreamEncoder(protocoltest.Reply(req), nil), got)
		want, have := protocoltest.HeardStream(t, llm.Anthropic, first), protocoltest.HeardStream(t, llm.Anthropic, again)
		early(&want)
		early(&have)
		if d := cmp.Diff(want, have); d != "" {
			r.Fatalf("(-first +again):\n%s\n%s\n%s", d, first, again)
		}
		protocoltest.WholeIdentity(r, codec, up, req, got)
		seen := protocoltest.CheckObserver(r, up, first, got)
		if want := protocoltest.Whole(got).Choices[0].Close.Reason; seen.Reason != want {
			r.Fatalf("reason %s, not %s", seen.Reason, want)
		}
	})
}

// early leaves thinking out that comes behind text: a client is not shown that
// as a block again.
func early(h *protocoltest.Heard) {
	text := slices.IndexFunc(h.Pieces, func(p protocoltest.Piece) bool { return p.Kind == "text" })
	if text < 0 {
		return
	}
	h.Pieces = append(h.Pieces[:text:text], slices.DeleteFunc(slices.Clone(h.Pieces[text:]), func(p protocoltest.Piece) bool { return p.Kind == "reasoning" })...)
}

const seedStream = "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"i\",\"model\":\"m\",\"usage\":{\"input_tokens\":3}}}\n\n" +
	"data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}}\n\n" +
	"data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"signature_delta\",\"signature\":\"s\"}}\n\n" +
	"data: {\"type\":\"content_block_stop\",\"index\":0}\n\n" +
	"data: {\"type\":\"content_block_start\",\"index\":1,\"content_block\":{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"f\",\"input\":{}}}\n\n" +
	"data: {\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"{}\"}}\n\n" +
	"data: {\"type\":\"content_block_stop\",\"index\":1}\n\n" +
	"data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"tool_use\"},\"usage\":{\"output_tokens\":2}}\n\ndata: {\"type\":\"message_stop\"}\n\n"

// No stream ends the program, breaks the grammar of events or says other
// things when it is cut elsewhere; an observer never panics on it either.
func FuzzDecodeStream(f *testing.F) {
	f.Add([]byte(seedStream))
	f.Add([]byte("data: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"x\"}}\n\n"))
	f.Fuzz(func(t *testing.T, body []byte) { protocoltest.FuzzStream(t, up, body) })
}

func FuzzDecodeResponse(f *testing.F) {
	f.Add([]byte(`{"type":"message","id":"i","model":"m","content":[{"type":"text","text":"a","citations":[{"type":"web_search_result_location","url":"u"}]},{"type":"tool_use","id":"t","name":"f","input":{"a":1}},{"type":"odd"}],"stop_reason":"tool_use","usage":{"input_tokens":1,"cache_creation":{"ephemeral_1h_input_tokens":2},"output_tokens":3,"output_tokens_details":{"thinking_tokens":1}}}`))
	f.Fuzz(func(t *testing.T, body []byte) { protocoltest.FuzzResponse(t, up, body) })
}

func FuzzDecodeUpstreamError(f *testing.F) {
	f.Add(429, []byte(`{"type":"error","error":{"type":"rate_limit_error","message":"try again in 1.5s"}}`))
	f.Add(400, []byte(`{"error":"x"}`))
	f.Fuzz(func(t *testing.T, status int, body []byte) { protocoltest.FuzzError(t, up, status, body) })
}
