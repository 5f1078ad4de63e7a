package rawjson_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"testing"
	"unsafe"

	"github.com/google/go-cmp/cmp"

	"antigravity-tools/backend/rawjson"
)

type pair struct{ Key, Value string }

func members(obj string) (out []pair) {
	for k, v := range rawjson.Members([]byte(obj)) {
		out = append(out, pair{k, string(v)})
	}
	return out
}

func items(arr string) (out []string) {
	for v := range rawjson.Items([]byte(arr)) {
		out = append(out, string(v))
	}
	return out
}

func TestMembers(t *testing.T) {
	for in, want := range map[string][]pair{
		`{}`: nil, ` `: nil, `[1]`: nil, `{"a":1`: {{"a", "1"}}, `{"a":`: nil, `{"a"`: nil,
		` { "a" : 1 ,"b":[ 1, "]" ] , "c" : "}" } `:      {{"a", "1"}, {"b", `[ 1, "]" ]`}, {"c", `"}"`}},
		`{"\u0061\n":{"x":{}},"a\"b":-1.50,"a\"b":null}`: {{"a\n", `{"x":{}}`}, {`a"b`, "-1.50"}, {`a"b`, "null"}},
		`{"a":"\\","b":"\\\"","c":true}`:                 {{"a", `"\\"`}, {"b", `"\\\""`}, {"c", "true"}},
	} {
		if d := cmp.Diff(want, members(in)); d != "" {
			t.Errorf("Members(%s):\n%s", in, d)
		}
	}
}

func TestItems(t *testing.T) {
	for in, want := range map[string][]string{
		`[]`: nil, `{"a":1}`: nil, `[ 1 , "a,]" ,[2,3], {"b":[]} ,null]`: {"1", `"a,]"`, "[2,3]", `{"b":[]}`, "null"}, `[1,`: {"1"}, `[,1]`: nil,
	} {
		if d := cmp.Diff(want, items(in)); d != "" {
			t.Errorf("Items(%s):\n%s", in, d)
		}
	}
}

func TestWalksStopOnRequest(t *testing.T) {
	n := 0
	for range rawjson.Members([]byte(`{"a":1,"b":2}`)) {
		n++
		break
	}
	for range rawjson.Items([]byte(`[1,2]`)) {
		n++
		break
	}
	if n != 2 {
		t.Fatal(n)
	}
}

func TestGet(t *testing.T) {
	const obj = ` {"a":1,"b":{"c":[1, 2],"d\u0041":"x"},"a":2,"n":null, "b2":{}} `
	for _, c := range []struct {
		path []string
		want string
	}{
		{[]string{"a"}, "2"}, {[]string{"b", "c"}, "[1, 2]"}, {[]string{"b", "dA"}, `"x"`}, {[]string{"n"}, "null"},
		{[]string{"z"}, ""}, {[]string{"a", "b"}, ""}, {[]string{"b2", "a"}, ""}, {nil, obj[1 : len(obj)-1]},
	} {
		got, ok := rawjson.Get([]byte(obj), c.path...)
		if string(got) != c.want || ok != (c.want != "") {
			t.Errorf("Get(%v) = %q, %v", c.path, got, ok)
		}
	}
	if _, ok := rawjson.Get(nil); ok {
		t.Error("nothing holds something")
	}
}

// A value that aliases its text must not let an append run into its neighbour.
func TestViewsAreClipped(t *testing.T) {
	obj := []byte(`{"a":[1],"b":2}`)
	v, _ := rawjson.Get(obj, "a")
	_ = append(v, 'X')
	for _, v := range rawjson.Members(obj) {
		_ = append(v, 'X')
	}
	for v := range rawjson.Items([]byte(`[1,2]`)) {
		_ = append(v, 'X')
	}
	if string(obj) != `{"a":[1],"b":2}` {
		t.Fatalf("%s", obj)
	}
}

func TestString(t *testing.T) {
	for in, want := range map[string]string{
		`""`: "", ` "abc" `: "abc", `"a\/b\"\\\b\f\n\r\t"`: "a/b\"\\\b\f\n\r\t", `"\u00e9\u6F22"`: "é漢", `"\ud83d\ude00!"`: "😀!",
		`"\ud83d"`: "\ufffd", `"\ude00\ud83d"`: "\ufffd\ufffd", `"\ud83d\u0041"`: "\ufffdA", `"\ud83d\ud83d\ude00"`: "\ufffd😀", `"é\n"`: "é\n",
	} {
		got, err := rawjson.String([]byte(in))
		if err != nil || got != want {
			t.Errorf("String(%s) = %q, %v; want %q", in, got, err, want)
		}
	}
	for _, in := range []string{``, `"`, `abc`, `"a`, `"a"b"`, `"a\"`, `"\u12"`, `"\x"`, `"\n"b"`, `"b"\n"`} {
		if got, err := rawjson.String([]byte(in)); err == nil {
			t.Errorf("String(%s) = %q, want an error", in, got)
		}
	}
	var kind *rawjson.KindError
	if _, err := rawjson.String([]byte(`[1]`)); !errors.As(err, &kind) || kind.Have != rawjson.KindArray {
		t.Errorf("String of an array: %v", err)
	}
}

func TestStringAliases(t *testing.T) {
	raw := []byte(`"abc"`)
	s, err := rawjson.String(raw)
	if err != nil || unsafe.StringData(s) != &raw[1] {
		t.Fatal("the text was copied")
	}
}

