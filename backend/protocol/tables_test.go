package protocol_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol/crossing"
	"antigravity-tools/backend/protocol/protocoltest"
	"antigravity-tools/backend/rawjson"
)

// sent is what became of a client's request: the named members of the body
// that went up, or the refusal, and the losses.
type sent struct {
	members []string
	losses  []string
	body    []byte
}

func (s sent) String() string {
	return strings.Join(append(slices.Clone(s.members), s.losses...), "\n")
}

// send brings a body from a client to a Gemini model.
func send(t *testing.T, client, model, body string, members ...string) sent {
	t.Helper()
	return sendTo(t, client+"-G", model, body, members...)
}

// sendTo brings a body to the upstream of a pair. Of the members that are
// named, those that are there are shown.
func sendTo(t *testing.T, pair, model, body string, members ...string) sent {
	t.Helper()
	c := pairCell(pair, model)
	c.Inbound.Body = []byte(body)
	losses := &llm.Losses{}
	var out sent
	req, err := c.Client.DecodeRequest(c.Inbound, losses)
	if err == nil {
		crossing.Normalize(req, losses)
		enc, encErr := c.Upstream.EncodeRequest(req, c.Target, losses)
		out.body, err = enc.Body, encErr
	}
	if err != nil {
		out.members = []string{"error " + err.Error()}
		out.losses = lines(protocoltest.LossLines(losses, fault.From(err)))
		return out
	}
	for _, name := range members {
		if raw, ok := rawjson.Get(out.body, strings.Split(name, ".")...); ok {
			out.members = append(out.members, name+" "+string(rawjson.Compact(nil, raw)))
		}
	}
	out.losses = lines(protocoltest.LossLines(losses, nil))
	return out
}

func lines(s string) (out []string) {
	for line := range strings.Lines(s) {
		out = append(out, strings.TrimRight(line, "\n"))
	}
	return out
}

// table is a golden file of rows.
type table struct{ b strings.Builder }

func (w *table) row(title, body string) {
	fmt.Fprintf(&w.b, "== %s\n", title)
	for _, line := range lines(body) {
		fmt.Fprintf(&w.b, "   %s\n", line)
	}
}

// byOutcome is a table of models; those of which the same becomes stand together.
func byOutcome(models []string, rowsOf func(model string) string) string {
	var titles []string
	alike := map[string][]string{} // outcome → models
	for _, model := range models {
		outcome := rowsOf(model)
		if alike[outcome] == nil {
			titles = append(titles, outcome)
		}
		alike[outcome] = append(alike[outcome], model)
	}
	var w table
	for _, outcome := range titles {
		w.row(strings.Join(alike[outcome], ", "), outcome)
	}
	return w.b.String()
}

