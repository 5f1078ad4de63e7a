package cli

import (
	"context"
	"fmt"
	"os"

	"antigravity-tools/backend/app"
)

// setPassword stores the hash; a running gateway asks the database at the next sign-in.
func (e *env) setPassword(ctx context.Context, password string) error {
	if os.Getenv("ANTIGRAVITY_ADMIN_PASSWORD") != "" {
		fmt.Fprintln(e.Stderr, "note: ANTIGRAVITY_ADMIN_PASSWORD is set and wins over the stored password")
	}
	return app.SetAdminPassword(ctx, e.dataDir, password)
}
