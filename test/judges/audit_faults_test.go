package judges

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"antigravity-tools/test/fakegemini"
)

// sixPieces is an answer long enough for a fault in its middle.
func sixPieces() *fakegemini.Reply {
	return &fakegemini.Reply{Parts: []fakegemini.Part{{Text: "one two three four five six"}}, Pieces: 6}
}

// wholeStream tells whether a stream came to its protocol's proper end, and
// whether it holds the protocol's own error.
func wholeStream(t *testing.T, protocol, body string) (ended, failed bool) {
	t.Helper()
	for line := range strings.SplitSeq(body, "\n") {
		data, ok := strings.CutPrefix(strings.TrimRight(line, "\r"), "data: ")
		if !ok || data == "[DONE]" {
			continue
		}
		var ev struct {
			Type    string
			Error   json.RawMessage
			Choices []struct {
				FinishReason *string `json:"finish_reason"`
			}
			Candidates []struct {
				FinishReason string `json:"finishReason"`
			}
		}
		if err := json.Unmarshal([]byte(data), &ev); err != nil {
			t.Errorf("%s: an event is no object: %s", protocol, data)
		}
		failed = failed || ev.Error != nil || ev.Type == "error" || ev.Type == "response.failed"
		ended = ended || ev.Type == "message_stop" || ev.Type == "response.completed" ||
			len(ev.Choices) > 0 && ev.Choices[0].FinishReason != nil || len(ev.Candidates) > 0 && ev.Candidates[0].FinishReason != ""
	}
	return ended, failed
}

func quick() [][2]string {
	return [][2]string{{"proxy.first_byte_timeout", "400ms"}, {"proxy.idle_timeout", "400ms"}, {"scheduling.max_wait", "0s"}}
}

func (g *gateway) reenable(names ...string) {
	g.t.Helper()
	for _, name := range names {
		g.run("", "account", "disable", name)
		g.run("", "account", "enable", name)
	}
}

// TestAuditFaultsBeforeTheAnswer: whatever goes wrong before the first model
// event, the other account answers, in each protocol and form, and nothing of
// the first attempt is in the answer.
func TestAuditFaultsBeforeTheAnswer(t *testing.T) {
	t.Parallel()
	g := launchWith(t, config{accounts: twoAccounts().accounts, settings: quick()})
	g.refusals = true
	clean := map[string]int{}
	frames := func(body string) int { return strings.Count(body, "data: ") }
	steps := []struct {
		name string
		step *fakegemini.Step
	}{
		{"none", nil},
		{"500", &fakegemini.Step{Error: fakegemini.Internal()}}, {"429", &fakegemini.Step{Error: fakegemini.RateLimited(flash, time.Minute)}},
		{"reset", &fakegemini.Step{Fault: fakegemini.FaultReset}}, {"error in 200", &fakegemini.Step{Fault: fakegemini.FaultErrorIn200}},
		{"empty", &fakegemini.Step{Fault: fakegemini.FaultEmpty}}, {"garbage", &fakegemini.Step{Fault: fakegemini.FaultGarbage}},
		{"half an object", &fakegemini.Step{Fault: fakegemini.FaultMalformed}}, {"no candidates", &fakegemini.Step{Fault: fakegemini.FaultNoCandidates}},
		{"cut at once", &fakegemini.Step{Fault: fakegemini.FaultCutClean}}, {"silence", &fakegemini.Step{Fault: fakegemini.FaultSilence, Hold: 5 * time.Second}},
		{"byte by byte", &fakegemini.Step{Fault: fakegemini.FaultByteByByte}},
	}
	asked := 0
	for _, row := range steps {
		g.reenable("first", "second")
		for _, p := range wire() {
			for _, stream := range []bool{false, true} {
				g.script()
				if row.step != nil {
					g.script(*row.step)
					if row.step.Error != nil {
						g.reenable("first", "second") // out of the cooldown of the question before
					}
				}
				path, body := question(p, flash, mark+" hello", stream)
				r := g.ask(t, "POST", path, body)
				asked++
				if r.status != 200 || r.header.Get("X-Antigravity-Model") != flash || r.header.Get("X-Antigravity-Provider") != "gemini" {
					t.Fatalf("%s, %s, stream %t: %d %v %s", row.name, p, stream, r.status, r.header, r.body)
				}
				if !stream {
					continue
				}
				if ended, failed := wholeStream(t, p, r.body); !ended || failed {
					t.Errorf("%s, %s: %s", row.name, p, r.body)
				}
				switch {
				case row.step == nil:
					clean[p] = frames(r.body)
				case row.step.Fault != fakegemini.FaultByteByByte && frames(r.body) != clean[p]:
					t.Errorf("%s, %s: %d events, %d without the fault: %s", row.name, p, frames(r.body), clean[p], r.body)
				}
			}
		}
	}
	if u := g.awaitUsage(t, asked).Totals; u.Errors != 0 {
		t.Errorf("the records tell of %d errors, the clients saw none", u.Errors)
	}
}

