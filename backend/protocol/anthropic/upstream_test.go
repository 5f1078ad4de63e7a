package anthropic_test

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

func frames(objects ...string) string {
	var b strings.Builder
	for _, o := range objects {
		b.WriteString("data: " + o + "\n\n")
	}
	return b.String()
}

const (
	started = `{"type":"message_start","message":{"id":"i","model":"m","usage":{"input_tokens":12,"cache_read_input_tokens":9000,"cache_creation_input_tokens":500,"cache_creation":{"ephemeral_1h_input_tokens":200},"output_tokens":1}}}`
	said    = `{"type":"content_block_start","index":0,"content_block":{"type":"text","text":"a"}}`
	over    = `{"type":"message_stop"}`
)

func stopping(word string) string {
	return `{"type":"message_delta","delta":{"stop_reason":"` + word + `","stop_sequence":"END","stop_details":null},"usage":{"output_tokens":350,"output_tokens_details":{"thinking_tokens":120}}}`
}

func TestUpstreamStreams(t *testing.T) {
	usage := &llm.Usage{Input: 12, CacheRead: 9000, CacheWrite: 500, CacheLong: 200, Output: 230, Reasoning: 120, ReasoningKnown: true}
	for word, want := range map[string]llm.Close{
		"end_turn": {Reason: llm.ReasonEnd}, "max_tokens": {Reason: llm.ReasonLength}, "refusal": {Reason: llm.ReasonFilter},
		"stop_sequence": {Reason: llm.ReasonStopSequence, StopSequence: "END"}, "pause_turn": {Reason: llm.ReasonPause},
		"model_context_window_exceeded": {Reason: llm.ReasonContext}, "peckish": {Reason: llm.ReasonEnd, Detail: "peckish"},
	} {
		// A message_stop may be missing, a block may be left open, new events may come.
		for _, tail := range []string{frames(over), ""} {
			stream := frames(started, `{"type":"ping"}`, said, `{"type":"brand_new"}`, stopping(word)) + tail
			resp, err := llm.Collect(llm.Validate(up.DecodeStream(strings.NewReader(stream), nil)))
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(want, resp.Choices[0].Close); d != "" || resp.Choices[0].Parts[0].Text != "a" {
				t.Errorf("%s: %s", word, d)
			}
			if d := cmp.Diff(usage, resp.Usage); d != "" {
				t.Error(d)
			}
		}
	}
}

