// Command fakecodeassist serves the fake, with two accounts, for trials by hand.
// It prints its URL on one line and ends by itself. The token endpoint is /token;
// the OAuth client and the refresh tokens are those of this file.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"antigravity-tools/test/fakecodeassist"
)

func main() {
	life := flag.Duration("for", 10*time.Minute, "ends after this time")
	verify := flag.Bool("verify", false, "the second account has to be verified by its owner")
	flag.Parse()
	soon, late := time.Now().Add(80*time.Minute), time.Now().Add(50*time.Hour)
	quotas := map[string]fakecodeassist.Quota{
		"gemini-2.5-flash": {Remaining: 0.91, Reset: soon}, "gemini-2.5-pro": {Remaining: 0.42, Reset: soon}, "gemini-3-pro-preview": {Remaining: 0.07, Reset: late}}
	srv, err := fakecodeassist.New(
		fakecodeassist.Account{Name: "ada", Refresh: "1//fake-ada", Project: "managed-ada", Tier: "free-tier", Quotas: quotas},
		fakecodeassist.Account{Name: "bob", Refresh: "1//fake-bob", Project: "managed-bob", Tier: "standard-tier"})
	if err != nil {
		fmt.Fprintln(os.Stderr, "fakecodeassist:", err)
		os.Exit(1)
	}
	defer srv.Close()
	if *verify {
		srv.Change("bob", func(a *fakecodeassist.Account) {
			a.Tier, a.Validation = "", "https://accounts.google.com/signin/continue"
		})
	}
	fmt.Println(srv.URL())
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
	select {
	case <-stop:
	case <-time.After(*life):
	}
}
