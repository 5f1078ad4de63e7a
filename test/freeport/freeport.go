// Package freeport picks ports for programs under test that must be told one.
package freeport

import (
	"errors"
	"math/rand/v2"
	"net"
	"strconv"
)

// The picked ports lie below what Linux (32768), macOS and Windows (49152) give
// to listeners on port 0 and to outgoing connections. A port that the system
// gave would come back to it before the program under test has taken it, and
// might be the next fake's, or one end of the next connection.
const (
	low   = 20000
	high  = 32000
	tries = 50
)

// Pick returns a loopback port on which nothing listened a moment ago. Another
// process that picks at the same time gets the same one once in 12,000 times.
func Pick() (int, error) {
	for range tries {
		port := low + rand.IntN(high-low)
		ln, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err != nil {
			continue
		}
		return port, ln.Close()
	}
	return 0, errors.New("no free port between " + strconv.Itoa(low) + " and " + strconv.Itoa(high))
}
