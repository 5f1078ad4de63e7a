package protocoltest

import (
	"bytes"
	"errors"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/sse"
)

// Failer is what a test and a drawn one have in common.
type Failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

// StreamEvents lists the events of a stream that must be valid.
func StreamEvents(t Failer, stream llm.Stream) []llm.Event {
	t.Helper()
	var out []llm.Event
	for ev, err := range llm.Validate(stream) {
		if err != nil {
			t.Fatalf("%v", err)
		}
		out = append(out, ev)
	}
	return out
}

// Whole gathers events that need not be complete.
func Whole(events []llm.Event) *llm.Response { return collect(events) }

// DecodeBothWays decodes a stream at once and byte by byte, which must give the
// same.
func DecodeBothWays(t Failer, up protocol.Upstream, stream []byte) []llm.Event {
	t.Helper()
	got := StreamEvents(t, up.DecodeStream(bytes.NewReader(stream), nil))
	slow := StreamEvents(t, up.DecodeStream(iotest.OneByteReader(bytes.NewReader(stream)), nil))
	if d := cmp.Diff(got, slow, cmpopts.EquateEmpty()); d != "" {
		t.Fatalf("byte by byte:\n%s", d)
	}
	return got
}

// WholeIdentity checks that what a client side writes at once, the upstream side
// reads, and the client side writes again, byte by byte.
func WholeIdentity(t Failer, client protocol.Client, up protocol.Upstream, req *llm.Request, events []llm.Event) {
	t.Helper()
	body, err := client.EncodeResponse(collect(events), Reply(req), nil)
	if err != nil {
		t.Fatalf("%v", err)
	}
	one, err := up.DecodeResponse(body, nil)
	if err != nil {
		t.Fatalf("%v\n%s", err, body)
	}
	back, err := client.EncodeResponse(one, Reply(req), nil)
	if err != nil || !bytes.Equal(body, back) {
		t.Fatalf("%v\n%s\n%s", err, body, back)
	}
}

// CheckObserver checks that an observer learns what the decoder reads.
func CheckObserver(t Failer, up protocol.Upstream, stream []byte, decoded []llm.Event) protocol.Seen {
	t.Helper()
	o := up.NewObserver()
	s := sse.NewScanner(bytes.NewReader(stream), 0)
	defer s.Release()
	for {
		f, err := s.Next()
		if err != nil {
			break
		}
		if err := o.Frame(f); err != nil {
			t.Fatalf("%v", err)
		}
	}
	seen, resp := o.Seen(), collect(decoded)
	if !seen.Complete || !seen.Started || seen.Model != resp.Model {
		t.Fatalf("%+v", seen)
	}
	if d := cmp.Diff(resp.Usage, seen.Usage); d != "" {
		t.Fatalf("usage:\n%s", d)
	}
	return seen
}

// FuzzFault checks the error of a decoder that was fed anything.
func FuzzFault(t *testing.T, err error) {
	t.Helper()
	if e, ok := errors.AsType[*fault.Error](err); !ok || e.Message == "" || e.Provider == "" {
		t.Fatalf("%T %v", err, err)
	}
}

// FuzzStream decodes anything: it must not end the program, break the grammar
// of events or say other things when it is cut elsewhere; nor may an observer.
func FuzzStream(t *testing.T, up protocol.Upstream, body []byte) {
	t.Helper()
	run := func(stream llm.Stream) (out []llm.Event, failed string) {
		for ev, err := range llm.Validate(stream) {
			if err != nil {
				FuzzFault(t, err)
				return out, err.Error()
			}
			out = append(out, ev)
		}
		return out, ""
	}
	a, errA := run(up.DecodeStream(bytes.NewReader(body), &llm.Losses{}))
	b, errB := run(up.DecodeStream(iotest.OneByteReader(bytes.NewReader(body)), &llm.Losses{}))
	if d := cmp.Diff(a, b, cmpopts.EquateEmpty()); d != "" || errA != errB {
		t.Fatalf("%q %q\n%s", errA, errB, d)
	}
	o := up.NewObserver()
	s := sse.NewScanner(bytes.NewReader(body), 0)
	defer s.Release()
	for {
		frame, err := s.Next()
		if err != nil || o.Frame(frame) != nil {
			return
		}
	}
}

// FuzzResponse decodes anything as an answer that came at once.
func FuzzResponse(t *testing.T, up protocol.Upstream, body []byte) {
	t.Helper()
	_ = up.NewObserver().Body(body)
	resp, err := up.DecodeResponse(body, &llm.Losses{})
	if err != nil {
		FuzzFault(t, err)
		return
	}
	if _, err := llm.Collect(llm.Validate(llm.Replay(resp))); err != nil {
		t.Fatal(err)
	}
}

// FuzzError classifies anything.
func FuzzError(t *testing.T, up protocol.Upstream, status int, body []byte) {
	t.Helper()
	if e := up.DecodeError(status, nil, body); e.Class == "" || e.Message == "" || e.RetryAfter < 0 {
		t.Fatalf("%+v", e)
	}
}
