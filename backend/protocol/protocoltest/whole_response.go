package protocoltest

import (
	"encoding/json"
	"testing"
)

// ResponseAsOne is the answer that a streamed response would have been at once:
// what its last event holds.
func ResponseAsOne(t *testing.T, body []byte) []byte {
	t.Helper()
	var last struct{ Response json.RawMessage }
	for _, frame := range Frames(t, body) {
		if string(frame) != "[DONE]" {
			parse(t, frame, &last)
		}
	}
	return last.Response
}
