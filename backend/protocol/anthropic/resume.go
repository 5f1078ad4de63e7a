package anthropic

import (
	"bytes"
	"strings"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/crossing"
	"antigravity-tools/backend/rawjson"
)

var _ protocol.Resumer = Upstream{}

// Resume asks for the rest of a turn that the service paused (stop reasons
// pause_turn, and compaction in beta): the conversation with the turn behind it as
// it came, "send the content back to go on" (anthropic-sdk-go v1.84,
// StopReasonPauseTurn). All that came of the turn so far stands in one message. A
// turn with a call of the client's is not gone on with, the client has to answer
// first; nor one that began with words of the client's.
func (Upstream) Resume(first []byte, sofar *llm.Response, end *llm.Close) (next []byte, ok bool) {
	if end.Reason != llm.ReasonPause || len(sofar.Choices) != 1 {
		return nil, false
	}
	messages, _ := rawjson.Get(first, "messages")
	turn, ok := pausedTurn(sofar.Choices[0].Parts)
	if !ok || endsWithModel(messages) {
		return nil, false
	}
	list := bytes.TrimSpace(messages)
	grown := append(make([]byte, 0, len(list)+len(turn)+1), bytes.TrimSuffix(list, []byte("]"))...)
	grown = append(append(append(grown, ','), turn...), ']')
	next, err := rawjson.Set(first, grown, "messages")
	if err != nil {
		return nil, false
	}
	return withContainer(next, end)
}

// Seamless is false: a paused turn goes on with a block of its own.
func (Upstream) Seamless() bool { return false }

// endsWithModel tells whether the last message is the model's.
func endsWithModel(messages []byte) bool {
	role := "assistant" // nothing to go on from
	for item := range rawjson.Items(messages) {
		role = member(item, "role")
	}
	return role == "assistant"
}

// pausedTurn writes the blocks of an answer as the message they came from.
func pausedTurn(parts []llm.Part) (message []byte, ok bool) {
	kept := make([]llm.Part, 0, len(parts))
	for _, p := range parts {
		switch {
		case p.Kind == llm.KindCall:
			return nil, false
		case p.Kind == llm.KindText && strings.TrimSpace(p.Text) == "": // refused when it comes back
		case p.Kind == llm.KindReasoning && p.Seal == nil:
		default:
			kept = append(kept, p)
		}
	}
	if len(kept) == 0 {
		return nil, false
	}
	e := &requestEncoder{req: &llm.Request{}, own: true, w: rawjson.NewWriter(64 + crossing.SizeOf(kept))}
	e.w.Obj()
	e.w.StrField("role", "assistant")
	e.w.Key("content")
	if err := e.content(kept, 0); err != nil {
		return nil, false
	}
	e.w.End()
	return e.w.Bytes(), true
}

// withContainer names the container that the turn's code runs in.
func withContainer(body []byte, end *llm.Close) ([]byte, bool) {
	id, ok := rawjson.Get(end.Native.For(llm.Anthropic), "container", "id")
	if !ok || rawjson.KindOf(id) != rawjson.KindString {
		return body, true
	}
	path := []string{"container"}
	if given, ok := rawjson.Get(body, "container"); ok && rawjson.KindOf(given) == rawjson.KindObject {
		path = append(path, "id")
	}
	out, err := rawjson.Set(body, id, path...)
	return out, err == nil
}
