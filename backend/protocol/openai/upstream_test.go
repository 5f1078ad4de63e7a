package openai_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"antigravity-tools/backend/family"
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/protocoltest"
)

// frames makes a stream of chunks.
func frames(chunks ...string) string {
	var b strings.Builder
	for _, c := range chunks {
		b.WriteString("data: " + c + "\n\n")
	}
	return b.String()
}

// say is a chunk of the first choice with that delta.
func say(delta string) string {
	return `{"id":"i","model":"m","choices":[{"index":0,"delta":{` + delta + `}}]}`
}

func end(word string) string {
	return `{"choices":[{"index":0,"delta":{},"finish_reason":"` + word + `"}]}`
}

func callPart(id, name, args string) llm.Part {
	return llm.Part{Kind: llm.KindCall, Call: &llm.Call{Kind: llm.CallFunction, ID: id, Name: name, Args: args}}
}

// What the servers of the field send beside what the documentation says.
func TestStreamQuirks(t *testing.T) {
	text := func(s string) llm.Part { return llm.TextPart(s) }
	thought := func(s string) llm.Part { return llm.Part{Kind: llm.KindReasoning, Text: s} }
	rows := []struct {
		name, stream string
		want         []llm.Part
		reason       llm.Reason
		losses       string
	}{
		{"no DONE, no last newline", strings.TrimRight(frames(say(`"content":"a"`), end("stop")), "\n"), []llm.Part{text("a")}, llm.ReasonEnd, ""},
		{"comments and null error", ": hi\n\n" + frames(`{"error":null,"choices":[{"delta":{"content":"a"}}]}`, end("stop"), "[DONE]"), []llm.Part{text("a")}, llm.ReasonEnd, ""},
		{"no finish reason", frames(say(`"content":"a"`), "[DONE]"), []llm.Part{text("a")}, llm.ReasonEnd, "adapted finish.missing\n"},
		{"reasoning_content", frames(say(`"reasoning_content":"r"`), say(`"content":"a"`), end("stop"), "[DONE]"), []llm.Part{thought("r"), text("a")}, llm.ReasonEnd, ""},
		{"reasoning", frames(say(`"reasoning":"r","content":""`), say(`"content":"a"`), end("stop")), []llm.Part{thought("r"), text("a")}, llm.ReasonEnd, ""},
		{"both in one delta", frames(say(`"content":"a","reasoning_content":"r"`), end("length")), []llm.Part{thought("r"), text("a")}, llm.ReasonLength, ""},
		{"calls without index", frames(
			say(`"tool_calls":[{"id":"a","function":{"name":"f","arguments":"{"}}]`), say(`"tool_calls":[{"function":{"arguments":"}"}}]`),
			say(`"tool_calls":[{"id":"b","function":{"name":"f","arguments":"{}"}}]`), end("stop")),
			[]llm.Part{callPart("a", "f", "{}"), callPart("b", "f", "{}")}, llm.ReasonTool, ""},
		{"all calls with index 0", frames(
			say(`"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}]`),
			say(`"tool_calls":[{"index":0,"id":"b","function":{"name":"g","arguments":"{}"}}]`), end("tool_calls")),
			[]llm.Part{callPart("a", "f", "{}"), callPart("b", "g", "{}")}, llm.ReasonTool, ""},
		{"name repeated whole", frames(
			say(`"tool_calls":[{"index":0,"id":"a","function":{"name":"f"}}]`), say(`"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}]`),
			say(`"tool_calls":[{"index":0,"function":{"name":"f","arguments":""}}]`), end("tool_calls")), []llm.Part{callPart("a", "f", "{}")}, llm.ReasonTool, ""},
		{"name in pieces", frames(
			say(`"tool_calls":[{"index":0,"id":"a","function":{"name":"get_"}}]`), say(`"tool_calls":[{"index":0,"function":{"name":"time","arguments":"{}"}}]`),
			end("tool_calls")), []llm.Part{callPart("a", "get_time", "{}")}, llm.ReasonTool, ""},
		{"arguments as object", frames(say(`"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":{"x":1.0}}}]`), end("tool_calls")),
			[]llm.Part{callPart("a", "f", `{"x":1.0}`)}, llm.ReasonTool, ""},
		{"interleaved fragments", frames(
			say(`"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\""}},{"index":1,"id":"b","function":{"name":"g","arguments":"{"}}]`),
			say(`"tool_calls":[{"index":0,"function":{"arguments":":1}"}}]`), say(`"tool_calls":[{"index":1,"function":{"arguments":"}"}}]`), end("tool_calls")),
			[]llm.Part{callPart("a", "f", `{"x":1}`), callPart("b", "g", "{}")}, llm.ReasonTool, ""},
		{"no arguments at all", frames(say(`"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f"}}]`), end("tool_calls")),
			[]llm.Part{callPart("a", "f", "")}, llm.ReasonTool, ""},
		{"text behind a call", frames(say(`"content":"a"`), say(`"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}]`), say(`"content":"b"`), end("stop")),
			[]llm.Part{text("a"), callPart("a", "f", "{}"), text("b")}, llm.ReasonTool, ""},
		{"function_call", frames(say(`"function_call":{"name":"f","arguments":""}`), say(`"function_call":{"arguments":"{}"}`), end("function_call")),
			[]llm.Part{callPart("", "f", "{}")}, llm.ReasonTool, ""},
		{"late signature", frames(
			say(`"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}]`),
			say(`"tool_calls":[{"index":0,"extra_content":{"google":{"thought_signature":"c2ln"}}}]`), end("stop")),
			[]llm.Part{{Kind: llm.KindCall, Seal: &llm.Seal{Issuer: llm.IssuerGoogle, Data: "c2ln"}, Call: &llm.Call{Kind: llm.CallFunction, ID: "a", Name: "f", Args: "{}"}}}, llm.ReasonTool, ""},
		{"content in parts", frames(say(`"content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]`), end("stop")), []llm.Part{text("ab")}, llm.ReasonEnd, ""},
		{"an image", frames(say(`"images":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]`), end("stop")),
			[]llm.Part{{Kind: llm.KindMedia, Media: &llm.Media{MIME: "image/png", Data: "AAAA"}}}, llm.ReasonEnd, ""},
		{"refusal", frames(say(`"refusal":"No."`), end("stop")), []llm.Part{{Kind: llm.KindText, Refusal: true, Text: "No."}}, llm.ReasonFilter, ""},
		{"filter without a word", frames(say(`"content":""`), end("content_filter")), nil, llm.ReasonFilter, ""},
		{"length without a word", frames(say(`"role":"assistant"`), end("length")), nil, llm.ReasonLength, ""},
		{"unknown word", frames(say(`"content":"a"`), end("peckish")), []llm.Part{text("a")}, llm.ReasonEnd, "adapted finish.unknown  peckish\n"},
		{"citation", frames(say(`"content":"né"`), say(`"annotations":[{"type":"url_citation","url_citation":{"url":"u","title":"t","start_index":0,"end_index":2}}]`), end("stop")),
			[]llm.Part{{Kind: llm.KindText, Text: "né", Citations: []llm.Citation{{URL: "u", Title: "t", End: 2}}}}, llm.ReasonEnd, ""},
		{"audio", frames(say(`"audio":{"id":"x","data":"AAAA"}`), say(`"audio":{"data":"AAA=","transcript":"hi"}`), end("stop")),
			[]llm.Part{{Kind: llm.KindMedia, Media: &llm.Media{MIME: "audio/pcm;rate=24000", Data: "AAAAAAA="}}, text("hi")}, llm.ReasonEnd, ""},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			losses := &llm.Losses{}
			resp, err := llm.Collect(llm.Validate(up.DecodeStream(strings.NewReader(row.stream), losses)))
			if err != nil {
				t.Fatal(err)
			}
			ch := resp.Choices[0]
			if d := cmp.Diff(row.want, ch.Parts); d != "" || ch.Close.Reason != row.reason {
				t.Errorf("reason %s\n%s", ch.Close.Reason, d)
			}
			if got := protocoltest.LossLines(losses, nil); got != row.losses {
				t.Errorf("losses %q", got)
			}
		})
	}
}

