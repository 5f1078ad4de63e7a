package rawjson_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"antigravity-tools/backend/rawjson"
)

func TestCheck(t *testing.T) {
	good := []string{
		`0`, `-0`, `1.5e-3`, `1E+2`, `""`, ` null `, "\t[\r\n]", `{}`, `{"a":[1,{"b":"c"}],"a":true}`,
		`"\ud800"`, `"\udc00\ud800"`, `"\"\\\/\b\f\n\r\tÿ"`, `"žluťoučký 漢字 😀 padding padding"`, "\"\u2028\x7f\"",
	}
	for _, s := range good {
		if err := rawjson.Check([]byte(s), 10); err != nil {
			t.Errorf("Check(%q) = %v", s, err)
		}
	}
	bad := []struct {
		in     string
		offset int
	}{
		{``, 0}, {"  \n", 3}, {`{`, 1}, {`[1,]`, 3}, {`{"a":1,}`, 7}, {`{"a" 1}`, 5}, {`{a:1}`, 1}, {`[1 2]`, 3},
		{`01`, 1}, {`-`, 1}, {`1.`, 2}, {`1e`, 2}, {`.5`, 0}, {`+1`, 0}, {`1 1`, 2}, {`[]]`, 2}, {`tru`, 3}, {`trux`, 3},
		{`"abc`, 4}, {`"\x"`, 1}, {`"\u12g4"`, 1}, {"\"a\nb\"", 2}, {"\"abcdefgh\x01\"", 9}, {"\"\xff\"", 1},
		{"\"\xed\xa0\x80\"", 1}, {"\ufeff{}", 0}, {`[}`, 1}, {`{"a":1]`, 6}, {"1\x00", 1}, {`nul`, 3}, {`NaN`, 0}, {`'a'`, 0},
	}
	for _, c := range bad {
		err := rawjson.Check([]byte(c.in), 10)
		var syntax *rawjson.SyntaxError
		if !errors.As(err, &syntax) {
			t.Errorf("Check(%q) = %v, want a SyntaxError", c.in, err)
			continue
		}
		if syntax.Offset != c.offset || errors.Is(err, rawjson.ErrTooDeep) {
			t.Errorf("Check(%q) = %v, want it at %d", c.in, err, c.offset)
		}
	}
	if err := rawjson.Check(nil, 10); !strings.Contains(err.Error(), "empty") {
		t.Errorf("empty input: %v", err)
	}
}

func TestCheckDepth(t *testing.T) {
	nested := func(n int) []byte { return []byte(strings.Repeat(`[`, n) + strings.Repeat(`]`, n)) }
	for n, limit := range map[int]int{0: 0, 1: 1, 64: 64, 10000: 1 << 30} {
		text := nested(n)
		if n == 0 {
			text = []byte("1")
		}
		if err := rawjson.Check(text, limit); err != nil {
			t.Errorf("depth %d, limit %d: %v", n, limit, err)
		}
		if err := rawjson.Check(nested(n+1), limit); !errors.Is(err, rawjson.ErrTooDeep) {
			t.Errorf("depth %d, limit %d: %v", n+1, limit, err)
		}
	}
	if err := rawjson.Check([]byte(strings.Repeat(`{"a":`, 1<<20)), 200); !errors.Is(err, rawjson.ErrTooDeep) {
		t.Error(err)
	}
}

func seed(f *testing.F) {
	for _, s := range []string{
		`{"model":"m","n":[1,2.50,{"x":null}],"s":"a\"b\\é😀"}`, ` { "a" : 1 , "a" : [ ] } `, `"\ud800"`, `{"a":`,
		`[1,2`, `{"\u0061":"\\\""}`, "\"\xff\"", ``, `-0.0e+1`, `{"a":{"b":{"c":0}}}`, `[[[[]]]]`, `"abcdefgh\u0000"`, `{"a"}`, `{"":""}`, `[}`,
	} {
		f.Add([]byte(s))
	}
}

// FuzzCheck: Check accepts what json.Valid accepts, but for UTF-8 and depth.
func FuzzCheck(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		got := rawjson.Check(data, 200)
		if errors.Is(got, rawjson.ErrTooDeep) {
			return
		}
		if want := json.Valid(data) && utf8.Valid(data); want != (got == nil) {
			t.Fatalf("Check = %v, want valid %v", got, want)
		}
	})
}
