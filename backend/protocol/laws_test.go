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
