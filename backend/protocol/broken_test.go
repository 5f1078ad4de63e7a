package protocol_test

import (
	"context"
	"io"
	"slices"
	"strings"
	"testing"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/protocol/protocoltest"
	"antigravity-tools/backend/rawjson"
)

// broken is an answer that goes wrong: its stream, and how that ends.
type broken struct {
	name   string
	stream string
	cause  error
}

// errorFrame is an error within the stream of an upstream.
func errorFrame(upstream string) string {
	switch upstream {
	case "A":
		return `{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"req_up"}`
	case "R":
		return `{"type":"error","sequence_number":9,"code":"server_error","message":"It broke.","param":null}`
	}
	return `{"error":{"message":"It broke.","type":"server_error","param":null,"code":"server_error"}}`
}

// brokenStories are the ways in which an upstream's answer goes wrong that
// every protocol knows.
func brokenStories(upstream string) []broken {
	wire := func(frames ...string) string { return string(onWire(upstream, frames...)) }
	text, call := spoken{parts: "text"}.frames(upstream), spoken{parts: "call"}.frames(upstream)
	begun := text[:slices.IndexFunc(text, func(f string) bool { return strings.Contains(f, `"Hi"`) })+1]
	// Of the call the arguments are not complete.
	asked := slices.Clone(call[:slices.IndexFunc(call, func(f string) bool { return strings.Contains(f, `{\"a\":1}`) })+1])
	asked[len(asked)-1] = strings.Replace(asked[len(asked)-1], `{\"a\":1}`, `{\"a\":`, 1)
	silence := fault.New(fault.Timeout, "the provider fell silent in the middle of its answer")
	return []broken{
		{name: "nothing at all"},
		{name: "its first event alone", stream: wire(text[0])},
		{name: "an error at once", stream: wire(errorFrame(upstream))},
		{name: "not JSON", stream: wire("<html>")},
		{name: "JSON of no protocol", stream: wire(`[1]`)},
		{name: "the connection breaks at once", cause: io.ErrUnexpectedEOF},
		{name: "silence before the first event", cause: fault.New(fault.Timeout, "the provider did not begin to answer in time")},
		{name: "cut after text", stream: wire(begun...)},
		{name: "cut inside a frame", stream: wire(begun...) + "data: {\"ty"},
		{name: "cut within a call", stream: wire(asked...)},
		{name: "an error after text", stream: wire(append(slices.Clone(begun), errorFrame(upstream))...)},
		{name: "an error within a call", stream: wire(append(slices.Clone(asked), errorFrame(upstream))...)},
		{name: "not JSON after text", stream: wire(append(slices.Clone(begun), "oops")...)},
		{name: "silence after text", stream: wire(begun...), cause: silence},
		{name: "the connection breaks after text", stream: wire(begun...), cause: io.ErrUnexpectedEOF},
		{name: "the connection breaks behind the end", stream: wire(text...), cause: io.ErrUnexpectedEOF},
		{name: "the client leaves", stream: wire(begun...), cause: context.Canceled},
		{name: "comments, CRLF, no blank line at the end", stream: strings.TrimRight(": hello\r\n\r\n"+strings.ReplaceAll(wire(text...), "\n", "\r\n"), "\r\n")},
		{name: "an event of no known kind", stream: wire(slices.Insert(slices.Clone(text), 1, `{"type":"response.keepalive"}`)...)},
	}
}

// ownStories are those that one protocol has of its own.
func ownStories(upstream string) []broken {
	wire := func(frames ...string) string { return string(onWire(upstream, frames...)) }
	text := spoken{parts: "text"}.frames(upstream)
	end := len(text) - 1
	switch upstream {
	case "C":
		nulls := slices.Clone(text[:end])
		for i, f := range nulls {
			nulls[i] = strings.TrimSuffix(f, "}") + `,"error":null}`
		}
		return []broken{
			{name: "error:null in each chunk", stream: wire(append(nulls, "[DONE]")...)},
			{name: "[DONE] without a reason to end", stream: wire(text[0], text[1], "[DONE]")},
			{name: "[DONE] and nothing said", stream: wire(text[0], "[DONE]")},
			{name: "a reason to end and no [DONE]", stream: wire(text[:end]...)},
			{name: "an error behind the reason to end", stream: wire(append(slices.Clone(text[:end]), errorFrame(upstream))...)},
		}
	case "A":
		return []broken{
			{name: "a reason to stop and no message_stop", stream: wire(text[:end]...)},
			{name: "pings between", stream: wire(slices.Insert(slices.Clone(text), 1, `{"type":"ping"}`)...)},
			{name: "a delta of no block", stream: wire(text[0], text[2])},
			{name: "a second message_start", stream: wire(text[0], text[0])},
			{name: "a limit in mid-answer", stream: wire(append(slices.Clone(text[:3]), `{"type":"error","error":{"type":"rate_limit_error","message":"Slow down."}}`)...)},
		}
	}
	failed := `{"type":"response.failed","sequence_number":1,"response":` +
		responseHead(`"status":"failed","incomplete_details":null`, "", `,"usage":null`) + `}`
	failed = strings.Replace(failed, `"error":null`, `"error":{"code":"rate_limit_exceeded","message":"Slow down."}`, 1)
	return []broken{
		{name: "failed at once", stream: wire(text[0], failed)},
		{name: "failed after text", stream: wire(append(slices.Clone(text[:end]), failed)...)},
		{name: "an error in a member", stream: wire(text[0], `{"type":"error","error":{"type":"invalid_request_error","code":"context_length_exceeded","message":"Too long."}}`)},
		{name: "[DONE] behind the end", stream: wire(append(slices.Clone(text), "[DONE]")...)},
		{name: "[DONE] for an end", stream: wire(append(slices.Clone(text[:end]), "[DONE]")...)},
	}
}

// TestBroken shows what clients get when an upstream other than Gemini (for
// which TestFaults does) fails: before the first event of the answer an error
// answer, after it an error in the stream.
func TestBroken(t *testing.T) {
	for _, pair := range allPairs() {
		client, upstream := pair[:1], pair[2:]
		if upstream == "G" {
			continue
		}
		var w table
		for _, story := range slices.Concat(brokenStories(upstream), ownStories(upstream)) {
			c := pairCell(pair, usualModel(upstream))
			c.Inbound.Body = []byte(asking(client, ""))
			c.Break = story.cause
			a := c.Answer(t, []byte(story.stream))
			w.row(story.name, summary(t, client, a))
			if client == "C" || client == "R" {
				noErrorMember(t, story.name, []byte(a.Stream), strings.HasPrefix(a.Whole, "HTTP"))
			}
		}
		protocoltest.Golden(t, w.b.String(), "57_stream_faults", pair, "table.txt")
	}
}

// noErrorMember checks a stream of OpenAI's protocols: their Go SDK ends at a
// top-level "error", even null. A stream that failed tells so in one.
func noErrorMember(t *testing.T, name string, stream []byte, failed bool) {
	t.Helper()
	if strings.HasPrefix(string(stream), "HTTP") {
		return
	}
	for _, frame := range protocoltest.Frames(t, stream) {
		if raw, found := rawjson.Get(frame, "error"); found && (!failed || rawjson.KindOf(raw) != rawjson.KindObject) {
			t.Errorf("%s: %s", name, frame)
		}
	}
}
