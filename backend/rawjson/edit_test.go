package rawjson_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"antigravity-tools/backend/rawjson"
)

func TestSet(t *testing.T) {
	for _, c := range []struct{ in, path, want string }{
		{`{}`, "a", `{"a":9}`},
		{` { } `, "a", ` {"a":9 } `},
		{`{ "a" : 1 , "b":2.50 }`, "a", `{ "a" : 9 , "b":2.50 }`},
		{`{ "b": 1 }`, "a", `{ "b": 1,"a":9 }`},
		{`{"a":1,"a":2}`, "a", `{"a":1,"a":9}`},
		{`{"a":{"b":[1, 2]},"c":3}`, "a.b", `{"a":{"b":9},"c":3}`},
		{`{"a":{},"c":3}`, "a.b.c", `{"a":{"b":{"c":9}},"c":3}`},
		{`{"x":1}`, "a.b.c", `{"x":1,"a":{"b":{"c":9}}}`},
		{`{"a": null ,"c":3}`, "a.b", `{"a": {"b":9} ,"c":3}`},
		{`{"a":null}`, "a", `{"a":9}`},
		{`{"a":null}`, "a.b.c", `{"a":{"b":{"c":9}}}`},
		{`{"\u0061":1}`, "a", `{"\u0061":9}`},
		{` [1] `, "", ` 9`},
	} {
		in := []byte(c.in)
		var path []string
		if c.path != "" {
			path = strings.Split(c.path, ".")
		}
		got, err := rawjson.Set(in, []byte("9"), path...)
		if err != nil || string(got) != c.want || string(in) != c.in {
			t.Errorf("Set(%s, %s) = %s, %v; want %s", c.in, c.path, got, err, c.want)
		}
	}
	for _, c := range [][]string{{`[]`, "a"}, {``, "a"}, {`{"a":1}`, "a", "b"}, {`{"a":1`, "b"}, {`{"a":1,}`, "b"}, {`null`, "a"}} {
		if got, err := rawjson.Set([]byte(c[0]), []byte("9"), c[1:]...); err == nil {
			t.Errorf("Set(%s, %v) = %s, want an error", c[0], c[1:], got)
		}
	}
}

func TestDelete(t *testing.T) {
	for _, c := range []struct{ in, path, want string }{
		{`{"a":1}`, "a", `{}`},
		{`{ "a":1 }`, "a", `{ }`},
		{`{"a":1, "b":2, "c":3}`, "a", `{"b":2, "c":3}`},
		{`{"a":1, "b":2 , "c":3}`, "b", `{"a":1 , "c":3}`},
		{`{"a":1, "b":2 }`, "b", `{"a":1 }`},
		{`{"x":0, "a":1,"a":{},"y":[1, 2], "a":3}`, "a", `{"x":0,"y":[1, 2]}`},
		{`{"b":{"a":1,"c":2},"d":3}`, "b.a", `{"b":{"c":2},"d":3}`},
		{`{"b":2}`, "a", `{"b":2}`},
		{`{"b":null}`, "b.a", `{"b":null}`},
		{`{"b":2}`, "x.y.z", `{"b":2}`},
		{`{"\u0061":1,"b":2}`, "a", `{"b":2}`},
	} {
		in := []byte(c.in)
		got, err := rawjson.Delete(in, strings.Split(c.path, ".")...)
		if err != nil || string(got) != c.want || string(in) != c.in {
			t.Errorf("Delete(%s, %s) = %s, %v; want %s", c.in, c.path, got, err, c.want)
		}
	}
	for _, c := range [][]string{{`[]`, "a"}, {``, "a"}, {`{"a":1}`, "a", "b"}, {`{}`}} {
		if _, err := rawjson.Delete([]byte(c[0]), c[1:]...); !errors.Is(err, rawjson.ErrNotObject) {
			t.Errorf("Delete(%s, %v): %v", c[0], c[1:], err)
		}
	}
}

func TestEditItems(t *testing.T) {
	for in, want := range map[string]string{
		`{"a":1, "l":[1, 2,3] ,"b":"x"}`: `{"a":1, "l":[1,9] ,"b":"x"}`,
		`{"l":[1, 1]}`:                   `{"l":[1, 1]}`,
		`{"l":[3]}`:                      `{"l":[]}`,
		`{"l":{"x":2}}`:                  `{"l":{"x":2}}`,
		`{"x":[2]}`:                      `{"x":[2]}`,
		`[2]`:                            `[2]`,
	} {
		seen := 0
		got := rawjson.EditItems([]byte(in), func(i int, item []byte) []byte {
			if i != seen {
				t.Errorf("%s: item %d is called %d", in, seen, i)
			}
			seen++
			switch string(item) {
			case "2":
				return []byte("9")
			case "3":
				return nil
			}
			return item
		}, "l")
		if string(got) != want {
			t.Errorf("%s became %s, want %s", in, got, want)
		}
	}
}

