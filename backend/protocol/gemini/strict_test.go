package gemini_test

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"antigravity-tools/backend/family"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/crossing"
	"antigravity-tools/backend/protocol/gemini"
	"antigravity-tools/backend/rawjson"
	"antigravity-tools/test/fakecodeassist"
	"antigravity-tools/test/fakegemini"
	"antigravity-tools/test/fakevertex"
)

// service is a strict stand-in that generateContent is sent to.
type service struct {
	models  []string
	caps    func(model string) family.Caps
	request func(model string, body []byte) *http.Request
	// unwrap takes the reply out of what stands around it.
	unwrap func([]byte) []byte
}

// ask sends a body and gives what is answered.
func (s service) ask(t rapid.TB, client *http.Client, model string, body []byte) (int, []byte) {
	t.Helper()
	hr := s.request(model, body)
	hr.Header.Set("Content-Type", "application/json")
	resp, err := client.Do(hr)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, answer
}

func same(body []byte) []byte { return body }

// Whatever a client of another protocol sends, the body made of it is one that
// the strict stand-in for the service takes.
func TestForeignRequestsAreTaken(t *testing.T) {
	fake := fakegemini.MustNew(fakegemini.Options{Direct: true})
	defer fake.Close()
	takesForeign(t, service{
		models: []string{"gemini-2.5-pro", "gemini-2.5-flash", "gemini-2.5-flash-lite", "gemini-3-pro-preview", "gemini-3-flash-preview", "gemini-3.1-pro-preview"},
		caps:   family.Gemini, unwrap: same,
		request: func(model string, body []byte) *http.Request {
			hr, _ := http.NewRequest(http.MethodPost, fake.URL()+"/v1beta/models/"+model+":generateContent", bytes.NewReader(body))
			hr.Header.Set("x-goog-api-key", "AIza-fake-1")
			return hr
		},
	})
}

// The same of Vertex AI, which lacks some members of the public API.
func TestForeignRequestsAreTakenByVertex(t *testing.T) {
	fake, err := fakevertex.New("p-one")
	if err != nil {
		t.Fatal(err)
	}
	defer fake.Close()
	token := fake.Tokens.Issue("p-one")
	takesForeign(t, service{
		models: []string{"gemini-2.5-pro", "gemini-2.5-flash", "gemini-3-pro-preview", "gemini-3-flash-preview"},
		caps:   family.Vertex, unwrap: same,
		request: func(model string, body []byte) *http.Request {
			hr, _ := http.NewRequest(http.MethodPost, fake.URL()+"/v1beta1/projects/p-one/locations/"+fakevertex.Location+"/publishers/google/models/"+model+":generateContent", bytes.NewReader(body))
			hr.Header.Set("Authorization", "Bearer "+token)
			return hr
		},
	})
}

// The same of Code Assist, which knows least: schemas of seven words, budgets,
// no ids.
func TestForeignRequestsAreTakenByCodeAssist(t *testing.T) {
	fake, err := fakecodeassist.New(fakecodeassist.Account{Name: "ada", Project: "managed-ada", Tier: "free-tier"})
	if err != nil {
		t.Fatal(err)
	}
	defer fake.Close()
	token := fake.Tokens.Issue("ada")
	s := service{
		models: []string{"gemini-2.5-pro", "gemini-2.5-flash", "gemini-3-pro-preview"},
		caps:   family.CodeAssist,
		request: func(model string, body []byte) *http.Request {
			body = append([]byte(`{"model":"`+model+`","project":"managed-ada","request":`), append(body, '}')...)
			hr, _ := http.NewRequest(http.MethodPost, fake.URL()+"/v1internal:generateContent", bytes.NewReader(body))
			hr.Header.Set("Authorization", "Bearer "+token)
			hr.Header.Set("User-Agent", "antigravity-tools/test")
			return hr
		},
		unwrap: func(body []byte) []byte {
			inner, _ := rawjson.Get(body, "response")
			return inner
		},
	}
	takesForeign(t, s)
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	golden, _ := filepath.Glob("../testdata/48_schemas/*_full/upstream.json")
	if len(golden) != 4 {
		t.Errorf("golden bodies: %v", golden)
	}
	for _, file := range golden {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if status, answer := s.ask(t, client, "gemini-3-pro-preview", body); status != http.StatusOK {
			t.Errorf("%s: %d %s", file, status, answer)
		}
	}
}

