package sse_test

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"antigravity-tools/backend/sse"
)

// chunks reads its text in pieces of given lengths, the last one repeated.
type chunks struct {
	text  []byte
	sizes []int
}

func (c *chunks) Read(p []byte) (int, error) {
	if len(c.text) == 0 {
		return 0, io.EOF
	}
	n := min(c.sizes[0], len(p), len(c.text))
	if len(c.sizes) > 1 {
		c.sizes = c.sizes[1:]
	}
	copy(p, c.text[:n])
	c.text = c.text[n:]
	return n, nil
}

// The frames do not depend on how the stream is cut, and their Raw is the stream.
func TestChunkLaw(t *testing.T) {
	piece := rapid.SampledFrom([]string{
		"\n", "\n", "\r\n", "\r\n", "\r", "data: a", "data:", "data", "event: e", "id: 1", ": c", "{\"a\":", "}", "é", "\xef\xbb\xbf", ":", "plain",
		strings.Repeat("long ", 1000),
	})
	rapid.Check(t, func(t *rapid.T) {
		text := []byte(strings.Join(rapid.SliceOfN(piece, 0, 40).Draw(t, "pieces"), ""))
		sizes := rapid.SliceOfN(rapid.IntRange(1, 5000), 1, 20).Draw(t, "sizes")
		checkLaw(t, text, sizes)
	})
}

func checkLaw(t interface{ Fatalf(string, ...any) }, text []byte, sizes []int) {
	whole, err := readAll(bytes.NewReader(text), 0)
	if err != io.EOF {
		t.Fatalf("%v", err)
	}
	if all := concat(whole); !bytes.Equal(all, text) {
		t.Fatalf("the frames make %q, not %q", all, text)
	}
	cut, err := readAll(&chunks{bytes.Clone(text), sizes}, 0)
	if d := cmp.Diff(whole, cut); d != "" || err != io.EOF {
		t.Fatalf("chunks %v: %v\n%s", sizes, err, d)
	}
	single, err := readAll(iotest.OneByteReader(bytes.NewReader(text)), 0)
	if d := cmp.Diff(whole, single); d != "" || err != io.EOF {
		t.Fatalf("byte by byte: %v\n%s", err, d)
	}
}

// reference follows the text of the standard, on a whole stream, and returns the
// event names and data of the events.
func reference(text string) (out [][2]string) {
	text = strings.TrimPrefix(text, "\xef\xbb\xbf")
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	event, buf, has := "", "", false
	for line := range strings.SplitSeq(text+"\n\n", "\n") {
		name, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch {
		case line == "":
			if has {
				out = append(out, [2]string{event, strings.TrimSuffix(buf, "\n")})
			}
			event, buf, has = "", "", false
		case name == "event":
			event = value
		case name == "data":
			buf, has = buf+value+"\n", true
		}
	}
	return out
}

func FuzzScanner(f *testing.F) {
	for _, s := range []string{
		"event: a\ndata: {}\n\n: c\r\n\r\ndata: x\rdata: y\r\r\n", "\xef\xbb\xbfdata: a", "{\"error\":1}\n\n\n", "data\n\n\r\r\n\n", "data: a\n\r\n\r",
	} {
		f.Add([]byte(s), 3)
	}
	f.Fuzz(func(t *testing.T, text []byte, size int) {
		checkLaw(t, text, []int{max(size%97, 1)})
		frames, _ := readAll(bytes.NewReader(text), 0)
		var events [][2]string
		for _, fr := range frames {
			if fr.HasData {
				events = append(events, [2]string{fr.Event, fr.Data})
			}
		}
		if d := cmp.Diff(reference(string(text)), events); d != "" {
			t.Fatalf("differs from the standard on %q:\n%s", text, d)
		}
	})
}

// What is written is read back.
func FuzzWriter(f *testing.F) {
	f.Add("delta", []byte("{\"a\":1}\r\nb\rc\n"))
	f.Add("", []byte(nil))
	f.Fuzz(func(t *testing.T, event string, text []byte) {
		want := strings.ReplaceAll(strings.ReplaceAll(string(text), "\r\n", "\n"), "\r", "\n")
		name := strings.NewReplacer("\r", "", "\n", "").Replace(event)
		stream := sse.AppendComment(sse.AppendEvent(nil, event, text), event)
		stream = sse.AppendDataCRLF(stream, text)
		frames, _ := readAll(bytes.NewReader(stream), 0)
		if len(frames) != 3 || !frames[1].Comment {
			t.Fatalf("%q is read as %+v", stream, frames)
		}
		if a, b := frames[0], frames[2]; a.Event != name || a.Data != want || b.Data != want || b.Event != "" || a.Unterminated || b.Unterminated {
			t.Fatalf("%q is read as %+v", stream, frames)
		}
	})
}
