//go:build !bindings

// Antigravity Tools: a local gateway that speaks the OpenAI, Anthropic and Gemini protocols. This one
// package makes both programs: with the build tag "desktop" the one with a window, without it the
// headless one. Everything is below backend/.
package main

import (
	"context"
	"os"

	"antigravity-tools/backend/cli"
)

// version is set by the build (-ldflags -X main.version=…).
var version = "dev"

func main() {
	attachConsole()
	os.Exit(cli.Main(context.Background(), cli.Program{
		Version: version,
		Console: consoleFiles(),
		Window:  window(),
		Args:    os.Args[1:],
		Stdin:   os.Stdin,
		Stdout:  os.Stdout,
		Stderr:  os.Stderr,
	}))
}
