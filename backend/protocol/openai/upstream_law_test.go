package openai_test

import (
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
	"antigravity-tools/backend/protocol/openai"
	"antigravity-tools/backend/protocol/protocoltest"
	"antigravity-tools/backend/rawjson"
)

var up = openai.Upstream{}

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
	var b strings.Builder
	fmt.Fprintf(&b, `{"model":"m","messages":[`)
	if rapid.Bool().Draw(t, "system") {
		fmt.Fprintf(&b, `{"role":%q,"content":%s},`, rapid.SampledFrom([]string{"system", "developer"}).Draw(t, "role"), str("sys"))
	}
	fmt.Fprintf(&b, `{"role":"user","content":%s}`, str("first"))
	id := 0
	for range rapid.IntRange(0, 3).Draw(t, "steps") {
		calls := rapid.IntRange(0, 3).Draw(t, "calls")
		content := str("said")
		if calls > 0 && rapid.Bool().Draw(t, "silent") {
			content = "null"
		}
		fmt.Fprintf(&b, `,{"role":"assistant","content":%s%s`, content, maybe("thought", `,"reasoning_content":`+str("thought")))
		results := ""
		for c := range calls {
			sep := ","
			if c == 0 {
				sep = `,"tool_calls":[`
			}
			id++
			kind, args := "function", `"arguments":"{\"a\":1.50}"`
			if rapid.Bool().Draw(t, "custom") {
				kind, args = "custom", `"input":`+str("input")
			}
			fmt.Fprintf(&b, `%s{"id":"c%d","type":%q,%q:{"name":"f%d",%s}%s}`, sep, id, kind, kind, c, args,
				maybe("extra", `,"extra_content":{"google":{"thought_signature":"c2ln"}}`))
			results += fmt.Sprintf(`,{"role":"tool","tool_call_id":"c%d","content":%s}`, id, str("result"))
		}
		if calls > 0 {
			b.WriteString("]")
		}
		b.WriteString("}" + results)
		if rapid.Bool().Draw(t, "parts") {
			fmt.Fprintf(&b, `,{"role":"user","content":[{"type":"text","text":%s},{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"%s}},`+
				`{"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,JVBERi0="}},{"type":"input_audio","input_audio":{"data":"UklGRg==","format":"wav"}},`+
				`{"type":"odd","odd":{"x":1e400}}]}`, str("look"), maybe("detail", `,"detail":"low"`))
		} else {
			fmt.Fprintf(&b, `,{"role":"user","content":%s}`, str("more"))
		}
	}
	b.WriteString(`]`)
	tools := ""
	if rapid.Bool().Draw(t, "tools") {
		tools = `,"tools":[{"type":"function","function":{"name":"f0","description":"d","parameters":{"type":"object","properties":{"b":{"minimum":1.0},"a":{}}},"strict":false}},` +
			`{"type":"custom","custom":{"name":"f1","format":{"type":"grammar","grammar":{"definition":"x","syntax":"regex"}}}},{"type":"function","function":{"name":"f2"}}],"parallel_tool_calls":true` +
			rapid.SampledFrom([]string{
				"", `,"tool_choice":"auto"`, `,"tool_choice":"none"`, `,"tool_choice":"required"`,
				`,"tool_choice":{"type":"function","function":{"name":"f0"}}`, `,"tool_choice":{"type":"custom","custom":{"name":"f1"}}`,
				`,"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[{"type":"function","function":{"name":"f0"}},{"type":"custom","custom":{"name":"f1"}}]}}`,
			}).Draw(t, "choice")
	}
	b.WriteString(tools)
	for _, member := range []string{
		`"response_format":{"type":"json_schema","json_schema":{"name":"n","description":"d","schema":{"z":1,"a":[]},"strict":true}}`,
		`"max_completion_tokens":1000`, `"temperature":0.70`, `"top_p":1e-1`, `"presence_penalty":-0`, `"frequency_penalty":2.0`,
		`"logprobs":true`, `"top_logprobs":3`, `"logit_bias":{"50256":-100}`, `"seed":12345678901234567890`, `"n":2`,
		`"stop":["a","b","c","d"]`, `"reasoning_effort":"low"`, `"modalities":["text"]`, `"safety_identifier":"u"`,
		`"prompt_cache_key":"k"`, `"metadata":{"a":"b"}`, `"verbosity":"low"`, `"service_tier":"scale"`,
		`"store":true`, `"prediction":{"type":"content","content":"x"}`, `"unheard_of":{"big":123456789012345678901}`,
	} {
		b.WriteString(maybe(member, ","+member))
	}
	return b.String() + "}"
}

// Encode(Decode(x)) is x: nothing that a chat client says is lost on the way to
// a chat upstream, unknown members and number literals included.
func TestRequestIdentity(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		body := drawRequest(t)
		req, err := codec.DecodeRequest(protocol.Inbound{Body: []byte(body)}, nil)
		if err != nil {
			t.Fatalf("%v\n%s", err, body)
		}
		enc, err := up.EncodeRequest(req, target("m", family.OpenAI("gpt-5.2")), nil)
		if err != nil {
			t.Fatalf("%v\n%s", err, body)
		}
		if !rawjson.Equal([]byte(body), enc.Body) {
			t.Fatalf("in:  %s\nout: %s", body, enc.Body)
		}
		if enc.Tools != nil {
			// Custom tools are native here: their calls come back as they are.
			origin, ok := enc.Tools.Lookup("f1")
			if ok && origin.Name != "f1" {
				t.Fatalf("renamed: %+v", origin)
			}
		}
	})
}

