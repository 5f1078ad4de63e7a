package sse_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"antigravity-tools/backend/sse"
)

// got is a Frame that outlives the call.
type got struct {
	Event, ID, Data, Bare string
	HasData               bool
	Comment, Unterminated bool
	Raw                   string
}

func keep(f sse.Frame) got {
	return got{f.Event, f.ID, string(f.Data), string(f.Bare), f.Data != nil, f.Comment, f.Unterminated, string(f.Raw)}
}

// readAll returns all frames and the error that ended them.
func readAll(r io.Reader, limit int) (out []got, err error) {
	s := sse.NewScanner(r, limit)
	defer s.Release()
	for {
		f, err := s.Next()
		if err != nil {
			return out, err
		}
		out = append(out, keep(f))
	}
}

func data(s, raw string) got { return got{Data: s, HasData: true, Raw: raw} }

func unterminated(g got) got { g.Unterminated = true; return g }

func TestScanner(t *testing.T) {
	long := strings.Repeat("x", 100_000)
	for in, want := range map[string][]got{
		"":                             nil,
		"data: a\n\ndata:b\n\n":        {data("a", "data: a\n\n"), data("b", "data:b\n\n")},
		"data: a\r\n\r\ndata:\r\n\r\n": {data("a", "data: a\r\n\r\n"), data("", "data:\r\n\r\n")},
		"data: a\r\rdata\r\r":          {data("a", "data: a\r\r"), data("", "data\r\r")},
		"event: e\nid: 7\nretry: 3\nother: x\ndata:  a\ndata:b\ndata\n\n": {
			{Event: "e", ID: "7", Data: " a\nb\n", HasData: true, Raw: "event: e\nid: 7\nretry: 3\nother: x\ndata:  a\ndata:b\ndata\n\n"}},
		"\xef\xbb\xbfdata: a\n\n\xef\xbb\xbfdata: b\n\n": {data("a", "\xef\xbb\xbfdata: a\n\n"), {Raw: "\xef\xbb\xbfdata: b\n\n"}},
		"\xef\xbb\xbf\n\ndata: a\n\n":                    {data("a", "\xef\xbb\xbf\n\ndata: a\n\n")},
		": ping\n\n:\n: x\ndata: a\n\n":                  {{Comment: true, Raw: ": ping\n\n"}, data("a", ":\n: x\ndata: a\n\n")},
		"\r\n\r\ndata: a\r\n\r\n\r\n\r\ndata: b\n\n\n": {
			data("a", "\r\n\r\ndata: a\r\n\r\n"), data("b", "\r\n\r\ndata: b\n\n"), {Raw: "\n"}},
		"data: a\r\r\ndata: b\r\r\n":     {data("a", "data: a\r\r"), data("b", "\ndata: b\r\r"), {Raw: "\n"}},
		"data: a\r\n\rdata: b\n\r\n":     {data("a", "data: a\r\n\r"), data("b", "data: b\n\r\n")},
		"data: a\n\ndata: [DONE]":        {data("a", "data: a\n\n"), unterminated(data("[DONE]", "data: [DONE]"))},
		"data: a\n":                      {unterminated(data("a", "data: a\n"))},
		"data: a\r\n":                    {unterminated(data("a", "data: a\r\n"))},
		"data: a\r\n\r":                  {data("a", "data: a\r\n\r")},
		"data":                           {unterminated(data("", "data"))},
		"\xef\xbb":                       {{Raw: "\xef\xbb"}},
		"{\"error\":{\"code\":500}}\n\n": {{Bare: `{"error":{"code":500}}`, Raw: "{\"error\":{\"code\":500}}\n\n"}},
		"{\n  \"error\": {}\n}\ndata: a\n\n[1]": {
			{Bare: "{\n  \"error\": {}\n}", Data: "a", HasData: true, Raw: "{\n  \"error\": {}\n}\ndata: a\n\n"},
			{Bare: "[1]", Raw: "[1]", Unterminated: true}},
		"data: a\n{\ndata: b\n}\n\n":                            {{Data: "a\nb", HasData: true, Bare: "{\n}", Raw: "data: a\n{\ndata: b\n}\n\n"}},
		"id: a\x00b\nevent: a\nevent: b\n\n":                    {{Event: "b", Raw: "id: a\x00b\nevent: a\nevent: b\n\n"}},
		"data: " + long + "\n\ndata: " + long + "\ndata: y\n\n": {data(long, "data: "+long+"\n\n"), data(long+"\ny", "data: "+long+"\ndata: y\n\n")},
	} {
		for name, r := range map[string]io.Reader{
			"whole": strings.NewReader(in), "bytes": iotest.OneByteReader(strings.NewReader(in)),
			"halves": iotest.HalfReader(strings.NewReader(in)), "with EOF": iotest.DataErrReader(strings.NewReader(in)),
		} {
			frames, err := readAll(r, 0)
			if d := cmp.Diff(want, frames); d != "" || err != io.EOF {
				t.Errorf("%.40q, %s: %v\n%.500s", in, name, err, d)
			}
		}
	}
}

