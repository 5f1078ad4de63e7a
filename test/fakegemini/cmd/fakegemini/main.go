// Command fakegemini serves the fake for judges that are not written in Go. It
// prints its URL on one line and ends by itself.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"antigravity-tools/test/fakegemini"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:0", "address to listen on")
	keys := flag.String("keys", "", "comma-separated keys that exist; empty: any that begins with AIza-fake")
	lenient := flag.Bool("lenient-json-schema", false, "let unknown JSON Schema words pass")
	direct := flag.Bool("direct", false, "clients talk to the fake without a gateway: let their headers pass")
	life := flag.Duration("for", 10*time.Minute, "ends after this time")
	flag.Parse()
	opts := fakegemini.Options{Addr: *addr, LenientJSONSchema: *lenient, Direct: *direct, Control: true}
	if *keys != "" {
		opts.Keys = strings.Split(*keys, ",")
	}
	srv, err := fakegemini.New(opts)
	if err != nil {
		fmt.Fprintln(os.Stderr, "fakegemini:", err)
		os.Exit(1)
	}
	fmt.Println(srv.URL())
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
	select {
	case <-stop:
	case <-time.After(*life):
	}
	srv.Close()
}
