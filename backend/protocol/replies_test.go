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
	return toldBy(t, client+"-G", extra, []byte(sseText(frames...)))
}

// toldBy is what the client of a pair gets for the stream of its upstream.
func toldBy(t *testing.T, pair, extra string, stream []byte) protocoltest.Answer {
	t.Helper()
	c := pairCell(pair, usualModel(pair[2:]))
	c.Inbound.Body = []byte(asking(pair[:1], extra))
	return c.Answer(t, stream)
}

// usualModel is a model of the upstream with this letter.
func usualModel(upstream string) string {
	switch upstream {
	case "A":
		return "claude-opus-5"
	case "G":
		return "gemini-3-flash"
	}
	return "gpt-5.2"
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

// finishFrame ends a reply with a word behind some parts.
func finishFrame(parts, word string) string {
	return `{"candidates":[{"content":{"role":"model","parts":[` + parts + `]},"finishReason":"` + word + `","index":0}],` +
		`"usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":1,"totalTokenCount":2},"modelVersion":"gemini-3-flash","responseId":"kQcAaVxQ"}`
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
