package wire_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol/wire"
)

func TestPaths(t *testing.T) {
	err := wire.At("messages", wire.AtIndex(3, wire.At("content", wire.AtIndex(0, wire.Missing("url")))))
	e, ok := errors.AsType[*fault.Error](wire.Explain(err))
	if !ok || e.Param != "messages[3].content[0].url" || e.Message != "messages[3].content[0].url: this field is required" {
		t.Errorf("%+v", e)
	}
	if wire.At("x", nil) != nil || wire.AtIndex(1, nil) != nil || wire.Explain(nil) != nil {
		t.Error("nil is no error")
	}
	plain := errors.New("plain")
	if wire.At("x", plain) != plain {
		t.Error("a foreign error must pass unchanged")
	}
}

// An error never repeats more than a little of what the caller wrote.
func TestUnknownIsShort(t *testing.T) {
	if got := wire.Unknown(strings.Repeat("x", 1000), "a", "b").Error(); len(got) > 150 || !strings.HasSuffix(got, "is not one of a, b") {
		t.Error(got)
	}
}

func TestMediaURL(t *testing.T) {
	table := []struct {
		url  string
		want llm.Media
		ok   bool
	}{
		{"data:image/PNG;base64,AAAA", llm.Media{MIME: "image/png", Data: "AAAA"}, true},
		{"data:text/plain;charset=utf-8;base64,AAAA", llm.Media{MIME: "text/plain", Data: "AAAA"}, true},
		{"data:;base64,JVBERi0x", llm.Media{MIME: "application/pdf", Data: "JVBERi0x"}, true},
		{"https://x/y?z", llm.Media{URL: "https://x/y?z"}, true},
		{"HTTP://x", llm.Media{URL: "HTTP://x"}, true},
		{"gs://b/o", llm.Media{FileID: "gs://b/o"}, true},
		{"files/abc", llm.Media{FileID: "files/abc"}, true},
		{"", llm.Media{}, false},
		{"/etc/passwd", llm.Media{}, false},
		{"../files/x", llm.Media{}, false},
		{"file:///etc/passwd", llm.Media{}, false},
		{"ftp://x", llm.Media{}, false},
		{"data:", llm.Media{}, false},
		{"data:image/png;base64,", llm.Media{}, false},
		{"data:image/svg+xml,<svg/>", llm.Media{}, false},
	}
	for _, row := range table {
		var m llm.Media
		err := wire.MediaURL(row.url, &m)
		if (err == nil) != row.ok || m != row.want {
			t.Errorf("%s: %+v, %v", row.url, m, err)
		}
	}
}

func TestFillMIME(t *testing.T) {
	for name, want := range map[string]string{
		"a.pdf": "application/pdf", "A.JPG": "image/jpeg", "x.tar.md": "text/markdown", "b.csv": "text/csv", "c.mp3": "audio/mp3",
		"d.mp4": "video/mp4", "e.json": "application/json", "f.html": "text/html", "g.xml": "text/xml", "h.txt": "text/plain", "i.bin": "", "": "",
	} {
		m := llm.Media{Name: name}
		if wire.FillMIME(&m); m.MIME != want {
			t.Errorf("%q: %q, want %q", name, m.MIME, want)
		}
	}
	for data, want := range map[string]string{
		"iVBORw0KGgoAAAA": "image/png", "/9j/4AAQ": "image/jpeg", "R0lGODlh": "image/gif", "SUQzBA": "audio/mp3", "ZkxhQw": "audio/flac",
		"T2dnUwAC": "audio/ogg", "UklGRiQIAABXRUJQVlA4IA==": "image/webp", "UklGRiQIAQJXQVZFZm10IA==": "audio/wav", "UklGRg==": "", "AAAA": "",
	} {
		m := llm.Media{Data: data}
		if wire.FillMIME(&m); m.MIME != want {
			t.Errorf("%q: %q, want %q", data, m.MIME, want)
		}
	}
}

