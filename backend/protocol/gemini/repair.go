package gemini

import (
	"bytes"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/rawjson"
)

var _ protocol.Repairer = Upstream{}

// Repair joins neighbouring model contents and signs the calls that another
// model made. The chats of Google's JavaScript
// SDK store every event of a stream as a content of its own and send them back
// so; two calls in two events then break the service's rule that each call is
// followed by its response (clients.md). A call without a signature in the
// current turn is refused, so it gets the placeholder, as in a request of
// another protocol (mapping rules, section 12).
func (Upstream) Repair(body []byte, target protocol.Target, losses *llm.Losses) []byte {
	body = joinModel(body)
	if target.Caps.SealRequired && target.Caps.Placeholder && bytes.Contains(body, []byte(`"functionCall"`)) {
		return signCalls(body, losses)
	}
	return body
}

func joinModel(body []byte) []byte {
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

// signCalls gives the first call of each step of the current turn the
// placeholder if it has no signature.
func signCalls(body []byte, losses *llm.Losses) []byte {
	contents := member(body, "contents")
	current, i := -1, 0
	for item := range rawjson.Items(contents) {
		if text(item, "role") != roleModel && !onlyResponses(item) {
			current = i
		}
		i++
	}
	w := rawjson.NewWriter(len(contents) + 256)
	w.Arr()
	i = 0
	signed := false
	for item := range rawjson.Items(contents) {
		if i > current && fromModel(item) {
			if with := signFirst(item); with != nil {
				losses.Adapt("seal.placeholder", "contents"+index(i), "")
				item, signed = with, true
			}
		}
		w.Raw(item)
		i++
	}
	w.EndArr()
	if !signed {
		return body
	}
	out, err := rawjson.Set(body, w.Bytes(), "contents")
	if err != nil {
		return body
	}
	return out
}

// onlyResponses tells a content that brings results of calls and nothing else.
func onlyResponses(item []byte) bool {
	some := false
	for part := range rawjson.Items(member(item, "parts")) {
		if member(part, "functionResponse") == nil {
			return false
		}
		some = true
	}
	return some
}

// signFirst is the content with a signature on its first call, nil if nothing
// is missing.
func signFirst(item []byte) []byte {
	w := rawjson.NewWriter(len(item) + 64)
	w.Arr()
	calls, signed := 0, false
	for part := range rawjson.Items(member(item, "parts")) {
		if member(part, "functionCall") != nil {
			if calls++; calls == 1 && text(part, "thoughtSignature") == "" && text(part, "thought_signature") == "" {
				if with, err := rawjson.Set(part, []byte(`"`+Placeholder+`"`), "thoughtSignature"); err == nil {
					part, signed = with, true
				}
			}
		}
		w.Raw(part)
	}
	w.EndArr()
	if !signed {
		return nil
	}
	out, err := rawjson.Set(item, w.Bytes(), "parts")
	if err != nil {
		return nil
	}
	return out
}