func TestRest(t *testing.T) {
	known := func(k string) bool { return k == "model" || k == "é" }
	in := []byte(`{ "model":"m", "x" : 1.0, "\u00e9":2, "y\n":[ 1 ] }`)
	rest := rawjson.Rest(in, known)
	if string(rest) != `{"x":1.0,"y\n":[ 1 ]}` {
		t.Fatalf("%s", rest)
	}
	if got := rawjson.Rest([]byte(`{"model":1}`), known); got != nil {
		t.Fatalf("%s", got)
	}
	var w rawjson.Writer
	w.Obj()
	rawjson.AppendRest(&w, nil)
	w.StrField("model", "n")
	rawjson.AppendRest(&w, rest)
	w.BoolField("last", true)
	w.End()
	if got := string(w.Bytes()); got != `{"model":"n","x":1.0,"y\n":[ 1 ],"last":true}` {
		t.Fatal(got)
	}
}

func TestCompactAndEqual(t *testing.T) {
	if got := string(rawjson.Compact([]byte("x"), []byte(" { \"a b\" : [ 1.0 ,\n\"\\\" \" ] } "))); got != `x{"a b":[1.0,"\" "]}` {
		t.Error(got)
	}
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{`{"a":1,"b":[1,2]}`, ` {"b": [1, 2], "\u0061":1}`, true}, {`1`, `1.0`, false}, {`"\u0061"`, `"a"`, true}, {`[1,2]`, `[2,1]`, false},
		{`{"a":1}`, `{"a":1,"b":2}`, false}, {`{"a":1,"b":2}`, `{"a":1}`, false}, {`[]`, `{}`, false}, {`{"a":1,"a":2}`, `{"a":2}`, true}, {`[1]`, `[1,2]`, false},
		{`null`, `null `, true}, {`true`, `false`, false}, {``, ` `, true}, {`{"a":{"b":1}}`, `{"a":{"b":2}}`, false},
	} {
		if got := rawjson.Equal([]byte(c.a), []byte(c.b)); got != c.want {
			t.Errorf("Equal(%s, %s) = %v", c.a, c.b, got)
		}
	}
}

// drawJSON draws a JSON text with all that is allowed: white space, odd literals,
// escapes, duplicates.
func drawJSON(t *rapid.T, depth int) string {
	space := func() string { return rapid.SampledFrom([]string{"", "", "", " ", "\n\t", "\r\n  "}).Draw(t, "space") }
	kinds := 4
	if depth > 0 {
		kinds = 6
	}
	switch rapid.IntRange(0, kinds-1).Draw(t, "kind") {
	case 0:
		return space() + rapid.SampledFrom([]string{"null", "true", "false"}).Draw(t, "literal") + space()
	case 1:
		return space() + rapid.SampledFrom([]string{"0", "-0.0", "1e400", "12345678901234567890123", "1.50", "2E-3"}).Draw(t, "number") + space()
	case 2, 3:
		return space() + drawString(t) + space()
	case 4:
		var out []string
		for range rapid.IntRange(0, 4).Draw(t, "items") {
			out = append(out, drawJSON(t, depth-1))
		}
		return space() + "[" + strings.Join(out, ",") + space() + "]" + space()
	}
	return drawObject(t, depth, space)
}

func drawObject(t *rapid.T, depth int, space func() string) string {
	var out []string
	for range rapid.IntRange(0, 5).Draw(t, "members") {
		key := rapid.SampledFrom([]string{`"a"`, `"b"`, `"c"`, `"\u0061"`, `"\"é\n"`, `""`}).Draw(t, "key")
		out = append(out, space()+key+space()+":"+drawJSON(t, depth-1))
	}
	return space() + "{" + strings.Join(out, ",") + space() + "}" + space()
}

func drawString(t *rapid.T) string {
	var b strings.Builder
	for range rapid.IntRange(0, 6).Draw(t, "pieces") {
		b.WriteString(rapid.SampledFrom([]string{
			"plain text longer than a word", "x", `\"`, `\\`, `\/`, `\n`, `A`, `\ud83d\ude00`, `\ud800`, "é", "漢字", "😀", "{", "]", ",", ":", " ",
		}).Draw(t, "piece"))
	}
	return `"` + b.String() + `"`
}