func takesForeign(t *testing.T, s service) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	rapid.Check(t, func(t *rapid.T) {
		req := foreignRequest(t)
		model := rapid.SampledFrom(s.models).Draw(t, "model")
		crossing.Normalize(req, nil)
		var losses llm.Losses
		enc, err := gemini.Upstream{}.EncodeRequest(req, protocol.Target{Model: model, Caps: s.caps(model)}, &losses)
		if err != nil {
			t.Fatal(err)
		}
		status, body := s.ask(t, client, model, enc.Body)
		if status != http.StatusOK {
			t.Fatalf("%s\nanswered %d %s", enc.Body, status, body)
		}
		if _, err := (gemini.Upstream{}).DecodeResponse(s.unwrap(body), nil); err != nil {
			t.Fatalf("%s: %v", body, err)
		}
		again, _ := gemini.Upstream{}.EncodeRequest(req, protocol.Target{Model: model, Caps: s.caps(model)}, nil)
		if !bytes.Equal(again.Body, enc.Body) {
			t.Fatal("the same request was encoded to other bytes")
		}
	})
}

func pick[T any](t *rapid.T, label string, list ...T) T {
	return rapid.SampledFrom(list).Draw(t, label)
}

func foreignRequest(t *rapid.T) *llm.Request {
	req := &llm.Request{Model: "m"}
	if rapid.Bool().Draw(t, "system") {
		req.System = []llm.Part{llm.TextPart("be kind"), llm.TextPart("and short")}
	}
	for range rapid.IntRange(1, 6).Draw(t, "turns") {
		req.Turns = append(req.Turns, foreignTurn(t))
	}
	// Something must be left when blanks and foreign thoughts are gone.
	req.Turns = append(req.Turns, llm.Turn{Role: llm.RoleUser, Parts: []llm.Part{llm.TextPart("go on")}})
	if rapid.Bool().Draw(t, "tool step") {
		req.Turns = append(req.Turns, llm.Turn{Role: llm.RoleModel, Parts: []llm.Part{foreignCall(t), foreignCall(t)}})
	}
	if rapid.Bool().Draw(t, "tools") {
		foreignTools(t, req)
	}
	foreignKnobs(t, req)
	return req
}

func foreignTurn(t *rapid.T) llm.Turn {
	role := pick(t, "role", llm.RoleUser, llm.RoleModel, llm.RoleSystem)
	turn := llm.Turn{Role: role}
	for range rapid.IntRange(0, 4).Draw(t, "parts") {
		switch {
		case role == llm.RoleSystem:
			turn.Parts = append(turn.Parts, llm.TextPart("rule"))
		case role == llm.RoleModel:
			turn.Parts = append(turn.Parts, modelPart(t))
		default:
			turn.Parts = append(turn.Parts, userPart(t))
		}
	}
	return turn
}

func modelPart(t *rapid.T) llm.Part {
	switch rapid.IntRange(0, 3).Draw(t, "model part") {
	case 0:
		return llm.TextPart(pick(t, "text", "hello", " ", "", "é🙂"))
	case 1:
		p := llm.Part{Kind: llm.KindReasoning, Text: "hm"}
		if rapid.Bool().Draw(t, "sealed") {
			p.Seal = &llm.Seal{Issuer: llm.IssuerAnthropic, Data: "x"}
		}
		return p
	case 2:
		return llm.Part{Kind: llm.KindOpaque, Native: llm.Native{Protocol: llm.Anthropic, Rest: []byte(`{"a":1}`)}}
	}
	return foreignCall(t)
}

func foreignCall(t *rapid.T) llm.Part {
	return llm.Part{Kind: llm.KindCall, Call: &llm.Call{
		Kind: llm.CallFunction, ID: pick(t, "id", "", "a", "b", "call_1"), Name: pick(t, "name", "read", "bad name!", "mcp__x__y"),
		Args: pick(t, "args", "", "{}", `{"a":1.50}`, `{"a":`, `[1]`),
	}}
}

func userPart(t *rapid.T) llm.Part {
	switch rapid.IntRange(0, 4).Draw(t, "user part") {
	case 0, 1:
		return llm.TextPart(pick(t, "text", "hello", " ", "line\nline"))
	case 2:
		return llm.Part{Kind: llm.KindMedia, Media: &llm.Media{MIME: "image/png", Data: "aGVsbG8=", Detail: pick(t, "detail", "", "low", "high", "auto", "original")}}
	case 3:
		return llm.Part{Kind: llm.KindMedia, Media: &llm.Media{IsPlain: true, Plain: "text", Name: "a.txt", Document: true}}
	}
	return llm.Part{Kind: llm.KindResult, Result: &llm.Result{
		CallID: pick(t, "id", "a", "b", "call_1", "lost"), Name: pick(t, "name", "", "read"), IsError: rapid.Bool().Draw(t, "error"),
		Parts: []llm.Part{llm.TextPart(pick(t, "text", "", "done", `{"a":1}`)), {Kind: llm.KindMedia, Media: &llm.Media{MIME: "image/png", Data: "aGVsbG8="}}},
	}}
}

