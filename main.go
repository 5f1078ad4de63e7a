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
	"runtime/debug"

	"antigravity-tools/backend/cli"
)

// version is set by the build (-ldflags -X main.version=…).
var version = "dev"

// gcPercent lets the heap grow to three times what is alive before garbage is
// collected, where Go would stop at twice. Little is alive here, so that this costs a
// few MiB and saves a twentieth of the CPU time of a translated stream
// (docs/performance.md). The variable GOGC overrides it.
const gcPercent = 200

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
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