// Set, Get and Delete keep their laws: what was set is got, what was deleted is
// gone, and everything else keeps its bytes.
func TestEditLaws(t *testing.T) {
	space := func() string { return "" }
	rapid.Check(t, func(t *rapid.T) {
		obj := []byte(drawObject(t, 3, space))
		value := []byte(strings.TrimSpace(drawJSON(t, 1)))
		path := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c", "\"é\n", "", "new"}), 1, 3).Draw(t, "path")
		before := bytes.Clone(obj)
		set, err := rawjson.Set(obj, value, path...)
		if !bytes.Equal(obj, before) {
			t.Fatal("Set changed its input")
		}
		if err != nil {
			if _, ok := rawjson.Get(obj, path...); ok {
				t.Fatalf("Set fails where Get does not: %v", err)
			}
			return
		}
		if err := rawjson.Check(set, 100); err != nil {
			t.Fatalf("Set breaks the text: %v: %s", err, set)
		}
		if got, ok := rawjson.Get(set, path...); !ok || !bytes.Equal(got, value) {
			t.Fatalf("Get after Set = %s, %v in %s", got, ok, set)
		}
		sameElsewhere(t, obj, set, path[0])
		deleted, err := rawjson.Delete(set, path...)
		if err != nil {
			t.Fatal(err)
		}
		if err := rawjson.Check(deleted, 100); err != nil {
			t.Fatalf("Delete breaks the text: %v: %s", err, deleted)
		}
		if _, ok := rawjson.Get(deleted, path...); ok {
			t.Fatalf("still there: %s", deleted)
		}
		sameElsewhere(t, obj, deleted, path[0])
		if old, ok := rawjson.Get(obj, path...); ok {
			back, err := rawjson.Set(set, old, path...)
			if err != nil || !bytes.Equal(back, obj) {
				t.Fatalf("setting the old value back gives %s, want %s", back, obj)
			}
		}
	})
}

// sameElsewhere compares the members with other keys, duplicates and order
// included.
func sameElsewhere(t *rapid.T, a, b []byte, key string) {
	known := func(k string) bool { return k == key }
	if x, y := rawjson.Rest(a, known), rawjson.Rest(b, known); !bytes.Equal(x, y) {
		t.Fatalf("other members differ: %s and %s", x, y)
	}
}

// Whatever is drawn is valid, equal to itself compacted, and to what encoding/json
// makes of it.
func TestDrawnJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := []byte(drawJSON(t, 3))
		if err := rawjson.Check(text, 10); err != nil {
			t.Fatal(err)
		}
		compact := rawjson.Compact(nil, text)
		var want bytes.Buffer
		if err := json.Compact(&want, text); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(compact, want.Bytes()) || !rawjson.Equal(text, compact) {
			t.Fatalf("Compact = %s, want %s", compact, want.Bytes())
		}
		// No prefix of a container or string is valid.
		if c := compact[0]; c == '{' || c == '[' || c == '"' {
			cut := rapid.IntRange(0, len(compact)-1).Draw(t, "cut")
			if rawjson.Check(compact[:cut], 10) == nil {
				t.Fatalf("the prefix %s passes", compact[:cut])
			}
		}
		var all []byte
		if rawjson.KindOf(compact) == rawjson.KindObject && len(compact) > 2 {
			all = rawjson.Rest(compact, func(string) bool { return false })
			if !slices.Equal(all, compact) {
				t.Fatalf("Rest of all = %s, want %s", all, compact)
			}
		}
	})
}

// FuzzEdit: no edit panics; on valid objects the laws of Set and Delete hold.
func FuzzEdit(f *testing.F) {
	f.Add([]byte(`{"a":{"b":1},"a":null}`), "a", "b")
	f.Add([]byte(` { "x" : 1 , } `), "x", "y")
	f.Add([]byte(`{"a":{"b":1`), "a", "")
	f.Fuzz(func(t *testing.T, data []byte, k1, k2 string) {
		before := bytes.Clone(data)
		k1, k2 = strings.ToValidUTF8(k1, ""), strings.ToValidUTF8(k2, "")
		valid := rawjson.Check(data, 100) == nil
		for _, path := range [][]string{{k1}, {k1, k2}} {
			set, err := rawjson.Set(data, []byte(`{"z":0}`), path...)
			if got, ok := rawjson.Get(set, path...); valid && err == nil && (!ok || string(got) != `{"z":0}` || rawjson.Check(set, 200) != nil) {
				t.Fatalf("Set gives %s", set)
			}
			del, err := rawjson.Delete(data, path...)
			if _, ok := rawjson.Get(del, path...); valid && err == nil && (ok || rawjson.Check(del, 200) != nil) {
				t.Fatalf("Delete gives %s", del)
			}
		}
		rest := rawjson.Rest(data, func(k string) bool { return k == k1 })
		if valid && rest != nil && rawjson.Check(rest, 200) != nil {
			t.Fatalf("Rest gives %s", rest)
		}
		rawjson.Compact(nil, data)
		if !bytes.Equal(before, data) {
			t.Fatal("the input was changed")
		}
	})
}
