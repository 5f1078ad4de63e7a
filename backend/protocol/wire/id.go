package wire

import (
	"net/http"
	"strings"
)

// Alphabets of minted ids.
const (
	Base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	Hex    = "0123456789abcdef"
)

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
