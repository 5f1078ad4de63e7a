package relay_test

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"antigravity-tools/backend/family"
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/anthropic"
	"antigravity-tools/backend/protocol/gemini"
	"antigravity-tools/backend/protocol/openai"
	"antigravity-tools/backend/protocol/protocoltest"
	"antigravity-tools/backend/protocol/responses"
	"antigravity-tools/backend/provider"
	"antigravity-tools/backend/relay"
)

// diagonal is a protocol on both sides of the gateway.
type diagonal struct {
	stub     // what a provider needs beside
	letter   string
	upstream protocol.Upstream
	caps     func(string) family.Caps
	asOne    func(*testing.T, []byte) []byte
	// strange is an event that no version of the protocol has yet.
	strange string
}

func diagonals() []diagonal {
	const member = `{"x_future":{"big":12345678901234567890,"small":1.50e-07,"text":"\u00e9\/"}}`
	typed := "event: x.future\ndata: {\"type\":\"x.future\", \"x_future\":{\"big\":12345678901234567890}}\n\n"
	return []diagonal{
		{letter: "C", upstream: openai.Upstream{}, caps: family.OpenAI, asOne: protocoltest.ChatAsOne, strange: ": a comment\n\ndata: " + member + "\n\n"},
		{letter: "R", upstream: responses.Upstream{}, caps: family.OpenAIResponses, asOne: protocoltest.ResponseAsOne, strange: typed},
		{letter: "A", upstream: anthropic.Upstream{}, caps: family.Anthropic, asOne: protocoltest.MessageAsOne, strange: typed},
		{letter: "G", upstream: gemini.Upstream{}, caps: family.Gemini, asOne: protocoltest.GeminiAsOne, strange: "data: " + member + "\r\n\r\n"},
	}
}

func (d diagonal) Protocol(string) protocol.Upstream { return d.upstream }
func (d diagonal) Caps(model string) family.Caps     { return d.caps(model) }
func (d diagonal) Serves(string) bool                { return true }

func (d diagonal) Classify(status int, header http.Header, body []byte) *fault.Error {
	return d.upstream.DecodeError(status, header, body)
}

func (d diagonal) Prepare(ctx context.Context, cred provider.Credential, call provider.Call) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, cred.BaseURL+"/"+call.Model, bytes.NewReader(call.Body))
	if err == nil {
		req.Header.Set("X-Goog-Api-Key", cred.APIKey) // by which the bed finds the script
	}
	return req, err
}

const matrixFiles = "../protocol/testdata/matrix"

