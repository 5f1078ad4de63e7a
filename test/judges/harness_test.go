package judges

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"antigravity-tools/test/fakegemini"
	"antigravity-tools/test/freeport"
)

const (
	keyOne = "AIza-fake-one-0123456789"
	keyTwo = "AIza-fake-two-0123456789"
	// mark stands in every prompt; it must never be seen in a log.
	mark = "PROMPTMARK7f3a"
	// flash and pro are one model of each generation.
	flash = "gemini-2.5-flash"
	pro3  = "gemini-3-pro-preview"
)

// buildDir is where the binary is built when AGT_BINARY does not name one.
var buildDir = filepath.Join(os.TempDir(), fmt.Sprintf("agt-judges-%d", os.Getpid()))

var binary = sync.OnceValues(func() (string, error) {
	if b := os.Getenv("AGT_BINARY"); b != "" {
		return filepath.Abs(b)
	}
	out := filepath.Join(buildDir, "antigravity-tools-server")
	cmd := exec.Command("go", "build", "-o", out, ".")
	cmd.Dir = filepath.Join("..", "..")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if msg, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, msg)
	}
	return out, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	_ = os.RemoveAll(buildDir)
	os.Exit(code)
}

// logBuffer collects the output of a process that still writes.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// gateway is a running program with its data directory.
type gateway struct {
	t    *testing.T
	fake *fakegemini.Server
	dir  string
	port string
	log  *logBuffer

	cmd    *exec.Cmd
	exited chan error
	// secrets must not be in the log when the gateway ends.
	secrets []string
	// refusals are allowed: the test wants the upstream to refuse something.
	refusals bool
}

// account is an upstream account of the gateway.
type account struct{ name, key string }

type config struct {
	fake     fakegemini.Options
	accounts []account
	settings [][2]string // config set KEY VALUE before the start
	// behind is a fake of another service, in place of the one of the Gemini
	// API; add makes its accounts.
	behind *fakegemini.Server
	add    func(g *gateway)
}

// launch starts a fake and a gateway in front of it with one account.
func launch(t *testing.T) *gateway {
	t.Helper()
	return launchWith(t, config{accounts: []account{{"first", keyOne}}})
}

