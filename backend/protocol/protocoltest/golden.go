package protocoltest

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
)

// update makes Golden write the files that it would compare.
var update = flag.Bool("update", false, "rewrite golden files")

// Golden compares got with a file below testdata; -update rewrites it.
func Golden(t *testing.T, got string, path ...string) {
	t.Helper()
	file := filepath.Join(append([]string{"testdata"}, path...)...)
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s (-want +got; -update rewrites):\n%s", file, d)
	}
}

// Reply is a reply to req with fixed id, time and estimate: minted ids repeat
// the first character of their alphabet.
func Reply(req *llm.Request) protocol.Reply {
	return protocol.Reply{
		RequestID: "req_test", Model: "asked-model", Request: req,
		Created: time.Unix(1_763_856_000, 0), SSE: true, InputEstimate: 77,
		Mint: func(n int, alphabet string) string { return strings.Repeat(alphabet[:1], n) },
	}
}

// Stream runs events through an encoder and ends the stream.
func Stream(t interface{ Fatalf(string, ...any) }, enc protocol.StreamEncoder, events []llm.Event) []byte {
	var out []byte
	var err error
	for _, ev := range events {
		if out, err = enc.Encode(out, ev); err != nil {
			t.Fatalf("encoding event %d: %v", ev.Kind, err)
		}
	}
	return enc.End(out)
}

// Collect gathers a valid sequence of events.
func Collect(t interface{ Fatalf(string, ...any) }, events []llm.Event) *llm.Response {
	resp, err := llm.Collect(llm.Validate(func(yield func(llm.Event, error) bool) {
		for _, ev := range events {
			if !yield(ev, nil) {
				return
			}
		}
	}))
	if err != nil {
		t.Fatalf("the events are no valid stream: %v", err)
	}
	return resp
}
