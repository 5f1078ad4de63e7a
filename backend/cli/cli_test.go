package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"antigravity-tools/backend/admin"
	"antigravity-tools/backend/fault"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fakeService answers verbs with fixed JSON and notes what was asked.
type fakeService struct {
	replies map[string]string
	fail    error
	asked   []string
	closed  int
}

func (f *fakeService) close() error { f.closed++; return nil }

func (f *fakeService) watch(context.Context, admin.Topic, func(json.RawMessage)) (func(), error) {
	return func() {}, nil
}

func (f *fakeService) call(_ context.Context, verb string, out any, args ...any) error {
	body, err := encodeArgs(args)
	if err != nil {
		return err
	}
	f.asked = append(f.asked, verb+string(body))
	if f.fail != nil {
		return f.fail
	}
	if out == nil {
		return nil
	}
	reply, ok := f.replies[verb]
	if !ok {
		return fault.New(fault.NotFound, "the test has no reply to "+verb)
	}
	return json.Unmarshal([]byte(reply), out)
}

type result struct {
	code     int
	out, err string
}

func run(t *testing.T, s *fakeService, stdin string, args ...string) result {
	t.Helper()
	var out, errs bytes.Buffer
	p := Program{
		Version: "1.2.3", Console: fstest.MapFS{}, Args: append([]string{"--data-dir", t.TempDir()}, args...),
		Stdin: strings.NewReader(stdin), Stdout: &out, Stderr: &errs,
	}
	if s != nil {
		p.connector = func(context.Context) (service, error) { return s, nil }
	}
	return result{Main(t.Context(), p), out.String(), errs.String()}
}

const (
	oneAccount = `{"id":"a1","name":"first","provider":"gemini","base_url":"","state":"cooling","reason":"429","until":"2026-11-23T14:00:00Z","models":[],"last_used_at":null}`
	oneKey     = `{"id":"k1","name":"laptop","prefix":"sk-agt-ab","enabled":true,"created_at":"2026-11-23T10:00:00Z","last_used_at":null,"expires_at":null}`
)

func replies() map[string]string {
	return map[string]string{
		"ProviderDescriptors": `[{"kind":"gemini"}]`,
		"AddAccount":          `{"saved":true,"account":` + oneAccount + `,"test":null}`,
		"ListAccounts":        `[` + oneAccount + `]`,
		"ShowAccount":         oneAccount,
		"EnableAccount":       oneAccount,
		"DisableAccount":      oneAccount,
		"RemoveAccount":       `{"id":"a1","name":"first"}`,
		"TestAccount":         `{"ok":true,"summary":"The key works: 3 models.","latency_ms":12}`,
		"ListKeys":            `[` + oneKey + `]`,
		"ShowKey":             oneKey,
		"EnableKey":           oneKey,
		"DisableKey":          oneKey,
		"CreateKey":           `{"key":` + oneKey + `,"secret":"sk-agt-fake-new"}`,
		"RotateKey":           `{"key":` + oneKey + `,"secret":"sk-agt-fake-rotated"}`,
		"RevealKey":           `{"id":"k1","secret":"sk-agt-fake-old"}`,
		"ListSettings":        `[{"key":"proxy.port","value":"8045","default":"8045"},{"key":"proxy.auth_mode","value":"strict","default":"auto","locked":true,"locked_by":"ANTIGRAVITY_AUTH_MODE"},{"key":"google.oauth_client_secret","type":"secret","value":"set"}]`,
		"SetSettings":         `[{"key":"proxy.port","value":"9000"}]`,
		"UnsetSettings":       `[{"key":"proxy.port","value":"8045"}]`,
		"Doctor":              `{"verdict":"mistake","code":"missing_version_prefix","client":"","protocol":"openai","base_url":"http://127.0.0.1:8045/v1","why":"this client adds no version"}`,
		"Usage":               `{"totals":{"requests":2,"errors":1,"input_tokens":10,"output_tokens":5},"rows":[{"name":"=m","requests":2,"errors":1,"input_tokens":10,"output_tokens":5}]}`,
		"CheckDatabase":       `{"ok":true,"size":4096,"schema":"3"}`,
		"VacuumDatabase":      `{"ok":true,"size":4096,"schema":"3"}`,
	}
}