func launchWith(t *testing.T, c config) *gateway {
	t.Helper()
	fake := c.behind
	if fake == nil {
		var err error
		if fake, err = fakegemini.New(c.fake); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(fake.Close)
	g := &gateway{t: t, fake: fake, dir: filepath.Join(t.TempDir(), "data"), log: &logBuffer{},
		secrets: []string{keyOne, keyTwo, mark}}
	for _, a := range c.accounts {
		g.addAccount(a)
	}
	for _, kv := range c.settings {
		g.run("", "config", "set", kv[0], kv[1])
	}
	if c.add != nil {
		c.add(g)
	}
	g.serve()
	t.Cleanup(g.end)
	return g
}

func (g *gateway) addAccount(a account) {
	g.t.Helper()
	g.run(a.key+"\n", "account", "add", "--provider", "gemini", "--name", a.name, "--base-url", g.fake.URL(), "--api-key-stdin")
}

func (g *gateway) command(args ...string) *exec.Cmd {
	g.t.Helper()
	bin, err := binary()
	if err != nil {
		g.t.Fatal(err)
	}
	cmd := exec.Command(bin, append([]string{"--data-dir", g.dir}, args...)...)
	home := filepath.Dir(g.dir)
	// A bare environment: no proxy, no desktop bus, no stray settings.
	cmd.Env = []string{"HOME=" + home, "PATH=" + os.Getenv("PATH"), "TMPDIR=" + home,
		"DBUS_SESSION_BUS_ADDRESS=unix:path=" + filepath.Join(home, "no-bus")}
	return cmd
}

// run executes a command of the program and wants it to succeed.
func (g *gateway) run(stdin string, args ...string) string {
	g.t.Helper()
	out, errOut, err := g.try(stdin, args...)
	if err != nil {
		g.t.Fatalf("%s: %v\n%s%s", strings.Join(args, " "), err, out, errOut)
	}
	return out
}

func (g *gateway) try(stdin string, args ...string) (string, string, error) {
	g.t.Helper()
	cmd := g.command(args...)
	var out, errOut bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &errOut
	if err := cmd.Start(); err != nil {
		return "", "", err
	}
	timer := time.AfterFunc(30*time.Second, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	err := cmd.Wait()
	return out.String(), errOut.String(), err
}

// runJSON decodes the --json output of a command.
func runJSON[T any](g *gateway, args ...string) T {
	g.t.Helper()
	out := g.run("", append(args, "--json")...)
	var v T
	if err := json.Unmarshal([]byte(out), &v); err != nil {
		g.t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return v
}

// script replaces what the upstream will answer, so that a test that failed
// leaves nothing behind for the next one.
func (g *gateway) script(steps ...fakegemini.Step) {
	g.fake.ClearScripts()
	g.fake.Script("", steps...)
}

// lastCall is the latest call of that method; lists of models come when they please.
func (g *gateway) lastCall(op string) fakegemini.Request {
	g.t.Helper()
	all := slices.DeleteFunc(g.fake.Requests(), func(r fakegemini.Request) bool { return r.Op != op })
	if len(all) == 0 {
		g.t.Fatalf("no %s reached the upstream", op)
	}
	return all[len(all)-1]
}

func freePort(t *testing.T) string {
	t.Helper()
	port, err := freeport.Pick()
	if err != nil {
		t.Fatal(err)
	}
	return strconv.Itoa(port)
}

// serve starts the gateway and waits for /healthz.
func (g *gateway) serve() {
	g.t.Helper()
	g.port = freePort(g.t)
	g.cmd = g.command("--log-level", "debug", "serve", "--port", g.port)
	g.cmd.Stdout, g.cmd.Stderr = g.log, g.log
	if err := g.cmd.Start(); err != nil {
		g.t.Fatal(err)
	}
	g.exited = make(chan error, 1)
	go func(cmd *exec.Cmd, done chan<- error) { done <- cmd.Wait() }(g.cmd, g.exited)
	deadline := time.After(20 * time.Second)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case err := <-g.exited:
			g.cmd = nil
			g.t.Fatalf("serve ended at once: %v\n%s", err, g.log)
		case <-deadline:
			g.t.Fatalf("no answer on /healthz\n%s", g.log)
		case <-tick.C:
			if g.healthy() {
				return
			}
		}
	}
}

func (g *gateway) healthy() bool {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, g.url()+"/healthz", nil)
	if err != nil {
		return false
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	defer res.Body.Close()
	return res.StatusCode == http.StatusOK
}

func (g *gateway) url() string { return "http://127.0.0.1:" + g.port }

// stop ends the program with SIGTERM and wants exit code 0.
func (g *gateway) stop() {
	g.t.Helper()
	if g.cmd == nil {
		return
	}
	cmd := g.cmd
	g.cmd = nil
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		g.t.Error(err)
	}
	select {
	case err := <-g.exited:
		if err != nil {
			g.t.Errorf("after SIGTERM: %v\n%s", err, g.tail())
		}
	case <-time.After(35 * time.Second):
		_ = cmd.Process.Kill()
		<-g.exited
		g.t.Errorf("did not stop after SIGTERM\n%s", g.tail())
	}
}

func (g *gateway) tail() string {
	s := g.log.String()
	if len(s) > 4000 {
		s = "…" + s[len(s)-4000:]
	}
	return s
}

// end stops the program and judges what it left behind.
func (g *gateway) end() {
	g.t.Helper()
	g.stop()
	log := g.log.String()
	for _, s := range g.secrets {
		if i := strings.Index(log, s); i >= 0 {
			g.t.Errorf("the log holds %q: …%s…", s, log[max(0, i-200):min(len(log), i+100)])
		}
	}
	if strings.Contains(log, "panic:") || strings.Contains(log, "DATA RACE") {
		g.t.Errorf("the log tells of a crash\n%s", g.tail())
	}
	if refused := g.fake.Refused(); !g.refusals && len(refused) > 0 {
		for _, r := range refused {
			g.t.Errorf("the upstream refused (%s) %s: %s\n%s", r.Rule, r.Path, r.Error, r.Text)
		}
	}
	g.judgeHeaders()
	if g.t.Failed() {
		g.t.Logf("log:\n%s", g.tail())
	}
}

