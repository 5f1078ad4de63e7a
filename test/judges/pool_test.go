package judges

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/anthropics/anthropic-sdk-go"
	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"google.golang.org/genai"

	"antigravity-tools/test/fakegemini"
)

// post sends a raw body.
func (g *gateway) post(t *testing.T, path, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx(t), http.MethodPost, g.url()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

type accountRow struct {
	Name, Provider, State, Reason string
	Link                          string     // where the owner has to act
	Until                         *time.Time `json:"until"`
	Quotas                        []struct {
		Group     string
		Remaining float64
		ResetAt   *time.Time `json:"reset_at"`
	}
	Cooldowns []struct {
		Model string
		Until time.Time
	} `json:"cooldowns"`
}

// limited tells whether the row says so for a model: the account as a whole or
// that model alone, whichever scope the upstream's quota has.
func (a accountRow) limited(model string) bool {
	far := func(u time.Time) bool { return time.Until(u) > 2*time.Minute }
	if a.State == "cooling" && a.Until != nil && far(*a.Until) {
		return true
	}
	return slices.ContainsFunc(a.Cooldowns, func(c struct {
		Model string
		Until time.Time
	}) bool {
		return c.Model == model && far(c.Until)
	})
}

type usageReport struct {
	Totals struct {
		Requests        int `json:"requests"`
		Errors          int `json:"errors"`
		InputTokens     int `json:"input_tokens"`
		CachedTokens    int `json:"cached_tokens"`
		OutputTokens    int `json:"output_tokens"`
		ReasoningTokens int `json:"reasoning_tokens"`
	} `json:"totals"`
}

func twoAccounts() config {
	return config{accounts: []account{{"first", keyOne}, {"second", keyTwo}}}
}

// awaitUsage asks until the wanted number of requests is recorded: rows are
// written in batches, at most a second late.
func (g *gateway) awaitUsage(t *testing.T, requests int) usageReport {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for {
		u := runJSON[usageReport](g, "usage")
		if u.Totals.Requests >= requests || time.Now().After(deadline) {
			if u.Totals.Requests != requests {
				t.Errorf("%d requests recorded, want %d", u.Totals.Requests, requests)
			}
			return u
		}
	}
}

// TestFailover: the account asked first answers 429, the client sees one clean
// answer, and the commands tell what happened.
func TestFailover(t *testing.T) {
	both(t, func(t *testing.T, stream bool) {
		g := launchWith(t, twoAccounts())
		g.script(fakegemini.Fail(fakegemini.RateLimited(flash, 3*time.Minute)), fakegemini.Step{Times: -1, Reply: &fakegemini.Reply{
			Parts: []fakegemini.Part{{Text: "clean"}}, Usage: &fakegemini.Usage{Prompt: 1000, Cached: 600, Candidates: 20, Thoughts: 5}}})
		for range 2 {
			r, err := g.chat(t, stream, openai.ChatCompletionNewParams{Model: flash, Messages: userSays("go")})
			if err != nil || r.Choices[0].Message.Content != "clean" {
				t.Fatalf("%v %s", err, r.RawJSON())
			}
		}
		all := g.fake.Generates()
		if len(all) != 3 || all[0].Status != 429 || all[0].Key == all[1].Key || all[1].Key != all[2].Key {
			t.Errorf("attempts: %v", attempts(all))
		}
		limited := map[string]string{keyOne: "first", keyTwo: "second"}[all[0].Key]
		for _, a := range runJSON[[]accountRow](g, "account", "list") {
			if a.Provider != "gemini" || a.limited(flash) != (a.Name == limited) {
				t.Errorf("account %+v; %s was limited", a, limited)
			}
		}
		u := g.awaitUsage(t, 2).Totals
		if u.Errors != 0 || u.InputTokens != 2000 || u.CachedTokens != 1200 || u.OutputTokens != 50 || u.ReasoningTokens != 10 {
			t.Errorf("usage %+v", u)
		}
	})
}

func attempts(all []fakegemini.Request) []string {
	var out []string
	for _, r := range all {
		out = append(out, r.Key+" "+r.Op+" "+http.StatusText(r.Status))
	}
	return out
}

// TestFailoverFaults: whatever goes wrong before the first model event moves
// to the other account.
func TestFailoverFaults(t *testing.T) {
	cases := map[string]fakegemini.Step{
		"reset":        {Fault: fakegemini.FaultReset},
		"500":          {Error: fakegemini.Internal()},
		"503":          {Error: fakegemini.Overloaded()},
		"error in 200": {Fault: fakegemini.FaultErrorIn200},
		"empty":        {Fault: fakegemini.FaultEmpty},
		"garbage":      {Fault: fakegemini.FaultGarbage},
		"cut at once":  {Fault: fakegemini.FaultCutReset},
		"bad key":      {Error: fakegemini.BadKey()},
		"forbidden":    {Error: fakegemini.Forbidden()},
	}
	for name, step := range cases {
		t.Run(name, func(t *testing.T) {
			both(t, func(t *testing.T, stream bool) {
				g := launchWith(t, twoAccounts())
				g.script(step)
				r, err := g.chat(t, stream, openai.ChatCompletionNewParams{Model: flash, Messages: userSays("go")})
				all := g.fake.Generates()
				if err != nil || !strings.Contains(r.Choices[0].Message.Content, "You said") {
					t.Fatalf("%v %s, attempts %v", err, r.RawJSON(), attempts(all))
				}
				if len(all) < 2 {
					t.Errorf("attempts %v", attempts(all))
				}
			})
		})
	}
}

// TestBadKeyEverywhere: an upstream's refusal of our credential is never the
// client's 401.
func TestBadKeyEverywhere(t *testing.T) {
	g := launch(t)
	g.script(fakegemini.Step{Times: -1, Error: fakegemini.BadKey()})
	_, err := g.chat(t, false, openai.ChatCompletionNewParams{Model: flash, Messages: userSays("go")})
	var e *openai.Error
	if !errors.As(err, &e) || e.StatusCode != 503 {
		t.Errorf("%v", err)
	}
	if rows := runJSON[[]accountRow](g, "account", "list"); len(rows) != 1 || rows[0].State != "refused" && rows[0].State != "needs_sign_in" {
		t.Errorf("%+v", rows)
	}
}

// TestClientLeaves: a client that goes away cancels the upstream at once.
func TestClientLeaves(t *testing.T) {
	g := launch(t)
	g.script(fakegemini.Step{Fault: fakegemini.FaultSilence, After: 2})
	c := g.openai()
	s := c.Chat.Completions.NewStreaming(ctx(t), openai.ChatCompletionNewParams{Model: flash, Messages: userSays("go on for a while")})
	if !s.Next() {
		t.Fatal(s.Err())
	}
	_ = s.Close()
	if !g.fake.Await(5*time.Second, func(all []fakegemini.Request) bool { return len(all) > 0 && all[len(all)-1].Gone }) {
		t.Error("the upstream was not cancelled")
	}
}

// TestKeys: with the strict mode each SDK gets its own 401 without a key and
// an answer with one.
func TestKeys(t *testing.T) {
	g := launchWith(t, config{accounts: []account{{"first", keyOne}}, settings: [][2]string{{"proxy.auth_mode", "all_except_health"}}})
	key := strings.TrimSpace(g.run("", "key", "create", "--name", "judge"))
	if !strings.HasPrefix(key, "sk-agt-") || strings.Contains(key, "\n") {
		t.Fatalf("key create printed %q", key)
	}
	g.secrets = append(g.secrets, key)
	var oe *openai.Error
	if _, err := g.chat(t, false, openai.ChatCompletionNewParams{Model: flash, Messages: userSays("go")}); !errors.As(err, &oe) || oe.StatusCode != 401 || oe.Code != "invalid_api_key" {
		t.Errorf("openai: %v", err)
	}
	var ae *anthropic.Error
	if _, err := g.message(t, true, anthropic.MessageNewParams{Model: flash, Messages: asks("go")}); !errors.As(err, &ae) || ae.StatusCode != 401 || ae.Type() != anthropic.ErrorTypeAuthenticationError {
		t.Errorf("anthropic: %v", err)
	}
	var ge genai.APIError
	if _, _, err := g.generate(t, false, flash, genai.Text(mark), nil); !errors.As(err, &ge) || ge.Code != 401 || ge.Status != "UNAUTHENTICATED" {
		t.Errorf("genai: %v", err)
	}
	c := g.openai(option.WithAPIKey(key))
	if _, err := c.Chat.Completions.New(ctx(t), openai.ChatCompletionNewParams{Model: flash, Messages: userSays("go")}); err != nil {
		t.Errorf("with the key: %v", err)
	}
}

// awaitModels waits for the first list of an account's models, which is fetched
// behind the start.
func (g *gateway) awaitModels(t *testing.T) {
	t.Helper()
	listed := func(all []fakegemini.Request) bool {
		return slices.ContainsFunc(all, func(r fakegemini.Request) bool { return r.Op == "list" && r.Done })
	}
	if !g.fake.Await(10*time.Second, listed) {
		t.Fatal("the gateway has not asked the upstream for its models")
	}
	c := g.openai()
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); {
		if page, err := c.Models.List(ctx(t)); err == nil && len(page.Data) > 0 {
			return
		}
	}
	t.Fatal("the list of models stays empty")
}

