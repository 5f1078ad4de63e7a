package judges

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/anthropics/anthropic-sdk-go"
	"github.com/openai/openai-go/v3"
	"google.golang.org/genai"

	"antigravity-tools/test/fakecodeassist"
	"antigravity-tools/test/fakegemini"
)

// codeAssist is a gateway with Google accounts over a strict Code Assist.
type codeAssist struct {
	*upstreams
	service *fakecodeassist.Server
}

// verifyLink is where an owner is sent; no client may be told.
const verifyLink = "https://accounts.google.com/signin/continue?mark=verify7f3a"

func ada() fakecodeassist.Account {
	return fakecodeassist.Account{Name: "ada", Refresh: "1//fake-ada-0123456789", Project: "managed-ada-7f3a", Tier: "free-tier"}
}

func bob() fakecodeassist.Account {
	return fakecodeassist.Account{Name: "bob", Refresh: "1//fake-bob-0123456789", Project: "managed-bob-7f3a", Tier: "standard-tier"}
}

func launchCodeAssist(t *testing.T, accounts ...fakecodeassist.Account) *codeAssist {
	t.Helper()
	s, err := fakecodeassist.New(accounts...)
	if err != nil {
		t.Fatal(err)
	}
	g := launchWith(t, config{behind: s.Server, add: func(g *gateway) {
		g.run("", "config", "set", "google.oauth_client_id", fakecodeassist.ClientID)
		g.run("", "config", "set", "google.oauth_client_secret", fakecodeassist.ClientSecret)
		g.run("", "config", "set", "google.token_url", s.TokenURL())
		g.run("", "config", "set", "scheduling.mode", "balance")
		for _, a := range accounts {
			g.secrets = append(g.secrets, a.Refresh, a.Project)
			g.run(a.Refresh+"\n", "account", "add", "--provider", "google", "--name", a.Name, "--base-url", s.URL(), "--api-key-stdin")
		}
	}})
	g.secrets = append(g.secrets, fakecodeassist.ClientSecret, "ya29.fake", "verify7f3a")
	return &codeAssist{&upstreams{gateway: g}, s}
}

// account is the row of an account in `account list --json`.
func (g *gateway) account(t *testing.T, name string) accountRow {
	t.Helper()
	for _, row := range runJSON[[]accountRow](g, "account", "list") {
		if row.Name == name {
			return row
		}
	}
	t.Fatalf("there is no account %s", name)
	return accountRow{}
}

// toolLoop is two steps with a call each, and the answer behind their results.
// A service that checks signatures sees those of both steps come back.
func (u *upstreams) toolLoop(t *testing.T, c clientRow, model string, stream bool) {
	t.Helper()
	use := &fakegemini.Usage{Prompt: 100, Candidates: 20, Thoughts: 5}
	u.script(fakegemini.Step{Reply: &fakegemini.Reply{Parts: []fakegemini.Part{{Text: looking}, {Call: &fakegemini.Call{Name: "get_weather", Args: []byte(args)}}}, Usage: use}},
		fakegemini.Step{Reply: fakegemini.Calls(fakegemini.Call{Name: "get_weather", Args: []byte(args)})}, fakegemini.Answer(fakegemini.Part{Text: "Mild."}))
	k := c.talk(false)
	k.say(asked)
	first := k.must(t, model, stream)
	if call := first.call(); first.text != looking || call.name != "get_weather" || call.args != args || first.stop != c.tool || first.in != 100 || first.out != 25 {
		t.Fatalf("the first call: %+v", first)
	}
	first.keep("mild")
	second := k.must(t, model, stream)
	if call := second.call(); call.name != "get_weather" || call.args != args || second.stop != c.tool {
		t.Fatalf("the second call: %+v", second)
	}
	second.keep("mild too")
	if last := k.must(t, model, stream); last.text != "Mild." || last.stop != c.done {
		t.Fatalf("the answer: %+v", last)
	}
	sent := string(u.fake.Generates()[len(u.fake.Generates())-1].Body)
	if !strings.Contains(sent, "mild too") || !strings.Contains(sent, "be brief") {
		t.Errorf("sent %s", sent)
	}
}