// A frame must come out before its sender writes on.
func TestScannerDoesNotWait(t *testing.T) {
	for _, frame := range []string{"data: a\n\n", "data: a\r\n\r\n", "data: a\r\r", ": c\n\n", "\n\ndata: a\n\n"} {
		r, w := io.Pipe()
		s := sse.NewScanner(r, 0)
		for range 3 {
			sent := make(chan error, 1)
			go func() { _, err := w.Write([]byte(frame)); sent <- err }()
			// Nothing more is written until Next returns: waiting would deadlock.
			f, err := s.Next()
			if err != nil || string(f.Raw) != frame {
				t.Fatalf("%q: %q, %v", frame, f.Raw, err)
			}
			if err := <-sent; err != nil {
				t.Fatal(err)
			}
		}
		s.Release()
		_ = r.Close()
	}
}

func TestScannerErrors(t *testing.T) {
	boom := errors.New("boom")
	frames, err := readAll(io.MultiReader(strings.NewReader("data: a\n\ndata: b"), iotest.ErrReader(boom)), 0)
	if d := cmp.Diff([]got{data("a", "data: a\n\n")}, frames); d != "" || err != boom {
		t.Errorf("read error: %v\n%s", err, d)
	}
	frames, err = readAll(strings.NewReader("data: a\n\ndata: 45678\n\n"), 13)
	if len(frames) != 2 || err != io.EOF {
		t.Errorf("at the limit: %v, %v", frames, err)
	}
	for name, in := range map[string]string{"terminated": "data: a\n\ndata: 456789\n\n", "endless": "data: a\n\n" + strings.Repeat("z", 9999), "blank": "data: a\n\n" + strings.Repeat("\n", 20)} {
		for _, r := range []io.Reader{strings.NewReader(in), iotest.OneByteReader(strings.NewReader(in))} {
			if frames, err := readAll(r, 13); len(frames) != 1 || !errors.Is(err, sse.ErrFrameTooLarge) {
				t.Errorf("%s: %v, %v", name, frames, err)
			}
		}
	}
	if _, err := readAll(zeroReader{}, 0); err != io.ErrNoProgress {
		t.Errorf("a reader that reads nothing: %v", err)
	}
}

type zeroReader struct{}

func (zeroReader) Read([]byte) (int, error) { return 0, nil }

func TestScannerStaysFailed(t *testing.T) {
	s := sse.NewScanner(strings.NewReader("data: a\n\n"), 3)
	for range 3 {
		if _, err := s.Next(); !errors.Is(err, sse.ErrFrameTooLarge) {
			t.Fatal(err)
		}
	}
	s.Release()
	s.Release()
	if _, err := s.Next(); err == nil {
		t.Fatal("a released scanner still reads")
	}
}

// Large frames of tiny lines take time in proportion to their size, whatever ends
// the lines; were it the square, this would run for minutes.
func TestScannerIsLinear(t *testing.T) {
	for _, end := range []string{"\n", "\r", "\r\n"} {
		const n = 1 << 20
		in := strings.Repeat("data:"+end+"{"+end, n) + end
		frames, err := readAll(strings.NewReader(in), 0)
		if len(frames) != 1 || err != io.EOF || len(frames[0].Data) != n-1 || len(frames[0].Bare) != 2*n-1 {
			t.Errorf("%q: %d frames, %v", end, len(frames), err)
		}
	}
}

// loop repeats its text for ever.
type loop struct {
	text []byte
	at   int
}

func (l *loop) Read(p []byte) (int, error) {
	n := copy(p, l.text[l.at:])
	l.at = (l.at + n) % len(l.text)
	return n, nil
}

func TestScannerDoesNotAllocate(t *testing.T) {
	l := &loop{text: []byte("event: content_block_delta\ndata: {\"a\":1}\n\ndata: x\ndata: y\n\n: ping\n\n" + "data: " + strings.Repeat("b", 9000) + "\r\n\r\n")}
	s := sse.NewScanner(l, 0)
	defer s.Release()
	next := func() {
		if _, err := s.Next(); err != nil {
			t.Fatal(err)
		}
	}
	for range 100 {
		next()
	}
	if n := testing.AllocsPerRun(1000, next); n != 0 {
		t.Fatalf("%v allocations per frame", n)
	}
}

func TestWriter(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{string(sse.AppendEvent([]byte("x"), "e", []byte("{}"))), "xevent: e\ndata: {}\n\n"},
		{string(sse.AppendEvent(nil, "", []byte("a\nb\r\nc\rd\n"))), "data: a\ndata: b\ndata: c\ndata: d\ndata: \n\n"},
		{string(sse.AppendEvent(nil, "a\ndata: forged\r", nil)), "event: adata: forged\ndata: \n\n"},
		{string(sse.AppendData(nil, []byte("[DONE]"))), "data: [DONE]\n\n"},
		{string(sse.AppendDataCRLF(nil, []byte("{}"))), "data: {}\r\n\r\n"},
		{string(sse.AppendComment(nil, "ping\nx")), ": ping\n: x\n\n"},
		{string(sse.AppendComment(nil, "")), ": \n\n"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func BenchmarkScanner(b *testing.B) {
	for name, text := range map[string]string{
		"delta":    "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"Hello\"}}\n\n",
		"image5MB": "data: " + strings.Repeat("iVBORw0KGgo+", 5<<20/12) + "\r\n\r\n",
	} {
		b.Run(name, func(b *testing.B) {
			s := sse.NewScanner(&loop{text: []byte(text)}, 0)
			defer s.Release()
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				f, err := s.Next()
				if err != nil || len(f.Data) == 0 {
					b.Fatal(err)
				}
			}
		})
	}
}

func concat(frames []got) []byte {
	var all bytes.Buffer
	for _, f := range frames {
		all.WriteString(f.Raw)
	}
	return all.Bytes()
}
