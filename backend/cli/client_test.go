package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// clientBench is a home directory and a data directory for the client commands.
type clientBench struct {
	t        *testing.T
	home     string
	data     string
	service  *keyService
	settings string // Claude Code's
}

// keyService knows no key until one is made.
type keyService struct{ fakeService }

func (k *keyService) call(ctx context.Context, verb string, out any, args ...any) error {
	if verb == "CreateKey" {
		k.replies["ListKeys"] = `[{"id":"k2","name":"claude-code","enabled":true}]`
	}
	return k.fakeService.call(ctx, verb, out, args...)
}

// wasAsked tells whether a verb was called at least once.
func (k *keyService) wasAsked(verb string) bool {
	return slices.ContainsFunc(k.asked, func(call string) bool { return strings.HasPrefix(call, verb) })
}

func newClientBench(t *testing.T, root string) *clientBench {
	b := &clientBench{t: t, home: t.TempDir(), data: t.TempDir()}
	t.Setenv("HOME", b.home)
	t.Setenv("USERPROFILE", b.home)
	for _, name := range []string{"CLAUDE_CONFIG_DIR", "XDG_CONFIG_HOME", "ANTHROPIC_API_KEY"} {
		t.Setenv(name, "")
	}
	b.settings = filepath.Join(b.home, ".claude", "settings.json")
	all := replies()
	all["State"] = `{"server":{"base_urls":{"gemini":"` + root + `"}},"pool":{"loopback":true,"ready":0}}`
	all["Models"] = `[{"id":"gemini-2.5-flash"},{"id":"gemini-2.5-pro"},{"id":"gemini-2.5-flash-image"}]`
	all["CreateKey"] = `{"key":{"id":"k2","name":"claude-code","enabled":true},"secret":"sk-agt-fake-key-just-made"}`
	all["ListKeys"] = `[]` // until one is made
	all["RevealKey"] = `{"id":"k2","secret":"sk-agt-fake-key-just-made"}`
	b.service = &keyService{fakeService: fakeService{replies: all}}
	return b
}

func (b *clientBench) run(args string) result {
	b.t.Helper()
	var out, errs bytes.Buffer
	p := Program{
		Console: fstest.MapFS{}, Args: append([]string{"--data-dir", b.data, "client"}, strings.Fields(args)...), Stdin: strings.NewReader(""),
		Stdout: &out, Stderr: &errs, connector: func(context.Context) (service, error) { return b.service, nil },
	}
	return result{Main(b.t.Context(), p), out.String(), errs.String()}
}

func (b *clientBench) want(r result, code int, texts ...string) {
	b.t.Helper()
	for _, text := range texts {
		if !strings.Contains(r.out+r.err, text) {
			b.t.Errorf("no %q in %q and %q", text, r.out, r.err)
		}
	}
	if r.code != code {
		b.t.Errorf("exit code %d, not %d: %s", r.code, code, r.err)
	}
}

func TestClientCommands(t *testing.T) {
	gateway := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer sk-agt-fake-key-just-made" {
			w.WriteHeader(http.StatusUnauthorized)
		}
		io.WriteString(w, "data: {\"delta\":{\"text\":\"Hello.\"}}\n\n")
	}))
	defer gateway.Close()
	b := newClientBench(t, gateway.URL)
	b.want(b.run("list"), 0, "claude-code", "not_set_up")
	b.want(b.run("show claude-code"), 0, "(does not exist)", "not_set_up")
	b.want(b.run("verify claude-code"), 1, "is not set up")

	b.want(b.run("apply claude-code --dry-run"), 0, "nothing was written", "+    \"ANTHROPIC_MODEL\": \"gemini-2.5-pro\"",
		"+    \"ANTHROPIC_DEFAULT_HAIKU_MODEL\": \"gemini-2.5-flash\"", "(side tasks: gemini-2.5-flash)")
	if _, err := os.Stat(b.settings); err == nil || b.service.wasAsked("CreateKey") {
		t.Error("a dry run wrote the file or made a key")
	}
	r := b.run("apply claude-code")
	b.want(r, 0, "the key claude-code", "+++ "+b.settings)
	raw, err := os.ReadFile(b.settings)
	if err != nil || !strings.Contains(string(raw), "sk-agt-fake-key-just-made") || strings.Contains(r.out, "sk-agt-fake-key-just-made") {
		t.Errorf("the key stands in the file and not in the output: %s %v", raw, err)
	}
	b.want(b.run("apply claude-code"), 0, "nothing to change")
	b.want(b.run("list --json"), 0, `"state": "set_up"`)
	b.want(b.run("verify claude-code"), 0, "Hello.", "/v1/messages?beta=true")
	b.want(b.run("apply claude-code --model other --json"), 0, `"changed": true`, "no account serves other")
	b.want(b.run("restore claude-code --dry-run"), 0, "nothing was written")
	b.want(b.run("restore claude-code --json"), 0, `"action": "remove"`)
	if _, err := os.Stat(filepath.Dir(b.settings)); err == nil {
		t.Error("the folder that was made is still there")
	}
	b.want(b.run("restore claude-code"), 1, "was not set up by this program")
}

func TestClientCommandsRefuse(t *testing.T) {
	b := newClientBench(t, "http://127.0.0.1:8045")
	b.want(b.run("apply nope"), 1, "there is no client", "claude-code, codex")
	b.want(b.run("apply claude-code --key nope"), 1, "gone, disabled or expired")
	b.want(b.run(`apply claude-code --model a"b`), 2, "a model's name")
	b.want(b.run("apply"), 2, "takes NAME")
	b.want(b.run("what"), 2, `has no command "what"`)
	if err := os.MkdirAll(filepath.Dir(b.settings), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(b.settings, []byte("{\n oops"), 0o600); err != nil {
		t.Fatal(err)
	}
	b.want(b.run("apply claude-code"), 1, "settings.json:2:2", "it was not touched")
	if b.service.wasAsked("CreateKey") {
		t.Error("a key was made for a file that cannot be edited")
	}
}

func TestClientKeyThatIsDisabled(t *testing.T) {
	b := newClientBench(t, "http://127.0.0.1:8045")
	b.service.replies["ListKeys"] = `[{"id":"k2","name":"claude-code","enabled":false}]`
	b.want(b.run("apply claude-code --key claude-code"), 1, "gone, disabled or expired")
	b.want(b.run("apply claude-code --dry-run"), 0, "the key claude-code 2")
}

func TestClientModelIsChosen(t *testing.T) {
	b := newClientBench(t, "http://127.0.0.1:8045")
	b.service.replies["Models"] = `[]`
	b.want(b.run("apply codex"), 0, "with the model loopback")
	b.service.replies["State"] = `{"server":{"base_urls":{"gemini":"http://127.0.0.1:8045"}},"pool":{}}`
	b.want(b.run("apply qwen-code"), 1, "name one with --model")
	var plan struct {
		Files []struct{ Path string }
	}
	r := b.run("apply codex --json") // the model of before
	if err := json.Unmarshal([]byte(r.out), &plan); err != nil || len(plan.Files) != 1 || filepath.Base(plan.Files[0].Path) != "config.toml" {
		t.Errorf("%s %v (%s)", r.out, err, runtime.GOOS)
	}
}