func TestUpstreamStreamFaults(t *testing.T) {
	rows := []struct {
		name, stream string
		class        fault.Class
		code         string
	}{
		{"nothing", "", fault.UpstreamProtocol, "incomplete_response"},
		{"cut", frames(started, said), fault.UpstreamProtocol, "incomplete_response"},
		{"stop without a reason", frames(started, said, over), fault.UpstreamProtocol, "incomplete_response"},
		{"nothing said", frames(started, stopping("end_turn"), over), fault.UpstreamProtocol, "empty_response"},
		{"garbage", frames("<html>"), fault.UpstreamProtocol, "malformed_response"},
		{"not an object", frames("[]"), fault.UpstreamProtocol, "malformed_response"},
		{"delta of no block", frames(started, `{"type":"content_block_delta","index":4,"delta":{}}`), fault.UpstreamProtocol, "malformed_response"},
		{"block before the message", frames(said), fault.UpstreamProtocol, "malformed_response"},
		{"started twice", frames(started, started), fault.UpstreamProtocol, "malformed_response"},
		{"overloaded", frames(started, said, `{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}`), fault.Overloaded, ""},
		{"error of another shape", frames(`{"error":{"message":"x"}}`), fault.Internal, ""},
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

func TestUpstreamErrors(t *testing.T) {
	of := func(kind, message string) string {
		return `{"type":"error","error":{"type":"` + kind + `","message":"` + message + `"},"request_id":"r"}`
	}
	soon := time.Now().Add(30 * time.Second).UTC().Format(time.RFC3339)
	rows := []struct {
		name   string
		status int
		header http.Header
		body   string
		class  fault.Class
		scope  fault.Scope
		code   string
		retry  time.Duration // at least; 0: none
	}{
		{"bad key", 401, nil, of("authentication_error", "invalid x-api-key sk-ant-fake"), fault.UpstreamAuth, fault.ScopeAccount, "", 0},
		{"forbidden", 403, nil, of("permission_error", "no"), fault.UpstreamAuth, fault.ScopeAccount, "", 0},
		{"billing", 402, nil, of("billing_error", "pay"), fault.QuotaExhausted, fault.ScopeAccount, "", 0},
		{"no credit", 400, nil, of("invalid_request_error", "Your credit balance is too low to access the API."), fault.QuotaExhausted, fault.ScopeAccount, "", 0},
		{"too long", 400, nil, of("invalid_request_error", "prompt is too long: 9 tokens > 8 maximum"), fault.InvalidRequest, fault.ScopeNone, "context_length_exceeded", 0},
		{"prefill", 400, nil, of("invalid_request_error", "This model does not support assistant message prefill. The conversation must end with a user message."), fault.InvalidRequest, fault.ScopeNone, protocol.CodePrefill, 0},
		{"signature", 400, nil, of("invalid_request_error", "messages.1.content.0: Invalid `signature` in `thinking` block"), fault.InvalidRequest, fault.ScopeNone, protocol.CodeSealRejected, 0},
		{"plain 400", 400, nil, of("invalid_request_error", "max_tokens: Field required"), fault.InvalidRequest, fault.ScopeNone, "", 0},
		{"model", 404, nil, of("not_found_error", "model: x"), fault.NotFound, fault.ScopeModel, "model_not_found", 0},
		{"large", 413, nil, of("request_too_large", "x"), fault.TooLarge, fault.ScopeNone, "", 0},
		{"limit", 429, http.Header{"Retry-After": {"7"}}, of("rate_limit_error", "x"), fault.RateLimited, fault.ScopeModel, "", 7 * time.Second},
		{"limit, reset", 429, http.Header{"Anthropic-Ratelimit-Tokens-Remaining": {"0"}, "Anthropic-Ratelimit-Tokens-Reset": {soon}}, of("rate_limit_error", "x"), fault.RateLimited, fault.ScopeModel, "", 20 * time.Second},
		{"limit, blind", 429, nil, `{}`, fault.RateLimited, fault.ScopeModel, "", 10 * time.Second},
		{"spent", 429, nil, `{"error":{"type":"rate_limit_error","message":"x","details":{"error_code":"enforced_spend_limit_reached"}}}`, fault.QuotaExhausted, fault.ScopeAccount, "", 0},
		{"overloaded", 529, nil, of("overloaded_error", "Overloaded"), fault.Overloaded, fault.ScopeRequest, "", 0},
		{"server", 500, nil, of("api_error", "x"), fault.Internal, fault.ScopeRequest, "", 0},
		{"gateway", 502, nil, `<html>`, fault.UpstreamProtocol, fault.ScopeRequest, "", 0},
		{"compatible", 429, nil, `{"error":{"code":"1302","message":"busy"}}`, fault.RateLimited, fault.ScopeModel, "", 10 * time.Second},
		{"redirect", 302, nil, ``, fault.UpstreamProtocol, fault.ScopeAccount, "", 0},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			e := up.DecodeError(row.status, row.header, []byte(row.body))
			if e.Class != row.class || e.Scope != row.scope || e.Code != row.code || e.RetryAfter < row.retry || row.retry == 0 && e.RetryAfter > 0 {
				t.Errorf("%s scope %s code %q retry %s", e.Class, e.Scope, e.Code, e.RetryAfter)
			}
			if strings.Contains(e.Error(), "sk-ant") || e.Message == "" {
				t.Errorf("message %q", e.Message)
			}
		})
	}
}

