//go:build bindings

package main

import (
	"context"
	"fmt"
	"os"

	"github.com/wailsapp/wails/v2"

	"antigravity-tools/backend/admin"
)

// main of the bindings build writes frontend/wailsjs and ends: see build/scripts/generate.sh.
func main() {
	if err := wails.Run(windowOptions(admin.New(context.Background(), admin.Deps{}), &Desktop{})); err != nil {
		fmt.Fprintln(os.Stderr, "bindings:", err)
		os.Exit(1)
	}
}
