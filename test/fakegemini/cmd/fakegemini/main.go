// Command fakegemini serves the fake for judges that are not written in Go.
package main

import (
	"fmt"
	"os"

	"antigravity-tools/test/fakecontrol"
	"antigravity-tools/test/fakegemini"
)

func main() {
	srv, err := fakegemini.New(fakegemini.Options{})
	if err != nil {
		fmt.Fprintln(os.Stderr, "fakegemini:", err)
		os.Exit(1)
	}
	fakecontrol.Main(srv.Controlled())
}
