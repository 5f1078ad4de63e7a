// Command fakevertex serves the fake for judges that are not written in Go, with
// one service account.
package main

import (
	"flag"
	"fmt"
	"os"

	"antigravity-tools/test/fakecontrol"
	"antigravity-tools/test/fakevertex"
)

const project = "project-7f3a"

func main() {
	claude := flag.Bool("claude", false, "the script is for the Claude models")
	flag.Parse()
	srv, err := fakevertex.New(project)
	if err != nil {
		fmt.Fprintln(os.Stderr, "fakevertex:", err)
		os.Exit(1)
	}
	if *claude {
		fakecontrol.Main(srv.ControlClaude(project))
		return
	}
	fakecontrol.Main(srv.ControlGemini(project))
}