// What our own client side streams, the upstream side reads, and gives a client
// the same again: streamed, byte by byte, and at once.
func TestReplyIdentity(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		req := &llm.Request{StreamUsage: true}
		drawn := protocoltest.Events(r, protocoltest.Shape{Choices: 2, Logprobs: true, Custom: true})
		first := protocoltest.Stream(r, codec.NewStreamEncoder(protocoltest.Reply(req), nil), drawn)
		if empty(drawn) {
			return // a fault, tested elsewhere
		}
		got := protocoltest.DecodeBothWays(r, up, first)
		again := protocoltest.Stream(r, codec.NewStreamEncoder(protocoltest.Reply(req), nil), got)
		want, have := protocoltest.HeardStream(t, llm.OpenAIChat, first), protocoltest.HeardStream(t, llm.OpenAIChat, again)
		want.Finish, have.Finish = "", "" // drawn without regard to what is said; see TestFinish
		joined(&want)
		joined(&have)
		if d := cmp.Diff(want, have); d != "" {
			r.Fatalf("(-first +again):\n%s\n%s\n%s", d, first, again)
		}
		protocoltest.WholeIdentity(r, codec, up, req, got)
		protocoltest.CheckObserver(r, up, first, got)
	})
}

// joined leaves the blank lines out that set parts off: content that thoughts
// interrupt is two parts to the gateway. Citations move with them, and those
// that come when their text is over are lost; see TestStreamQuirks.
func joined(h *protocoltest.Heard) {
	h.Pieces = slices.DeleteFunc(h.Pieces, func(p protocoltest.Piece) bool { return p.Kind == "citations" })
	for i := range h.Pieces {
		if p := &h.Pieces[i]; p.Kind == "text" || p.Kind == "reasoning" {
			p.Text = strings.ReplaceAll(p.Text, "\n\n", "")
		}
	}
	var merged []protocoltest.Piece
	for _, p := range h.Pieces {
		if n := len(merged); n > 0 && (p.Kind == "text" || p.Kind == "refusal") && merged[n-1].Kind == p.Kind {
			merged[n-1].Text += p.Text
			continue
		}
		merged = append(merged, p)
	}
	h.Pieces = merged
}

// empty tells a reply in which some choice says nothing and yet ends well.
func empty(events []llm.Event) bool {
	said, ended := map[int]bool{}, map[int]bool{}
	for _, ev := range events {
		switch {
		case ev.Kind == llm.EventPartOpen && (ev.Part.Kind == llm.KindCall || ev.Part.Kind == llm.KindMedia || ev.Part.Kind == llm.KindCode):
			said[ev.Choice] = true
		case ev.Kind == llm.EventDelta && ev.Text != "":
			said[ev.Choice] = true
		}
		ended[ev.Choice] = true
	}
	for i := range ended {
		if !said[i] {
			return true
		}
	}
	return false
}

const seedStream = "data: {\"id\":\"i\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"reasoning_content\":\"r\"}}]}\n\n" +
	"data: {\"choices\":[{\"delta\":{\"content\":\"a\",\"tool_calls\":[{\"index\":0,\"id\":\"c\",\"function\":{\"name\":\"f\",\"arguments\":\"{\"}}]}}]}\r\n\r\n" +
	"data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"}\"}}]},\"finish_reason\":\"tool_calls\"}]}\n\n" +
	"data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2}}\n\ndata: [DONE]\n\n"

// No stream ends the program, breaks the grammar of events or says other
// things when it is cut elsewhere; an observer never panics on it either.
func FuzzDecodeStream(f *testing.F) {
	f.Add([]byte(seedStream))
	f.Add([]byte("data: {\"error\":null,\"choices\":[{\"delta\":{\"refusal\":\"no\"},\"finish_reason\":\"stop\"}]}\n\n"))
	f.Add([]byte("data: {\"error\":{\"message\":\"x\",\"code\":429}}\n\n"))
	f.Add([]byte("{\"error\":\"bare\"}\n\n"))
	f.Fuzz(func(t *testing.T, body []byte) { protocoltest.FuzzStream(t, up, body) })
}

func FuzzDecodeResponse(f *testing.F) {
	f.Add([]byte(`{"id":"i","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"hi","annotations":[{"type":"url_citation","url_citation":{"url":"u","start_index":0,"end_index":2}}]},"finish_reason":"stop","logprobs":{"content":[{"token":"hi","logprob":-1,"bytes":[104],"top_logprobs":[]}]}}],"usage":{"prompt_tokens":1,"completion_tokens":1,"prompt_tokens_details":{"cached_tokens":1}}}`))
	f.Add([]byte(`{"choices":[{"message":{"tool_calls":[{"id":"a","type":"custom","custom":{"name":"n","input":"x"}}],"audio":{"data":"UklGRg==","transcript":"t"}},"finish_reason":"x"}]}`))
	f.Fuzz(func(t *testing.T, body []byte) { protocoltest.FuzzResponse(t, up, body) })
}

func FuzzDecodeError(f *testing.F) {
	f.Add(429, []byte(`{"error":{"message":"try again in 1.5s","type":"requests","code":"rate_limit_exceeded"}}`))
	f.Add(400, []byte(`[{"error":"x"}]`))
	f.Fuzz(func(t *testing.T, status int, body []byte) { protocoltest.FuzzError(t, up, status, body) })
}