// A family's rules, as the wire shows them.
func TestUpstreamOptions(t *testing.T) {
	ten := llm.Ptr(int64(10_000))
	rows := []struct {
		name string
		caps family.Caps
		req  llm.Request
		want string // members behind the messages
		loss string
	}{
		{"manual", family.Anthropic("claude-sonnet-4-5"), llm.Request{Sampling: llm.Sampling{Temperature: "0.5", TopK: "4"}, Reasoning: llm.Reasoning{Effort: llm.EffortHigh}},
			`"thinking":{"type":"enabled","budget_tokens":8976}`, "adapted reasoning.effort reasoning 24576 -> 8976\ndropped sampling temperature\ndropped sampling top_k\n"},
		{"manual, no amount", family.Anthropic("claude-haiku-4-5"), llm.Request{Reasoning: llm.Reasoning{Mode: llm.ReasoningOn, Visible: llm.VisibleOmit}},
			`"thinking":{"type":"enabled","budget_tokens":8192,"display":"omitted"}`, ""},
		{"off", family.Anthropic("claude-opus-5"), llm.Request{Reasoning: llm.Reasoning{Mode: llm.ReasoningOff}}, `"thinking":{"type":"disabled"}`, ""},
		{"off, not there", family.Anthropic("claude-fable-5"), llm.Request{Reasoning: llm.Reasoning{Mode: llm.ReasoningOff}},
			`"output_config":{"effort":"low"}`, "adapted reasoning.effort reasoning off -> low\n"},
		{"off, between", family.Anthropic("claude-sonnet-5-5"), llm.Request{Reasoning: llm.Reasoning{Mode: llm.ReasoningOff}},
			`"thinking":{"type":"between_tools"}`, "adapted reasoning.effort reasoning off -> between_tools\n"},
		{"budget for a word", family.Anthropic("claude-opus-4-8"), llm.Request{Reasoning: llm.Reasoning{Budget: llm.Ptr(int64(9000)), Visible: llm.VisibleText}},
			`"thinking":{"type":"adaptive","display":"summarized"},"output_config":{"effort":"high"}`, ""},
		{"one of two", family.Anthropic("claude-sonnet-4-5"), llm.Request{Sampling: llm.Sampling{Temperature: "0.20", TopP: "0.9"}}, `"temperature":0.20`, "dropped sampling top_p\n"},
		{"tier and user", family.Anthropic("claude-opus-5"), llm.Request{ServiceTier: "default", EndUser: "u"}, `"metadata":{"user_id":"u"},"service_tier":"standard_only"`, ""},
		{"what it has not", family.Anthropic("claude-opus-5"), llm.Request{ServiceTier: "flex", Sampling: llm.Sampling{Verbosity: "low", PresencePenalty: "1", Logprobs: llm.Ptr(true)}}, ``,
			"dropped logprobs logprobs\ndropped penalty presence_penalty\ndropped service_tier service_tier flex\ndropped verbosity verbosity\n"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			row.req.Turns = []llm.Turn{{Role: llm.RoleUser, Parts: []llm.Part{llm.TextPart("hi")}}}
			row.req.Sampling.MaxTokens = ten
			losses := &llm.Losses{}
			enc, err := up.EncodeRequest(&row.req, target("m", row.caps), losses)
			if err != nil {
				t.Fatal(err)
			}
			want := `{"model":"m","max_tokens":10000,"messages":[{"role":"user","content":"hi"}]`
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

func TestUpstreamRefuses(t *testing.T) {
	media := func(m llm.Media) llm.Request {
		return llm.Request{Turns: []llm.Turn{{Role: llm.RoleUser, Parts: []llm.Part{{Kind: llm.KindMedia, Media: &m}}}}}
	}
	for code, req := range map[string]llm.Request{
		"media.kind": media(llm.Media{MIME: "audio/wav", Data: "AAAA"}), "media.mime": media(llm.Media{Data: "AAAA"}),
		"media.file_id": media(llm.Media{FileID: "file-x"}), "n": {Sampling: llm.Sampling{N: llm.Ptr(int64(2))}}, "audio.out": {Modalities: []string{"audio"}},
		"cached_content": {Native: llm.Native{Protocol: llm.Gemini, Rest: []byte(`{"cachedContent":"c"}`)}},
	} {
		_, err := up.EncodeRequest(&req, target("m", family.Anthropic("claude-opus-5")), nil)
		if e := fault.From(err); err == nil || e.Class != fault.InvalidRequest || e.Code != code || e.Param == "" {
			t.Errorf("%s: %v", code, err)
		}
	}
}

// TestUpstreamRefusesAnnounced: what the model's list entry says that it cannot
// see goes to no model that would refuse it.
func TestUpstreamRefusesAnnounced(t *testing.T) {
	no := llm.Ptr(false)
	blind := family.Anthropic("claude-opus-5").With(family.Announced{Images: no, PDF: no, WebSearch: llm.Ptr(true), CodeExecution: no})
	for name, m := range map[string]llm.Media{
		"picture": {MIME: "image/png", Data: "AAAA"}, "picture elsewhere": {MIME: "image/png", URL: "https://x.example/a.png"},
		"PDF": {MIME: "application/pdf", Data: "AAAA"}, "PDF elsewhere": {MIME: "application/pdf", URL: "https://x.example/a.pdf"},
	} {
		req := &llm.Request{Turns: []llm.Turn{{Role: llm.RoleUser, Parts: []llm.Part{{Kind: llm.KindMedia, Media: &m}}}}}
		if _, err := up.EncodeRequest(req, target("m", family.Anthropic("claude-opus-5")), nil); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := up.EncodeRequest(req, target("m", blind), nil); fault.From(err).Code != "media.kind" {
			t.Errorf("%s: %v", name, err)
		}
	}
	text := &llm.Request{Turns: []llm.Turn{{Role: llm.RoleUser, Parts: []llm.Part{{Kind: llm.KindMedia, Media: &llm.Media{MIME: "text/plain", Data: "aGk="}}}}},
		Tools: []llm.Tool{{Kind: llm.ToolServer, Name: "web_search", Builtin: llm.BuiltinWebSearch}, {Kind: llm.ToolServer, Name: "code_execution", Builtin: llm.BuiltinCodeExecution}}}
	losses := &llm.Losses{}
	enc, err := up.EncodeRequest(text, target("m", blind), losses)
	if err != nil || !strings.Contains(string(enc.Body), "web_search_2") || strings.Contains(string(enc.Body), "code_execution") || !strings.Contains(protocoltest.LossLines(losses, nil), "tool.builtin") {
		t.Errorf("%s %v %s", enc.Body, err, protocoltest.LossLines(losses, nil))
	}
}

func TestUpstreamCounts(t *testing.T) {
	req := &llm.Request{Sampling: llm.Sampling{MaxTokens: llm.Ptr(int64(5)), Temperature: "1"}, EndUser: "u",
		Turns: []llm.Turn{{Role: llm.RoleUser, Parts: []llm.Part{llm.TextPart("hi")}}}}
	enc, err := up.EncodeCount(req, target("m", family.Anthropic("claude-opus-4-1")), nil)
	if err != nil || string(enc.Body) != `{"model":"m","messages":[{"role":"user","content":"hi"}]}` {
		t.Errorf("%s %v", enc.Body, err)
	}
	if u, err := up.DecodeCount([]byte(`{"input_tokens":7}`)); err != nil || u.Input != 7 {
		t.Errorf("%+v %v", u, err)
	}
	for _, bad := range []string{``, `{}`, `{"input_tokens":-1}`, `[]`} {
		if _, err := up.DecodeCount([]byte(bad)); !fault.Is(err, fault.UpstreamProtocol) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
