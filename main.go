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
	"runtime"

	"antigravity-tools/backend/cli"
)

// version is set by the build (-ldflags -X main.version=…).
var version = "dev"

// ballast is memory that is never touched, so that it takes none of the machine's, but
// counts as alive where Go decides when to collect garbage next. Little is alive here:
// without it the memory of a hundred requests would be enough, with it a few MiB more
// save a twentieth of the CPU time of a translated stream. Where much is alive, it
// changes little (docs/adr/0015).
const ballast = 8 << 20 // bytes

func main() {
	weight := make([]byte, ballast)
	attachConsole()
	code := cli.Main(context.Background(), cli.Program{
		Version: version,
		Console: consoleFiles(),
		Window:  window(),
		Args:    os.Args[1:],
		Stdin:   os.Stdin,
		Stdout:  os.Stdout,
		Stderr:  os.Stderr,
	})
	runtime.KeepAlive(weight)
	os.Exit(code)
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