// TestAuditFaultsInTheAnswer: after the first model event a fault is the
// protocol's own error, never an end that looks right, and is in the records.
func TestAuditFaultsInTheAnswer(t *testing.T) {
	t.Parallel()
	g := launchWith(t, config{accounts: twoAccounts().accounts, settings: quick()})
	g.refusals = true
	asked := 0
	for _, fault := range []fakegemini.Fault{fakegemini.FaultCutClean, fakegemini.FaultCutReset, fakegemini.FaultErrorIn200, fakegemini.FaultBareError, fakegemini.FaultMalformed, fakegemini.FaultGarbage, fakegemini.FaultSilence} {
		for _, p := range wire() {
			g.script(fakegemini.Step{Fault: fault, After: 2, Hold: 5 * time.Second, Reply: sixPieces()})
			path, body := question(p, flash, mark, true)
			r := g.ask(t, "POST", path, body)
			asked++
			if ended, failed := wholeStream(t, p, r.body); r.status != 200 || ended || !failed || !strings.Contains(r.body, "one") {
				t.Errorf("%s, %s: %d %s", fault, p, r.status, r.body)
			}
			if r.header.Get("Cache-Control") != "no-cache" || r.header.Get("X-Accel-Buffering") != "no" {
				t.Errorf("%s: %v", p, r.header)
			}
		}
		// Gemini's other form of a stream stays a JSON array.
		g.script(fakegemini.Step{Fault: fault, After: 2, Hold: 5 * time.Second, Reply: sixPieces()})
		_, body := question("gemini", flash, mark, true)
		r := g.ask(t, "POST", "/v1beta/models/"+flash+":streamGenerateContent", body)
		asked++
		var elements []struct{ Error *struct{ Code int } }
		if err := json.Unmarshal([]byte(r.body), &elements); err != nil || len(elements) < 2 || elements[len(elements)-1].Error == nil {
			t.Errorf("%s, array: %v %s", fault, err, r.body)
		}
	}
	if u := g.awaitUsage(t, asked).Totals; u.Errors != asked {
		t.Errorf("%d of %d recorded as errors", u.Errors, asked)
	}
}

// TestAuditOneAccount: what a client gets when there is no other account.
func TestAuditOneAccount(t *testing.T) {
	t.Parallel()
	g := launchWith(t, config{accounts: []account{{"Accountname", keyOne}}, settings: quick()})
	g.refusals = true
	g.secrets = append(g.secrets, "bob@example.com")
	secretive := fakegemini.Forbidden()
	secretive.Message = "bob@example.com with " + keyOne + " may not do this"
	for name, row := range map[string]struct {
		err    *fakegemini.Error
		status int
		says   string
	}{
		"401": {&fakegemini.Error{Code: 401, Status: "UNAUTHENTICATED", Message: "no"}, 503, "no_usable_account"},
		"403": {secretive, 503, "no_usable_account"},
		"key": {fakegemini.BadKey(), 503, "no_usable_account"},
		"429": {fakegemini.RateLimited(flash, 77*time.Second), 429, "77 s"},
		"400": {fakegemini.Invalid("field x is bad"), 400, "field x is bad"},
		"503": {fakegemini.Overloaded(), 503, "overloaded"},
	} {
		for _, p := range wire() {
			for _, stream := range []bool{false, true} {
				g.reenable("Accountname")
				g.script(fakegemini.Step{Error: row.err, Times: -1})
				path, body := question(p, flash, mark, stream)
				r := g.ask(t, "POST", path, body)
				want := row.status
				if name == "503" && p == "messages" {
					want = 529 // Anthropic's own status of an upstream's overload
				}
				if r.status != want || shape(r.body) != shapeOf(p) || !strings.Contains(r.body, row.says) {
					t.Errorf("%s, %s, stream %t: %d %s", name, p, stream, r.status, r.body)
				}
				if (r.header.Get("Retry-After") == "77") != (name == "429") {
					t.Errorf("%s: Retry-After %q", name, r.header.Get("Retry-After"))
				}
				for _, s := range []string{"Accountname", keyOne, "bob@example.com", mark} {
					if strings.Contains(r.body+fmt.Sprint(r.header), s) {
						t.Errorf("%s, %s: the reply holds %q", name, p, s)
					}
				}
			}
		}
	}
	for name, base := range map[string]string{"refused": "http://127.0.0.1:" + freePort(t), "TLS to a plain port": strings.Replace(g.fake.URL(), "http:", "https:", 1)} {
		g.run("", "account", "remove", "Accountname")
		g.run(keyOne+"\n", "account", "add", "--provider", "gemini", "--name", "Accountname", "--base-url", base, "--api-key-stdin")
		for _, p := range wire() {
			path, body := question(p, flash, mark, true)
			if r := g.ask(t, "POST", path, body); r.status != 502 && r.status != 429 || shape(r.body) != shapeOf(p) || strings.Contains(r.body, "127.0.0.1") {
				t.Errorf("%s, %s: %d %s", name, p, r.status, r.body)
			}
		}
	}
}

