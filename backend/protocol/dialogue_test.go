package protocol_test

import (
	"encoding/json"
	"fmt"
	"strings"

	"pgregory.net/rapid"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol/protocoltest"
)

// spokenTurn is one step of a conversation in no protocol: what the model said
// and called, with what followed.
type spokenTurn struct {
	said    string
	calls   []int // their results come in this order
	image   bool  // the first result holds a picture
	sealed  bool  // the first call is signed
	midway  bool  // the system says something behind
	ordinal int
}

// drawTurns draws the steps of a conversation.
func drawTurns(rt *rapid.T, sealed bool) (turns []spokenTurn) {
	text := rapid.SampledFrom([]string{"a", "b\n", "日本 🙂", "<b>&</b>", " x "})
	for i := range rapid.IntRange(1, 5).Draw(rt, "steps") {
		s := spokenTurn{said: text.Draw(rt, "said"), sealed: sealed, ordinal: i, midway: rapid.Bool().Draw(rt, "midway")}
		for j := range rapid.IntRange(0, 3).Draw(rt, "calls") {
			s.calls = append(s.calls, j)
		}
		s.calls = rapid.Permutation(s.calls).Draw(rt, "order")
		s.image = rapid.Bool().Draw(rt, "image")
		turns = append(turns, s)
	}
	return turns
}

func quoted(s string) string {
	out, _ := json.Marshal(s)
	return string(out)
}

// onePixel is a picture, in base64.
const onePixel = "iVBORw0KGgo="

// envelope is a signature of Google's for clients of other protocols.
func (s spokenTurn) envelope() string {
	return (&llm.Seal{Issuer: llm.IssuerGoogle, Model: "gemini-3-pro", Realm: protocoltest.Realm, Data: fmt.Sprintf("c2ln%d", s.ordinal)}).Envelope("call:0")
}

// in writes the step as history of a client.
func (s spokenTurn) in(client string) []string {
	switch client {
	case "C":
		return s.chat()
	case "R":
		return s.items()
	case "A":
		return s.messages()
	}
	return s.contents()
}

func (s spokenTurn) chat() []string {
	said := quoted(s.said)
	out := []string{`{"role":"assistant","content":` + said + `}`, `{"role":"user","content":` + said + `}`}
	if len(s.calls) > 0 {
		list := make([]string, len(s.calls))
		out = out[:1]
		for _, j := range s.calls {
			seal := ""
			if s.sealed && j == 0 {
				seal = fmt.Sprintf(`,"extra_content":{"google":{"thought_signature":"c2ln%d"}}`, s.ordinal)
			}
			list[j] = fmt.Sprintf(`{"id":"k%d_%d","type":"function","function":{"name":"f %d","arguments":"{}"}%s}`, s.ordinal, j, j, seal)
			out = append(out, fmt.Sprintf(`{"role":"tool","tool_call_id":"k%d_%d","content":%s}`, s.ordinal, j, said))
		}
		out[0] = `{"role":"assistant","content":` + said + `,"tool_calls":[` + strings.Join(list, ",") + `]}`
	}
	if s.midway {
		out = append(out, `{"role":"system","content":"mind the gap"}`)
	}
	return out
}

func (s spokenTurn) items() []string {
	said := quoted(s.said)
	out := []string{`{"type":"message","role":"assistant","content":[{"type":"output_text","text":` + said + `}]}`}
	if len(s.calls) == 0 {
		out = append(out, `{"role":"user","content":`+said+`}`)
	}
	for j := range s.calls {
		if s.sealed && j == 0 {
			out = append(out, `{"type":"reasoning","summary":[],"encrypted_content":"`+s.envelope()+`"}`)
		}
		out = append(out, fmt.Sprintf(`{"type":"function_call","call_id":"k%d_%d","name":"f %d","arguments":"{}"}`, s.ordinal, j, j))
	}
	for _, j := range s.calls {
		output := said
		if s.image && j == 0 {
			output = `[{"type":"input_text","text":` + said + `},{"type":"input_image","image_url":"data:image/png;base64,` + onePixel + `"}]`
		}
		out = append(out, fmt.Sprintf(`{"type":"function_call_output","call_id":"k%d_%d","output":%s}`, s.ordinal, j, output))
	}
	if s.midway {
		out = append(out, `{"role":"system","content":"mind the gap"}`)
	}
	return out
}

