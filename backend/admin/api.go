package admin

import (
	"context"
	"os"
	"time"

	"antigravity-tools/backend/fault"
)

// How long a verb may take. Those that call an upstream get the longer one.
const (
	verbTimeout     = 15 * time.Second
	upstreamTimeout = 45 * time.Second
	walkTimeout     = 110 * time.Second // the doctor's walk bounds each of its steps
)

// API is the application service. Every exported method is a verb, callable from the window,
// the web console (adminhttp lists which) and the command line. It is safe for concurrent use.
type API struct {
	base context.Context //nolint:containedctx // verbs take no context; this is the program's own, ended by app
	deps Deps
	// pid of the process that serves; tests replace nothing here, commands read it from run.json.
	pid int
}

// New returns the service. The context ends every verb that still runs when the program closes.
func New(ctx context.Context, deps Deps) *API {
	return &API{base: ctx, deps: deps, pid: os.Getpid()}
}

func (a *API) begin(limit time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(a.base, limit)
}

// missing is the answer of verbs whose part this program was built or started without.
func missing(what string) error {
	return fault.New(fault.NotFound, what+" is not available here").WithCode("not_available")
}
