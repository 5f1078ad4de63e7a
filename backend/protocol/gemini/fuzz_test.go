package gemini

import (
	"bytes"
	"errors"
	"testing"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/crossing"
	"antigravity-tools/backend/protocol/protocoltest"
	"antigravity-tools/backend/rawjson"
)

// isFault fails unless err is one of the program's own errors, with words.
func isFault(t *testing.T, err error) {
	t.Helper()
	if f, ok := errors.AsType[*fault.Error](err); !ok || f.Message == "" || f.Class == "" {
		t.Fatalf("not a fault: %v", err)
	}
}

// What decodes also encodes, to JSON that decodes and encodes to the same
// again.
func FuzzDecodeRequest(f *testing.F) {
	for _, body := range identityRequests() {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if rawjson.Check(body, 100) != nil {
			return // the border has refused it
		}
		req, err := Client{}.DecodeRequest(protocol.Inbound{Body: body}, nil)
		if err != nil {
			isFault(t, err)
			return
		}
		first := encodeAgain(t, req)
		req, err = Client{}.DecodeRequest(protocol.Inbound{Body: first}, nil)
		if err != nil {
			t.Fatalf("%s does not decode: %v", first, err)
		}
		if second := encodeAgain(t, req); !bytes.Equal(first, second) {
			t.Fatalf("not stable:\n%s\n%s", first, second)
		}
		crossing.Normalize(req, nil)
		req.Native = llm.Native{} // as if another protocol's client had sent it
		if enc, err := (Upstream{}).EncodeRequest(req, modern("gemini-3-pro"), nil); err != nil {
			isFault(t, err)
		} else if err := rawjson.Check(enc.Body, 200); err != nil {
			t.Fatalf("%s: %v", enc.Body, err)
		}
	})
}

func encodeAgain(t *testing.T, req *llm.Request) []byte {
	t.Helper()
	enc, err := Upstream{}.EncodeRequest(req, modern("gemini-3-pro"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := rawjson.Check(enc.Body, 200); err != nil {
		t.Fatalf("%s: %v", enc.Body, err)
	}
	return enc.Body
}

func FuzzDecodeResponse(f *testing.F) {
	for _, body := range identityReplies() {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		resp, err := Upstream{}.DecodeResponse(body, nil)
		if err != nil {
			isFault(t, err)
			return
		}
		out, err := Client{}.EncodeResponse(resp, protocoltest.Reply(nil), nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := rawjson.Check(out, maxDepth+50); err != nil {
			t.Fatalf("%s: %v", out, err)
		}
		o := Upstream{}.NewObserver()
		_ = o.Body(body)
	})
}

func FuzzDecodeStream(f *testing.F) {
	for _, tc := range streamCases() {
		f.Add([]byte(tc.in))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		enc := Client{}.NewStreamEncoder(protocoltest.Reply(nil), nil)
		var out []byte
		for ev, err := range llm.Validate(Upstream{}.DecodeStream(bytes.NewReader(in), nil)) {
			if err != nil {
				isFault(t, err) // a breach of the grammar is none
				return
			}
			if out, err = enc.Encode(out, ev); err != nil {
				t.Fatal(err)
			}
		}
		out = enc.End(out)
		if _, err := llm.Collect(llm.Validate(Upstream{}.DecodeStream(bytes.NewReader(out), nil))); err != nil {
			t.Fatalf("%s\nbecame %s: %v", in, out, err)
		}
	})
}

func FuzzDecodeError(f *testing.F) {
	f.Add(429, []byte(rpcBody("429", "slow", "RESOURCE_EXHAUSTED", retry("3s"), info("X", `"a":"b"`), quota("PerDay"))))
	f.Add(400, []byte(`[{"error":{"message":"{\"error\":{\"message\":\"x\"}}",,}}]`))
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		e := Upstream{}.DecodeError(status, nil, body)
		isFault(t, e)
		if e.RetryAfter < 0 {
			t.Fatalf("wait of %s", e.RetryAfter)
		}
		_, out := Client{}.EncodeError(e, "r")
		if err := rawjson.Check(out, maxDepth+50); err != nil {
			t.Fatalf("%s: %v", out, err)
		}
	})
}

func FuzzRepair(f *testing.F) {
	f.Add([]byte(`{"contents":[{"role":"model","parts":[{"text":"a"}]},{"role":"model","parts":[{"text":"b"}]}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		if rawjson.Check(body, 100) != nil {
			return
		}
		out := Upstream{}.Repair(body, protocol.Target{}, nil)
		if err := rawjson.Check(out, 100); err != nil {
			t.Fatalf("%s: %v", out, err)
		}
		if again := (Upstream{}).Repair(out, protocol.Target{}, nil); !bytes.Equal(out, again) {
			t.Fatalf("not stable:\n%s\n%s", out, again)
		}
	})
}
