package protocol_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"antigravity-tools/backend/protocol/crossing"
	"antigravity-tools/backend/protocol/protocoltest"
	"antigravity-tools/backend/rawjson"
)

// number draws JSON numbers that a double cannot hold, or writes otherwise.
func number() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.SampledFrom([]string{"0.1", "0.10", "1.0", "1e400", "-1E-400", "12345678901234567890", "1e2", "-0", "-0.0", "0.30000000000000004", "9007199254740993"}),
		rapid.StringMatching(`-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?`),
	)
}

// TestNumbersUp: the literals of numbers reach the upstream as they were
// written, in arguments, schemas and sampling.
func TestNumbersUp(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := number().Draw(rt, "number")
		schema := `{"type":"object","properties":{"x":{"type":"number","minimum":` + n + `,"enum":[` + n + `]}}}`
		args := `{"x":` + n + `}`
		text, _ := json.Marshal(args)
		bodies := map[string]string{
			"C": `{"model":"m","temperature":` + n + `,"messages":[{"role":"user","content":"x"},{"role":"assistant","tool_calls":[{"id":"k","type":"function","function":{"name":"f","arguments":` + string(text) + `}}]},{"role":"tool","tool_call_id":"k","content":"r"}],"tools":[{"type":"function","function":{"name":"f","parameters":` + schema + `}}]}`,
			"A": `{"model":"m","max_tokens":9,"temperature":` + n + `,"messages":[{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"tool_use","id":"k","name":"f","input":` + args + `}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"k","content":"r"}]}],"tools":[{"name":"f","input_schema":` + schema + `}]}`,
			"R": `{"model":"m","temperature":` + n + `,"input":[{"role":"user","content":"x"},{"type":"function_call","call_id":"k","name":"f","arguments":` + string(text) + `},{"type":"function_call_output","call_id":"k","output":"r"}],"tools":[{"type":"function","name":"f","parameters":` + schema + `}]}`,
			"G": `{"contents":[{"role":"user","parts":[{"text":"x"}]},{"role":"model","parts":[{"functionCall":{"name":"f","args":` + args + `}}]},{"role":"user","parts":[{"functionResponse":{"name":"f","response":{"output":"r"}}}]}],"tools":[{"functionDeclarations":[{"name":"f","parametersJsonSchema":` + schema + `}]}],"generationConfig":{"temperature":` + n + `}}`,
		}
		for client, body := range bodies {
			s := send(t, client, "gemini-3-flash", body, "generationConfig.temperature")
			up := string(rawjson.Compact(nil, s.body))
			for _, want := range []string{`"temperature":` + n, `"args":{"x":` + n + `}`, `"minimum":` + n, `"enum":[` + n + `]`} {
				if !strings.Contains(up, want+",") && !strings.Contains(up, want+"}") {
					rt.Fatalf("%s: %s is not in %s %s", client, want, up, s)
				}
			}
		}
	})
}

// TestNumbersDown: the literals of a call's arguments reach the client as the
// upstream wrote them.
func TestNumbersDown(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := number().Draw(rt, "number")
		for _, client := range []string{"C", "A", "R", "G"} {
			a := told(t, client, "", finishFrame(`{"functionCall":{"id":"f1","name":"f","args":{"x":`+n+`}}}`, "STOP"))
			want := `{"x":` + n + `}`
			if !slices.ContainsFunc(heard(t, client, a).Pieces, func(p protocoltest.Piece) bool { return p.Text == want }) {
				rt.Fatalf("%s: %s is not in %s", client, want, a.Whole)
			}
		}
	})
}

// dialogue draws a conversation of a chat client step by step; every prefix of
// it is a request that was sent.
func dialogue(rt *rapid.T, sealed bool) (prefixes []string) {
	messages := []string{`{"role":"system","content":"S"}`, `{"role":"user","content":"start"}`}
	text := rapid.SampledFrom([]string{"a", "b\n", "日本 🙂", "<b>&</b>", " x "})
	prefixes = append(prefixes, strings.Join(messages, ","))
	for i := range rapid.IntRange(1, 5).Draw(rt, "steps") {
		said, _ := json.Marshal(text.Draw(rt, "said"))
		calls := rapid.IntRange(0, 3).Draw(rt, "calls")
		if calls == 0 {
			messages = append(messages, `{"role":"assistant","content":`+string(said)+`}`, `{"role":"user","content":`+string(said)+`}`)
		} else {
			messages = append(messages, step(rt, i, calls, string(said), sealed)...)
			if sealed && rapid.Bool().Draw(rt, "interrupt") {
				messages = append(messages, `{"role":"user","content":`+string(said)+`}`)
			}
		}
		if rapid.Bool().Draw(rt, "system") {
			messages = append(messages, `{"role":"system","content":"mind the gap"}`)
		}
		prefixes = append(prefixes, strings.Join(messages, ","))
	}
	return prefixes
}

