package clients

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// install puts a script in place of a client's program.
func (p *place) install(c string, script string) {
	p.t.Helper()
	if runtime.GOOS == "windows" {
		p.t.Skip("the programs of this test are shell scripts")
	}
	path := p.write("bin/"+c, "#!/bin/sh\n"+script, 0o755)
	p.setup.system.LookPath = func(string) (string, error) { return path, nil }
}

// printed is what each client that can be started prints for the answer "Hello there.", in the form seen with
// the versions of test/e2e, and how it is asked.
var printed = map[string]struct{ args, out string }{
	"claude-code": {"-p Say hello. --output-format json", `{"type":"result","subtype":"success","is_error":false,"result":"Hello there.","session_id":"x"}`},
	"codex": {"exec --skip-git-repo-check --json Say hello.",
		"{\"type\":\"thread.started\"}\n{\"type\":\"item.completed\",\"item\":{\"id\":\"i0\",\"type\":\"reasoning\",\"text\":\"hm\"}}\n{\"type\":\"item.completed\",\"item\":{\"id\":\"i1\",\"type\":\"agent_message\",\"text\":\"Hello there.\"}}\n"},
	"gemini-cli": {"--output-format json -p Say hello.", "{\n  \"response\": \"Hello there.\",\n  \"stats\": {}\n}\n"},
	"qwen-code":  {"--output-format json -p Say hello.", `[{"type":"system"},{"type":"assistant","message":{}},{"type":"result","is_error":false,"result":"Hello there."}]`},
	"kilo-code":  {"run --format json Say hello.", "{\"type\":\"step_start\",\"part\":{}}\n{\"type\":\"text\",\"part\":{\"type\":\"text\",\"text\":\"Hello there.\"}}\n"},
	"opencode":   {"run --format json Say hello.", "{\"type\":\"text\",\"part\":{\"type\":\"text\",\"text\":\"Hello there.\"}}\n"},
	"crush":      {"run --quiet Say hello.", "Hello there.\n"},
	"continue":   {"-p Say hello.", "Hello there.\n"},
	"cline": {"--json Say hello.",
		"{\"type\":\"agent_event\",\"event\":{\"type\":\"iteration_start\"}}\n{\"type\":\"run_result\",\"finishReason\":\"completed\",\"text\":\"Hello there.\"}\n"},
	"droid": {"exec -o stream-json -m custom:gemini-2.5-pro Say hello.",
		"{\"type\":\"message\",\"role\":\"user\",\"text\":\"Say hello.\"}\n{\"type\":\"completion\",\"finalText\":\"Hello there.\"}\n"},
}

// TestVerifyStartsTheClient: with the right arguments, in an empty folder that is gone afterwards, without
// the program's own variables, with nothing on its standard input.
func TestVerifyStartsTheClient(t *testing.T) {
	t.Setenv("ANTIGRAVITY_API_KEY", "sk-agt-fake-of-the-gateway")
	for _, c := range Catalog() {
		want, ok := printed[c.Name]
		if !ok {
			if c.Run != nil {
				t.Errorf("%s can be started, and no test tells what it prints", c.Name)
			}
			continue
		}
		p := newPlace(t)
		p.write("out", want.out, 0o600)
		p.install(c.Binaries[0], `echo "$*" > '`+p.home+`/args'; pwd > '`+p.home+`/pwd'; ls -A > '`+p.home+`/ls'; env > '`+p.home+`/env'; cat > '`+p.home+`/stdin'; cat '`+p.home+`/out'`)
		p.apply(c.Name, ours)
		got, err := p.setup.Verify(context.Background(), c.Name)
		if err != nil || !got.OK || got.Answer != "Hello there." || got.Error != "" || !strings.HasPrefix(got.Command, c.Binaries[0]+" ") || got.Model != ours.Model {
			t.Errorf("%s: %+v %v", c.Name, got, err)
		}
		if args := strings.TrimSpace(p.read("args")); args != want.args {
			t.Errorf("%s: asked %q", c.Name, args)
		}
		if p.read("ls") != "" || p.read("stdin") != "" || strings.Contains(p.read("env"), "fake-of-the-gateway") {
			t.Errorf("%s: %q %q or a secret of the gateway", c.Name, p.read("ls"), p.read("stdin"))
		}
		if _, err := os.Stat(strings.TrimSpace(p.read("pwd"))); err == nil {
			t.Errorf("%s: its folder is still there", c.Name)
		}
	}
}

