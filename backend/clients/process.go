package clients

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"time"
)

// Bounds of a client's program.
const (
	versionWait = 10 * time.Second
	runWait     = 2 * time.Minute
	pipeWait    = 2 * time.Second // for what the program has started and that holds its pipes
	maxOutput   = 1 << 20         // bytes of each stream that are kept
)

// command prepares a client's program: without a terminal, and to be ended with ctx.
func command(ctx context.Context, binary string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.WaitDelay = pipeWait
	return cmd
}

// finish runs a prepared command to its end as a group of its own: what it has started ends with it.
func finish(cmd *exec.Cmd) error {
	g, err := newGroup()
	if err != nil {
		return err
	}
	defer g.close()
	cmd.SysProcAttr = g.attributes()
	cmd.Cancel = func() error { return g.end(cmd.Process) }
	if err := cmd.Start(); err != nil {
		return err
	}
	defer g.end(cmd.Process) //nolint:errcheck // what it left behind; mostly nothing is
	if err := g.admit(cmd.Process); err != nil {
		_ = g.end(cmd.Process)
		_ = cmd.Wait()
		return err
	}
	return cmd.Wait()
}

// version runs the client's program; it is empty where that gives nothing useful.
func version(ctx context.Context, binary string) string {
	ctx, cancel := context.WithTimeout(ctx, versionWait)
	defer cancel()
	out := bounded{limit: maxOutput}
	cmd := command(ctx, binary, "--version")
	cmd.Stdout = &out
	if finish(cmd) != nil {
		return ""
	}
	line, _, _ := strings.Cut(strings.TrimSpace(out.String()), "\n")
	if len(line) > 80 {
		return ""
	}
	return strings.TrimSpace(line)
}

// outcome is what came of running a client's program.
type outcome struct {
	stdout, stderr string
	cut            bool // more was printed than is kept
	late           bool
	err            error // it did not start, or it ended with a code other than 0
}

// execute runs a program to its end, in an empty folder that is gone afterwards: a client may read and
// write where it stands.
func execute(ctx context.Context, limit time.Duration, binary string, args, env []string) outcome {
	dir, err := os.MkdirTemp("", "antigravity-verify-")
	if err != nil {
		return outcome{err: err}
	}
	defer os.RemoveAll(dir) //nolint:errcheck // the system's temporary folder is swept anyway
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	stdout, stderr := bounded{limit: maxOutput}, bounded{limit: maxOutput}
	cmd := command(ctx, binary, args...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = dir, append(clientEnv(), env...), &stdout, &stderr
	err = finish(cmd)
	if errors.Is(err, exec.ErrWaitDelay) { // it ended well, a child of its holds the pipes
		err = nil
	}
	return outcome{stdout.String(), stderr.String(), stdout.cut || stderr.cut, ctx.Err() != nil, err}
}

// clientEnv is the user's environment without what is meant for this program: its secrets are none of the
// client's business.
func clientEnv() []string {
	var out []string
	for _, pair := range os.Environ() {
		if !strings.HasPrefix(strings.ToUpper(pair), "ANTIGRAVITY_") {
			out = append(out, pair)
		}
	}
	return append(out, "NO_COLOR=1", "TERM=dumb")
}

// bounded keeps the beginning of what is written to it and takes the rest without keeping it: a program
// that is not read from would hang.
type bounded struct {
	bytes.Buffer
	limit int
	cut   bool
}

// Write implements io.Writer.
func (b *bounded) Write(p []byte) (int, error) {
	room := b.limit - b.Len()
	if len(p) > room {
		b.cut = true
		b.Buffer.Write(p[:room])
		return len(p), nil
	}
	return b.Buffer.Write(p)
}
