package protocoltest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
)

// ErrorAnswer is an error as a client gets it: the status line, Retry-After if
// there is one, and the body.
func ErrorAnswer(client protocol.Client, err *fault.Error) string {
	status, body := client.EncodeError(err, "req_test")
	head := fmt.Sprintf("HTTP %d\n", status)
	if err.RetryAfter > 0 {
		head += fmt.Sprintf("Retry-After: %d\n", int64((err.RetryAfter+999999999)/1000000000))
	}
	return head + Indent(body)
}

// LossLines are losses as loss.txt holds them; a refusal of
// content, which is an error with a code, is one of them.
func LossLines(losses *llm.Losses, err *fault.Error) string {
	list := losses.List()
	var b strings.Builder
	for _, l := range list {
		b.WriteString(l.String() + "\n")
	}
	if err != nil && err.Code != "" {
		refused := llm.Loss{Grade: llm.Refused, Code: err.Code, Path: err.Param, Detail: err.Message}
		b.WriteString(refused.String() + "\n")
	}
	return b.String()
}

func joinLosses(a, b string) string {
	for line := range strings.Lines(b) {
		if !strings.Contains("\n"+a, "\n"+line) {
			a += line
		}
	}
	return a
}

// Indent lays JSON out for reading; strings and numbers keep their literals.
func Indent(body []byte) string {
	var out bytes.Buffer
	if err := json.Indent(&out, body, "", "  "); err != nil {
		return string(body) + "\n"
	}
	return out.String() + "\n"
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return body
}