func TestInt(t *testing.T) {
	for in, want := range map[string]int64{
		"0": 0, "-0": 0, "-0.0e5": 0, "3.0": 3, "1e3": 1000, "1E+3": 1000, "1.50e1": 15, "1000e-3": 1, " 7 ": 7, "0.003e3": 3,
		"9223372036854775807": math.MaxInt64, "-9223372036854775808": math.MinInt64, "0e99999999999999999999": 0, "-12": -12, "1.000": 1, "10.0": 10,
	} {
		if got, err := rawjson.Int([]byte(in)); err != nil || got != want {
			t.Errorf("Int(%s) = %d, %v", in, got, err)
		}
	}
	for _, in := range []string{"0.5", "1e-1", "9223372036854775808", "-9223372036854775809", "1e19", "1e99999999999999999999", "1e-99999999999999999999", "18446744073709551616", "99999999999999999999999"} {
		if got, err := rawjson.Int([]byte(in)); !errors.Is(err, rawjson.ErrNotInteger) {
			t.Errorf("Int(%s) = %d, %v", in, got, err)
		}
	}
	for _, in := range []string{"", `"1"`, "1.", "1x", "-", "true", "01", "+1"} {
		if got, err := rawjson.Int([]byte(in)); err == nil || errors.Is(err, rawjson.ErrNotInteger) {
			t.Errorf("Int(%s) = %d, %v", in, got, err)
		}
	}
}

func TestKindsAndLiterals(t *testing.T) {
	for in, want := range map[string]rawjson.Kind{
		"": rawjson.KindInvalid, " x": rawjson.KindInvalid, " null": rawjson.KindNull, "true": rawjson.KindBool, "-1": rawjson.KindNumber,
		"0": rawjson.KindNumber, `"a"`: rawjson.KindString, "\n[": rawjson.KindArray, "{}": rawjson.KindObject,
	} {
		if got := rawjson.KindOf([]byte(in)); got != want {
			t.Errorf("KindOf(%q) = %v, want %v", in, got, want)
		}
	}
	for in, want := range map[string]bool{" true ": true, "false": false} {
		if got, err := rawjson.Bool([]byte(in)); err != nil || got != want {
			t.Errorf("Bool(%q) = %v, %v", in, got, err)
		}
	}
	for _, in := range []string{"", "tru", "1", `"true"`} {
		if _, err := rawjson.Bool([]byte(in)); err == nil {
			t.Errorf("Bool(%q) gives no error", in)
		}
	}
	if !rawjson.IsNull([]byte(" null\n")) || rawjson.IsNull([]byte("nul")) || rawjson.IsNull(nil) {
		t.Error("IsNull")
	}
}

// An error tells kinds, never content.
func TestKindErrorText(t *testing.T) {
	for in, want := range map[string]string{
		`"key"`: "string", `[1]`: "array", `{"key":1}`: "object", `7`: "number", `null`: "null", `key`: "invalid",
	} {
		_, err := rawjson.Bool([]byte(in))
		if err == nil || err.Error() != "expected a boolean, but got "+want {
			t.Errorf("Bool(%s): %v", in, err)
		}
	}
	if _, err := rawjson.Int([]byte("true")); err == nil || err.Error() != "expected a number, but got boolean" {
		t.Error(err)
	}
}

// FuzzRead: on valid JSON every walk agrees with encoding/json; on garbage nothing
// panics and nothing is changed.
func FuzzRead(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		before := bytes.Clone(data)
		valid := rawjson.Check(data, 200) == nil
		visit(t, data, valid, 0)
		if got, err := rawjson.Int(data); err == nil && valid {
			var n json.Number
			if json.Unmarshal(data, &n) != nil {
				t.Fatalf("Int = %d of no number", got)
			}
		}
		_, _ = rawjson.Bool(data)
		rawjson.Equal(data, data)
		if valid && !rawjson.Equal(data, rawjson.Compact(nil, data)) {
			t.Fatal("Compact changes the value")
		}
		if !bytes.Equal(before, data) {
			t.Fatal("the input was changed")
		}
	})
}

func visit(t *testing.T, data []byte, valid bool, depth int) {
	if depth > 50 {
		return
	}
	var obj map[string]json.RawMessage
	isObj := valid && rawjson.KindOf(data) == rawjson.KindObject && json.Unmarshal(data, &obj) == nil
	seen := map[string][]byte{}
	for k, v := range rawjson.Members(data) {
		seen[k] = v
		visit(t, v, valid, depth+1)
	}
	if isObj && len(seen) != len(obj) {
		t.Fatalf("%d members, want %d", len(seen), len(obj))
	}
	for k, want := range obj {
		got, ok := rawjson.Get(data, k)
		if isObj && (!ok || !bytes.Equal(got, want) || !bytes.Equal(seen[k], want)) {
			t.Fatalf("member %q = %s, want %s", k, got, want)
		}
	}
	visitArray(t, data, valid, depth)
	s, err := rawjson.String(data)
	if valid && rawjson.KindOf(data) == rawjson.KindString {
		var want string
		if json.Unmarshal(data, &want) != nil || err != nil || s != want {
			t.Fatalf("String = %q, %v; want %q", s, err, want)
		}
	}
}

func visitArray(t *testing.T, data []byte, valid bool, depth int) {
	var arr []json.RawMessage
	isArr := valid && rawjson.KindOf(data) == rawjson.KindArray && json.Unmarshal(data, &arr) == nil
	n := 0
	for v := range rawjson.Items(data) {
		if isArr && !bytes.Equal(v, arr[n]) {
			t.Fatalf("item %d = %s, want %s", n, v, arr[n])
		}
		n++
		visit(t, v, valid, depth+1)
	}
	if isArr && n != len(arr) {
		t.Fatalf("%d items, want %d", n, len(arr))
	}
}