// TestAuditMendedAccount: a refused account is back once its key is proven or a
// person says so.
func TestAuditMendedAccount(t *testing.T) {
	t.Parallel()
	g := launchWith(t, config{accounts: []account{{"first", keyOne}}, settings: quick()})
	g.refusals = true
	path, body := question("chat", flash, mark, false)
	for _, mend := range []string{"test", "enable"} {
		g.script(fakegemini.Fail(fakegemini.Forbidden()))
		if r := g.ask(t, "POST", path, body); r.status != 503 {
			t.Fatalf("%d %s", r.status, r.body)
		}
		if r := g.ask(t, "POST", path, body); r.status != 503 || !strings.Contains(r.body, "refused the credential") {
			t.Errorf("a refused account was asked again: %d %s", r.status, r.body)
		}
		if rows := runJSON[[]accountRow](g, "account", "list"); rows[0].State != "refused" {
			t.Errorf("%+v", rows)
		}
		g.run("", "account", mend, "first")
		if r := g.ask(t, "POST", path, body); r.status != 200 {
			t.Errorf("after account %s: %d %s", mend, r.status, r.body)
		}
	}
}

// TestAuditClientsLeave: clients that go away in the middle cancel the upstream
// and leave nothing behind.
func TestAuditClientsLeave(t *testing.T) {
	t.Parallel()
	const rounds = 120
	g := launch(t)
	g.script(fakegemini.Step{Times: -1, Gap: 50 * time.Millisecond, Reply: &fakegemini.Reply{Parts: []fakegemini.Part{{Text: strings.Repeat("word ", 200)}}, Pieces: 200}})
	before := g.openFiles(t)
	for i := range rounds {
		path, body := question(wire()[i%4], flash, mark, true)
		conn, err := net.Dial("tcp", "127.0.0.1:"+g.port)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", path, len(body), body)
		_, _ = conn.Read(make([]byte, 100))
		_ = conn.Close()
	}
	gone := func(all []fakegemini.Request) bool {
		n := 0
		for _, r := range all {
			if r.Op == "streamGenerateContent" && r.Gone && r.Done {
				n++
			}
		}
		return n == rounds
	}
	if !g.fake.Await(5*time.Second, gone) {
		t.Error("not every upstream call was cancelled")
	}
	until(t, "the sockets are closed", func() bool { return g.openFiles(t) <= before+6 })
	if u := g.awaitUsage(t, rounds).Totals; u.Errors != 0 {
		t.Errorf("a client that leaves is no error: %+v", u)
	}
}

// TestAuditHeadersUp: of a client's headers none goes to Gemini, and of the
// upstream's only what tells of limits comes back.
func TestAuditHeadersUp(t *testing.T) {
	g := launch(t)
	g.script(fakegemini.Step{Head: map[string]string{"X-Ratelimit-Remaining-Requests": "5", "Set-Cookie": "a=b", "X-Secret": "c"}, Reply: fakegemini.Text("hi")})
	path, body := question("gemini", flash, mark, false)
	r := g.ask(t, "POST", path+"?key="+clientKey, body, "Cookie", "a=b", "User-Agent", "OpenAI/x", "X-Forwarded-For", "203.0.113.1", "Anthropic-Beta", "x",
		"Openai-Beta", "y", "X-Custom", "z", "Authorization", "Bearer "+clientKey, "Referer", "http://x")
	if r.status != 200 || r.header.Get("X-Ratelimit-Remaining-Requests") != "5" || r.header.Get("Set-Cookie") != "" || r.header.Get("X-Secret") != "" {
		t.Errorf("%d %v", r.status, r.header)
	}
	all := g.fake.Generates()
	for _, name := range []string{"Cookie", "X-Forwarded-For", "Anthropic-Beta", "Openai-Beta", "X-Custom", "Authorization", "Referer"} {
		if v := http.Header(all[0].Header).Get(name); v != "" {
			t.Errorf("%s went upstream: %s", name, v)
		}
	}
	if r.header.Get("X-Antigravity-Account") != "" {
		t.Error("the account is named in a header")
	}
}