func TestCommands(t *testing.T) {
	table := []struct {
		args  string
		stdin string
		asked []string
		code  int
		out   string // contained in standard output
		err   string // contained in standard error
	}{
		{"version", "", nil, 0, "1.2.3\n", ""},
		{"account add --provider gemini --name first --base-url http://u --models a,b", "AIza-fake\n", []string{"ProviderDescriptors[]",
			`AddAccount[{"provider":"gemini","name":"first","base_url":"http://u","api":"","api_key":"AIza-fake","auth":"","project":"","location":"","models":["a","b"],"skip_test":true}]`}, 0, "added first (a1)", ""},
		{"account add --provider gemini --name x --test --api-key-stdin", "AIza-fake", []string{"ProviderDescriptors[]",
			`AddAccount[{"provider":"gemini","name":"x","base_url":"","api":"","api_key":"AIza-fake","auth":"","project":"","location":"","models":[],"skip_test":false}]`}, 0, "added", ""},
		{"account add --provider nope --name x", "k", []string{"ProviderDescriptors[]"}, 2, "", "must be one of: gemini"},
		{"account add --provider gemini --name x", "  \n", []string{"ProviderDescriptors[]"}, 2, "", "the secret is empty"},
		{"account add --name x", "k", nil, 2, "", "needs --provider and --name"},
		{"account list", "", []string{"ListAccounts[]"}, 0, "cooling", ""},
		{"account list --json", "", []string{"ListAccounts[]"}, 0, `"state": "cooling"`, ""},
		{"account show first", "", []string{`ShowAccount[{"id":"first"}]`}, 0, "gemini", ""},
		{"account enable a1", "", []string{`EnableAccount[{"id":"a1"}]`}, 0, "first is now cooling", ""},
		{"account disable a1", "", []string{`DisableAccount[{"id":"a1"}]`}, 0, "first", ""},
		{"account remove a1", "", []string{`RemoveAccount[{"id":"a1"}]`}, 0, "removed first", ""},
		{"account test a1", "", []string{`TestAccount[{"id":"a1"}]`}, 0, "The key works", ""},
		{"account show", "", nil, 2, "", "takes ACCOUNT"},
		{"account bogus", "", nil, 2, "", `no command "bogus"`},
		{"account", "", nil, 2, "", "needs one of"},
		{"key create --name laptop", "", []string{`CreateKey[{"name":"laptop","expires_at":null}]`}, 0, "sk-agt-fake-new\n", ""},
		{"key create", "", nil, 2, "", "needs --name"},
		{"key create --name x --expires yesterday", "", nil, 2, "", "--expires"},
		{"key list", "", []string{"ListKeys[]"}, 0, "laptop", ""},
		{"key show laptop --reveal", "", []string{`RevealKey[{"id":"laptop"}]`}, 0, "sk-agt-fake-old\n", ""},
		{"key show laptop", "", []string{`ShowKey[{"id":"laptop"}]`}, 0, "sk-agt-ab", ""},
		{"key disable laptop", "", []string{`DisableKey[{"id":"laptop"}]`}, 0, "laptop is now disabled", ""},
		{"key enable laptop", "", []string{`EnableKey[{"id":"laptop"}]`}, 0, "laptop is now enabled", ""},
		{"key rotate laptop", "", []string{`RotateKey[{"id":"laptop"}]`}, 0, "sk-agt-fake-rotated\n", ""},
		{"key revoke laptop", "", []string{`RevokeKey[{"id":"laptop"}]`}, 0, "revoked laptop", ""},
		{"config list", "", []string{"ListSettings[]"}, 0, "locked by ANTIGRAVITY_AUTH_MODE", ""},
		{"config get proxy.port", "", []string{"ListSettings[]"}, 0, "8045\n", ""},
		{"config get nope", "", []string{"ListSettings[]"}, 1, "", `there is no setting "nope"; `},
		{"config set proxy.port 9000", "", []string{`SetSettings[{"changes":[{"key":"proxy.port","value":"9000"}]}]`}, 0, "proxy.port = 9000", ""},
		{"config set proxy.port", "", []string{"ListSettings[]"}, 2, "", "takes KEY VALUE"},
		{"config set google.oauth_client_secret", "GOCSPX-fake\n", []string{"ListSettings[]",
			`SetSettings[{"changes":[{"key":"google.oauth_client_secret","value":"GOCSPX-fake"}]}]`}, 0, "proxy.port = 9000", ""},
		{"config set google.oauth_client_secret", "", []string{"ListSettings[]"}, 2, "", "the secret is empty"},
		{"config unset proxy.port", "", []string{`UnsetSettings[{"keys":["proxy.port"]}]`}, 0, "proxy.port = 8045", ""},
		{"doctor /chat/completions", "", []string{`Doctor[{"target":"/chat/completions"}]`}, 1, "base URL to enter: http://127.0.0.1:8045/v1", ""},
		{"doctor --json /x", "", []string{`Doctor[{"target":"/x"}]`}, 1, `"verdict": "mistake"`, ""},
		{"doctor /x --skip-upstream", "", nil, 2, "", "without a URL"},
		{"doctor a b", "", nil, 2, "", "one URL or path"},
		{"usage", "", []string{`Usage[{"by":"model","since":"7d","until":"","buckets":0}]`}, 0, "total", ""},
		{"usage --csv --by key --since 24h", "", []string{`Usage[{"by":"key","since":"24h","until":"","buckets":0}]`}, 0, "\n'=m,2,1,10,0,5,0\n", ""},
		{"usage --json", "", []string{`Usage[{"by":"model","since":"7d","until":"","buckets":0}]`}, 0, `"totals"`, ""},
		{"usage --by moon", "", nil, 2, "", "--by must be"},
		{"usage --since never", "", nil, 2, "", "--since"},
		{"usage --csv --json", "", nil, 2, "", "choose"},
		{"db check", "", []string{"CheckDatabase[]"}, 0, "ok, 4096 bytes", ""},
		{"db vacuum", "", []string{"VacuumDatabase[]"}, 0, "ok", ""},
		{"bogus", "", nil, 2, "", `"bogus"`},
		{"--bogus", "", nil, 2, "", "unknown flag"},
		{"--log-level loud version", "", nil, 2, "", "--log-level"},
		{"--log-format xml version", "", nil, 2, "", "--log-format"},
		{"serve --port 70000", "", nil, 2, "", "--port"},
		{"serve extra", "", nil, 2, "", "extra"},
	}
	for _, row := range table {
		s := &fakeService{replies: replies()}
		r := run(t, s, row.stdin, strings.Fields(row.args)...)
		if r.code != row.code || !strings.Contains(r.out, row.out) || !strings.Contains(r.err, row.err) {
			t.Errorf("%s: code %d, out %q, err %q", row.args, r.code, r.out, r.err)
		}
		if diff := cmp.Diff(row.asked, s.asked); diff != "" {
			t.Errorf("%s: %s", row.args, diff)
		}
		if s.closed != min(len(s.asked), 1) {
			t.Errorf("%s: closed %d times", row.args, s.closed)
		}
		if row.code == 0 && r.err != "" {
			t.Errorf("%s: success says %q on standard error", row.args, r.err)
		}
	}
}

