package cli

import (
	"context"
	"fmt"
	"os"

	"antigravity-tools/backend/app"
	"antigravity-tools/backend/fault"
)

// setPassword stores the hash, then has a running gateway sign out who came in with the old password.
func (e *env) setPassword(ctx context.Context, password string) error {
	if os.Getenv("ANTIGRAVITY_ADMIN_PASSWORD") != "" {
		fmt.Fprintln(e.Stderr, "note: ANTIGRAVITY_ADMIN_PASSWORD is set and wins over the stored password")
	}
	if err := app.SetAdminPassword(ctx, e.dataDir, password); err != nil {
		return err
	}
	switch r, holder := e.holder(ctx); {
	case holder == holderAnswers:
		if err := r.call(ctx, "EndConsoleSessions", nil); err != nil {
			return fault.Wrap(fault.Internal, "the password is set, but open consoles could not be signed out", err).
				WithHint("restart the gateway: that signs them out")
		}
	case holder == holderSilent:
		fmt.Fprintln(e.Stderr, "note: the running gateway does not answer; restart it to sign open consoles out")
	}
	return nil
}
