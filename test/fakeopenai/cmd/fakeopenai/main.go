// Command fakeopenai serves the fake for judges that are not written in Go.
package main

import (
	"flag"
	"os"

	"antigravity-tools/test/fakecontrol"
	"antigravity-tools/test/fakeopenai"
)

func main() {
	chatOnly := flag.Bool("chat-only", false, "the server has no Responses")
	flag.Parse()
	fake := fakeopenai.New(os.Getenv("FAKE_KEY"))
	if *chatOnly {
		fake.ChatOnly()
	}
	fakecontrol.Main(fake)
}
