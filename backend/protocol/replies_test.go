package protocol_test

import (
	"fmt"
	"strings"
	"testing"

	"antigravity-tools/backend/protocol/protocoltest"
)

// asking is a plain request of a client.
func asking(client, extra string) string {
	if extra != "" {
		extra = "," + extra
	}
	switch client {
	case "C":
		return `{"model":"m","stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"x"}]` + extra + `}`
	case "A":
		return `{"model":"m","max_tokens":9000,"messages":[{"role":"user","content":"x"}]` + extra + `}`
	case "R":
		return `{"model":"m","store":false,"input":"x"` + extra + `}`
	}
	return `{"contents":[{"role":"user","parts":[{"text":"x"}]}]` + extra + `}`
}

// told is what a client gets for frames of a Gemini upstream.
func told(t *testing.T, client, extra string, frames ...string) protocoltest.Answer {
	t.Helper()
	c := cell(client, "gemini-3-flash")
	c.Inbound.Body = []byte(asking(client, extra))
	return c.Answer(t, []byte(sseText(frames...)))
}

func sseText(frames ...string) string {
	var b strings.Builder
	for _, f := range frames {
		fmt.Fprintf(&b, "data: %s\r\n\r\n", f)
	}
	return b.String()
}

// heard is how a client understands an answer, in one line.
func heard(t *testing.T, client string, a protocoltest.Answer) protocoltest.Heard {
	t.Helper()
	return protocoltest.HeardWhole(t, clients()[client].Name(), []byte(a.Whole))
}

// finishWords are all of Google's, with some that it may invent.
var finishWords = []string{
	"STOP", "MAX_TOKENS", "SAFETY", "RECITATION", "LANGUAGE", "OTHER", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII",
	"MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS", "MISSING_THOUGHT_SIGNATURE",
	"IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION", "IMAGE_OTHER", "NO_IMAGE", "CONTINUATION",
	"FINISH_REASON_UNSPECIFIED", "SOMETHING_NEW", "stop",
}

// finishFrame ends a reply with a word behind some parts.
func finishFrame(parts, word string) string {
	return `{"candidates":[{"content":{"role":"model","parts":[` + parts + `]},"finishReason":"` + word + `","index":0}],` +
		`"usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":1,"totalTokenCount":2},"modelVersion":"gemini-3-flash","responseId":"kQcAaVxQ"}`
}

func TestFinish(t *testing.T) {
	for _, client := range []string{"C", "A", "R", "G"} {
		var w table
		for _, word := range finishWords {
			var rows []string
			for _, parts := range []struct{ name, json string }{
				{"text", `{"text":"Hi"}`},
				{"call", `{"functionCall":{"id":"f1","name":"f","args":{}}}`},
				{"nothing", ``},
			} {
				a := told(t, client, "", finishFrame(parts.json, word))
				rows = append(rows, fmt.Sprintf("%-8s %s", parts.name, summary(t, client, a)))
			}
			w.row(word, strings.Join(rows, "\n"))
		}
		protocoltest.Golden(t, w.b.String(), "54_finish", client+"-G", "table.txt")
	}
}

// summary is the end of an answer with its losses, in one line.
func summary(t *testing.T, client string, a protocoltest.Answer) string {
	t.Helper()
	var out string
	if strings.HasPrefix(a.Whole, "HTTP") {
		out = "error " + strings.Join(strings.Fields(a.Whole), " ")
		if !strings.HasPrefix(a.Stream, "HTTP") {
			frames := lines(strings.TrimSpace(a.Stream))
			out += "; stream ends " + strings.Join(frames[max(0, len(frames)-3):], " ")
		}
	} else {
		h := heard(t, client, a)
		out = strings.TrimSpace(h.Finish)
		for _, p := range h.Pieces {
			said := p.Kind == "text" || strings.HasPrefix(p.Kind, "message")
			if p.Kind == "refusal" || said && p.Text != "Hi" {
				out += fmt.Sprintf(" %s %q", p.Kind, p.Text)
			}
		}
	}
	for _, l := range lines(a.Losses) {
		if !strings.HasPrefix(l, "adapted reasoning") {
			out += "; " + l
		}
	}
	return out
}

func TestUsage(t *testing.T) {
	frame := func(usage string) string {
		return `{"candidates":[{"content":{"role":"model","parts":[{"text":"Hi"}]},"index":0}],"usageMetadata":` + usage + `,"modelVersion":"gemini-3-flash","responseId":"kQcAaVxQ"}`
	}
	last := func(usage string) string {
		return strings.Replace(frame(usage), `"index":0`, `"finishReason":"STOP","index":0`, 1)
	}
	const early = `{"promptTokenCount":5000,"candidatesTokenCount":150,"thoughtsTokenCount":700,"totalTokenCount":5850}`
	for _, client := range []string{"C", "A", "R", "G"} {
		var w table
		for _, row := range []struct {
			name   string
			frames []string
		}{
			{"cached, tool use and thoughts; replaced, not added", []string{frame(early),
				last(`{"promptTokenCount":5000,"cachedContentTokenCount":4096,"toolUsePromptTokenCount":300,"candidatesTokenCount":200,"thoughtsTokenCount":800,"totalTokenCount":6300}`)}},
			{"v1internal: candidates include thoughts", []string{last(`{"promptTokenCount":100,"candidatesTokenCount":900,"thoughtsTokenCount":700,"totalTokenCount":1000}`)}},
			{"no thoughts", []string{last(`{"promptTokenCount":10,"candidatesTokenCount":2,"totalTokenCount":12}`)}},
			{"early only", []string{frame(early), strings.Replace(last(`0`), `"usageMetadata":0,`, "", 1)}},
			{"none", []string{strings.Replace(last(`0`), `"usageMetadata":0,`, "", 1)}},
			{"null and negative", []string{frame(`null`), last(`{"promptTokenCount":3,"cachedContentTokenCount":9,"candidatesTokenCount":0,"totalTokenCount":3}`)}},
			{"details", []string{last(`{"promptTokenCount":10,"candidatesTokenCount":2,"totalTokenCount":12,"promptTokensDetails":[{"modality":"TEXT","tokenCount":10}],"trafficType":"ON_DEMAND"}`)}},
		} {
			a := told(t, client, "", row.frames...)
			w.row(row.name, heard(t, client, a).Usage)
		}
		protocoltest.Golden(t, w.b.String(), "55_usage", client+"-G", "table.txt")
	}
}
