package protocol_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/crossing"
	"antigravity-tools/backend/protocol/protocoltest"
	"antigravity-tools/backend/rawjson"
	"antigravity-tools/backend/sse"
)

// TestIdentity: where client and upstream speak one protocol, request and
// stream keep their bytes, unknown members and events included; the observer
// learns what records need.
func TestIdentity(t *testing.T) {
	for _, pair := range []string{"C-C", "R-R", "A-A", "G-G"} {
		t.Run(pair, func(t *testing.T) { identity(t, pair) })
	}
}

func identity(t *testing.T, pair string) {
	t.Helper()
	read := func(name string) []byte {
		body, err := os.ReadFile("testdata/13_identity/" + pair + "/" + name)
		if err != nil {
			t.Fatal(err)
		}
		return body
	}
	body := read("client.json")
	cell := pairCell(pair, usualModel(pair[2:]))
	up := cell.Upstream
	if repairer, ok := up.(protocol.Repairer); ok {
		if got := repairer.Repair(body, cell.Target, nil); !bytes.Equal(got, body) {
			t.Errorf("the request was changed:\n%s", cmp.Diff(string(body), string(got)))
		}
	}
	checkCodecIdentity(t, pair, up, body)

	stream := read("upstream.sse")
	watch := up.NewObserver()
	frames := sse.NewScanner(bytes.NewReader(stream), 0)
	var passed bytes.Buffer
	var seen []string
	for {
		f, err := frames.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := watch.Frame(f); err != nil {
			t.Fatal(err)
		}
		passed.Write(f.Raw)
		s := watch.Seen()
		seen = append(seen, fmt.Sprintf("model=%s reason=%s started=%t complete=%t usage=%+v", s.Model, s.Reason, s.Started, s.Complete, s.Usage))
	}
	if !bytes.Equal(passed.Bytes(), stream) {
		t.Error("the frames are not the stream")
	}
	protocoltest.Golden(t, strings.Join(seen, "\n")+"\n", "13_identity", pair, "seen.txt")
}

// checkCodecIdentity: where the bytes cannot pass, what goes up says the same,
// or is the body with edits in place. OpenAI's chat protocol is left out: its
// deprecated members go up under their new names.
func checkCodecIdentity(t *testing.T, pair string, up protocol.Upstream, body []byte) {
	t.Helper()
	c := pairCell(pair, usualModel(pair[2:]))
	c.Inbound.Body = body
	req, err := c.Client.DecodeRequest(c.Inbound, nil)
	if err != nil {
		t.Fatal(err)
	}
	crossing.Normalize(req, nil)
	if editor, ok := up.(protocol.Editor); ok {
		got, err := editor.Edit(body, req, c.Target, nil)
		if err != nil || !bytes.Equal(body, got) {
			t.Errorf("edited without need (%v):\n%s", err, cmp.Diff(string(body), string(got)))
		}
		c.Target.Model = "another"
		got, err = editor.Edit(body, req, c.Target, nil)
		if want := strings.Replace(string(body), `"gpt-5.2"`, `"another"`, 1); err != nil || string(got) != want {
			t.Errorf("more than the model was edited (%v):\n%s", err, cmp.Diff(want, string(got)))
		}
		return
	}
	enc, err := c.Upstream.EncodeRequest(req, c.Target, nil)
	if err != nil {
		t.Fatal(err)
	}
	if pair != "C-C" && !rawjson.Equal(body, enc.Body) {
		t.Errorf("decoded and encoded again the request says something else:\n%s",
			cmp.Diff(protocoltest.Indent(body), protocoltest.Indent(enc.Body)))
	}
}

