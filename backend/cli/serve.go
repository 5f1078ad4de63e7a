package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"antigravity-tools/backend/admin"
	"antigravity-tools/backend/app"
)

type serveFlags struct {
	host string
	port int
}

func (e *env) serveCommand() *cobra.Command {
	var flags serveFlags
	c := &cobra.Command{
		Use: "serve", Short: "Run the gateway and the web console in the foreground", Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if cmd.Flags().Changed("port") && (flags.port < 1 || flags.port > 65535) {
				return usagef("--port must be a number from 1 to 65535")
			}
			return e.serve(cmd.Context(), flags)
		},
	}
	c.Flags().StringVar(&flags.host, "host", "", "address to listen on; overrides the LAN switch")
	c.Flags().IntVar(&flags.port, "port", 0, "port to listen on")
	return c
}

// serve runs until the first SIGINT or SIGTERM, then drains; a second signal ends at once.
func (e *env) serve(ctx context.Context, flags serveFlags) error {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // give the signals back: the next one kills
	opts := e.appOptions()
	opts.Host, opts.Port = flags.host, flags.port
	a, err := app.Open(ctx, opts)
	for deadline := time.Now().Add(holderWait); errors.Is(err, app.ErrLocked); a, err = app.Open(ctx, opts) {
		if _, answers := e.running(ctx); answers || time.Now().After(deadline) || ctx.Err() != nil {
			return e.firstOne(ctx)
		}
		time.Sleep(connectRetry) // a command may hold the directory for a moment
	}
	if err != nil {
		return err
	}
	return errors.Join(a.Serve(ctx), a.Close())
}

func (e *env) openWindow(ctx context.Context) error {
	return e.Window(ctx, e.appOptions())
}

func (e *env) statusCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use: "status", Short: "Tell whether a gateway runs on the data directory", Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return e.status(cmd.Context(), asJSON) },
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func (e *env) status(ctx context.Context, asJSON bool) error {
	st := admin.Status{Addresses: []string{}, Version: e.Version, State: admin.ServerStopped}
	switch r, state := e.holder(ctx); state {
	case holderAnswers:
		if err := r.call(ctx, "Status", &st); err != nil {
			return err
		}
	case holderSilent:
		st.Running, st.PID, st.State, st.Problem = true, r.file.PID, admin.ServerStarting, e.whySilent()
	case holderNone:
	}
	var err error
	if asJSON {
		err = e.printJSON(st)
	} else {
		_, err = fmt.Fprintln(e.Stdout, statusText(st))
	}
	if err == nil && !st.Running {
		return exitError{1}
	}
	return err
}

func statusText(st admin.Status) string {
	if !st.Running {
		return "not running; start it with `antigravity-tools serve`"
	}
	if st.Problem != "" {
		return fmt.Sprintf("running%s, but %s; commands cannot reach it", inBrackets(st.PID), st.Problem)
	}
	where := "the listener is " + string(st.State)
	if len(st.Addresses) > 0 {
		where = "on " + strings.Join(st.Addresses, ", ")
	}
	lan := "this machine only"
	if st.LAN {
		lan = "open to the network"
	}
	n := st.Accounts
	return fmt.Sprintf("running %s (%s), process %d, keys: %s\naccounts: %d ready, %d cooling, %d blocked, %d disabled",
		where, lan, st.PID, st.AuthMode, n.Ready, n.Cooling, n.Blocked, n.Disabled)
}
