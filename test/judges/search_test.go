package judges

import (
	"strings"
	"testing"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/packages/param"
	"github.com/openai/openai-go/v3/responses"
	"google.golang.org/genai"

	"antigravity-tools/test/fakeanthropic"
)

// TestClaudeSearches: a search that Claude's service runs for a client of another
// protocol is asked for by its own tool, shows in the client's own form through
// its SDK, and the next turn is taken.
func TestClaudeSearches(t *testing.T) {
	u := launchVendors(t)
	searched := fakeanthropic.Reply{Text: "It rains.", Search: &fakeanthropic.Search{ID: "srvtoolu_1", Query: "weather", URL: "https://a.example"}}
	asked := func(client string) {
		t.Helper()
		seen := u.claude.Requests()
		if body := string(seen[len(seen)-1].Body); !strings.Contains(body, `"web_search_20250305"`) {
			t.Errorf("%s: not asked for: %s", client, body)
		}
	}

	c := u.openai()
	params := responses.ResponseNewParams{Model: fakeanthropic.Adaptive, Tools: []responses.ToolUnionParam{responses.ToolParamOfWebSearch(responses.WebSearchToolTypeWebSearch)},
		Input: responses.ResponseNewParamsInputUnion{OfString: openai.String("weather?")}, Include: []responses.ResponseIncludable{"web_search_call.action.sources"}}
	u.claude.Script(searched)
	stream := c.Responses.NewStreaming(ctx(t), params)
	var steps []string
	var done responses.Response
	for stream.Next() {
		ev := stream.Current()
		if strings.HasPrefix(ev.Type, "response.web_search_call.") {
			steps = append(steps, strings.TrimPrefix(ev.Type, "response.web_search_call."))
		}
		if ev.Type == "response.completed" {
			done = ev.Response
		}
	}
	if err := stream.Err(); err != nil || strings.Join(steps, " ") != "in_progress searching completed" {
		t.Fatalf("%v %v", err, steps)
	}
	found := false
	for _, item := range done.Output {
		if item.Type == "web_search_call" {
			call := item.AsWebSearchCall()
			found = call.Action.Query == "weather" && len(call.Action.Sources) == 1 && call.Action.Sources[0].URL == "https://a.example"
		}
	}
	if !found || done.OutputText() != "It rains." {
		t.Errorf("%s", done.RawJSON())
	}
	asked("responses")
	next := params
	next.PreviousResponseID = param.NewOpt(done.ID)
	if r, err := c.Responses.New(ctx(t), next); err != nil || r.OutputText() != "Hello." {
		t.Errorf("the next turn: %v", err)
	}

	u.claude.Script(searched)
	g := u.genai(t)
	r, err := g.Models.GenerateContent(ctx(t), fakeanthropic.Adaptive, genai.Text("weather?"), &genai.GenerateContentConfig{Tools: []*genai.Tool{{GoogleSearch: &genai.GoogleSearch{}}}})
	if err != nil || r.Candidates[0].GroundingMetadata == nil {
		t.Fatalf("%v", err)
	}
	if m := r.Candidates[0].GroundingMetadata; len(m.WebSearchQueries) != 1 || m.WebSearchQueries[0] != "weather" || len(m.GroundingChunks) != 1 || m.GroundingChunks[0].Web.URI != "https://a.example" {
		t.Errorf("%+v", m)
	}
	asked("gemini")
	history := []*genai.Content{genai.NewContentFromText("weather?", genai.RoleUser), r.Candidates[0].Content, genai.NewContentFromText("and?", genai.RoleUser)}
	if _, err := g.Models.GenerateContent(ctx(t), fakeanthropic.Adaptive, history, nil); err != nil {
		t.Errorf("the next turn: %v", err)
	}
	if r := u.claude.Refused(); len(r) != 0 {
		t.Errorf("refused: %v", r)
	}
}