func TestSplitImages(t *testing.T) {
	image := func(data string) llm.Part {
		return llm.Part{Kind: llm.KindMedia, Media: &llm.Media{MIME: "image/png", Data: data}}
	}
	text := llm.TextPart
	table := []struct {
		text string
		want []llm.Part
	}{
		{"no image", nil},
		{"![a](https://x/y.png)", nil},
		{"![a](data:image/png;base64,AA)", []llm.Part{image("AA")}},
		{"x ![a](data:image/png;base64,AA) y", []llm.Part{text("x "), image("AA"), text(" y")}},
		{"![a](data:image/png;base64,AA)\n\n![b](data:image/png;base64,BB)", []llm.Part{image("AA"), image("BB")}},
		{`![a](data:image/png;base64,AA "title")!`, []llm.Part{image("AA"), text("!")}},
		{"![a](data:image/png;base64,AA", nil},
		{"[link](data:image/png;base64,AA)", nil},
		{"![a](data:image/png,raw)", nil},
		{"![a\n](data:image/png;base64,AA)", nil},
		{"![see](data:image/png,raw) ![a](data:image/png;base64,AA)", []llm.Part{text("![see](data:image/png,raw) "), image("AA")}},
	}
	for _, row := range table {
		if d := cmp.Diff(row.want, wire.SplitImages(row.text)); d != "" {
			t.Errorf("%q:\n%s", row.text, d)
		}
	}
}

// What the encoders write, the decoders find again.
func TestMarkdownReturns(t *testing.T) {
	m := &llm.Media{MIME: "image/png", Data: "iVBORw0KGgo="}
	got := wire.SplitImages("before\n\n" + wire.MediaMarkdown(m) + "\n\nafter")
	if len(got) != 3 || *got[1].Media != *m {
		t.Errorf("%+v", got)
	}
	if got := wire.MediaMarkdown(&llm.Media{MIME: "video/mp4", URL: "https://x"}); got != "[video](https://x)" {
		t.Error(got)
	}
	if got := wire.CodeMarkdown(&llm.Code{Language: "go", Text: "a ``` b ```` c\n"}); got != "`````go\na ``` b ```` c\n`````" {
		t.Error(got)
	}
}

// The sequencer loses nothing, keeps the order within a part and never mixes
// two parts; the lowest open part is never held up.
func TestSequencer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s wire.Sequencer
		var in, out []llm.Event
		push := func(ev llm.Event) {
			in = append(in, ev)
			before := len(out)
			s.Push(ev, func(ev llm.Event) { out = append(out, ev) })
			lowest := true
			for _, other := range in[:len(in)-1] {
				if other.Kind == llm.EventPartOpen && other.Index < ev.Index && !closed(in, other.Index) {
					lowest = false
				}
			}
			if lowest && len(out) == before {
				t.Fatalf("part %d is the lowest, but was held up", ev.Index)
			}
		}
		var open []int
		next, parts := 0, rapid.IntRange(0, 8).Draw(t, "parts")
		for next < parts || len(open) > 0 {
			if next < parts && (len(open) == 0 || rapid.Bool().Draw(t, "open")) {
				push(llm.Event{Kind: llm.EventPartOpen, Index: next})
				open = append(open, next)
				next++
				continue
			}
			i := rapid.IntRange(0, len(open)-1).Draw(t, "which")
			if rapid.Bool().Draw(t, "more") {
				push(llm.Event{Kind: llm.EventDelta, Index: open[i], Text: fmt.Sprint(len(in))})
				continue
			}
			push(llm.Event{Kind: llm.EventPartClose, Index: open[i]})
			open = append(open[:i], open[i+1:]...)
		}
		if d := cmp.Diff(byPart(in, parts), out); d != "" {
			t.Fatalf("%s", d)
		}
	})
}

func closed(events []llm.Event, index int) bool {
	for _, ev := range events {
		if ev.Kind == llm.EventPartClose && ev.Index == index {
			return true
		}
	}
	return false
}

// byPart sorts events by part, each part's in its own order.
func byPart(events []llm.Event, parts int) (out []llm.Event) {
	for i := range parts {
		for _, ev := range events {
			if ev.Index == i {
				out = append(out, ev)
			}
		}
	}
	return out
}

func TestText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pieces := rapid.SliceOf(rapid.String()).Draw(t, "pieces")
		var text wire.Text
		for _, p := range pieces {
			text.Add(p)
		}
		if text.String() != strings.Join(pieces, "") {
			t.Fatalf("%q", text.String())
		}
	})
}