func TestStreamFaults(t *testing.T) {
	rows := []struct {
		name, stream string
		class        fault.Class
		code         string
	}{
		{"nothing", "", fault.UpstreamProtocol, "incomplete_response"},
		{"cut", frames(say(`"content":"a"`)), fault.UpstreamProtocol, "incomplete_response"},
		{"cut inside a frame", frames(say(`"content":"a"`)) + `data: {"choices":[{"del`, fault.UpstreamProtocol, "incomplete_response"},
		{"only DONE", frames("[DONE]"), fault.UpstreamProtocol, "incomplete_response"},
		{"nothing said", frames(say(`"role":"assistant"`), end("stop"), "[DONE]"), fault.UpstreamProtocol, "empty_response"},
		{"garbage", frames("<html>"), fault.UpstreamProtocol, "malformed_response"},
		{"not an object", frames("[1]"), fault.UpstreamProtocol, "malformed_response"},
		{"wrong kind", frames(`{"choices":{}}`), fault.UpstreamProtocol, "malformed_response"},
		{"choice number", frames(`{"choices":[{"index":100000}]}`), fault.UpstreamProtocol, "malformed_response"},
		{"error", frames(say(`"content":"a"`), `{"error":{"message":"slow down","code":"rate_limit_exceeded"}}`), fault.RateLimited, ""},
		{"error with status", frames(`{"error":{"message":"x","code":503}}`), fault.Overloaded, ""},
		{"error as text", frames(`{"error":"kaput"}`), fault.Internal, ""},
		{"bare error", `{"error":{"message":"kaput"}}` + "\n\n", fault.Internal, ""},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			_, err := llm.Collect(llm.Validate(up.DecodeStream(strings.NewReader(row.stream), &llm.Losses{})))
			if e := fault.From(err); err == nil || e.Class != row.class || e.Code != row.code || e.Message == "" {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestUsage(t *testing.T) {
	rows := map[string]llm.Usage{
		`{"prompt_tokens":2600,"completion_tokens":90,"prompt_tokens_details":{"cached_tokens":2000,"cache_write_tokens":400},"completion_tokens_details":{"reasoning_tokens":64}}`: {
			Input: 200, CacheRead: 2000, CacheWrite: 400, Output: 26, Reasoning: 64, ReasoningKnown: true},
		`{"prompt_tokens":10,"completion_tokens":5,"prompt_cache_hit_tokens":4,"prompt_tokens_details":null}`: {Input: 6, CacheRead: 4, Output: 5},
		`{"prompt_tokens":1,"completion_tokens":-5,"prompt_tokens_details":{"cached_tokens":4}}`:              {CacheRead: 4},
	}
	for raw, want := range rows {
		// The last one counts, also behind the finish reason.
		stream := frames(`{"usage":{"prompt_tokens":1},"choices":[{"delta":{"content":"a"},"finish_reason":"stop"}]}`, `{"choices":[],"usage":`+raw+`}`, "[DONE]")
		resp, err := llm.Collect(up.DecodeStream(strings.NewReader(stream), nil))
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(&want, resp.Usage); d != "" {
			t.Errorf("%s:\n%s", raw, d)
		}
	}
}

func TestDecodeError(t *testing.T) {
	rows := []struct {
		name   string
		status int
		header http.Header
		body   string
		class  fault.Class
		scope  fault.Scope
		code   string
		retry  time.Duration
	}{
		{"bad key", 401, nil, `{"error":{"message":"Incorrect API key provided: sk-fake1234.","type":"invalid_request_error","code":"invalid_api_key"}}`, fault.UpstreamAuth, fault.ScopeAccount, "", 0},
		{"forbidden", 403, nil, `{"error":{"message":"Country not supported"}}`, fault.UpstreamAuth, fault.ScopeAccount, "", 0},
		{"no money", 402, nil, `{"error":{"message":"Insufficient Balance"}}`, fault.QuotaExhausted, fault.ScopeAccount, "", 0},
		{"quota", 429, nil, `{"error":{"message":"You exceeded your current quota","type":"insufficient_quota","code":"insufficient_quota"}}`, fault.QuotaExhausted, fault.ScopeAccount, "", 0},
		{"limit, header", 429, http.Header{"Retry-After": {"7"}}, `{"error":{"message":"x","code":"rate_limit_exceeded"}}`, fault.RateLimited, fault.ScopeModel, "", 7 * time.Second},
		{"limit, milliseconds", 429, http.Header{"Retry-After-Ms": {"250"}, "Retry-After": {"1"}}, `{}`, fault.RateLimited, fault.ScopeModel, "", 250 * time.Millisecond},
		{"limit, message", 429, nil, `{"error":{"message":"Please try again in 1m2.5s.","type":"tokens"}}`, fault.RateLimited, fault.ScopeModel, "", 62500 * time.Millisecond},
		{"limit, reset", 429, http.Header{"X-Ratelimit-Remaining-Tokens": {"0"}, "X-Ratelimit-Reset-Tokens": {"6m0s"}}, `{}`, fault.QuotaExhausted, fault.ScopeModel, "", 6 * time.Minute},
		{"limit, blind", 429, nil, `not json`, fault.RateLimited, fault.ScopeModel, "", 10 * time.Second},
		{"context", 400, nil, `{"error":{"message":"m","code":"context_length_exceeded"}}`, fault.InvalidRequest, fault.ScopeNone, "context_length_exceeded", 0},
		{"context, by word", 400, nil, `{"object":"error","message":"This model's maximum context length is 8 tokens","code":400}`, fault.InvalidRequest, fault.ScopeNone, "context_length_exceeded", 0},
		{"bad value", 400, nil, `{"error":{"message":"m","type":"invalid_request_error","param":"top_p","code":"unsupported_value"}}`, fault.InvalidRequest, fault.ScopeNone, "unsupported_value", 0},
		{"seal", 400, nil, `[{"error":{"code":400,"message":"Corrupted thought signature."}}]`, fault.InvalidRequest, fault.ScopeNone, protocol.CodeSealRejected, 0},
		{"model", 404, nil, `{"error":{"message":"m","code":"model_not_found"}}`, fault.NotFound, fault.ScopeModel, "model_not_found", 0},
		{"wrong address", 404, nil, `<html>`, fault.NotFound, fault.ScopeModel, "model_not_found", 0},
		{"detail", 422, nil, `{"detail":"Field required"}`, fault.InvalidRequest, fault.ScopeNone, "", 0},
		{"too large", 413, nil, ``, fault.TooLarge, fault.ScopeNone, "", 0},
		{"server", 500, nil, `{"error":{"message":"m"}}`, fault.Internal, fault.ScopeRequest, "", 0},
		{"gateway", 502, nil, ``, fault.UpstreamProtocol, fault.ScopeRequest, "", 0},
		{"busy", 503, nil, `{"error":"busy"}`, fault.Overloaded, fault.ScopeRequest, "", 0},
		{"slow", 504, nil, ``, fault.Timeout, fault.ScopeRequest, "", 0},
		{"redirect", 302, nil, ``, fault.UpstreamProtocol, fault.ScopeAccount, "", 0},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			e := up.DecodeError(row.status, row.header, []byte(row.body))
			if e.Class != row.class || e.Scope != row.scope || e.Code != row.code || e.RetryAfter != row.retry {
				t.Errorf("%s scope %s code %q retry %s", e.Class, e.Scope, e.Code, e.RetryAfter)
			}
			if strings.Contains(e.Error(), "sk-") || e.Message == "" {
				t.Errorf("message %q", e.Message)
			}
		})
	}
}

// A family's rules, as the wire shows them.
func TestOptions(t *testing.T) {
	rows := []struct {
		name string
		caps family.Caps
		req  llm.Request
		want string // members behind the messages
		loss string
	}{
		{"limit of OpenAI", family.OpenAI("gpt-4.1"), llm.Request{Sampling: llm.Sampling{MaxTokens: llm.Ptr(int64(99999)), Temperature: "0.50", TopK: "4"}},
			`"max_completion_tokens":32768,"temperature":0.50`, "adapted max_tokens max_tokens 99999 -> 32768\ndropped top_k top_k\n"},
		{"limit elsewhere", family.Compatible("llama-4"), llm.Request{Sampling: llm.Sampling{MaxTokens: llm.Ptr(int64(9)), Stop: []string{"a", "b", "c", "d", "e"}}, EndUser: "u"},
			`"max_tokens":9,"stop":["a","b","c","d","e"],"user":"u"`, ""},
		{"reasoning model", family.OpenAI("gpt-5"), llm.Request{Sampling: llm.Sampling{Temperature: "1", Stop: []string{"a", "", "b"}}, Reasoning: llm.Reasoning{Mode: llm.ReasoningOff}},
			`"stop":["a","b"],"reasoning_effort":"minimal"`, "adapted reasoning.effort reasoning off -> minimal\ndropped stop.extra stop\ndropped sampling temperature\n"},
		{"off and sampling", family.OpenAI("gpt-5.1"), llm.Request{Sampling: llm.Sampling{Temperature: "1"}, Reasoning: llm.Reasoning{Mode: llm.ReasoningOff}},
			`"temperature":1,"reasoning_effort":"none"`, ""},
		{"no stops", family.OpenAI("o4-mini"), llm.Request{Sampling: llm.Sampling{Stop: []string{"a"}}, Reasoning: llm.Reasoning{Effort: llm.EffortMax}},
			`"reasoning_effort":"high"`, "adapted reasoning.effort reasoning max -> high\ndropped stop stop\n"},
		{"tools without reasoning", family.OpenAI("gpt-5.6"), llm.Request{Reasoning: llm.Reasoning{Effort: llm.EffortLow}, Tools: []llm.Tool{{Kind: llm.ToolFunction, Name: "f"}}},
			`"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{}}}}],"reasoning_effort":"none"`, "dropped reasoning.chat_tools reasoning low\n"},
		{"switch", family.Compatible("deepseek-v4"), llm.Request{Reasoning: llm.Reasoning{Effort: llm.EffortLow}}, `"thinking":{"type":"enabled"}`, "adapted reasoning.effort reasoning the model reasons or does not\n"},
		{"flag", family.Compatible("qwen/qwen3-coder"), llm.Request{Reasoning: llm.Reasoning{Mode: llm.ReasoningOff}}, `"enable_thinking":false`, ""},
		{"vendor options", family.OpenAI("gpt-5"), llm.Request{EndUser: `{"a":1}`, Affinity: "session", Metadata: []byte(`{"a":"b"}`), ServiceTier: "standard_only", Sampling: llm.Sampling{Verbosity: "low"}},
			`"safety_identifier":"015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862","prompt_cache_key":"3f3af1ecebbd1410ab417ec0d27bbfcb","metadata":{"a":"b"},"verbosity":"low","service_tier":"default"`, ""},
		{"dropped elsewhere", family.Compatible("x"), llm.Request{Affinity: "session", Metadata: []byte(`{"a":"b"}`), ServiceTier: "flex", Sampling: llm.Sampling{Verbosity: "low"}, CacheAuto: &llm.Cache{}}, ``,
			"dropped cache cache_control\ndropped metadata metadata\ndropped service_tier service_tier flex\ndropped verbosity verbosity\n"},
		{"schema", family.OpenAI("gpt-4o"), llm.Request{Format: llm.Format{Kind: llm.FormatSchema, Schema: []byte(`{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]}`)}},
			`"response_format":{"type":"json_schema","json_schema":{"name":"response","schema":{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false},"strict":true}}`, ""},
		{"schema that cannot be strict", family.OpenAI("gpt-4o"), llm.Request{Format: llm.Format{Kind: llm.FormatSchema, Name: "n", Schema: []byte(`{"type":"object","properties":{"a":{}}}`)}},
			`"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object","properties":{"a":{}}},"strict":false}}`, ""},
		{"choice without tools", family.OpenAI("gpt-4o"), llm.Request{ToolChoice: llm.ToolChoice{Mode: llm.ChoiceAny, Parallel: llm.Ptr(false)}}, ``, ""},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			row.req.Turns = []llm.Turn{{Role: llm.RoleUser, Parts: []llm.Part{llm.TextPart("hi")}}}
			losses := &llm.Losses{}
			enc, err := up.EncodeRequest(&row.req, target("m", row.caps), losses)
			if err != nil {
				t.Fatal(err)
			}
			want := `{"model":"m","messages":[{"role":"user","content":"hi"}]`
			if row.want != "" {
				want += "," + row.want
			}
			if d := cmp.Diff(want+"}", string(enc.Body)); d != "" {
				t.Error(d)
			}
			if d := cmp.Diff(row.loss, protocoltest.LossLines(losses, nil)); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestRefusedRequests(t *testing.T) {
	media := func(m llm.Media) []llm.Part { return []llm.Part{{Kind: llm.KindMedia, Media: &m}} }
	tools := make([]llm.Tool, 129)
	for i := range tools {
		tools[i] = llm.Tool{Kind: llm.ToolFunction, Name: "f" + string(rune('a'+i%26)) + string(rune('a'+i/26))}
	}
	user := func(parts []llm.Part) llm.Request {
		return llm.Request{Turns: []llm.Turn{{Role: llm.RoleUser, Parts: parts}}}
	}
	rows := map[string]struct {
		req  llm.Request
		code string
	}{
		"video":       {user(media(llm.Media{MIME: "video/mp4", Data: "AAAA"})), "media.kind"},
		"heic":        {user(media(llm.Media{MIME: "image/heic", Data: "AAAA"})), "media.kind"},
		"no type":     {user(media(llm.Media{Data: "AAAA"})), "media.mime"},
		"file":        {user(media(llm.Media{FileID: "files/x"})), "media.file_id"},
		"document":    {user(media(llm.Media{URL: "https://a/b.pdf", Document: true})), "media.fetch"},
		"youtube":     {user(media(llm.Media{URL: "https://youtu.be/x"})), "media.kind"},
		"many tools":  {llm.Request{Tools: tools}, "tool.count"},
		"warming":     {llm.Request{Sampling: llm.Sampling{MaxTokens: llm.Ptr(int64(0))}}, "max_tokens.zero"},
		"speech":      {llm.Request{Modalities: []string{"audio"}}, "audio.out"},
		"forced tool": {llm.Request{Tools: []llm.Tool{{Kind: llm.ToolServer, Builtin: llm.BuiltinCodeExecution, Name: "code"}}, ToolChoice: llm.ToolChoice{Mode: llm.ChoiceAny, Names: []string{"code"}}}, "tool.builtin"},
	}
	for name, row := range rows {
		_, err := up.EncodeRequest(&row.req, target("m", family.OpenAI("gpt-4o")), nil)
		if e := fault.From(err); err == nil || e.Class != fault.InvalidRequest || e.Code != row.code || e.Param == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}
