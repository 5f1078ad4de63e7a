package rawjson_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"antigravity-tools/backend/rawjson"
)

// heard is what a walk over a text finds, in order: keys, places and scalars.
func heard(r *rawjson.Reader, into []string) []string {
	switch r.Kind() {
	case rawjson.KindObject:
		for key := range r.Members() {
			into = heard(r, append(into, "key "+key))
		}
	case rawjson.KindArray:
		for i := range r.Items() {
			into = heard(r, append(into, "item "+string(rune('0'+i%10))))
		}
	default:
		into = append(into, string(r.Value()))
	}
	return into
}

// walked is heard by way of the functions that see a part of a text at a time.
func walked(raw []byte, into []string) []string {
	switch rawjson.KindOf(raw) {
	case rawjson.KindObject:
		for key, v := range rawjson.Members(raw) {
			into = walked(v, append(into, "key "+key))
		}
	case rawjson.KindArray:
		i := 0
		for v := range rawjson.Items(raw) {
			into = walked(v, append(into, "item "+string(rune('0'+i%10))))
			i++
		}
	default:
		into = append(into, string(bytes.TrimSpace(raw)))
	}
	return into
}

func read(text string, depth int, look func(r *rawjson.Reader)) error {
	var r rawjson.Reader
	r.Reset([]byte(text), depth)
	look(&r)
	return r.End()
}

func TestReader(t *testing.T) {
	const text = ` {"a" : [1, {"b":"x\"y"} , []],"\u0063":null,"d":{ },"a":-2.5e3 } `
	var got []string
	if err := read(text, 10, func(r *rawjson.Reader) { got = heard(r, nil) }); err != nil {
		t.Fatal(err)
	}
	want := []string{"key a", "item 0", "1", "item 1", "key b", `"x\"y"`, "item 2", "key c", "null", "key d", "key a", "-2.5e3"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// What a body leaves alone, or leaves early, is read all the same.
func TestReaderSkipsWhatIsLeft(t *testing.T) {
	const text = `{"a":{"x":[1,2]},"b":[{"y":1},2,3],"c":7}`
	var keys []string
	var first, c string
	err := read(text, 10, func(r *rawjson.Reader) {
		for key := range r.Members() {
			keys = append(keys, key)
			switch key {
			case "b":
				for range r.Items() {
					for inner := range r.Members() {
						first = inner
						break
					}
					break
				}
			case "c":
				c = string(r.Value())
			}
		}
	})
	if err != nil || !slices.Equal(keys, []string{"a", "b", "c"}) || first != "y" || c != "7" {
		t.Errorf("%v, keys %v, first %q, c %q", err, keys, first, c)
	}
}

// A value of another kind has neither members nor items, and is read.
func TestReaderOtherKinds(t *testing.T) {
	for _, text := range []string{`[1,2]`, `"a"`, `null`, `12`} {
		err := read(text, 10, func(r *rawjson.Reader) {
			for key := range r.Members() {
				t.Errorf("%s has a member %q", text, key)
			}
		})
		if err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
	if err := read(`{"a":[1]}`, 10, func(r *rawjson.Reader) {
		for i := range r.Items() {
			t.Errorf("an object has an item %d", i)
		}
	}); err != nil {
		t.Error(err)
	}
}

// However deep the look goes, the fault is the one that Check finds, at its place;
// and behind it nothing more is found.
func TestReaderFaults(t *testing.T) {
	for _, text := range []string{
		``, ` `, `{`, `{"a"`, `{"a":`, `{"a":1`, `{"a":1,`, `{"a":1,}`, `{"a" 1}`, `{a:1}`, `{"a":1 "b":2}`, `{"a\x":1}`, "{\"a\n\":1}", `{"a":01}`, `{"a":tru}`,
		`[`, `[1`, `[1,`, `[1,]`, `[1 2]`, `[[[[1]]]]`, `{"a":{"b":{"c":{}}}}`, `{} {}`, `1 2`, `{"a":"`, `["\ud8"]`, "[\"\xff\"]", `x`, `{"a":[1,{"b":}]}`,
	} {
		want := rawjson.Check([]byte(text), 3)
		for name, look := range map[string]func(*rawjson.Reader){
			"all":     func(r *rawjson.Reader) { heard(r, nil) },
			"value":   func(r *rawjson.Reader) { r.Value() },
			"members": func(r *rawjson.Reader) { r.Members()(func(string) bool { return true }) },
			"items":   func(r *rawjson.Reader) { r.Items()(func(int) bool { return false }) },
		} {
			err := read(text, 3, look)
			if d := cmp.Diff(told(want), told(err)); d != "" || want == nil {
				t.Errorf("%s of %s:\n%s", name, text, d)
			}
			if errors.Is(want, rawjson.ErrTooDeep) != errors.Is(err, rawjson.ErrTooDeep) {
				t.Errorf("%s of %s: %v", name, text, err)
			}
		}
	}
}

func told(err error) string {
	if err == nil {
		return "nothing"
	}
	return err.Error()
}

func TestReaderAgreesWithTheWalks(t *testing.T) {
	piece := rapid.SampledFrom([]string{`{`, `}`, `[`, `]`, `,`, `:`, `"a"`, `"\u00e9"`, `"b\n"`, ` `, `1`, `-0.5`, `true`, `null`, `{"k":`, `[1,`, `"`, `\`})
	rapid.Check(t, func(t *rapid.T) {
		var text []byte
		for _, p := range rapid.SliceOfN(piece, 1, 20).Draw(t, "pieces") {
			text = append(text, p...)
		}
		agrees(t, text)
	})
}

// agrees holds a Reader against Check, Members and Items.
func agrees(t interface{ Fatalf(string, ...any) }, text []byte) {
	var r rawjson.Reader
	r.Reset(text, 50)
	got := heard(&r, nil)
	err, want := r.End(), rawjson.Check(text, 50)
	if told(err) != told(want) {
		t.Fatalf("%q: %v, Check says %v", text, err, want)
	}
	if want != nil {
		return
	}
	if d := cmp.Diff(walked(text, nil), got); d != "" {
		t.Fatalf("%q:\n%s", text, d)
	}
}

func FuzzReader(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, text []byte) { agrees(t, text) })
}
