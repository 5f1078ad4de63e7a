package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"antigravity-tools/backend/fault"
)

const maxSecret = 64 << 10

// emptySecret says that nothing was given; usageErrors compare by their text.
const emptySecret = "the secret is empty: give it on standard input or at the prompt"

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

// readKey is readSecret for a key that may be left empty unless needed is set.
func (e *env) readKey(prompt string, fromStdin, needed bool) (string, error) {
	if !needed {
		prompt += " (empty for none)"
	}
	key, err := e.readSecret(prompt, fromStdin)
	if !needed && errors.Is(err, usagef(emptySecret)) {
		return "", nil
	}
	return key, err
}

func checkSecret(raw string) (string, error) {
	secret := strings.TrimSpace(raw)
	switch {
	case secret == "":
		return "", usagef(emptySecret)
	case len(secret) > maxSecret:
		return "", usagef("the secret is too long")
	}
	return secret, nil
}
