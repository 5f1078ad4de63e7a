package responses

import (
	"net/http"
	"testing"

	"antigravity-tools/backend/rawjson"
)

// FuzzMessage feeds frames of a client to their reader: no panic, and every
// answer is one JSON object.
func FuzzMessage(f *testing.F) {
	f.Add([]byte(`{"type":"response.create","stream_id":"a.b","model":"m","input":"x","generate":false}`))
	f.Add([]byte(`{"type":"response.steer","previous_response_id":"r","stream_id":"\u0000"}`))
	f.Add([]byte(`{"type":7,"stream_id":[]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		if rawjson.Check(text, 50) != nil || rawjson.KindOf(text) != rawjson.KindObject {
			return
		}
		if kind, _, err := ReadMessage(text); (err == nil) != (kind != "") {
			t.Fatalf("%q %v", kind, err)
		}
		items, _ := InputItems(ReadAsk(text).Input, counting(), nil)
		compacted, _ := Compacted(items, []byte(`{"output":[{"type":"message","content":[{"type":"output_text","text":"s"}]}]}`), 1, counting())
		for _, made := range [][]byte{
			SteerFailed(text), ErrorFrame(400, text, http.Header{"Retry-After": {"3"}}), CompactRequest(text, items), compacted,
			EmptyResponse(text, "resp_1", 1, StatusCompleted),
		} {
			if err := rawjson.Check(made, 60); err != nil || rawjson.KindOf(made) != rawjson.KindObject {
				t.Fatalf("%v: %s", err, made)
			}
		}
	})
}
