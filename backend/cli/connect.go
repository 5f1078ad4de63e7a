package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"time"

	"antigravity-tools/backend/admin"
	"antigravity-tools/backend/app"
	"antigravity-tools/backend/fault"
)

// How long a command waits for a gateway that starts, or for another command that ends.
const (
	connectWait  = 10 * time.Second
	connectRetry = 50 * time.Millisecond
	holderWait   = 2 * time.Second // for a program that is starting to write its run file
	replyLimit   = 64 << 20
)

// service calls verbs, wherever they run.
type service interface {
	call(ctx context.Context, verb string, out any, args ...any) error
	// watch hands the data of a topic's events on, from now until stop; stop waits for what has come.
	watch(ctx context.Context, topic admin.Topic, to func(json.RawMessage)) (stop func(), err error)
	close() error
}

// connect returns the running gateway's service, or one in this process when none runs.
func (e *env) connect(ctx context.Context) (service, error) {
	ctx, cancel := context.WithTimeout(ctx, connectWait)
	defer cancel()
	for {
		opts := e.appOptions()
		opts.Command = true
		a, err := app.Open(context.WithoutCancel(ctx), opts)
		if err == nil {
			return inProcess{a}, nil
		}
		if !errors.Is(err, app.ErrLocked) {
			return nil, err
		}
		if r, ok := e.running(ctx); ok {
			return r, nil
		}
		select {
		case <-ctx.Done():
			return nil, e.silent()
		case <-time.After(connectRetry):
		}
	}
}

// running returns the gateway that run.json names, if it answers with that token.
func (e *env) running(ctx context.Context) (*remote, bool) {
	file, err := app.ReadRunFile(e.dataDir)
	if err != nil || file.Control == "" {
		return nil, false
	}
	r := &remote{base: "http://" + file.Control, token: file.Token, file: file}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	var ignored struct{}
	return r, r.call(ctx, "Capabilities", &ignored) == nil
}

// holderState tells what is known of the gateway on the data directory.
type holderState int

const (
	holderNone    holderState = iota // no gateway runs
	holderAnswers                    // it can be called
	holderSilent                     // one runs, but commands cannot reach it
)

// holder finds the gateway: by its run file, else by the lock alone.
func (e *env) holder(ctx context.Context) (*remote, holderState) {
	if r, ok := e.running(ctx); ok {
		return r, holderAnswers
	}
	for deadline := time.Now().Add(holderWait); ; {
		h := app.FindHolder(e.dataDir)
		if !h.Held {
			return nil, holderNone
		}
		if r, ok := e.running(ctx); ok { // it was starting
			return r, holderAnswers
		}
		if time.Now().After(deadline) || ctx.Err() != nil {
			if !h.Gateway {
				return nil, holderNone // a command that takes long
			}
			return &remote{file: app.RunFile{PID: h.PID}}, holderSilent
		}
		time.Sleep(connectRetry)
	}
}

// silent is the error of a command that cannot reach the program on the data directory.
func (e *env) silent() error {
	h := app.FindHolder(e.dataDir)
	who := "a gateway"
	if !h.Gateway {
		who = "another command"
	}
	return fault.New(fault.Internal, fmt.Sprintf("%s works on %s%s, but %s", who, e.dataDir, inBrackets(h.PID), e.whySilent())).
		WithCode("not_answering").WithHint("wait a moment, or end it and start it again")
}

func inBrackets(pid int) string {
	if pid == 0 {
		return ""
	}
	return fmt.Sprintf(" (pid %d)", pid)
}

// whySilent says why a gateway that holds the lock cannot be called.
func (e *env) whySilent() string {
	file, err := app.ReadRunFile(e.dataDir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "its run.json is missing: it could not be written (is the disk full?)"
	case err != nil:
		return "its run.json cannot be read: " + fileProblem(err)
	default:
		return "it does not answer at " + file.Control + ", which run.json names"
	}
}