// input is a feature's file for this protocol, or that of the plain talk.
func (d diagonal) input(t *testing.T, feature, side, ext string) string {
	t.Helper()
	name := side + "." + d.letter + "." + ext
	body, err := os.ReadFile(filepath.Join(matrixFiles, feature, name))
	if os.IsNotExist(err) {
		body, err = os.ReadFile(filepath.Join(matrixFiles, "talk", name))
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// request is what the client sends, with a member that nobody knows.
func (d diagonal) request(t *testing.T, feature string, stream bool) string {
	t.Helper()
	body := strings.Replace(d.input(t, feature, "client", "json"), "{", `{ "x_future" : {"big":12345678901234567890,"small":1.50e-07,"text":"\u00e9\/"},`, 1)
	if !stream {
		body = strings.Replace(body, `"stream": true`, `"stream": false`, 1)
	}
	return body
}

// call sends a body of this protocol.
func (d diagonal) call(b *bed, name, body string, stream bool) *httptest.ResponseRecorder {
	call := relay.Call{Protocol: d.upstream.Name(), Inbound: protocol.Inbound{Body: []byte(body)}}
	if d.letter == "G" {
		call.Stream, call.SSE = stream, true
		call.Inbound.Model, call.Inbound.Stream = name, stream
	}
	return b.post(context.Background(), call)
}

// TestIdentityMatrix: between a client and an upstream of one protocol nothing
// changes, up or down, streamed or at once, for any feature of the matrix:
// not the spacing, nor numbers that no double holds, members and events that no
// version of the protocol has.
func TestIdentityMatrix(t *testing.T) {
	features, err := os.ReadDir(matrixFiles)
	if err != nil || len(features) == 0 {
		t.Fatal(err, len(features))
	}
	for _, d := range diagonals() {
		b := newBedOfKinds(t, map[string]provider.Provider{"same": d}, "same/key")
		for _, feature := range features {
			t.Run(d.letter+"."+feature.Name(), func(t *testing.T) {
				d.passes(t, b, feature.Name(), true)
				d.passes(t, b, feature.Name(), false)
			})
		}
	}
}

func (d diagonal) passes(t *testing.T, b *bed, feature string, stream bool) {
	t.Helper()
	request := d.request(t, feature, stream)
	answer := d.input(t, feature, "upstream", "sse")
	first, rest, _ := cutFrame(answer)
	answer = first + d.strange + rest
	kind := "text/event-stream"
	if !stream {
		whole := string(d.asOne(t, []byte(answer)))
		answer, kind = strings.Replace(whole, "{", `{ "x_future" : [12345678901234567890, 1.50e-07],`, 1), "application/json"
	}
	b.script("same/key", inPieces(kind, answer))
	w := d.call(b, "gemini-2.5-flash", request, stream) // the others name theirs in the body
	wantStatus(t, w, 200)
	if got := string(b.bodies[len(b.bodies)-1]); got != request {
		t.Errorf("the request changed:\n%s\nwas\n%s", got, request)
	}
	if got := w.Body.String(); got != answer {
		t.Errorf("the answer changed:\n%q\nwas\n%q", got, answer)
	}
	if lost := w.Header().Get("X-Antigravity-Losses"); lost != "0" {
		t.Errorf("%s losses are told", lost)
	}
	if x := b.record(); !x.Identity {
		t.Error("the record does not tell that bytes passed")
	}
}

// cutFrame cuts a stream behind its first frame.
func cutFrame(stream string) (first, rest string, found bool) {
	for _, end := range []string{"\r\n\r\n", "\n\n"} {
		if first, rest, found = strings.Cut(stream, end); found {
			return first + end, rest, true
		}
	}
	return stream, "", false
}

// inPieces answers in pieces that end anywhere.
func inPieces(contentType, body string) upstream {
	return func(w http.ResponseWriter, _ *http.Request, _ []byte) {
		w.Header().Set("Content-Type", contentType)
		for i, n := 0, 1; i < len(body); i, n = i+n, n%61+7 {
			_, _ = w.Write([]byte(body[i:min(i+n, len(body))]))
			w.(http.Flusher).Flush()
		}
	}
}

// TestIdentityMatrixRenames: a suffix that is for us alone is all that leaves a body
// of the upstream's own protocol.
func TestIdentityMatrixRenames(t *testing.T) {
	for _, d := range diagonals() {
		if d.letter == "G" { // its path names the model
			continue
		}
		b := newBedOfKinds(t, map[string]provider.Provider{"same": only{d, "asked"}}, "same/key")
		b.script("same/key", inPieces("text/event-stream", d.input(t, "talk", "upstream", "sse")))
		want := d.request(t, "options", true)
		w := d.call(b, "", strings.Replace(want, `"model": "asked"`, `"model": "asked[1m]"`, 1), true)
		wantStatus(t, w, 200)
		if got := string(b.bodies[len(b.bodies)-1]); got != want {
			t.Errorf("%s: the request changed:\n%s\nwas\n%s", d.letter, got, want)
		}
		if lost := w.Header().Get("X-Antigravity-Losses"); lost != "0" {
			t.Errorf("%s: %s losses are told", d.letter, lost)
		}
	}
}

// only serves one model.
type only struct {
	diagonal
	model string
}

func (o only) Serves(model string) bool { return model == o.model }
