package wire

import (
	"crypto/rand"
	"net/http"
	"strings"
)

// Alphabets of minted ids.
const (
	Base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	Hex    = "0123456789abcdef"
)

// Mint returns n random characters of an alphabet, for ids that nobody must
// guess.
func Mint(n int, alphabet string) string {
	raw := make([]byte, n)
	_, _ = rand.Read(raw) // never fails (crypto/rand)
	for i, b := range raw {
		raw[i] = alphabet[int(b)%len(alphabet)]
	}
	return string(raw)
}

// Session returns what the headers of a request say about the conversation it
// belongs to, "" if nothing. The names are those that coding clients send.
func Session(h http.Header) string {
	for _, name := range [...]string{"X-Session-Affinity", "X-Session-Id", "X-Conversation-Id", "Session-Id", "Session_id"} {
		if v := strings.TrimSpace(h.Get(name)); v != "" {
			return v
		}
	}
	return ""
}
