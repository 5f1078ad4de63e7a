// Command fakeopenai serves the fake for judges that are not written in Go.
package main

import (
	"os"

	"antigravity-tools/test/fakecontrol"
	"antigravity-tools/test/fakeopenai"
)

func main() {
	fakecontrol.Main(fakeopenai.New(os.Getenv("FAKE_KEY")).ChatOnly())
}
