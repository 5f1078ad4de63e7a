// Command fakeanthropic serves the fake for judges that are not written in Go.
package main

import (
	"os"

	"antigravity-tools/test/fakeanthropic"
	"antigravity-tools/test/fakecontrol"
)

func main() {
	fakecontrol.Main(fakeanthropic.New(os.Getenv("FAKE_KEY")))
}
