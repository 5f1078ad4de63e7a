package relay_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"strings"
	"sync/atomic"
	"testing"

	"antigravity-tools/backend/egress"
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/relay"
)

// pictures answers every fetch, or refuses it.
type pictures struct {
	asked  atomic.Int64
	refuse bool
}

var png = []byte("\x89PNG\r\n\x1a\nrest")

func (p *pictures) Fetch(_ context.Context, url, param string) (egress.Fetched, error) {
	p.asked.Add(1)
	if p.refuse {
		return egress.Fetched{}, fault.Invalid(param, "the URL leads to an address that is not public, which is not fetched").WithCode("url_not_allowed")
	}
	return egress.Fetched{Body: png, MIME: "application/octet-stream"}, nil
}

// TestMediaOfURL: an older model gets the picture itself, a newer one its
// address; what was fetched serves the second attempt too.
func TestMediaOfURL(t *testing.T) {
	ask := func(b *bed, name string) {
		w := b.post(context.Background(), relay.Call{Protocol: llm.OpenAIChat, Inbound: protocol.Inbound{Body: []byte(
			`{"model":"` + name + `","messages":[{"role":"user","content":[{"type":"text","text":"What is it?"},{"type":"image_url","image_url":{"url":"https://pictures.example/a.png"}}]}]}`)}})
		wantStatus(t, w, 200)
	}
	data := base64.StdEncoding.EncodeToString(png)

	old, fetcher := newBed(t, "one", "two"), &pictures{}
	old.fetcher = fetcher
	old.script("one", refuses(503, `{"error":{"code":503,"message":"overloaded","status":"UNAVAILABLE"}}`))
	old.script("two", says("A picture."))
	ask(old, "gemini-2.5-flash")
	for _, body := range old.bodies {
		if !bytes.Contains(body, []byte(data)) || !bytes.Contains(body, []byte(`"mimeType":"image/png"`)) {
			t.Errorf("the picture is not in the request: %s", body)
		}
	}
	if n := fetcher.asked.Load(); n != 1 {
		t.Errorf("fetched %d times", n)
	}
	if x := old.record(); len(x.Losses) != 1 || !strings.Contains(x.Losses[0].String(), "adapted media.fetched") {
		t.Errorf("losses: %v", x.Losses)
	}

	newer := newBed(t, "one")
	newer.fetcher = fetcher
	newer.script("one", says("A picture."))
	ask(newer, model)
	if !bytes.Contains(newer.bodies[0], []byte(`"fileUri":"https://pictures.example/a.png"`)) {
		t.Errorf("the address does not go up: %s", newer.bodies[0])
	}

	refused := newBed(t, "one")
	refused.fetcher = &pictures{refuse: true}
	w := refused.post(context.Background(), relay.Call{Protocol: llm.OpenAIChat, Inbound: protocol.Inbound{Body: []byte(
		`{"model":"gemini-2.5-flash","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://10.0.0.1/a.png"}}]}]}`)}})
	wantStatus(t, w, 400)
	wantBody(t, w, "not public", "turns[0].parts[0]")
}

// TestFilesAreNeverRead: a file: address is a 400 that names the part, also in
// a body that would pass through; the word in a text is none.
func TestFilesAreNeverRead(t *testing.T) {
	b := newBed(t, "one")
	b.script("one", says("Hello."))
	w := b.gemini(`{"contents":[{"role":"user","parts":[{"fileData":{"fileUri":"file:///etc/passwd","mimeType":"text/plain"}}]}]}`, true, true)
	wantStatus(t, w, 400)
	wantBody(t, w, "turns[0].parts[0]", "never read", "INVALID_ARGUMENT")
	if len(b.asked) != 0 {
		t.Errorf("the upstream was asked: %v", b.asked)
	}
	w = b.gemini(`{"contents":[{"role":"user","parts":[{"text":"file:///etc/passwd is a path"}]}]}`, true, true)
	wantStatus(t, w, 200)
	wantBody(t, w, "Hello.", "data: ")
	w = b.gemini(`{"contents":[{"role":"user","parts":[{"text":"file:///etc/passwd is a path"}]}]}`, false, true)
	wantStatus(t, w, 200)
}