// step is one round of calls and their results, in any order.
func step(rt *rapid.T, i, calls int, said string, sealed bool) []string {
	var list, results []string
	for j := range calls {
		seal := ""
		if sealed && j == 0 {
			seal = fmt.Sprintf(`,"extra_content":{"google":{"thought_signature":"c2ln%d"}}`, i)
		}
		list = append(list, fmt.Sprintf(`{"id":"k%d_%d","type":"function","function":{"name":"f %d","arguments":"{}"}%s}`, i, j, j, seal))
		results = append(results, fmt.Sprintf(`{"role":"tool","tool_call_id":"k%d_%d","content":%s}`, i, j, said))
	}
	results = rapid.Permutation(results).Draw(rt, "order")
	return append([]string{`{"role":"assistant","content":` + said + `,"tool_calls":[` + strings.Join(list, ",") + `]}`}, results...)
}

// TestStablePrefix: a conversation that goes on keeps the bytes that were sent
// before (L2), since prompt caches compare them. Histories without signatures
// are left out where a placeholder marks the current turn, which moves by
// design (mapping.md section 12).
func TestStablePrefix(t *testing.T) {
	for _, target := range []struct {
		model  string
		sealed bool
	}{{"gemini-3-pro", true}, {"gemini-2.5-pro", false}} {
		t.Run(target.model, func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) {
				var before []byte
				for _, messages := range dialogue(rt, target.sealed) {
					body := `{"model":"m","messages":[` + messages + `]}`
					contents := contentsOf(t, target.model, body)
					if before != nil && !strings.HasPrefix(string(contents), string(before[:len(before)-1])) {
						rt.Fatalf("the prefix changed:\n%s\n%s", before, contents)
					}
					before = contents
				}
			})
		})
	}
}

// contentsOf gives the contents that go up; encoding them twice gives the same.
func contentsOf(t *testing.T, model, body string) []byte {
	t.Helper()
	c := cell("C", model)
	c.Inbound.Body = []byte(body)
	req, err := c.Client.DecodeRequest(c.Inbound, nil)
	if err != nil {
		t.Fatal(err)
	}
	crossing.Normalize(req, nil)
	first, err := c.Upstream.EncodeRequest(req, c.Target, nil)
	if err != nil {
		t.Fatal(err)
	}
	second, err := c.Upstream.EncodeRequest(req, c.Target, nil)
	if err != nil || string(first.Body) != string(second.Body) {
		t.Fatalf("encoding is not a pure function (%v)", err)
	}
	contents, _ := rawjson.Get(first.Body, "contents")
	return contents
}

// TestAnyStream: for random streams of Google's, every client hears the same
// from the stream and from the whole reply; Answer checks it.
func TestAnyStream(t *testing.T) {
	kinds := []string{
		`{"text":"a"}`, `{"text":"é🙂\n"}`, `{"text":"t","thought":true}`, `{"text":"x","thoughtSignature":"czE="}`,
		`{"functionCall":{"id":"ID","name":"f","args":{"a":[1,{"b":"é"}]}},"thoughtSignature":"czI="}`, `{"functionCall":{"name":"g","args":{}}}`,
		`{"functionCall":{"id":"ID","name":"h"}}`, `{"text":"","thoughtSignature":"czM="}`, `{"text":"t2","thought":true,"thoughtSignature":"czQ="}`,
		`{"inlineData":{"mimeType":"image/png","data":"aGk="}}`, `{"executableCode":{"language":"PYTHON","code":"1"}}`,
		`{"codeExecutionResult":{"outcome":"OUTCOME_OK","output":"1"}}`, `{"toolCall":{"id":"s"}}`, `{"text":""}`,
	}
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 1))
		var frames []string
		for i := range 1 + r.IntN(8) {
			part := strings.ReplaceAll(kinds[r.IntN(len(kinds))], "ID", fmt.Sprintf("id%d", i))
			frames = append(frames, `{"candidates":[{"content":{"role":"model","parts":[`+part+`]},"index":0}],"usageMetadata":{"promptTokenCount":9,"totalTokenCount":9},"modelVersion":"gemini-3-flash","responseId":"kQcAaVxQ"}`)
		}
		frames = append(frames, finishFrame(`{"text":"end"}`, "STOP"))
		for _, client := range []string{"C", "A", "R", "G"} {
			t.Run(fmt.Sprintf("%d%s", seed, client), func(t *testing.T) {
				extra := ""
				if client == "A" {
					extra = `"thinking":{"type":"enabled","budget_tokens":2000}`
				}
				told(t, client, extra, frames...)
			})
		}
	}
}

// TestNoErrorMember: OpenAI's Go SDK ends a stream at a top-level "error",
// even null.
func TestNoErrorMember(t *testing.T) {
	files, err := filepath.Glob("testdata/*/[CR]-*/client.sse")
	if err != nil {
		t.Fatal(err)
	}
	deep, _ := filepath.Glob("testdata/*/[CR]-*/*/client.sse")
	files = append(files, deep...)
	if len(files) == 0 {
		t.Fatal("no golden streams")
	}
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, fault := os.Stat(filepath.Join(filepath.Dir(file), "client.error"))
		noErrorMember(t, file, body, fault == nil)
	}
}
