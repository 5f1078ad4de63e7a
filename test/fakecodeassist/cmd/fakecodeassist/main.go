// Command fakecodeassist serves the fake, with two accounts, for judges that are
// not written in Go and for trials by hand. The token endpoint is /token; the
// first account's refresh token is FAKE_KEY, the second's stands in this file.
package main

import (
	"flag"
	"fmt"
	"os"
	"time"

	"antigravity-tools/test/fakecodeassist"
	"antigravity-tools/test/fakecontrol"
)

func main() {
	verify := flag.Bool("verify", false, "the second account has to be verified by its owner")
	flag.Parse()
	soon, late := time.Now().Add(80*time.Minute), time.Now().Add(50*time.Hour)
	quotas := map[string]fakecodeassist.Quota{
		"gemini-2.5-flash": {Remaining: 0.91, Reset: soon}, "gemini-2.5-pro": {Remaining: 0.42, Reset: soon}, "gemini-3-pro-preview": {Remaining: 0.07, Reset: late}}
	srv, err := fakecodeassist.New(
		fakecodeassist.Account{Name: "ada", Refresh: os.Getenv("FAKE_KEY"), Project: "managed-ada-7f3a", Tier: "free-tier", Quotas: quotas},
		fakecodeassist.Account{Name: "bob", Refresh: "1//fake-bob", Project: "managed-bob", Tier: "standard-tier"})
	if err != nil {
		fmt.Fprintln(os.Stderr, "fakecodeassist:", err)
		os.Exit(1)
	}
	if *verify {
		srv.Change("bob", func(a *fakecodeassist.Account) {
			a.Tier, a.Validation = "", "https://accounts.google.com/signin/continue"
		})
	}
	fakecontrol.Main(srv.Controlled())
}