// TestModelLists asks through each SDK, page by page where it pages.
func TestModelLists(t *testing.T) {
	g := launch(t)
	g.awaitModels(t)
	want := []string{"gemini-2.5-pro", flash, "gemini-2.5-flash-lite", pro3, "gemini-3-flash-preview", "gemini-3.1-pro-preview"}
	check := func(t *testing.T, got map[string]int) {
		t.Helper()
		for _, w := range want {
			if got[w] != 1 {
				t.Errorf("%s is listed %d times in %v", w, got[w], got)
			}
		}
	}
	t.Run("openai", func(t *testing.T) {
		got := map[string]int{}
		c := g.openai()
		pager := c.Models.ListAutoPaging(ctx(t))
		for pager.Next() {
			got[pager.Current().ID]++
		}
		if pager.Err() != nil {
			t.Fatal(pager.Err())
		}
		check(t, got)
		if m, err := c.Models.Get(ctx(t), flash); err != nil || m.ID != flash {
			t.Errorf("%v %+v", err, m)
		}
	})
	t.Run("anthropic", func(t *testing.T) {
		got := map[string]int{}
		c := g.anthropic()
		pager := c.Models.ListAutoPaging(ctx(t), anthropic.ModelListParams{Limit: anthropic.Int(2)})
		for pager.Next() {
			got[pager.Current().ID]++
		}
		if pager.Err() != nil {
			t.Fatal(pager.Err())
		}
		check(t, got)
		if m, err := c.Models.Get(ctx(t), flash, anthropic.ModelGetParams{}); err != nil || m.ID != flash {
			t.Errorf("%v %+v", err, m)
		}
	})
	t.Run("genai", func(t *testing.T) {
		got := map[string]int{}
		c := g.genai(t)
		page, err := c.Models.List(ctx(t), &genai.ListModelsConfig{PageSize: 2})
		for ; err == nil; page, err = page.Next(ctx(t)) {
			if len(page.Items) > 2 {
				t.Errorf("a page of %d", len(page.Items))
			}
			for _, m := range page.Items {
				got[strings.TrimPrefix(m.Name, "models/")]++
			}
		}
		if !errors.Is(err, genai.ErrPageDone) {
			t.Fatal(err)
		}
		check(t, got)
		if m, err := c.Models.Get(ctx(t), flash, nil); err != nil || m.Name != "models/"+flash || m.OutputTokenLimit != 65536 {
			t.Errorf("%v %+v", err, m)
		}
	})
}