func foreignTools(t *rapid.T, req *llm.Request) {
	schemas := [][]byte{
		nil,
		[]byte(`{"type":"object","properties":{}}`),
		[]byte(`{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","properties":{"a":{"type":["string","null"],"minLength":1,"pattern":"x"},"b":{"const":3},"c":{"anyOf":[{"type":"string"},{"type":"null"}]},"d":{"type":"integer","exclusiveMinimum":0}},"required":["a"],"additionalProperties":false}`),
		[]byte(`{"type":"object","properties":{"n":{"$ref":"#/$defs/n","description":"x"}},"$defs":{"n":{"type":"object","properties":{"next":{"$ref":"#/$defs/n"}}}}}`),
	}
	names := []string{"read", "bad name!", "mcp__x__y", "a.b:c-d", "9lives", "verylongnameverylongnameverylongnameverylongnameverylongnameverylongname"}
	for i, name := range names[:rapid.IntRange(1, len(names)).Draw(t, "count")] {
		tool := llm.Tool{Kind: llm.ToolFunction, Name: name, Description: "does " + name, Schema: schemas[i%len(schemas)]}
		if rapid.Bool().Draw(t, "strict") {
			tool.Strict = llm.Ptr(true)
		}
		if i == 0 && rapid.Bool().Draw(t, "namespace") {
			tool.Namespace = "ns"
		}
		req.Tools = append(req.Tools, tool)
	}
	if rapid.Bool().Draw(t, "custom") {
		req.Tools = append(req.Tools, llm.Tool{Kind: llm.ToolCustom, Name: "patch", Grammar: "start: x"})
	}
	if rapid.Bool().Draw(t, "search") {
		req.Tools = append(req.Tools, llm.Tool{Kind: llm.ToolServer, Builtin: llm.BuiltinWebSearch, Name: "web_search"})
	}
	req.ToolChoice.Mode = pick(t, "mode", llm.ChoiceUnset, llm.ChoiceAuto, llm.ChoiceAny, llm.ChoiceNone)
	if rapid.Bool().Draw(t, "named") {
		req.ToolChoice.Names = []string{names[0]}
	}
}

func foreignKnobs(t *rapid.T, req *llm.Request) {
	s := &req.Sampling
	if rapid.Bool().Draw(t, "limit") {
		s.MaxTokens = llm.Ptr(pick(t, "max", int64(16), 1000, 4096, 128000))
	}
	s.Temperature = pick(t, "temperature", llm.Number(""), "0", "0.70", "2")
	s.Seed = pick(t, "seed", llm.Number(""), "7", "99999999999", "1.5")
	s.Stop = slices.Clone(pick(t, "stop", nil, []string{"a", ""}, []string{"a", "b", "c", "d", "e", "f"}))
	if rapid.Bool().Draw(t, "logprobs") {
		s.Logprobs, s.TopLogprobs = llm.Ptr(rapid.Bool().Draw(t, "on")), llm.Ptr(int64(3))
	}
	req.Reasoning.Mode = pick(t, "reasoning", llm.ReasoningUnset, llm.ReasoningOff, llm.ReasoningOn)
	req.Reasoning.Effort = pick(t, "effort", llm.EffortUnset, llm.EffortMinimal, llm.EffortMedium, llm.EffortXHigh, llm.EffortMax)
	if rapid.Bool().Draw(t, "budget") {
		req.Reasoning.Budget = llm.Ptr(pick(t, "tokens", int64(1), 1024, 31999, 200000))
	}
	req.Reasoning.Visible = pick(t, "visible", llm.VisibleUnset, llm.VisibleText, llm.VisibleOmit)
	req.Format = llm.Format{Kind: pick(t, "format", llm.FormatUnset, llm.FormatText, llm.FormatJSON, llm.FormatSchema)}
	if req.Format.Kind == llm.FormatSchema {
		req.Format.Schema = []byte(`{"type":"object","properties":{"a":{"type":"string","maxLength":5}},"required":["a"],"additionalProperties":false}`)
	}
	req.ServiceTier = pick(t, "tier", "", "auto", "default", "flex", "scale")
	req.EndUser = pick(t, "user", "", "u")
}
