package relay

import (
	"net/http"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/provider"
)

// counts tells whether the upstream can do the operation asked for.
func (a *attempt) counts() bool {
	if a.x.call.Operation != provider.CountTokens {
		return true
	}
	_, ok := a.upstream.(protocol.Counter)
	return ok
}

// estimate answers a token count for an upstream that has no such operation:
// clients plan with the number, so a guess, marked as one, serves them better
// than an error.
func (a *attempt) estimate() *fault.Error {
	x := a.x
	if err := x.decode(); err != nil {
		return err
	}
	x.record.Serve(a.lease, a.upstream.Name(), false)
	x.down.served(a.provider.Kind(), a.lease.Model)
	x.down.header("X-Antigravity-Estimate", "1")
	x.record.FirstEvent(x.relay.opts.Now())
	usage := llm.Usage{Input: EstimateInput(x.request), Estimated: true}
	return x.down.whole(http.StatusOK, "application/json", x.client.EncodeCount(usage))
}
