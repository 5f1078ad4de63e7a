package cli

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"antigravity-tools/backend/fault"
)

const maxSecret = 64 << 10

// readSecret takes a secret from a prompt without echo, or, when standard input is no terminal or the
// flag says so, from standard input: all of it, without the line end.
func (e *env) readSecret(prompt string, fromStdin bool) (string, error) {
	if f, ok := e.Stdin.(*os.File); ok && !fromStdin && term.IsTerminal(int(f.Fd())) {
		fmt.Fprint(e.Stderr, prompt+": ")
		raw, err := term.ReadPassword(int(f.Fd()))
		fmt.Fprintln(e.Stderr)
		if err != nil {
			return "", fault.Wrap(fault.Internal, "the secret could not be read", err)
		}
		return checkSecret(string(raw))
	}
	raw, err := io.ReadAll(io.LimitReader(bufio.NewReader(e.Stdin), maxSecret+1))
	if err != nil {
		return "", fault.Wrap(fault.Internal, "standard input could not be read", err)
	}
	return checkSecret(string(raw))
}

func checkSecret(raw string) (string, error) {
	secret := strings.TrimSpace(raw)
	switch {
	case secret == "":
		return "", usagef("the secret is empty: give it on standard input or at the prompt")
	case len(secret) > maxSecret:
		return "", usagef("the secret is too long")
	}
	return secret, nil
}