// TestCodeAssist: every client's SDK through the gateway to a strict Code
// Assist, in both forms, with a loop over several turns.
func TestCodeAssist(t *testing.T) {
	c := launchCodeAssist(t, ada())
	for _, model := range []string{pro3, flash, fakecodeassist.Claude} {
		for name, client := range c.clients() {
			t.Run(model+"/"+name, func(t *testing.T) {
				both(t, func(t *testing.T, stream bool) {
					c.toolLoop(t, client, model, stream)
				})
			})
		}
	}
	t.Run("Claude, calls without ids", func(t *testing.T) {
		c.script(fakegemini.Answer(fakegemini.Part{Text: "Mild."}))
		status, body := c.post(t, "/v1beta/models/"+fakecodeassist.Claude+":generateContent", `{"contents":[{"role":"user","parts":[{"text":"`+mark+`"}]},{"role":"model","parts":[{"functionCall":{"name":"f","args":{}}}]},{"role":"user","parts":[{"functionResponse":{"name":"f","response":{"output":"mild"}}}]}]}`)
		if status != 200 || !strings.Contains(body, "Mild.") {
			t.Errorf("%d %s", status, body)
		}
	})
	t.Run("structure", func(t *testing.T) { c.structured(t, `"responseSchema"`) })
	t.Run("count", func(t *testing.T) { c.counted(t, "models/"+flash) })
}

// counted asks for a token count in each way; sent must stand in what the
// service sees.
func (u *upstreams) counted(t *testing.T, sent string) {
	t.Helper()
	check := func(n int64, err error) {
		t.Helper()
		if last := u.lastCall("countTokens"); err != nil || n == 0 || !strings.Contains(last.Path+string(last.Body), sent) {
			t.Errorf("%d tokens, %v; %s %s", n, err, last.Path, last.Body)
		}
	}
	claude := u.gateway.anthropic()
	n, err := claude.Messages.CountTokens(ctx(t), anthropic.MessageCountTokensParams{Model: flash, Messages: asks("count me"), Tools: []anthropic.MessageCountTokensToolUnionParam{
		anthropic.MessageCountTokensToolParamOfTool(anthropic.ToolInputSchemaParam{Properties: map[string]any{"a": map[string]any{"type": "string"}}}, "f")}})
	check(n.InputTokens, err)
	r, err := u.genai(t).Models.CountTokens(ctx(t), flash, genai.Text(mark), nil)
	if err != nil {
		t.Fatal(err)
	}
	check(int64(r.TotalTokens), err)
}

// structured asks for JSON by a schema; member must stand in what was sent.
func (u *upstreams) structured(t *testing.T, member string) {
	t.Helper()
	both(t, func(t *testing.T, stream bool) {
		u.script()
		r, err := u.gateway.chat(t, stream, openai.ChatCompletionNewParams{Model: flash, Messages: userSays("json"), ResponseFormat: thingFormat()})
		if err != nil || !isThing(r.Choices[0].Message.Content) {
			t.Errorf("%v %s", err, r.RawJSON())
		}
		all := u.fake.Generates()
		if sent := string(all[len(all)-1].Body); !strings.Contains(sent, member) {
			t.Errorf("sent %s", sent)
		}
	})
}

// TestCodeAssistOnboarding: an account that was never set up is, once, and gets
// its project by a long-running operation.
func TestCodeAssistOnboarding(t *testing.T) {
	fresh := ada()
	fresh.Tier = ""
	c := launchCodeAssist(t, fresh)
	r, err := c.gateway.chat(t, false, openai.ChatCompletionNewParams{Model: flash, Messages: userSays("hello")})
	if err != nil || r.Choices[0].Message.Content == "" {
		t.Fatalf("%v", err)
	}
	if n := c.service.Onboarded(); n != 1 {
		t.Errorf("set up %d times", n)
	}
}