// judgeHeaders looks at what went upstream with every request: no credential
// of the client, no cookie, no User-Agent of an SDK (contract, section 5).
func (g *gateway) judgeHeaders() {
	g.t.Helper()
	for _, r := range g.fake.Requests() {
		for name, values := range r.Header {
			v := strings.Join(values, " ")
			if strings.Contains(v, "sk-agt") || strings.Contains(v, clientKey) {
				g.t.Errorf("header %s of %s carries the client's key", name, r.Path)
			}
			if name == "User-Agent" && (strings.Contains(v, "OpenAI") || strings.Contains(v, "Anthropic") || strings.Contains(v, "genai")) {
				g.t.Errorf("the client's User-Agent went upstream: %s", v)
			}
		}
		if strings.Contains(r.Query, "key=") {
			g.t.Errorf("a key stands in the upstream's URL: %s?%s", r.Path, r.Query)
		}
	}
}

// clientKey is what the SDKs send; with auth off it is ignored.
const clientKey = "sk-agt-fake-client-key"

func ctx(t *testing.T) context.Context {
	t.Helper()
	c, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	t.Cleanup(cancel)
	return c
}

// sent is the body of a request as it reached the upstream, as far as the
// judges look at it.
type sent struct {
	Contents []struct {
		Role  string
		Parts []sentPart
	}
	SystemInstruction *struct{ Parts []sentPart }
	Tools             []struct {
		FunctionDeclarations []struct {
			Name, Description    string
			Parameters           json.RawMessage
			ParametersJSONSchema json.RawMessage `json:"parametersJsonSchema"`
		}
		GoogleSearch json.RawMessage
	}
	ToolConfig struct {
		FunctionCallingConfig struct {
			Mode                 string
			AllowedFunctionNames []string
		}
	}
	GenerationConfig struct {
		Temperature        json.Number
		TopP               json.Number
		TopK               json.Number
		Seed               json.Number
		MaxOutputTokens    int
		StopSequences      []string
		ResponseMIMEType   string `json:"responseMimeType"`
		ResponseSchema     json.RawMessage
		ResponseJSONSchema json.RawMessage `json:"responseJsonSchema"`
		ThinkingConfig     *struct {
			IncludeThoughts bool
			ThinkingBudget  *int
			ThinkingLevel   string
		}
	}
}

type sentPart struct {
	Text             *string
	Thought          bool
	ThoughtSignature string
	InlineData       *struct{ MIMEType, Data string }
	FunctionCall     *struct {
		ID, Name string
		Args     json.RawMessage
	}
	FunctionResponse *struct {
		ID, Name string
		Response json.RawMessage
		Parts    []struct {
			InlineData *struct{ MIMEType, Data string }
		}
	}
}

// upstream is the nth generate request that the fake saw; negative counts from
// the end.
func (g *gateway) upstream(t *testing.T, n int) sent {
	t.Helper()
	all := g.fake.Generates()
	if n < 0 {
		n += len(all)
	}
	if n < 0 || n >= len(all) {
		t.Fatalf("only %d requests reached the upstream", len(all))
	}
	var s sent
	if err := json.Unmarshal(all[n].Body, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// both runs a test in both forms of answering.
func both(t *testing.T, f func(t *testing.T, stream bool)) {
	t.Helper()
	t.Run("whole", func(t *testing.T) { f(t, false) })
	t.Run("stream", func(t *testing.T) { f(t, true) })
}

const (
	pngPixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
	tinyPDF  = "JVBERi0xLjEKJcKlwrHDqwoxIDAgb2JqPDwvVHlwZS9DYXRhbG9nPj5lbmRvYmoKdHJhaWxlcjw8L1Jvb3QgMSAwIFI+PgolJUVPRgo="
)
