package judges

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/openai/openai-go/v3"

	"antigravity-tools/test/fakeanthropic"
	"antigravity-tools/test/fakegemini"
)

// awaitListed waits until the lists of accounts, which are fetched behind a
// start, have brought this text into an answer of the model list.
func (g *gateway) awaitListed(t *testing.T, path, text string, header ...string) {
	t.Helper()
	until(t, text+" in "+path, func() bool {
		r := g.ask(t, "GET", path, "", header...)
		return r.status == 200 && strings.Contains(r.body, text)
	})
}

// TestAnnouncedCapabilities: a model's own list entry outranks what its name
// promises. The fake refuses adaptive thinking, an answer that is too long and
// pictures for it; were the name believed, each of these would be sent.
func TestAnnouncedCapabilities(t *testing.T) {
	u := launchUpstreams(t)
	u.awaitListed(t, "/v1/models", fakeanthropic.Plain)
	r, err := u.gateway.chat(t, false, openai.ChatCompletionNewParams{
		Model: fakeanthropic.Plain, Messages: userSays("hi"), ReasoningEffort: openai.ReasoningEffortHigh, MaxCompletionTokens: openai.Int(50_000),
	})
	if err != nil || r.Choices[0].Message.Content != "Hello." {
		t.Fatalf("%v %+v", err, r)
	}
	seen := u.claude.Requests()
	var sent struct {
		MaxTokens int `json:"max_tokens"`
		Thinking  struct {
			Type   string
			Budget int `json:"budget_tokens"`
		}
	}
	if err := json.Unmarshal(seen[len(seen)-1].Body, &sent); err != nil || sent.MaxTokens != fakeanthropic.PlainOutput || sent.Thinking.Type != "enabled" || sent.Thinking.Budget < 1024 || sent.Thinking.Budget >= sent.MaxTokens {
		t.Errorf("%+v %v", sent, err)
	}
	u.refusedAs(t, "/v1/chat/completions", `{"model":"`+fakeanthropic.Plain+`","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,`+pngPixel+`"}}]}]}`,
		400, "turns[0].parts[0]", "media.kind")
}

// TestOneModelOfTwoAccounts: a second account that offers the same names, with
// smaller limits, adds no second model to any shape of the list; its limits
// hold, for a request may go to it.
func TestOneModelOfTwoAccounts(t *testing.T) {
	u := launchUpstreams(t)
	u.addAccount(account{"one", keyOne})
	small := fakegemini.MustNew(fakegemini.Options{Models: []fakegemini.Model{
		{Name: flash, DisplayName: "Another name", InputLimit: 4000, OutputLimit: 500, Methods: []string{"generateContent", "countTokens"}, Family: "2.5", MinBudget: 1, MaxBudget: 24576, ZeroBudget: true},
		{Name: "gemini-2.5-odd", InputLimit: 1, OutputLimit: 1, Methods: []string{"generateContent"}, Family: "2.5"},
	}})
	t.Cleanup(small.Close)
	u.run(keyTwo+"\n", "account", "add", "--provider", "gemini", "--name", "small", "--base-url", small.URL(), "--api-key-stdin", "--test")
	u.awaitListed(t, "/v1/models", "gemini-2.5-odd")
	u.awaitListed(t, "/v1beta/models/"+flash, "Gemini 2.5 Flash") // of the account that was added first
	u.awaitListed(t, "/v1beta/models/"+flash, `"inputTokenLimit":4000`)
	for name, header := range map[string][]string{"openai": nil, "anthropic": {"Anthropic-Version", "2023-06-01"}, "gemini": {"X-Goog-Api-Key", clientKey}} {
		list := u.ask(t, "GET", "/v1/models?limit=1000&pageSize=1000", "", header...)
		if list.status != 200 || strings.Count(list.body, flash+`"`) != 1 || strings.Count(list.body, "gemini-2.5-odd") == 0 {
			t.Errorf("%s: %d %s", name, list.status, list.body)
		}
		one := u.ask(t, "GET", "/v1/models/"+flash, "", header...)
		limits := map[string]string{"openai": `"owned_by":"google"`, "anthropic": `"max_input_tokens":4000,"max_tokens":500`, "gemini": `"inputTokenLimit":4000,"outputTokenLimit":500`}
		if !strings.Contains(one.body, limits[name]) || strings.Contains(one.body, "Another name") {
			t.Errorf("%s: %s", name, one.body)
		}
	}
}
