package gemini

import (
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/rawjson"
)

var _ protocol.Repairer = Upstream{}

// Repair joins neighbouring model contents. The chats of Google's JavaScript
// SDK store every event of a stream as a content of its own and send them back
// so; two calls in two events then break the service's rule that each call is
// followed by its response (clients.md).
func (Upstream) Repair(body []byte, _ *llm.Losses) []byte {
	contents := member(body, "contents")
	if !splitModel(contents) {
		return body
	}
	w := rawjson.NewWriter(len(contents))
	w.Arr()
	var held [][]byte
	flush := func() {
		switch len(held) {
		case 0:
		case 1:
			w.Raw(held[0])
		default:
			joinContents(w, held)
		}
		held = held[:0]
	}
	for item := range rawjson.Items(contents) {
		if !fromModel(item) {
			flush()
			w.Raw(item)
			continue
		}
		held = append(held, item)
	}
	flush()
	w.EndArr()
	out, err := rawjson.Set(body, w.Bytes(), "contents")
	if err != nil {
		return body
	}
	return out
}

// splitModel tells whether two neighbouring contents are the model's.
func splitModel(contents []byte) bool {
	before := false
	for item := range rawjson.Items(contents) {
		now := fromModel(item)
		if now && before {
			return true
		}
		before = now
	}
	return false
}

// fromModel tells the model's content, if its parts can be joined to others.
func fromModel(item []byte) bool {
	parts := member(item, "parts")
	return text(item, "role") == roleModel && (parts == nil || rawjson.KindOf(parts) == rawjson.KindArray)
}

// joinContents writes one content with the members of the first and the parts
// of all.
func joinContents(w *rawjson.Writer, list [][]byte) {
	w.Obj()
	writeRest(w, list[0], "parts")
	w.Key("parts")
	w.Arr()
	for _, item := range list {
		for part := range rawjson.Items(member(item, "parts")) {
			w.Raw(part)
		}
	}
	w.EndArr()
	w.End()
}