func TestStructured(t *testing.T) {
	const schema = `{"type":"object","properties":{"b":{"type":"string","const":"x"},"a":{"type":["integer","null"],"minimum":1.50}},"required":["b"],"additionalProperties":false}`
	const tools = `"tools":[{"type":"function","function":{"name":"f"}}]`
	var w table
	for _, row := range []struct{ model, ask string }{
		{"gemini-3-flash", `"response_format":{"type":"text"}`},
		{"gemini-3-flash", `"response_format":{"type":"json_object"}`},
		{"gemini-3-flash", `"response_format":{"type":"json_schema","json_schema":{"name":"n","strict":true,"schema":` + schema + `}}`},
		{"gemini-3-flash", `"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"string","enum":["a","b"]}}}`},
		{"gemini-3-flash", `"response_format":{"type":"json_object"},` + tools},
		{"gemini-2.5-flash", `"response_format":{"type":"json_object"}`},
		{"gemini-2.5-flash", `"response_format":{"type":"json_object"},` + tools},
		{"gemini-2.5-flash", `"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":` + schema + `}},` + tools},
		{"gemini-3-flash", `"response_format":{"type":"grammar"}`},
		{"gemini-3-flash", `"response_format":{"type":"json_schema"}`},
	} {
		body := `{"model":"m","messages":[{"role":"system","content":"S"},{"role":"user","content":"x"}],` + row.ask + `}`
		w.row(row.model+" "+row.ask, send(t, "C", row.model, body, "systemInstruction", "generationConfig").String())
	}
	claude := `{"model":"m","max_tokens":4000,"messages":[{"role":"user","content":"x"}],"output_config":{"format":{"type":"json_schema","schema":` + schema + `}}}`
	w.row("Messages output_config", send(t, "A", "gemini-3-flash", claude, "generationConfig").String())
	beta := `{"model":"m","max_tokens":4000,"messages":[{"role":"user","content":"x"}],"output_format":{"type":"json_schema","schema":` + schema + `}}`
	w.row("Messages output_format", send(t, "A", "gemini-3-flash", beta, "generationConfig").String())
	responses := `{"model":"m","input":"x","text":{"format":{"type":"json_schema","name":"n","schema":` + schema + `},"verbosity":"low"}}`
	w.row("Responses text.format", send(t, "R", "gemini-3-flash", responses, "generationConfig").String())
	protocoltest.Golden(t, w.b.String(), "49_structured", "C-G", "table.txt")
}

// TestCount: token counts of other protocols over countTokens.
func TestCount(t *testing.T) {
	var w table
	for _, row := range []struct{ client, body string }{
		{"A", `{"model":"m","messages":[{"role":"user","content":"x"}],"thinking":{"type":"enabled","budget_tokens":2000}}`},
		{"A", `{"model":"m","system":"S","messages":[{"role":"user","content":"x"}],"tools":[{"name":"f","input_schema":{"type":"object"}}],"tool_choice":{"type":"any"}}`},
		{"R", `{"model":"m","instructions":"S","input":"x","reasoning":{"effort":"high"},"text":{"format":{"type":"json_object"}}}`},
		{"R", `{"model":"m","input":[{"role":"user","content":"x"}]}`},
	} {
		c := cell(row.client, "gemini-3-flash")
		c.Inbound.Body = []byte(row.body)
		losses := &llm.Losses{}
		req, err := c.Client.DecodeRequest(c.Inbound, losses)
		if err != nil {
			t.Fatal(err)
		}
		crossing.Normalize(req, losses)
		counter := c.Upstream.(protocol.Counter)
		enc, err := counter.EncodeCount(req, c.Target, losses)
		if err != nil {
			t.Fatal(err)
		}
		usage, err := counter.DecodeCount([]byte(`{"totalTokens":31,"cachedContentTokenCount":4,"promptTokensDetails":[{"modality":"TEXT","tokenCount":31}]}`))
		if err != nil {
			t.Fatal(err)
		}
		w.row(row.client+" "+row.body, string(enc.Body)+"\n"+string(c.Client.EncodeCount(usage))+"\n"+protocoltest.LossLines(losses, nil))
	}
	protocoltest.Golden(t, w.b.String(), "60_operations", "count-G", "table.txt")
}
