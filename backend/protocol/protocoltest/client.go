package protocoltest

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/rawjson"
)

// requests are the golden requests of the package under test.
const requests = "testdata/*/request.json"

// GoldenRequests decodes the requests of testdata, each as the body of in, and
// compares what the model holds of them with llm.txt.
func GoldenRequests(t *testing.T, client protocol.Client, in protocol.Inbound) {
	t.Helper()
	files, err := filepath.Glob(requests)
	if err != nil || len(files) == 0 {
		t.Fatal(err, "no cases")
	}
	for _, file := range files {
		if in.Body, err = os.ReadFile(file); err != nil {
			t.Fatal(err)
		}
		losses := &llm.Losses{}
		req, err := client.DecodeRequest(in, losses)
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		Golden(t, Dump(req)+DumpLosses(losses), filepath.Base(filepath.Dir(file)), "llm.txt")
	}
}

// GoldenReplies encodes each of Replies to a client, as a stream and whole, and
// compares both and the losses with the golden files. reply describes the
// request; it is called once for each reply written.
func GoldenReplies(t *testing.T, client protocol.Client, reply func() protocol.Reply) {
	t.Helper()
	for name, events := range Replies() {
		losses := &llm.Losses{}
		stream := Stream(t, client.NewStreamEncoder(reply(), losses), events)
		Golden(t, string(stream), name, "client.sse")
		Golden(t, DumpLosses(losses), name, "loss.txt")
		body, err := client.EncodeResponse(Collect(t, events), reply(), nil)
		if err != nil {
			t.Fatal(err)
		}
		Golden(t, string(body)+"\n", name, "client.json")
	}
}

// SeedRequests adds the golden requests to the corpus.
func SeedRequests(f *testing.F) {
	f.Helper()
	files, err := filepath.Glob(requests)
	if err != nil || len(files) == 0 {
		f.Fatal(err, "no cases")
	}
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
}

// FuzzRequest decodes any body: it must not panic, and an error must be the
// caller's, say what is wrong and name the field of a body that is an object.
// It returns nil for a refused body.
func FuzzRequest(t *testing.T, client protocol.Client, body []byte) *llm.Request {
	t.Helper()
	req, err := client.DecodeRequest(protocol.Inbound{Body: body}, &llm.Losses{})
	if err == nil {
		_ = Dump(req)
		return req
	}
	e, ok := errors.AsType[*fault.Error](err)
	if !ok || e.Class != fault.InvalidRequest || e.Message == "" {
		t.Fatalf("%T %v", err, err)
	}
	if rawjson.Check(body, 100) == nil && rawjson.KindOf(body) == rawjson.KindObject && e.Param == "" {
		t.Fatalf("no field named: %v", err)
	}
	return nil
}

// BenchmarkDecode measures the decoding of a request.
func BenchmarkDecode(b *testing.B, client protocol.Client, body []byte) {
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := client.DecodeRequest(protocol.Inbound{Body: body}, nil); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDeltas measures the encoding of one delta of text.
func BenchmarkDeltas(b *testing.B, client protocol.Client) {
	enc := client.NewStreamEncoder(Reply(nil), nil)
	var dst []byte
	for _, ev := range []llm.Event{{Kind: llm.EventOpen}, {Kind: llm.EventPartOpen, Part: &llm.Part{Kind: llm.KindText}}} {
		dst, _ = enc.Encode(dst, ev)
	}
	delta := llm.Event{Kind: llm.EventDelta, Text: "some words of a reply"}
	b.ReportAllocs()
	for b.Loop() {
		dst, _ = enc.Encode(dst[:0], delta)
	}
}

// CheckNoCopy fails if decoding body, which holds one large image, allocates
// more than a trace: its base64 text must alias the body. It returns the
// request.
func CheckNoCopy(t *testing.T, client protocol.Client, body []byte) (req *llm.Request) {
	t.Helper()
	var err error
	read := Allocated(func() { req, err = client.DecodeRequest(protocol.Inbound{Body: body}, nil) })
	if err != nil {
		t.Fatal(err)
	}
	if read > 1<<16 {
		t.Errorf("%d bytes allocated for a body of %d", read, len(body))
	}
	return req
}

// Allocated counts the bytes that f allocates, and with them those of all other
// goroutines.
func Allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}
