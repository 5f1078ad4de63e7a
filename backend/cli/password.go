package cli

import (
	"context"

	"antigravity-tools/backend/fault"
)

func (e *env) setPassword(context.Context, string) error {
	return fault.New(fault.NotFound, "the admin password is not available here").WithCode("not_available")
}