// askMany sends n requests at once; each wants an answer.
func (g *gateway) askMany(t *testing.T, n int, model string) {
	t.Helper()
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			if _, err := g.chat(t, false, openai.ChatCompletionNewParams{Model: model, Messages: userSays("at once")}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

// TestCodeAssistTokenEnds: a token that ends in the middle of a run is renewed
// once, however many requests meet its end at once.
func TestCodeAssistTokenEnds(t *testing.T) {
	c := launchCodeAssist(t, ada())
	c.askMany(t, 2, flash)
	before := c.service.Tokens.Issued("ada")
	c.service.Tokens.Expire()
	c.askMany(t, 8, flash)
	if n := c.service.Tokens.Issued("ada") - before; n != 1 {
		t.Errorf("%d tokens were asked for", n)
	}
	if row := c.account(t, "ada"); row.State != "ready" {
		t.Errorf("%+v", row)
	}
}

// TestCodeAssistRevoked: an account whose owner took the consent back needs a
// sign-in; the other one answers.
func TestCodeAssistRevoked(t *testing.T) {
	c := launchCodeAssist(t, ada(), bob())
	c.askMany(t, 4, flash)
	c.service.Change("ada", func(a *fakecodeassist.Account) { a.Revoked = true })
	c.service.Tokens.Expire()
	c.askMany(t, 6, flash)
	if row := c.account(t, "ada"); row.State != "needs_sign_in" || !strings.Contains(row.Reason, "sign-in") {
		t.Errorf("%+v", row)
	}
	if row := c.account(t, "bob"); row.State != "ready" {
		t.Errorf("%+v", row)
	}
}

// TestCodeAssistLimits: a limit holds until the time that the service names,
// whichever member names it, and the other account answers meanwhile.
func TestCodeAssistLimits(t *testing.T) {
	reset := time.Now().Add(2 * time.Hour).Truncate(time.Second)
	soon := time.Now().Add(3 * time.Minute).Truncate(time.Second)
	for name, tc := range map[string]struct {
		refusal *fakegemini.Error
		until   time.Time
		state   string
	}{
		"both":       {fakecodeassist.RateLimited(flash, time.Until(soon), soon), soon, "cooling"},
		"stamp":      {fakecodeassist.RateLimited(flash, 0, soon), soon, "cooling"},
		"quota":      {fakecodeassist.QuotaExhausted(flash, 0, reset), reset, "out_of_quota"},
		"quota soon": {fakecodeassist.QuotaExhausted(flash, 5*time.Second, reset), reset, "out_of_quota"},
	} {
		t.Run(name, func(t *testing.T) {
			c := launchCodeAssist(t, ada(), bob())
			c.script(fakegemini.Fail(tc.refusal))
			c.askMany(t, 1, flash)
			c.askMany(t, 3, flash)
			all := c.fake.Generates()
			limited := all[0].Key
			if len(all) != 5 || all[0].Status != 429 {
				t.Fatalf("attempts: %v", attempts(all))
			}
			for _, r := range all[1:] {
				if r.Key == limited || r.Status != 200 {
					t.Errorf("attempts: %v", attempts(all))
				}
			}
			row := c.account(t, limited)
			off := time.Minute
			if row.Until != nil {
				off = row.Until.Sub(tc.until).Abs()
			}
			if row.State != tc.state || off > 5*time.Second {
				t.Errorf("%+v, want %s until %v", row, tc.state, tc.until)
			}
		})
	}
}

// TestCodeAssistVerification: an account that its owner has to verify is put
// aside. Its state shows the page; no client is told.
func TestCodeAssistVerification(t *testing.T) {
	c := launchCodeAssist(t, ada(), bob())
	c.gateway.fake.Script("ada", fakegemini.Step{Times: -1, Error: fakecodeassist.ValidationRequired(verifyLink)})
	c.askMany(t, 6, flash)
	row := c.account(t, "ada")
	if row.State != "refused" || !strings.Contains(row.Reason, "verif") || row.Link != verifyLink {
		t.Errorf("%+v", row)
	}
	if shown := c.run("", "account", "show", "ada"); !strings.Contains(shown, verifyLink) {
		t.Errorf("account show: %s", shown)
	}
	c.run("", "account", "disable", "bob")
	for _, protocol := range wire() {
		for _, stream := range []bool{false, true} {
			path, body := question(protocol, flash, mark, stream)
			r := c.ask(t, "POST", path, body)
			if r.status < 400 || strings.Contains(r.body, "verify7f3a") || strings.Contains(r.body, "managed-") {
				t.Errorf("%s: %d %s", protocol, r.status, r.body)
			}
		}
	}
	if _, err := c.gateway.chat(t, false, openai.ChatCompletionNewParams{Model: flash, Messages: userSays("go")}); err == nil || strings.Contains(err.Error(), "verify7f3a") {
		t.Errorf("%v", err)
	}
	// Verified: the account answers again.
	c.gateway.fake.ClearScripts()
	c.run("", "account", "enable", "ada")
	c.askMany(t, 1, flash)
	if row := c.account(t, "ada"); row.State != "ready" || row.Link != "" {
		t.Errorf("%+v", row)
	}
}

// TestCodeAssistQuota: what is left is shown, and room in the provider's own
// numbers ends the wait for a quota.
func TestCodeAssistQuota(t *testing.T) {
	reset := time.Now().Add(4 * time.Hour).Truncate(time.Second)
	owner := ada()
	owner.Quotas = map[string]fakecodeassist.Quota{pro3: {Remaining: 0.25, Reset: reset}, flash: {Reset: reset}}
	c := launchCodeAssist(t, owner)
	wants := func(what string, flashLeft, proLeft float64) {
		t.Helper()
		q := c.account(t, "ada").Quotas
		if len(q) != 2 || q[0].Group != "Gemini Flash" || q[1].Group != "Gemini Pro" || q[0].Remaining != flashLeft || q[1].Remaining != proLeft ||
			q[1].ResetAt == nil || !q[1].ResetAt.Equal(reset) {
			t.Errorf("%s: %+v", what, q)
		}
	}
	wants("at first", 0, 0.25)
	if list := c.run("", "account", "list"); !strings.Contains(list, "Gemini Flash 0 %, Gemini Pro 25 %") {
		t.Errorf("account list: %s", list)
	}
	c.script(fakegemini.Fail(fakecodeassist.QuotaExhausted(flash, 0, reset)))
	if _, err := c.gateway.chat(t, false, openai.ChatCompletionNewParams{Model: flash, Messages: userSays("go")}); err == nil {
		t.Error("an account out of quota answers")
	}
	if row := c.account(t, "ada"); row.State != "out_of_quota" || row.Until == nil || row.Until.Sub(reset).Abs() > 5*time.Second {
		t.Errorf("%+v", row)
	}
	c.service.Change("ada", func(a *fakecodeassist.Account) {
		a.Quotas = map[string]fakecodeassist.Quota{pro3: {Remaining: 0.25, Reset: reset}, flash: {Remaining: 0.5, Reset: reset}}
	})
	c.run("", "account", "test", "ada")
	wants("with room again", 0.5, 0.25)
	if row := c.account(t, "ada"); row.State != "ready" {
		t.Errorf("%+v", row)
	}
	c.askMany(t, 1, flash)
	// A service without the list of models tells quotas alone.
	c.script(fakegemini.Step{Op: "fetchAvailableModels", Error: &fakegemini.Error{Code: 404, Status: "NOT_FOUND", Message: "Method not found."}})
	c.run("", "account", "test", "ada")
	wants("by the quota call", 0.5, 0.25)
}
