package cli

import (
	"context"

	"antigravity-tools/backend/app"
)

func (e *env) setPassword(ctx context.Context, password string) error {
	return app.SetAdminPassword(ctx, e.dataDir, password)
}
