//go:build !desktop && !dev && !bindings

package main

import (
	"context"

	"antigravity-tools/backend/app"
)

// window is nil: this build has none.
func window() func(context.Context, app.Options) error { return nil }
