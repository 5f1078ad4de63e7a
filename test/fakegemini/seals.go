package fakegemini

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"reflect"
	"sync"
)

// placeholder may stand in for the signature of a call that another model made
// (docs, "Thought signatures"; the Gemini CLI sends it).
const placeholder = "skip_thought_signature_validator"

func b64(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

// issued remembers what a signature was given for.
type issued struct {
	family string
	key    string
	call   *functionCall // nil: given for text, thought or media
}

// sealer issues thought signatures and knows its own again.
type sealer struct {
	mu    sync.Mutex
	known map[string]issued // by the decoded bytes
}

// issue makes a signature that looks like the service's: standard base64 of
// some dozens of opaque bytes that begin like a protobuf message.
func (s *sealer) issue(family, key string, call *functionCall) string {
	b := make([]byte, 66)
	_, _ = rand.Read(b) // never fails (crypto/rand)
	b[0], b[1] = 0x12, 0x40
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known[string(b)] = issued{family: family, key: key, call: call}
	return b64(b)
}

func (s *sealer) find(signature string) (issued, bool) {
	raw, ok := unbase64(signature)
	if !ok {
		return issued{}, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	v, ok := s.known[string(raw)]
	return v, ok
}

// sameCall compares what a signature covers: the name and the meaning of the
// arguments. Key order and spacing may change on the way.
func sameCall(a, b *functionCall) bool {
	return a.Name == b.Name && sameJSON(a.Args, b.Args)
}

func sameJSON(a, b json.RawMessage) bool {
	var x, y any
	if len(a) == 0 {
		a = json.RawMessage(`{}`)
	}
	if len(b) == 0 {
		b = json.RawMessage(`{}`)
	}
	if json.Unmarshal(a, &x) != nil || json.Unmarshal(b, &y) != nil {
		return false
	}
	return reflect.DeepEqual(x, y)
}
