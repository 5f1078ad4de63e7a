package protocol_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"google.golang.org/genai"
	"pgregory.net/rapid"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol/crossing"
	"antigravity-tools/backend/protocol/protocoltest"
	"antigravity-tools/backend/rawjson"
)

// listOf is the member in which an upstream takes the conversation.
var listOf = map[string]string{"C": "messages", "R": "input", "A": "messages", "G": "contents"}

// throughTurns is what a request says up to the end of its conversation, the
// bracket that closes it left out: all that a prompt cache can compare.
func throughTurns(t protocoltest.Failer, upstream string, body []byte) []byte {
	t.Helper()
	list, ok := rawjson.Get(body, listOf[upstream])
	at := bytes.Index(body, list)
	if !ok || at < 0 {
		t.Fatalf("no conversation in %s", body)
	}
	return body[:at+len(list)-1]
}

// TestStablePrefixGolden: what case 17 sent before stands at the beginning of
// what it sends next, with the thinking that the store gave back.
func TestStablePrefixGolden(t *testing.T) {
	var before []byte
	for _, turn := range []string{"1", "2", "3"} {
		raw, err := os.ReadFile("testdata/17_stable_prefix/C-A/" + turn + "/upstream.json")
		if err != nil {
			t.Fatal(err)
		}
		now := throughTurns(t, "A", rawjson.Compact(nil, raw))
		if !bytes.HasPrefix(now, before) {
			t.Errorf("turn %s changes what was sent:\n%s\n%s", turn, before, now)
		}
		before = now
	}
}

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

// TestStablePrefix: in every pair a conversation that goes on keeps the bytes
// that were sent before (L2), since prompt caches compare them. Where Gemini
// wants signatures they are there: a placeholder marks the current turn, which
// moves by design (mapping.md section 12).
func TestStablePrefix(t *testing.T) {
	for _, target := range []struct {
		upstream, model string
		sealed          bool
	}{
		{"G", "gemini-3-pro", true}, {"G", "gemini-2.5-pro", false}, {"A", "claude-opus-4-8", false}, {"A", "claude-sonnet-4-5", false},
		{"A", "claude-opus-5-5", true}, {"C", "gpt-5.2", false}, {"C", "llama-4", false}, {"C", "deepseek-v4", true}, {"R", "gpt-5.2", false},
		{"R", "gpt-5.6", true},
	} {
		for _, client := range []string{"C", "R", "A", "G"} {
			pair := client + "-" + target.upstream
			t.Run(pair+"."+target.model, func(t *testing.T) {
				rapid.Check(t, func(rt *rapid.T) {
					var before []byte
					var history []string
					for _, turn := range drawTurns(rt, target.sealed) {
						now := throughTurns(rt, target.upstream, encoded(rt, pair, target.model, conversationBody(client, history)))
						if !bytes.HasPrefix(now, before) {
							rt.Fatalf("the prefix changed:\n%s\n%s", before, now)
						}
						before = now
						history = append(history, turn.in(client)...)
					}
				})
			})
		}
	}
}

// encoded is the request that goes up; encoding it twice gives the same.
func encoded(t protocoltest.Failer, pair, model, body string) []byte {
	t.Helper()
	c := pairCell(pair, model)
	c.Inbound.Body = []byte(body)
	req, err := c.Client.DecodeRequest(c.Inbound, nil)
	if err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	crossing.Normalize(req, nil)
	first, err := c.Upstream.EncodeRequest(req, c.Target, nil)
	if err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	second, err := c.Upstream.EncodeRequest(req, c.Target, nil)
	if err != nil || !bytes.Equal(first.Body, second.Body) {
		t.Fatalf("encoding is not a pure function (%v)", err)
	}
	return first.Body
}

// TestEnvelopeThroughGoogleSDK: Google's Go SDK types signatures as bytes and
// encodes them again. What it makes of the replies of case 31 is what the next
// turns of that case send.
func TestEnvelopeThroughGoogleSDK(t *testing.T) {
	const dir = "testdata/31_seal_gemini_client/G-A/"
	read := func(name string) []byte {
		raw, err := os.ReadFile(dir + name)
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	var replies [][]byte
	for _, turn := range []string{"1", "2"} {
		for _, frame := range protocoltest.Frames(t, read(turn+"/client.sse")) {
			replies = append(replies, bytes.Clone(frame))
		}
	}
	checkHistory(t, read("2/client.json"), read("1/client.json.reply"))
	checkHistory(t, read("3/client.json"), replies...)
}

// checkHistory checks that the model's contents of a request are what the SDK
// read from the replies.
func checkHistory(t *testing.T, request []byte, replies ...[]byte) {
	t.Helper()
	var want [][]byte
	sealed := false
	for _, raw := range replies {
		var reply genai.GenerateContentResponse
		if err := json.Unmarshal(raw, &reply); err != nil {
			t.Fatal(err)
		}
		if reply.Candidates[0].Content == nil {
			continue
		}
		for _, p := range reply.Candidates[0].Content.Parts {
			sealed = sealed || len(p.ThoughtSignature) > 0
		}
		content, err := json.Marshal(reply.Candidates[0].Content)
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, content)
	}
	var sent struct{ Contents []json.RawMessage }
	if err := json.Unmarshal(request, &sent); err != nil {
		t.Fatal(err)
	}
	for _, content := range sent.Contents {
		if role, _ := rawjson.Get(content, "role"); string(role) != `"model"` {
			continue
		}
		if len(want) == 0 || !rawjson.Equal(content, want[0]) {
			t.Fatalf("the request holds %s, the SDK had %s", content, want)
		}
		want = want[1:]
	}
	if len(want) > 0 || !sealed {
		t.Errorf("not sent: %s (sealed: %t)", want, sealed)
	}
}
