package judges

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"google.golang.org/genai"

	"antigravity-tools/test/fakegemini"
)

func (g *gateway) genai(t *testing.T) *genai.Client {
	t.Helper()
	c, err := genai.NewClient(ctx(t), &genai.ClientConfig{APIKey: clientKey, Backend: genai.BackendGeminiAPI, HTTPOptions: genai.HTTPOptions{BaseURL: g.url()}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// generate asks in either form and gathers a stream into its parts.
func (g *gateway) generate(t *testing.T, stream bool, model string, contents []*genai.Content, cfg *genai.GenerateContentConfig) ([]*genai.Part, *genai.GenerateContentResponse, error) {
	t.Helper()
	c := g.genai(t)
	if !stream {
		r, err := c.Models.GenerateContent(ctx(t), model, contents, cfg)
		if err != nil || len(r.Candidates) == 0 || r.Candidates[0].Content == nil {
			return nil, r, err
		}
		return r.Candidates[0].Content.Parts, r, nil
	}
	var parts []*genai.Part
	var last *genai.GenerateContentResponse
	for r, err := range c.Models.GenerateContentStream(ctx(t), model, contents, cfg) {
		if err != nil {
			return parts, last, err
		}
		last = r
		if len(r.Candidates) > 0 && r.Candidates[0].Content != nil {
			parts = append(parts, r.Candidates[0].Content.Parts...)
		}
	}
	return parts, last, nil
}

func joined(parts []*genai.Part) string {
	var b strings.Builder
	for _, p := range parts {
		if !p.Thought {
			b.WriteString(p.Text)
		}
	}
	return b.String()
}

func TestGenaiTalk(t *testing.T) {
	g := launch(t)
	both(t, func(t *testing.T, stream bool) {
		g.script(fakegemini.Step{Reply: &fakegemini.Reply{Parts: []fakegemini.Part{{Text: "Good day 🙂"}},
			Usage: &fakegemini.Usage{Prompt: 5000, Cached: 4096, Candidates: 200, Thoughts: 800, ToolUse: 300}}})
		parts, r, err := g.generate(t, stream, flash, genai.Text(mark+" hello"), &genai.GenerateContentConfig{
			SystemInstruction: genai.NewContentFromText("be brief", genai.RoleUser), Temperature: genai.Ptr[float32](0.25)})
		if err != nil {
			t.Fatal(err)
		}
		u := r.UsageMetadata
		if joined(parts) != "Good day 🙂" || r.Candidates[0].FinishReason != genai.FinishReasonStop || u.PromptTokenCount != 5000 ||
			u.CachedContentTokenCount != 4096 || u.CandidatesTokenCount != 200 || u.ThoughtsTokenCount != 800 || u.TotalTokenCount != 6300 {
			t.Errorf("%q %+v %+v", joined(parts), r, u)
		}
	})
}

// TestGenaiIdentity: bytes that no codec knows pass unchanged both ways.
func TestGenaiIdentity(t *testing.T) {
	g := launch(t)
	raw := json.RawMessage(`{"text":"x","partMetadata":{"big":12345678901234567890,"f":1.50}}`)
	g.script(fakegemini.Answer(fakegemini.Part{Raw: raw}))
	status, body := g.post(t, "/v1beta/models/"+flash+":generateContent", `{"contents":[{"parts":[{"text":"`+mark+`","partMetadata":{"big":98765432109876543210,"f":1.50}}]}],"generationConfig":{"temperature":0.10}}`)
	if status != 200 || !strings.Contains(body, "12345678901234567890") || !strings.Contains(body, "1.50") {
		t.Errorf("%d %s", status, body)
	}
	all := g.fake.Generates()
	if sent := string(all[len(all)-1].Body); !strings.Contains(sent, "98765432109876543210") || !strings.Contains(sent, `"temperature":0.10`) {
		t.Errorf("sent %s", sent)
	}
}

func TestGenaiToolLoop(t *testing.T) {
	g := launch(t)
	cfg := &genai.GenerateContentConfig{Tools: []*genai.Tool{{FunctionDeclarations: []*genai.FunctionDeclaration{{Name: "get_weather",
		Parameters: &genai.Schema{Type: genai.TypeObject, Properties: map[string]*genai.Schema{"city": {Type: genai.TypeString}}, Required: []string{"city"}}}}}}}
	both(t, func(t *testing.T, stream bool) {
		g.script(fakegemini.Step{Reply: fakegemini.Calls(weatherCall("Oslo"), weatherCall("Rome"))},
			fakegemini.Step{Reply: fakegemini.Calls(weatherCall("Bern"))}, fakegemini.Answer(fakegemini.Part{Text: "All mild."}))
		contents := genai.Text(mark + " weather?")
		for step, want := range []int{2, 1} {
			parts, _, err := g.generate(t, stream, pro3, contents, cfg)
			if err != nil {
				t.Fatalf("step %d: %v", step, err)
			}
			var kept, results []*genai.Part
			for _, p := range parts {
				if p.FunctionCall == nil {
					continue
				}
				kept = append(kept, p)
				results = append(results, &genai.Part{FunctionResponse: &genai.FunctionResponse{ID: p.FunctionCall.ID, Name: p.FunctionCall.Name, Response: map[string]any{"output": "mild"}}})
			}
			if len(results) != want || len(kept[0].ThoughtSignature) == 0 {
				t.Fatalf("step %d: %+v", step, parts)
			}
			contents = append(contents, &genai.Content{Role: "model", Parts: kept}, &genai.Content{Role: "user", Parts: results})
		}
		parts, _, err := g.generate(t, stream, pro3, contents, cfg)
		if err != nil || joined(parts) != "All mild." {
			t.Fatalf("%v %+v", err, parts)
		}
	})
}

// TestGenaiChat uses the SDK's own history, which stores every stream event as
// a model turn of its own; the gateway has to merge them.
func TestGenaiChat(t *testing.T) {
	g := launch(t)
	cfg := &genai.GenerateContentConfig{Tools: []*genai.Tool{{FunctionDeclarations: []*genai.FunctionDeclaration{{Name: "get_weather"}}}}}
	g.script(fakegemini.Answer(fakegemini.Part{Text: "I will look."}, fakegemini.Part{Call: &fakegemini.Call{Name: "get_weather"}}, fakegemini.Part{Call: &fakegemini.Call{Name: "get_weather"}}))
	chat, err := g.genai(t).Chats.Create(ctx(t), pro3, cfg, nil)
	if err != nil {
		t.Fatal(err)
	}
	var results []*genai.Part
	for r, err := range chat.SendMessageStream(ctx(t), genai.Part{Text: mark + " weather?"}) {
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range r.FunctionCalls() {
			results = append(results, &genai.Part{FunctionResponse: &genai.FunctionResponse{ID: c.ID, Name: c.Name, Response: map[string]any{"output": "mild"}}})
		}
	}
	if len(results) != 2 {
		t.Fatalf("%d calls", len(results))
	}
	for _, err := range chat.SendStream(ctx(t), results...) {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestGenaiStructureMediaAndCount(t *testing.T) {
	g := launch(t)
	parts, _, err := g.generate(t, false, flash, genai.Text(mark+" json"), &genai.GenerateContentConfig{ResponseMIMEType: "application/json",
		ResponseSchema: &genai.Schema{Type: genai.TypeObject, Properties: map[string]*genai.Schema{"n": {Type: genai.TypeInteger}}, Required: []string{"n"}}})
	var v struct{ N *int }
	if err != nil || json.Unmarshal([]byte(joined(parts)), &v) != nil || v.N == nil {
		t.Errorf("%v %q", err, joined(parts))
	}
	parts, _, err = g.generate(t, true, "gemini-2.5-flash-image", []*genai.Content{genai.NewContentFromParts([]*genai.Part{
		genai.NewPartFromText(mark), genai.NewPartFromBytes([]byte("image"), "image/png")}, genai.RoleUser)}, nil)
	if err != nil || len(parts) == 0 || parts[len(parts)-1].InlineData == nil {
		t.Errorf("%v %+v", err, parts)
	}
	n, err := g.genai(t).Models.CountTokens(ctx(t), flash, genai.Text(mark), nil)
	if err != nil || n.TotalTokens == 0 {
		t.Errorf("%v %+v", err, n)
	}
}

func TestGenaiErrors(t *testing.T) {
	g := launch(t)
	g.refusals = true
	cases := []struct {
		name, model string
		step        *fakegemini.Error
		code        int
		status      string
		says        string
	}{
		{"bad request", flash, fakegemini.Invalid("the upstream dislikes field x"), 400, "INVALID_ARGUMENT", "dislikes field x"},
		{"unknown model", "no-such-model", nil, 404, "NOT_FOUND", "no-such-model"},
		{"overloaded", flash, fakegemini.Overloaded(), 503, "UNAVAILABLE", "overloaded"},
	}
	for _, c := range cases {
		both(t, func(t *testing.T, stream bool) {
			g.script()
			if c.step != nil {
				g.script(fakegemini.Step{Error: c.step, Times: -1})
			}
			_, _, err := g.generate(t, stream, c.model, genai.Text(mark), nil)
			var e genai.APIError
			if !errors.As(err, &e) || e.Code != c.code || e.Status != c.status || !strings.Contains(e.Message, c.says) {
				t.Errorf("%s: %v", c.name, err)
			}
		})
	}
	for _, f := range []fakegemini.Fault{fakegemini.FaultCutReset, fakegemini.FaultCutClean, fakegemini.FaultErrorIn200} {
		g.script(fakegemini.Step{Fault: f, After: 2, Times: -1})
		if parts, r, err := g.generate(t, true, flash, genai.Text(mark+" go on for a while"), nil); err == nil {
			t.Errorf("%s: a broken stream looks whole: %q %+v", f, joined(parts), r)
		}
	}
}
