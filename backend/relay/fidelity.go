package relay

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"antigravity-tools/backend/account"
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/provider"
	"antigravity-tools/backend/routing"
)

// CodeStrictFidelity is the fault code of a request that is refused because part
// of it would be left out.
const CodeStrictFidelity = "strict_fidelity"

// lossesHeader tells a reply's reader how many losses are known.
const lossesHeader = "X-Antigravity-Losses"

// namedLosses is how many losses a refusal names.
const namedLosses = 5

// tellLosses sets the header to what is known now.
func (x *exchange) tellLosses() { x.down.header(lossesHeader, strconv.Itoa(x.losses.Len())) }

// freshLosses forgets what an earlier attempt lost on its way to another target.
// Bytes that pass lose nothing by having been read as well.
func (a *attempt) freshLosses() {
	if a.identity && a.untouched() {
		a.x.losses.Reset(nil)
		return
	}
	a.x.losses.Reset(a.x.decoded)
}

// harmless lists what no user asked for: leaving it out loses nothing. A billing
// line is Claude Code's own mark in the system text.
func harmless(l llm.Loss) bool { return l.Code == "system.billing" }

// strict refuses a request of which something would be dropped, where the setting
// wants that. What takes another form keeps its meaning and passes.
func (a *attempt) strict() *fault.Error {
	if !a.x.limits.Strict {
		return nil
	}
	var lost []string
	for _, l := range a.x.losses.List() {
		if l.Grade == llm.Dropped && !harmless(l) {
			lost = append(lost, strings.TrimSuffix(l.Code+" at "+l.Path, " at "))
		}
	}
	lost = slices.Compact(lost)
	if len(lost) == 0 {
		return nil
	}
	more := ""
	if n := len(lost) - namedLosses; n > 0 {
		lost, more = lost[:namedLosses], fmt.Sprintf(" and %d more", n)
	}
	f := fault.New(fault.InvalidRequest, fmt.Sprintf("%s cannot take all of this request; left out would be %s%s (proxy.strict_fidelity refuses that)",
		a.provider.Kind(), strings.Join(lost, ", "), more))
	return f.WithCode(CodeStrictFidelity)
}

// unfit marks an error that comes of the target alone, before anything was sent:
// another candidate may take the request (mapping.md law L5).
func (a *attempt) unfit(err *fault.Error) *fault.Error {
	a.x.unfit = err.Class == fault.InvalidRequest
	return err
}

// passOver leaves out the account that could not take the request, and with it
// all others of its kind that cannot do more. It is false if the attempt failed in
// another way.
func (x *exchange) passOver(lease *account.Lease) bool {
	if !x.unfit {
		return false
	}
	x.unfit = false
	x.exclude[lease.Account.ID] = true
	kind := lease.Account.Provider
	if _, sited := x.relay.opts.Providers[kind].(provider.Sited); !sited {
		x.decision.Candidates = slices.DeleteFunc(slices.Clone(x.decision.Candidates), func(c routing.Candidate) bool {
			return c.Provider == kind && c.Model == lease.Model
		})
	}
	return true
}