func (s spokenTurn) messages() []string {
	said := quoted(s.said)
	blocks := []string{`{"type":"text","text":` + said + `}`}
	var results []string
	for j := range s.calls {
		if s.sealed && j == 0 {
			blocks = append(blocks, `{"type":"thinking","thinking":"","signature":"`+s.envelope()+`"}`)
		}
		blocks = append(blocks, fmt.Sprintf(`{"type":"tool_use","id":"k%d_%d","name":"f_%d","input":{}}`, s.ordinal, j, j))
	}
	for _, j := range s.calls {
		content := said
		if s.image && j == 0 {
			content = `[{"type":"text","text":` + said + `},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"` + onePixel + `"}}]`
		}
		results = append(results, fmt.Sprintf(`{"type":"tool_result","tool_use_id":"k%d_%d","content":%s}`, s.ordinal, j, content))
	}
	user := said
	if results != nil {
		user = `[` + strings.Join(results, ",") + `]`
	}
	out := []string{`{"role":"assistant","content":[` + strings.Join(blocks, ",") + `]}`, `{"role":"user","content":` + user + `}`}
	if s.midway {
		out = append(out, `{"role":"system","content":"mind the gap"}`)
	}
	return out
}

func (s spokenTurn) contents() []string {
	said := quoted(s.said)
	parts := []string{`{"text":` + said + `}`}
	var results []string
	for j := range s.calls {
		seal := ""
		if s.sealed && j == 0 {
			seal = fmt.Sprintf(`,"thoughtSignature":"c2ln%d"`, s.ordinal)
		}
		parts = append(parts, fmt.Sprintf(`{"functionCall":{"id":"k%d_%d","name":"f_%d","args":{}}%s}`, s.ordinal, j, j, seal))
	}
	for _, j := range s.calls {
		media := ""
		if s.image && j == 0 {
			media = `,"parts":[{"inlineData":{"mimeType":"image/png","data":"` + onePixel + `"}}]`
		}
		results = append(results, fmt.Sprintf(`{"functionResponse":{"id":"k%d_%d","name":"f_%d","response":{"output":%s}%s}}`, s.ordinal, j, j, said, media))
	}
	if results == nil {
		results = []string{`{"text":` + said + `}`}
	}
	return []string{`{"role":"model","parts":[` + strings.Join(parts, ",") + `]}`, `{"role":"user","parts":[` + strings.Join(results, ",") + `]}`}
}

// conversationBody is a client's request with this history.
func conversationBody(client string, turns []string) string {
	first := map[string]string{
		"C": `{"role":"system","content":"S"},{"role":"user","content":"start"}`, "R": `{"role":"user","content":"start"}`,
		"A": `{"role":"user","content":"start"}`, "G": `{"role":"user","parts":[{"text":"start"}]}`,
	}[client]
	body := map[string]string{
		"C": `{"model":"m","tools":[{"type":"function","function":{"name":"f 0"}}],"messages":[`,
		"R": `{"model":"m","store":false,"instructions":"S","tools":[{"type":"function","name":"f 0","parameters":{}}],"input":[`,
		"A": `{"model":"m","max_tokens":9000,"system":"S","tools":[{"name":"f_0","input_schema":{"type":"object"}}],"messages":[`,
		"G": `{"systemInstruction":{"parts":[{"text":"S"}]},"tools":[{"functionDeclarations":[{"name":"f_0"}]}],"contents":[`,
	}[client]
	return body + strings.Join(append([]string{first}, turns...), ",") + "]}"
}
