package protocol_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"antigravity-tools/backend/protocol/protocoltest"
)

// ends are the words by which each protocol may end an answer.
var ends = map[string][]string{
	"C": {"stop", "length", "tool_calls", "content_filter"},
	"A": {"end_turn", "max_tokens", "stop_sequence", "tool_use", "pause_turn", "refusal", "model_context_window_exceeded"},
	"R": {"completed", `incomplete{"reason":"max_output_tokens"}`, `incomplete{"reason":"content_filter"}`},
	"G": {"STOP", "MAX_TOKENS", "SAFETY", "RECITATION"},
}

// googleWords are all of Google's, with some that it may invent.
var googleWords = []string{
	"STOP", "MAX_TOKENS", "SAFETY", "RECITATION", "LANGUAGE", "OTHER", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII",
	"MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS", "MISSING_THOUGHT_SIGNATURE",
	"IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION", "IMAGE_OTHER", "NO_IMAGE", "CONTINUATION",
	"FINISH_REASON_UNSPECIFIED", "SOMETHING_NEW", "stop",
}

// finishMember writes the word by which an upstream ends an answer.
func finishMember(upstream, word string) string {
	switch upstream {
	case "C":
		return `"finish_reason":"` + word + `"`
	case "A":
		return `"stop_reason":"` + word + `","stop_sequence":null`
	case "R":
		if word == "completed" {
			return ""
		}
		return `"status":"incomplete","incomplete_details":{"reason":"` + word + `"}`
	}
	return `"finishReason":"` + word + `"`
}

// finishWords are the words of an upstream, with some that it may invent or
// borrow from another.
func finishWords(upstream string) []string {
	switch upstream {
	case "C":
		return []string{"stop", "length", "tool_calls", "function_call", "content_filter", "end_turn", "STOP", "SOMETHING_NEW"}
	case "A":
		return []string{
			"end_turn", "max_tokens", "stop_sequence", "tool_use", "pause_turn", "compaction", "refusal",
			"model_context_window_exceeded", "stop", "SOMETHING_NEW",
		}
	case "R":
		return []string{"completed", "max_output_tokens", "content_filter", "max_messages", "steered", "SOMETHING_NEW"}
	}
	return googleWords
}

// detailedEnds are ends that say more than a word.
func detailedEnds(upstream string) []string {
	failed := func(code string) string {
		return `"status":"failed","incomplete_details":null,"error":{"code":"` + code + `","message":"It broke."}`
	}
	switch upstream {
	case "C":
		return []string{`"finish_reason":null`}
	case "A":
		return []string{
			`"stop_reason":"stop_sequence","stop_sequence":"END"`,
			`"stop_reason":"refusal","stop_sequence":null,"stop_details":{"type":"refusal","category":"cyber","explanation":"Not this."}`,
			`"stop_reason":null,"stop_sequence":null`,
		}
	case "R":
		return []string{
			failed("server_error"), failed("rate_limit_exceeded"), failed("invalid_prompt"), failed("context_length_exceeded"),
			`"status":"incomplete","incomplete_details":null`, `"status":"cancelled","incomplete_details":null`,
		}
	}
	return nil
}

// TestFinish shows every end of every upstream to every client, behind text, a
// call, a refusal and nothing at all.
func TestFinish(t *testing.T) {
	for _, pair := range allPairs() {
		client, upstream := pair[:1], pair[2:]
		rows := finishWords(upstream)
		titles := slices.Concat(rows, detailedEnds(upstream))
		var w table
		for i, title := range titles {
			end := title
			if i < len(rows) {
				end = finishMember(upstream, title)
			}
			var body []string
			for _, parts := range []string{"text", "call", "refusal", "nothing"} {
				if parts == "refusal" && upstream != "C" && upstream != "R" {
					continue
				}
				a := toldBy(t, pair, "", spoken{parts: parts, end: end, usage: oneToken(upstream)}.stream(upstream))
				body = append(body, fmt.Sprintf("%-8s %s", parts, summary(t, client, a)))
			}
			w.row(title, strings.Join(body, "\n"))
		}
		protocoltest.Golden(t, w.b.String(), "54_finish", pair, "table.txt")
	}
}

// oneToken is a usage of an upstream that matters to nobody.
func oneToken(upstream string) []string {
	switch upstream {
	case "C":
		return []string{`{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}`}
	case "G":
		return []string{`{"promptTokenCount":1,"candidatesTokenCount":1,"totalTokenCount":2}`}
	}
	return []string{`{"input_tokens":1,"output_tokens":1}`}
}

// TestNoForeignFinishWord: whatever an upstream ends an answer with, a client
// hears a word of its own protocol or an error, streamed and at once, and the
// upstream's word, if it is none of the client's, nowhere.
func TestNoForeignFinishWord(t *testing.T) {
	parts := rapid.SampledFrom([]string{"text", "call", "text call", "refusal", "nothing"})
	for _, upstream := range []string{"C", "R", "A", "G"} {
		words := rapid.OneOf(rapid.SampledFrom(finishWords(upstream)), rapid.StringMatching(`X[A-Z_]{3,24}`), rapid.StringMatching(`x[a-z_]{5,12}`))
		rapid.Check(t, func(rt *rapid.T) {
			word := words.Draw(rt, "word")
			stream := spoken{parts: parts.Draw(rt, "parts"), end: finishMember(upstream, word)}.stream(upstream)
			for _, client := range []string{"C", "R", "A", "G"} {
				a := toldBy(t, client+"-"+upstream, "", stream)
				if client == upstream {
					continue // its own words, whatever they are
				}
				if !ownWord(client, word) && (strings.Contains(a.Whole, `"`+word+`"`) || strings.Contains(a.Stream, `"`+word+`"`)) {
					rt.Fatalf("%s hears the word %q of %s: %s\n%s", client, word, upstream, a.Whole, a.Stream)
				}
				if strings.HasPrefix(a.Whole, "HTTP") {
					continue
				}
				finish := strings.TrimSpace(heard(t, client, a).Finish)
				if client == "A" {
					finish, _, _ = strings.Cut(finish, " ")
				}
				if !slices.Contains(ends[client], finish) {
					rt.Fatalf("%s hears %q for %q of %s", client, finish, word, upstream)
				}
			}
		})
	}
}

// ownWord tells a word of a client's own protocol, which may stand in its
// replies.
func ownWord(client, word string) bool {
	more := map[string][]string{"C": {"refusal"}, "R": {"max_output_tokens", "content_filter", "refusal", "function_call"}}
	return slices.Contains(ends[client], word) || slices.Contains(more[client], word)
}
