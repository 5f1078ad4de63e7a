package judges

import (
	"encoding/json"
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// code is a command's exit code.
func code(err error) int {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return exit.ExitCode()
	}
	return -1
}

// TestAuditExitCodes: 0 done, 1 failed with one line that says what to do, 2
// wrong usage; nothing on standard output that belongs on standard error.
func TestAuditExitCodes(t *testing.T) {
	t.Parallel()
	g := &gateway{t: t, dir: filepath.Join(t.TempDir(), "data"), log: &logBuffer{}}
	for _, row := range []struct {
		args, stdin string
		code        int
		says        string // of standard error; of standard output where the code is 0
	}{
		{"version", "", 0, ""},
		{"account list", "", 0, "account add"},
		{"account add --provider gemini --name one --api-key-stdin", keyOne, 0, "added one"},
		{"account add --provider gemini --name one --api-key-stdin", keyOne, 1, "another name"},
		{"account add --provider gemini --name two --base-url ftp://x --api-key-stdin", keyOne, 1, "http"},
		{"account add --provider gemini --name two --base-url nonsense --api-key-stdin", keyOne, 1, "http"},
		{"account add --provider nobody --name two --api-key-stdin", keyOne, 2, "gemini"},
		{"account add --provider gemini --name two --api-key " + keyOne, "", 2, "unknown flag"},
		{"account add --provider gemini", keyOne, 2, "--name"},
		{"account show nobody", "", 1, "account list"},
		{"account disable one", "", 0, "disabled"}, {"account enable one", "", 0, "ready"}, {"account remove one", "", 0, "removed"},
		{"account remove one", "", 1, "account list"},
		{"key create --name k", "", 0, "sk-agt-"},
		{"key create --name k", "", 1, "already"},
		{"key create", "", 2, "--name"},
		{"key disable k", "", 0, "disabled"}, {"key rotate k", "", 0, "sk-agt-"}, {"key show k --reveal", "", 0, "sk-agt-"},
		{"key revoke k", "", 0, "revoked"}, {"key revoke k", "", 1, "key list"},
		{"config get proxy.port", "", 0, "8045"}, {"config get nothing", "", 1, "config list"},
		{"config set nothing 1", "", 1, "config list"}, {"config set proxy.port 99999", "", 1, "65535"},
		{"config set proxy.auth_mode open", "", 1, "strict"}, {"config set proxy.port", "", 2, "KEY VALUE"},
		{"config set proxy.port 20999", "", 0, "proxy.port = 20999"}, {"config unset proxy.port", "", 0, "proxy.port = 8045"},
		{"status", "", 1, ""}, {"doctor /v1/v1/messages", "", 1, ""},
		{"usage", "", 0, "total"}, {"usage --by moon", "", 2, "--by"}, {"usage --json --csv", "", 2, "choose"},
		{"db check", "", 0, "ok"}, {"db backup", "", 2, "FILE"}, {"db backup /nonexistent/folder/file", "", 1, "/nonexistent"},
		{"completion bash", "", 0, "bash"}, {"completion nosh", "", 2, "nosh"},
		{"nothing", "", 2, "nothing"}, {"--nothing", "", 2, "unknown flag"}, {"serve --port 70000", "", 2, "--port"},
	} {
		out, msg, err := g.try(row.stdin, strings.Fields(row.args)...)
		said := msg
		if row.code == 0 {
			said = out
		}
		if code(err) != row.code || !strings.Contains(said, row.says) {
			t.Errorf("%s: exit %d, want %d with %q\n%s%s", row.args, code(err), row.code, row.says, out, msg)
		}
		if row.code == 0 && msg != "" || row.code == 2 && out != "" || row.code == 1 && strings.Count(msg, "\n") > 1 {
			t.Errorf("%s: standard output %q, standard error %q", row.args, out, msg)
		}
	}
}

// TestAuditShapes: the members that scripts rely on, by name and type.
func TestAuditShapes(t *testing.T) {
	t.Parallel()
	g := launchWith(t, config{accounts: []account{{"first", keyOne}}})
	g.secrets = append(g.secrets, strings.TrimSpace(g.run("", "key", "create", "--name", "laptop", "--expires", "7d")))
	path, body := question("chat", flash, mark, false)
	g.ask(t, "POST", path, body)
	g.awaitUsage(t, 1)
	utc := func(v any) bool {
		s, ok := v.(string)
		_, err := time.Parse(time.RFC3339, s)
		return ok && err == nil && strings.HasSuffix(s, "Z")
	}
	number := func(v any) bool { _, ok := v.(float64); return ok }
	word := func(v any) bool { _, ok := v.(string); return ok }
	list := func(v any) bool { _, ok := v.([]any); return ok }
	flag := func(v any) bool { _, ok := v.(bool); return ok }
	orNull := func(is func(any) bool) func(any) bool { return func(v any) bool { return v == nil || is(v) } }
	type members map[string]func(any) bool
	check := func(what string, object any, want members) {
		t.Helper()
		m, ok := object.(map[string]any)
		if !ok {
			t.Errorf("%s is %v", what, object)
		}
		for name, is := range want {
			if v, there := m[name]; !there || !is(v) {
				t.Errorf("%s.%s is %v (%t)", what, name, v, there)
			}
		}
	}
	get := func(args ...string) any {
		t.Helper()
		out, _, _ := g.try("", append(args, "--json")...)
		var v any
		if err := json.Unmarshal([]byte(out), &v); err != nil {
			t.Fatalf("%v: %v %s", args, err, out)
		}
		return v
	}
	first := func(v any) any {
		if l, ok := v.([]any); ok && len(l) > 0 {
			return l[0]
		}
		return v
	}
	status := get("status")
	check("status", status, members{"running": flag, "pid": number, "addresses": list, "port": number, "lan": flag, "auth_mode": word, "version": word})
	check("status.accounts", status.(map[string]any)["accounts"], members{"ready": number, "cooling": number, "blocked": number, "disabled": number})
	if s := status.(map[string]any); s["running"] != true || first(s["addresses"]) != "127.0.0.1:"+g.port {
		t.Errorf("%v", s)
	}
	check("account", first(get("account", "list")), members{"id": word, "name": word, "provider": word, "base_url": word,
		"state": func(v any) bool { return v == "ready" }, "reason": word, "until": orNull(utc), "models": list, "last_used_at": utc})
	check("key", first(get("key", "list")), members{"id": word, "name": word, "prefix": word, "enabled": flag, "created_at": utc, "last_used_at": orNull(utc), "expires_at": utc})
	usage := get("usage")
	check("usage", usage, members{"rows": list})
	check("usage.totals", usage.(map[string]any)["totals"], members{"requests": number, "errors": number, "input_tokens": number, "cached_tokens": number, "output_tokens": number, "reasoning_tokens": number})
	check("doctor", get("doctor", "/v1/v1/messages"), members{"verdict": func(v any) bool { return v == "mistake" }, "code": word, "client": word, "protocol": word, "base_url": word, "why": word})
	if out := g.run("", "account", "list") + g.run("", "account", "list", "--json") + g.run("", "account", "show", "first", "--json"); strings.Contains(out, keyOne) {
		t.Error("an account's key is shown")
	}
}