// fileProblem is an error about a file without its path.
func fileProblem(err error) string {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err.Error()
	}
	return "it is damaged"
}

// with connects, runs, and lets go.
func (e *env) with(ctx context.Context, run func(service) error) error {
	connect := e.connect
	if e.connector != nil {
		connect = e.connector
	}
	s, err := connect(ctx)
	if err != nil {
		return err
	}
	return errors.Join(run(s), s.close())
}

// inProcess runs verbs here, through the same dispatcher as the HTTP way.
type inProcess struct{ app *app.App }

func (p inProcess) close() error { return p.app.Close() }

func (p inProcess) call(_ context.Context, verb string, out any, args ...any) error {
	body, err := encodeArgs(args)
	if err != nil {
		return err
	}
	result, err := p.app.Dispatcher().Call(verb, body)
	if err != nil {
		return err
	}
	return decodeResult(result, out)
}

// remote runs verbs in the gateway.
type remote struct {
	base, token string
	file        app.RunFile
}

func (r *remote) close() error { return nil }

func (r *remote) call(ctx context.Context, verb string, out any, args ...any) error {
	body, err := encodeArgs(args)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.base+"/api/rpc/"+verb, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+r.token)
	// No proxy of the environment may see the token: a transport of its own.
	client := http.Client{Timeout: 2 * time.Minute, Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(req)
	if err != nil {
		return fault.Wrap(fault.Internal, "the running gateway does not answer", err).WithCode("not_answering")
	}
	defer func() { _ = res.Body.Close() }()
	data, err := io.ReadAll(io.LimitReader(res.Body, replyLimit))
	if err != nil {
		return fault.Wrap(fault.Internal, "the running gateway's answer was cut", err)
	}
	if res.StatusCode != http.StatusOK {
		return remoteError(res.StatusCode, data)
	}
	return decodeResult(data, out)
}

func remoteError(status int, data []byte) error {
	var pub fault.PublicError
	if json.Unmarshal(data, &pub) != nil || pub.Message == "" {
		return fault.New(fault.Internal, fmt.Sprintf("the running gateway answered with status %d", status))
	}
	return fault.New(fault.Internal, pub.Message).WithCode(pub.Code).WithHint(pub.Hint)
}

func encodeArgs(args []any) ([]byte, error) {
	if len(args) == 0 {
		return []byte("[]"), nil
	}
	return json.Marshal(args)
}

func decodeResult(data []byte, out any) error {
	if out == nil {
		return nil
	}
	return json.Unmarshal(data, out)
}

// firstOne describes who holds the data directory, for a second start.
func (e *env) firstOne(ctx context.Context) error {
	r, state := e.holder(ctx)
	if state != holderAnswers {
		return fault.New(fault.Internal, "another process works on "+e.dataDir+inBrackets(app.FindHolder(e.dataDir).PID)).
			WithCode("already_running").WithHint("end it, or name another directory with --data-dir")
	}
	where := "its listener is stopped"
	if len(r.file.Addresses) > 0 {
		where = "it listens on " + r.file.Addresses[0]
	}
	return fault.New(fault.Internal, fmt.Sprintf("a gateway already runs on %s: process %d, %s", e.dataDir, r.file.PID, where)).
		WithCode("already_running").WithHint("end it, or name another directory with --data-dir")
}

// ShowFirst is what a second start of the desktop program does: it brings the first one's window to
// the front, or tells where the headless program that holds the data directory answers.
func ShowFirst(ctx context.Context, dataDir string, out io.Writer) error {
	e := &env{dataDir: dataDir}
	deadline := time.Now().Add(connectWait)
	for time.Now().Before(deadline) {
		r, ok := e.running(ctx)
		if !ok || r.call(ctx, "ShowWindow", nil) != nil {
			if ok && !r.file.Window {
				break
			}
			time.Sleep(connectRetry) // it is starting: its window is not there yet
			continue
		}
		_, err := fmt.Fprintln(out, "already running: its window is in front now")
		return err
	}
	return e.firstOne(ctx)
}
