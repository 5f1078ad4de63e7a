package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"antigravity-tools/test/freeport"
)

// process is a child under measurement.
type process struct {
	cmd  *exec.Cmd
	addr string
}

// startSelf starts this program as a provider or a floor.
func startSelf(ctx context.Context, args ...string) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, append([]string{"child"}, args...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	return &process{cmd, strings.TrimSpace(line)}, err
}

// startGateway starts the gateway on a fresh data directory with an account
// for each dialect of the provider, and returns how long it took until it listened (the
// database was there).
func startGateway(ctx context.Context, binary, dir, provider, key string) (*process, time.Duration, error) {
	env := append(os.Environ(), "ANTIGRAVITY_KEYRING=off")
	if _, err := os.Stat(filepath.Join(dir, "antigravity.db")); err != nil {
		for _, d := range dialects() {
			if err := addAccount(ctx, binary, dir, provider, key, env, d); err != nil {
				return nil, 0, err
			}
		}
	}
	port, err := freeport.Pick()
	if err != nil {
		return nil, 0, err
	}
	cmd := exec.CommandContext(ctx, binary, "--data-dir", dir, "--log-level", "error", "serve", "--port", strconv.Itoa(port))
	cmd.Env, cmd.Stderr = env, os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	start := time.Now()
	if err := cmd.Start(); err != nil {
		return nil, 0, err
	}
	p := &process{cmd, net.JoinHostPort("127.0.0.1", strconv.Itoa(port))}
	for time.Since(start) < 10*time.Second {
		if conn, err := net.Dial("tcp", p.addr); err == nil {
			took := time.Since(start)
			_ = conn.Close()
			return p, took, nil
		}
		time.Sleep(time.Millisecond)
	}
	return p, 0, errors.New("the gateway does not listen")
}

func addAccount(ctx context.Context, binary, dir, provider, key string, env []string, d dialect) error {
	args := append([]string{"--data-dir", dir, "account", "add", "--name", d.name, "--base-url", "http://" + provider + d.base, "--api-key-stdin"}, d.account...)
	add := exec.CommandContext(ctx, binary, args...)
	add.Stdin, add.Env = strings.NewReader(key+"\n"), env
	if out, err := add.CombinedOutput(); err != nil {
		return fmt.Errorf("account add: %w: %s", err, out)
	}
	return nil
}

func (p *process) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	done := make(chan struct{})
	go func() { _ = p.cmd.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		_ = p.cmd.Process.Kill()
		<-done
	}
}
