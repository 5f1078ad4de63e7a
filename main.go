//go:build !bindings

// Antigravity Tools: a local gateway that speaks the OpenAI, Anthropic and Gemini protocols. This one
// package makes both programs: with the build tag "desktop" the one with a window, without it the
// headless one. Everything is below backend/.
package main

import (
	"context"
	"embed"
	"io/fs"
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

// all: takes .gitkeep along, so that a fresh clone compiles before the pages are built.
//
//go:embed all:frontend/dist
var dist embed.FS

// consoleFiles are the built pages, with index.html at the top.
func consoleFiles() fs.FS {
	files, err := fs.Sub(dist, "frontend/dist")
	if err != nil {
		panic(err) // the name above is a constant that the compiler has checked
	}
	return files
}
