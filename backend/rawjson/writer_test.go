package rawjson_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"antigravity-tools/backend/rawjson"
)

func build(w *rawjson.Writer) {
	w.Obj()
	w.StrField("s", "a\"b")
	w.Key("o")
	w.Obj()
	w.End()
	w.Key("a")
	w.Arr()
	w.Int(-1)
	w.Bool(false)
	w.Null()
	w.Str("")
	w.Arr()
	w.EndArr()
	w.Obj()
	w.IntField("n", 7)
	w.BoolField("b", true)
	w.End()
	w.Raw([]byte("[1]"))
	w.EndArr()
	w.RawField("r", []byte(`{"x":1.0}`))
	w.RawField("none", nil)
	w.End()
}

const built = `{"s":"a\"b","o":{},"a":[-1,false,null,"",[],{"n":7,"b":true},[1]],"r":{"x":1.0},"none":null}`

func TestWriter(t *testing.T) {
	w := rawjson.NewWriter(16)
	for range 2 {
		build(w)
		if got := string(w.Bytes()); got != built || w.Len() != len(built) {
			t.Fatal(got)
		}
		w.Reset()
	}
	w = rawjson.AppendTo([]byte("data: "))
	w.Grow(1000)
	build(w)
	if got := string(w.Bytes()); got != "data: "+built {
		t.Fatal(got)
	}
}

func TestWriterAllocatesOnlyItsBuffer(t *testing.T) {
	w := rawjson.NewWriter(1024)
	if n := testing.AllocsPerRun(100, func() { w.Reset(); build(w) }); n != 0 {
		t.Fatalf("%v allocations", n)
	}
}

func TestAppendString(t *testing.T) {
	for in, want := range map[string]string{
		"": `""`, "<a href='x'>&/": `"<a href='x'>&/"`, "\x00\x1f\x7f": "\"\\u0000\\u001f\x7f\"", "\b\f\n\r\t\"\\": `"\b\f\n\r\t\"\\"`,
		"\u2028\u2029é😀\ufffd": "\"\u2028\u2029é😀\ufffd\"", "a\xffb\xc3": `"a\ufffdb\ufffd"`, "\xed\xa0\x80": `"\ufffd\ufffd\ufffd"`, "12345678\n": `"12345678\n"`,
	} {
		if got := string(rawjson.AppendString(nil, in)); got != want {
			t.Errorf("AppendString(%q) = %s, want %s", in, got, want)
		}
	}
	if got := string(rawjson.AppendKey([]byte("{"), "k\"")); got != `{"k\"":` {
		t.Error(got)
	}
}

func checkRoundTrip(t interface{ Fatalf(string, ...any) }, s string) {
	quoted := rawjson.AppendString(nil, s)
	if err := rawjson.Check(quoted, 0); err != nil {
		t.Fatalf("%q: %v", quoted, err)
	}
	var std string
	if err := json.Unmarshal(quoted, &std); err != nil {
		t.Fatalf("%q: %v", quoted, err)
	}
	got, err := rawjson.String(quoted)
	if err != nil || got != std || utf8.ValidString(s) && got != s {
		t.Fatalf("%q comes back as %q (%v), encoding/json says %q", s, got, err, std)
	}
}

func TestStringRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		checkRoundTrip(t, rapid.String().Draw(t, "s"))
		checkRoundTrip(t, string(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")))
	})
}

func TestStrOf(t *testing.T) {
	var pieces, whole rawjson.Writer
	for _, w := range []*rawjson.Writer{&pieces, &whole} {
		w.Arr()
	}
	pieces.StrOf("data:", "image/png", `;"\`, "")
	pieces.StrOf()
	whole.Str(`data:image/png;"\`)
	whole.Str("")
	if string(pieces.Bytes()) != string(whole.Bytes()) {
		t.Errorf("%s, not %s", pieces.Bytes(), whole.Bytes())
	}
}

func FuzzStringRoundTrip(f *testing.F) {
	f.Add("a\"\\\x00\xff\u2028😀")
	f.Add(strings.Repeat("0123456789", 10) + "\n")
	f.Fuzz(func(t *testing.T, s string) { checkRoundTrip(t, s) })
}