func TestAFailureIsOneLineThatSaysWhatToDo(t *testing.T) {
	s := &fakeService{fail: fault.New(fault.NotFound, "there is no key \"x\".").WithHint("`key list` shows names and ids.")}
	r := run(t, s, "", "key", "revoke", "x")
	if r.code != 1 || r.out != "" || r.err != "error: there is no key \"x\"; `key list` shows names and ids\n" {
		t.Errorf("%d %q %q", r.code, r.out, r.err)
	}
}

func TestAFailedTestExitsWithOne(t *testing.T) {
	s := &fakeService{replies: replies()}
	s.replies["TestAccount"] = `{"ok":false,"summary":"The key was refused.","detail":"API key not valid.","hint":"Make a new one."}`
	s.replies["AddAccount"] = `{"saved":false,"account":null,"test":` + s.replies["TestAccount"] + `}`
	want := "error: The key was refused; API key not valid; Make a new one\n"
	for _, args := range []string{"account test a1", "account add --provider gemini --name x --test"} {
		if r := run(t, s, "AIza-fake", strings.Fields(args)...); r.code != 1 || r.err != want {
			t.Errorf("%s: %d %q", args, r.code, r.err)
		}
	}
	if r := run(t, s, "", "account", "test", "a1", "--json"); r.code != 1 || !strings.Contains(r.out, `"ok": false`) || r.err != "" {
		t.Errorf("--json: %d %q %q", r.code, r.out, r.err)
	}
}

func TestStatusWithoutAGateway(t *testing.T) {
	r := run(t, nil, "", "status", "--json")
	var st map[string]any
	if err := json.Unmarshal([]byte(r.out), &st); err != nil || r.code != 1 || st["running"] != false {
		t.Errorf("%d %q %v", r.code, r.out, err)
	}
	for _, member := range []string{"running", "pid", "addresses", "port", "lan", "auth_mode", "version", "accounts"} {
		if _, ok := st[member]; !ok {
			t.Errorf("the contract's member %s is missing", member)
		}
	}
	if r := run(t, nil, "", "status"); r.code != 1 || !strings.Contains(r.out, "not running") {
		t.Errorf("%d %q", r.code, r.out)
	}
}

func TestStoredTextCannotMoveTheCursor(t *testing.T) {
	s := &fakeService{replies: replies()}
	s.replies["ListAccounts"] = strings.Replace(s.replies["ListAccounts"], "first", `ev\u001b[2Jil\n`, 1)
	if r := run(t, s, "", "account", "list"); strings.ContainsRune(r.out, 0x1b) {
		t.Errorf("%q", r.out)
	}
}

func TestParseExpiry(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]string{
		"30d": "2026-12-23T12:00:00Z", "2w": "2026-12-07T12:00:00Z", "12h": "2026-11-24T00:00:00Z",
		"2027-01-31T00:00:00+01:00": "2027-01-30T23:00:00Z",
	} {
		got, err := parseExpiry(text, now)
		if err != nil || *got != want {
			t.Errorf("%s: %v %v", text, got, err)
		}
	}
	for _, text := range []string{"d", "-1h", "0d", "2020-01-01", "soon", "99999999999d"} {
		if got, err := parseExpiry(text, now); err == nil {
			t.Errorf("%q gave %s", text, *got)
		}
	}
	if got, err := parseExpiry("", now); got != nil || err != nil {
		t.Error("no expiry is no error")
	}
}