func TestToolChoice(t *testing.T) {
	const tools = `[{"type":"function","function":{"name":"a"}},{"type":"function","function":{"name":"b"}},{"type":"function","function":{"name":"c d"}}]`
	var w table
	for _, choice := range []string{
		`"tool_choice":"auto"`, `"tool_choice":"none"`, `"tool_choice":"required"`,
		`"tool_choice":{"type":"function","function":{"name":"b"}}`,
		`"tool_choice":{"type":"function","function":{"name":"c d"}}`,
		`"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[{"type":"function","function":{"name":"a"}},{"type":"function","function":{"name":"b"}}]}}`,
		`"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[{"type":"function","function":{"name":"c d"}}]}}`,
		`"parallel_tool_calls":false`, `"parallel_tool_calls":true`,
		`"tool_choice":"required","parallel_tool_calls":false`,
		`"tool_choice":{"type":"function","function":{"name":"missing"}}`,
		`"tool_choice":"sometimes"`,
	} {
		body := `{"model":"m","messages":[{"role":"user","content":"x"}],"tools":` + tools + `,` + choice + `}`
		w.row(choice, send(t, "C", "gemini-3-flash", body, "toolConfig").String())
	}
	none := `{"model":"m","messages":[{"role":"user","content":"x"}],"tool_choice":"required"}`
	w.row("without tools", send(t, "C", "gemini-3-flash", none, "toolConfig").String())
	old := `{"model":"m","messages":[{"role":"user","content":"x"}],"functions":[{"name":"a"}],"function_call":{"name":"a"}}`
	w.row("function_call", send(t, "C", "gemini-3-flash", old, "tools", "toolConfig").String())
	for _, choice := range []string{
		`{"type":"auto"}`, `{"type":"none"}`, `{"type":"any","disable_parallel_tool_use":true}`, `{"type":"tool","name":"a"}`,
	} {
		body := `{"model":"m","max_tokens":9000,"messages":[{"role":"user","content":"x"}],"tools":[{"name":"a","input_schema":{"type":"object"}}],"tool_choice":` + choice + `}`
		w.row("Messages "+choice, send(t, "A", "gemini-3-flash", body, "toolConfig").String())
	}
	for _, n := range []int{512, 513} {
		var many []string
		for i := range n {
			many = append(many, fmt.Sprintf(`{"type":"function","function":{"name":"f%d"}}`, i))
		}
		body := `{"model":"m","messages":[{"role":"user","content":"x"}],"tools":[` + strings.Join(many, ",") + `]}`
		w.row(fmt.Sprintf("%d tools", n), send(t, "C", "gemini-3-flash", body, "toolConfig").String())
	}
	protocoltest.Golden(t, w.b.String(), "43_tool_choice", "C-G", "table.txt")
}

func TestSampling(t *testing.T) {
	var w table
	for _, ask := range []string{
		`"temperature":0.10,"top_p":1,"presence_penalty":-2.0,"frequency_penalty":1e-1`,
		`"temperature":1.00000000000000000001`,
		`"temperature":2.5`,
		`"top_k":40`, `"seed":42`, `"seed":-2147483648`, `"seed":2147483648`, `"seed":12345678901234567890`,
		`"stop":"END"`, `"stop":["a","b","c","d"]`, `"stop":["a","b","c","d","e","f","g"]`, `"stop":[]`, `"stop":null`,
		`"n":1`, `"n":3`, `"logit_bias":{"50256":-100}`, `"verbosity":"low"`,
		`"max_tokens":100`, `"max_completion_tokens":100,"max_tokens":200`, `"max_tokens":70000`, `"max_tokens":0`,
		`"prediction":{"type":"content","content":"x"}`, `"user":"u1"`, `"safety_identifier":"s1"`,
		`"metadata":{"k":"v"}`, `"service_tier":"flex"`, `"service_tier":"priority"`, `"service_tier":"auto"`, `"service_tier":"default"`, `"service_tier":"scale"`,
		`"store":true`, `"prompt_cache_key":"k"`, `"logprobs":true,"top_logprobs":5`, `"logprobs":false`,
		`"modalities":["text"]`, `"temperature":"hot"`, `"max_tokens":1.5`, `"unknown_member":{"a":1}`,
	} {
		body := `{"model":"m","messages":[{"role":"user","content":"x"}],` + ask + `}`
		s := send(t, "C", "gemini-3-flash", body, "generationConfig", "serviceTier")
		for i := range s.members {
			s.members[i] = strings.Replace(s.members[i], `"thinkingConfig":{"includeThoughts":true}`, "…", 1)
		}
		w.row(ask, s.String())
	}
	seven := `["a","b","c","d","e","f","g"]`
	body := `{"model":"m","max_tokens":100,"messages":[{"role":"user","content":"x"}],"temperature":1.0,"top_k":40,"top_p":0.950,"stop_sequences":` + seven + `,"service_tier":"standard_only","speed":"fast"}`
	w.row("Messages", send(t, "A", "gemini-3-flash", body, "generationConfig", "serviceTier").String())
	zero := `{"model":"m","max_tokens":0,"messages":[{"role":"user","content":"x"}]}`
	w.row("Messages max_tokens 0", send(t, "A", "gemini-3-flash", zero, "generationConfig").String())
	protocoltest.Golden(t, w.b.String(), "51_sampling", "C-G", "table.txt")
}