// TestVerifyFindsTheWordsOfAFailure: where a client prints them on its standard error, or before an error that says nothing.
func TestVerifyFindsTheWordsOfAFailure(t *testing.T) {
	gateway := answering(t)
	v := ours
	v.Root = gateway.URL
	for client, script := range map[string]string{
		"cline": `echo '{"type":"run_result","finishReason":"error","text":"no"}'; echo '{"type":"error","message":"404 enter this"}' >&2; exit 1`,
		"droid": `echo '{"type":"error","source":"agent_loop","message":"404 enter this"}'; echo '{"type":"error","source":"cli","message":"Exec failed"}'; exit 1`,
	} {
		p := newPlace(t)
		p.install(client, script)
		p.apply(client, v)
		got, err := p.setup.Verify(context.Background(), client)
		if err != nil || got.OK || !strings.HasSuffix(got.Error, "gave no answer: 404 enter this") {
			t.Errorf("%s: %+v %v", client, got, err)
		}
	}
}

// TestVerifyTellsWhoseFaultItIs: a client that fails is told by its own words, without the key and not at
// length, beside what the same call gives.
func TestVerifyTellsWhoseFaultItIs(t *testing.T) {
	gateway := answering(t)
	v := ours
	v.Root = gateway.URL
	table := map[string]struct{ script, says string }{
		"refused":      {`echo '{"type":"result","is_error":true,"result":"API Error: 401 with ` + ours.Key + `"}'; exit 1`, "API Error: 401 with [key]"},
		"an old one":   {`echo "error: unknown option '--output-format'" >&2; exit 2`, "unknown option"},
		"silent":       {`exit 0`, "it printed nothing"},
		"talkative":    {`yes ` + ours.Key + ` | head -c 3000000; exit 3`, "[key]"},
		"no text":      {`echo '{"type":"result","result":""}'`, "gave no answer"},
		"wrong format": {`echo hello`, "gave no answer: hello"},
	}
	for name, row := range table {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			p.install("claude", row.script)
			p.apply("claude-code", v)
			got, err := p.setup.Verify(context.Background(), "claude-code")
			if err != nil || got.OK || !strings.Contains(got.Error, row.says) || !strings.Contains(got.Note, "are right") || got.Status != http.StatusOK {
				t.Errorf("%+v %v", got, err)
			}
			if strings.Contains(got.Error+got.Note+got.Answer, ours.Key) || len(got.Error) > 4*maxWords {
				t.Errorf("%d bytes, or the key: %.300s", len(got.Error), got.Error)
			}
		})
	}
	t.Run("both", func(t *testing.T) {
		refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = io.WriteString(w, `{"error":{"message":"no such key"}}`)
		}))
		defer refusing.Close()
		p := newPlace(t)
		p.install("claude", "echo broken >&2; exit 1")
		there := v
		there.Root = refusing.URL
		p.apply("claude-code", there)
		got, err := p.setup.Verify(context.Background(), "claude-code")
		if err != nil || got.OK || got.Error != "no such key" || got.Status != 401 || !strings.Contains(got.Note, "broken") {
			t.Errorf("%+v %v", got, err)
		}
	})
}

// TestVerifyEndsInTime: a client that hangs, and what it has started, ends with the deadline.
func TestVerifyEndsInTime(t *testing.T) {
	gateway := answering(t)
	v := ours
	v.Root = gateway.URL
	p := newPlace(t)
	p.install("claude", `sleep 300 & echo $! > '`+p.home+`/child'; wait`)
	p.setup.runWait = 500 * time.Millisecond
	p.apply("claude-code", v)
	begin := time.Now()
	got, err := p.setup.Verify(context.Background(), "claude-code")
	if err != nil || got.OK || !strings.Contains(got.Error, "gave no answer within") || time.Since(begin) > 60*time.Second {
		t.Errorf("%+v %v after %s", got, err, time.Since(begin))
	}
	child := strings.TrimSpace(p.read("child"))
	stat, err := os.ReadFile(filepath.Join("/proc", child, "stat"))
	if runtime.GOOS == "linux" && err == nil && !strings.Contains(string(stat), ") Z ") {
		t.Errorf("its child still runs: %s", stat)
	}
}

// TestVerifyKeepsLittle: output without end is taken and not kept.
func TestVerifyKeepsLittle(t *testing.T) {
	b := bounded{limit: 10}
	for range 5 {
		if n, err := b.Write([]byte("1234567")); n != 7 || err != nil {
			t.Fatal(n, err)
		}
	}
	if b.String() != "1234567123" || !b.cut {
		t.Errorf("%q %v", b.String(), b.cut)
	}
}
