package protocoltest

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/crossing"
)

// Seals is what the relay keeps between the turns of a client that cannot
// carry seals itself (package custody).
type Seals interface {
	Keep(scope string, resp *llm.Response)
	Restore(ctx context.Context, scope string, req *llm.Request, issuer llm.Issuer) *llm.Request
}

// Realm stands for the organisation of the account in every cell.
const Realm = "0a1b2c3d"

// scope stands for the client's key.
const scope = "key"

// Cell is one pair of a client and an upstream, with what the path of the
// request and the account say.
type Cell struct {
	Client   protocol.Client
	Upstream protocol.Upstream
	Target   protocol.Target
	Inbound  protocol.Inbound // Body is read from client.json
	JSONList bool             // a Gemini client without alt=sse
	Seals    Seals            // nil: none are kept
	// AsOne makes of the frames of an upstream the answer that it would have
	// given without streaming; nil: it cannot.
	AsOne func(t *testing.T, frames []byte) []byte

	// Break ends the upstream's answer with an error, as a connection does;
	// nil: it just ends.
	Break error

	files *Files // of the exchange that runs
}

// Run drives one exchange whose files lie in dir, below testdata. Read are
//
//	client.json   the client's request
//	upstream.sse  what the upstream streams; may be absent
//
// and compared, or rewritten with -update, are
//
//	llm.txt            the canonical request
//	upstream.json      the request that goes up
//	client.sse         the streamed reply
//	client.json.reply  the whole reply
//	client.error       the error answer, in place of a reply
//	loss.txt           what could not cross
func (c *Cell) Run(t *testing.T, dir string) {
	t.Helper()
	c.files = NewFiles(dir)
	path := func(name string) string { return filepath.Join("testdata", dir, name) }
	c.Inbound.Body = readFile(t, path("client.json"))
	ex := c.request(t)
	ex.golden(t, c)
	lost := LossLines(ex.losses, ex.err)
	if frames, err := os.ReadFile(path("upstream.sse")); err == nil && ex.err == nil {
		lost = ex.reply(t, c, frames)
	}
	c.golden(t, lost, "loss.txt")
	c.files.Stale(t, "llm.txt", "upstream.json", "client.sse", "client.json.reply", "client.error", "loss.txt")
}

// golden compares a file of the case.
func (c *Cell) golden(t *testing.T, got, name string) {
	t.Helper()
	c.files.Golden(t, got, name)
}

// exchange is a request on its way.
type exchange struct {
	req     *llm.Request
	encoded protocol.Encoded
	losses  *llm.Losses
	err     *fault.Error
	dump    string
}

// request brings the client's body to the upstream's wire, as package relay
// does, and checks that doing so twice gives the same.
func (c *Cell) request(t *testing.T) exchange {
	t.Helper()
	ex := c.requestOnce()
	again := c.requestOnce()
	if d := cmp.Diff(string(ex.encoded.Body), string(again.encoded.Body)); d != "" {
		t.Errorf("encoding is not a pure function:\n%s", d)
	}
	if ex.err == nil && !json.Valid(ex.encoded.Body) {
		t.Errorf("the upstream's request is not JSON: %s", ex.encoded.Body)
	}
	return ex
}

func (c *Cell) requestOnce() exchange {
	ex := exchange{losses: &llm.Losses{}}
	req, err := c.Client.DecodeRequest(c.Inbound, ex.losses)
	if err != nil {
		ex.err = fault.From(err)
		return ex
	}
	if req.Model == "" {
		req.Model = c.Inbound.Model
	}
	crossing.Normalize(req, ex.losses)
	ex.req, ex.dump = req, Dump(req)
	if c.Seals != nil && !c.Target.DropSeals {
		req = c.Seals.Restore(context.Background(), scope, req, c.Target.Caps.Issuer)
	}
	ex.encoded, err = c.Upstream.EncodeRequest(req, c.Target, ex.losses)
	if err != nil {
		ex.err = fault.From(err)
	}
	return ex
}

// golden compares what the request became.
func (ex *exchange) golden(t *testing.T, c *Cell) {
	t.Helper()
	if ex.req != nil {
		c.golden(t, ex.dump, "llm.txt")
	}
	if ex.err == nil {
		c.golden(t, Indent(ex.encoded.Body), "upstream.json")
	}
	if ex.err != nil {
		c.golden(t, ErrorAnswer(c.Client, ex.err), "client.error")
	}
}
