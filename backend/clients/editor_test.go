package clients

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// testSettings are what a client of each format could want.
func testSettings(f Format) []setting {
	switch f {
	case TOML:
		return []setting{
			{path: []string{"model"}, value: "m-1"},
			{path: []string{"model_provider"}, value: "ours"},
			{path: []string{"model_providers", "ours", "name"}, value: "Ours"},
			{path: []string{"model_providers", "ours", "base_url"}, value: "http://127.0.0.1:8045/v1"},
		}
	case YAML:
		return []setting{
			{path: []string{"name"}, value: "Main"},
			{path: []string{"schema"}, value: "v1"},
			{path: []string{"models"}, value: testElement("one")},
			{path: []string{"models"}, value: testElement("two")},
			{path: []string{"deep", "list"}, value: testElement("one")},
			{path: []string{"deep", "on"}, value: true},
			{path: []string{"a", "b"}, value: 5},
		}
	case Env:
		return []setting{{path: []string{"KEY_A"}, value: "a#b c"}, {path: []string{"KEY_B"}, value: "http://127.0.0.1:8045"}}
	default:
		return []setting{
			{path: []string{"env", "URL"}, value: "http://127.0.0.1:8045"},
			{path: []string{"env", "KEY"}, value: "sk-agt-fake"},
			{path: []string{"provider", "google", "models", "m.1", "tool_call"}, value: true},
			{path: []string{"model"}, value: "google/m.1"},
			{path: []string{"list"}, value: testElement("one")},
			{path: []string{"deep", "list"}, value: testElement("one")},
			{path: []string{"deep", "list"}, value: testElement("two")},
		}
	}
}

func testElement(name string) element {
	return element{key: "name", members: []member{{"name", name}, {"url", "http://127.0.0.1:8045/v1"}, {"size", 200000}, {"can", []string{"use", "see"}}}}
}

// checkEdit holds the laws of every editor on one text: what is set is there, a second time changes
// nothing, and taking it back gives the same bytes.
func checkEdit(t interface {
	Helper()
	Fatalf(string, ...any)
}, f Format, src []byte) {
	t.Helper()
	e, settings := editorOf(f), testSettings(f)
	out, undos, err := setAll(e, src, settings)
	if err != nil {
		var broken *brokenError
		var shape *shapeError
		if !errors.As(err, &broken) && !errors.As(err, &shape) {
			t.Fatalf("error of another kind: %v", err)
		}
		return
	}
	tree, err := e.tree(out)
	if err != nil {
		t.Fatalf("the result cannot be read: %v\n%s\n---\n%s", err, src, out)
	}
	for _, s := range settings {
		if have, ok := held(tree, s.path, s.ref()); !ok || printOf(have, s.ref()) != printOf(s.value, s.ref()) {
			t.Fatalf("%v is %v, not %v", s.path, have, s.value)
		}
	}
	if again, more, err := setAll(e, out, settings); err != nil || len(more) > 0 || string(again) != string(out) {
		t.Fatalf("a second time changes the text: %v\n%s\n---\n%s", err, out, again)
	}
	back, err := undoAll(e, out, undos)
	if err != nil {
		t.Fatalf("taking back: %v\n%s\n---\n%s", err, src, out)
	}
	if string(back) != string(src) {
		t.Fatalf("taking back gives other bytes:\n%q\n%q\n%q", src, out, back)
	}
	// A comment that the user has put at the top since, and a line at the end, make no difference.
	top, end := map[Format]string{JSON: "/* later */", TOML: "# later\n", Env: "# later\n", YAML: "# later\n"}[f], map[Format]string{JSON: "\n// later"}[f]
	if back, err = undoAll(e, []byte(top+string(out)+end), undos); err != nil || string(back) != top+string(src)+end && len(src) > 0 && !blank(src) {
		t.Fatalf("taking back after an edit: %v\n%q\n%q\n%q", err, src, out, back)
	}
}

func TestEditorsOnHostileTexts(t *testing.T) {
	table := map[Format][]string{
		JSON: {
			"", "\n", "{}", "{ }", "{\n}\n", "{}\n", "{ /* none */ }", "{ // none\n}", `{"a":1}`, `{ "a": 1 }`, `{"a" : 1}`,
			"{\r\n\t\"a\": 1, // note\r\n\t\"env\": {\r\n\t\t\"X\": \"1\",\r\n\t},\r\n}\r\n",
			"{\n  \"a\": 1 // note\n}", "{\n  \"a\": 1 /* note */ // more\n  // last word\n}", "{\"a\":1 // note\n}",
			"{\n  \"a\": 1 /* over\n two lines */\n}", "{\n \"a\": 1, \"b\": 2 }", "{ \"env\": {}, \"x\": [1, 2] }", "{ \"env\": null }",
			"{\n  \"env\": {},\n  \"provider\": { \"google\": { \"models\": { } } }\n}", `{"model":"old","env":{"URL":"old","KEY":"sk-old"}}`,
			"// head\n{\n    \"nested\": { \"env\": { \"URL\": \"not ours\" } },\n    \"env\": { /* empty */ }\n}\n// tail",
			`{"model":"first","model":"second"}`, "{\n  \"a\": {\n    \"b\": [\n    ]\n  }\n}",
			`{"A":"\u0061","\u006dodel":"x"}`, "{\n  // only a comment\n}", "{\"a\":1,}", "{\"a\":1 , /* x */ }",
		},
		TOML: {
			"", "\n", "# only a comment", "# only a comment\n", "model = \"x\"", "a = 1\nb = 2\n", "[t]\nmodel = \"not ours\"\n", "# head\n\n[t]\nx = 1",
			"a = 1\r\n\r\n[model_providers.other]\r\nname = \"x\" # note\r\n", "model_providers = { other = { name = \"x\" } }\n", "model_providers = {}\n",
			"model_providers.other.name = \"x\"\n", "model_providers.ours.wire_api = \"x\"\n", "[model_providers]\nother = { name = 'x' }\n",
			"[model_providers]\nours = { name = 'x' }\n", "[model_providers]\nours.name = 'x'\n\n[z]\n", "[model_providers.\"ours\"]\n# nothing yet\n\n[[list]]\nmodel = 1\n[list.sub]\nmodel = 2\n",
			"s = '''\nmodel = \"no\"\n[model_providers.ours]\n'''\nt = \"\"\"a\\\"\"\"\"\n", "a = [\n  1, # one ]\n  2,\n]\nd = 1979-05-27 07:32:00\n", "x = nan\ny = inf\nz = 1979-05-27T07:32:00-08:00\n",
			"[a]\n[b]\n  [b.c]\n  x = 1", "\"model\" = 'quoted'\n", "[[model_providers]]\nname = 1\n", "model_providers = 3\n", "  indented = 1\n",
		},
		Env: {
			"", "\n", "A=1", "A=1\n", "# KEY_A=no\n", "export KEY_A='old' # note\r\nB=2\r\n", "KEY_A=first\nKEY_A=second\n", "X=\"two\nKEY_A=inside\n\"\nKEY_B=old",
			"KEY_A\n", "KEY_A =  spaced  # c\n", "KEY_A='unclosed\nKEY_B=x\n", "KEY_A=\n", "\n\n  KEY_B = `x`\n",
		},
	}
	for format, texts := range table {
		for _, text := range texts {
			checkEdit(t, format, []byte(text))
		}
	}
}

func elementText(name, tabs string) string {
	return tabs + "{\n" + tabs + "\t\"name\": \"" + name + "\",\n" + tabs + "\t\"url\": \"http://127.0.0.1:8045/v1\",\n" + tabs + "\t\"size\": 200000,\n" +
		tabs + "\t\"can\": [\"use\", \"see\"]\n" + tabs + "}"
}

func inlineElement(name string) string {
	return `{"name":"` + name + `","url":"http://127.0.0.1:8045/v1","size":200000,"can":["use","see"]}`
}

// TestEditsReadWell shows what the edits look like: the layout around them is followed.
func TestEditsReadWell(t *testing.T) {
	table := []struct {
		format    Format
		src, want string
	}{
		{JSON, "{\n\t\"a\": 1 // note\n}\n", "{\n\t\"a\": 1, // note\n\t\"env\": {\n\t\t\"URL\": \"http://127.0.0.1:8045\",\n\t\t\"KEY\": \"sk-agt-fake\"\n\t},\n" +
			"\t\"provider\": {\n\t\t\"google\": {\n\t\t\t\"models\": {\n\t\t\t\t\"m.1\": {\n\t\t\t\t\t\"tool_call\": true\n\t\t\t\t}\n\t\t\t}\n\t\t}\n\t},\n\t\"model\": \"google/m.1\",\n" +
			"\t\"list\": [\n" + elementText("one", "\t\t") + "\n\t],\n\t\"deep\": {\n\t\t\"list\": [\n" + elementText("one", "\t\t\t") + ",\n" + elementText("two", "\t\t\t") + "\n\t\t]\n\t}\n}\n"},
		{JSON, `{"a":1}`, `{"a":1,"env":{"URL":"http://127.0.0.1:8045","KEY":"sk-agt-fake"},"provider":{"google":{"models":{"m.1":{"tool_call":true}}}},"model":"google/m.1",` +
			`"list":[` + inlineElement("one") + `],"deep":{"list":[` + inlineElement("one") + `,` + inlineElement("two") + `]}}`},
		{TOML, "# mine\n[t]\nx = 1\n", "model = \"m-1\"\nmodel_provider = \"ours\"\n\n# mine\n[t]\nx = 1\n\n[model_providers.ours]\nname = \"Ours\"\nbase_url = \"http://127.0.0.1:8045/v1\"\n"},
		{Env, "A=1\n", "A=1\nKEY_A='a#b c'\nKEY_B=http://127.0.0.1:8045\n"},
	}
	for _, c := range table {
		out, _, err := setAll(editorOf(c.format), []byte(c.src), testSettings(c.format))
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(c.want, string(out)); d != "" {
			t.Errorf("%q: %s", c.src, d)
		}
	}
}

func TestBrokenTextsSayWhere(t *testing.T) {
	table := []struct {
		format       Format
		src          string
		line, column int
	}{
		{JSON, "{\n  \"a\": oops\n}", 2, 8},
		{JSON, "{\n  \"a\": 1", 2, 9},
		{JSON, "[1]", 1, 1},
		{TOML, "a = 1\nb = = 2\n", 2, 5},
		{Env, "A=1\nB=\x00", 2, 3},
	}
	for _, c := range table {
		_, _, err := setAll(editorOf(c.format), []byte(c.src), testSettings(c.format))
		var broken *brokenError
		if !errors.As(err, &broken) || broken.line != c.line || broken.column != c.column {
			t.Errorf("%q: %v, want %d:%d", c.src, err, c.line, c.column)
		}
	}
}

func TestWhatCannotHoldOurKeysIsRefused(t *testing.T) {
	for format, src := range map[Format]string{JSON: `{"env":"text"}`, TOML: "model_providers = 3\n"} {
		_, _, err := setAll(editorOf(format), []byte(src), testSettings(format))
		var shape *shapeError
		if !errors.As(err, &shape) {
			t.Errorf("%s: %v", format, err)
		}
	}
}

// drawJSON makes an object in any legal layout, with our keys in it at times.
func drawJSON(t *rapid.T, depth int, nl string) string {
	extra := rapid.SampledFrom([]string{"", "", " ", nl, nl + "  ", "\t", " // c" + nl, "/* c */", nl + "// d" + nl + "  ", " /* a" + nl + "b */ "})
	names := rapid.SampledFrom([]string{"env", "URL", "KEY", "provider", "google", "models", "m.1", "model", "a", "x,y}", "é\\n", "//", "list", "deep", "name"})
	var b strings.Builder
	b.WriteString("{" + extra.Draw(t, "open"))
	for i := range rapid.IntRange(0, 4).Draw(t, "members") {
		if i > 0 {
			b.WriteString("," + extra.Draw(t, "between"))
		}
		b.WriteString(`"` + names.Draw(t, "name") + `"` + rapid.SampledFrom([]string{":", ": ", " : ", ": /* v */ "}).Draw(t, "colon"))
		kind := rapid.IntRange(0, 5).Draw(t, "kind")
		switch {
		case kind < 2 && depth > 0:
			b.WriteString(drawJSON(t, depth-1, nl))
		case kind == 2 && depth > 0:
			b.WriteString("[" + extra.Draw(t, "elements"))
			for j := range rapid.IntRange(0, 2).Draw(t, "count") {
				if j > 0 {
					b.WriteString(extra.Draw(t, "element end") + "," + extra.Draw(t, "element"))
				}
				b.WriteString(drawJSON(t, depth-1, nl))
			}
			b.WriteString(rapid.SampledFrom([]string{"", " ", nl, " // c" + nl, nl + "  "}).Draw(t, "elements end") + "]")
		case kind == 2:
			b.WriteString("[" + extra.Draw(t, "list") + `1, "}"` + extra.Draw(t, "list end") + "]")
		default:
			b.WriteString(rapid.SampledFrom([]string{`"v"`, "1e3", "true", "null", `"sk-agt-fake"`, `"google/m.1"`, `"// no"`, `"one"`}).Draw(t, "value"))
		}
		b.WriteString(extra.Draw(t, "after"))
		if rapid.IntRange(0, 7).Draw(t, "stop") == 0 {
			b.WriteString("," + extra.Draw(t, "trailing"))
			break
		}
	}
	return b.String() + "}"
}

func TestJSONLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		nl := rapid.SampledFrom([]string{"\n", "\r\n"}).Draw(t, "nl")
		checkEdit(t, JSON, []byte(drawJSON(t, 4, nl)+rapid.SampledFrom([]string{"", nl, nl + "// end"}).Draw(t, "end")))
	})
}

// drawTOML makes a document of lines that are legal for themselves; as a whole it may not be.
func drawTOML(t *rapid.T) string {
	nl := rapid.SampledFrom([]string{"\n", "\r\n"}).Draw(t, "nl")
	line := rapid.SampledFrom([]string{
		"", "", "# comment", "model = \"x\"", "a = 1 # note", "'b' = [ 1, 2 ]", "c = { d = 1, e = { f = 'x' } }", "[t]", "[t.model]", "[[list]]", "[list.sub]",
		"[model_providers]", "[model_providers.other]", "[ model_providers . 'ours' ]", "model_providers.other.name = 1", "ours.name = \"x\"", "ours = { name = 'y' }",
		"model_provider = 'z'", "model_providers = { x = {} }", "  name = \"Ours\"", "base_url = 'x'", "s = \"\"\"" + nl + "[no]" + nl + "\"\"\"", "l = [" + nl + " '#', # c" + nl + "]", "n = nan",
	})
	list := rapid.SliceOfN(line, 0, 12).Draw(t, "lines")
	return strings.Join(list, nl) + rapid.SampledFrom([]string{"", nl}).Draw(t, "end")
}

func TestTOMLLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { checkEdit(t, TOML, []byte(drawTOML(t))) })
}

func TestEnvLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		nl := rapid.SampledFrom([]string{"\n", "\r\n"}).Draw(t, "nl")
		line := rapid.SampledFrom([]string{"", "# c", "A=1", "KEY_A=x", "export KEY_A=\"y\" # n", "KEY_B = 'z'", "X='a" + nl + "KEY_A=no" + nl + "'", "junk", "KEY_B="})
		text := strings.Join(rapid.SliceOfN(line, 0, 8).Draw(t, "lines"), nl) + rapid.SampledFrom([]string{"", nl}).Draw(t, "end")
		checkEdit(t, Env, []byte(text))
	})
}

func FuzzJSONEditor(f *testing.F) {
	f.Add([]byte("{\n  \"env\": {}, // c\n}"))
	f.Add([]byte(`{"a":{"b":[1,2,{}]},"model":null}`))
	f.Fuzz(func(t *testing.T, src []byte) { checkEdit(t, JSON, src) })
}

func FuzzTOMLEditor(f *testing.F) {
	f.Add([]byte("a = 1\n[model_providers.ours]\nname = 'x'\n"))
	f.Add([]byte("model_providers = { ours = { } }\n[[x]]\ny = \"\"\"\n\"\"\""))
	f.Fuzz(func(t *testing.T, src []byte) { checkEdit(t, TOML, src) })
}

func FuzzEnvEditor(f *testing.F) {
	f.Add([]byte("export KEY_A='x' # c\nB=2"))
	f.Fuzz(func(t *testing.T, src []byte) { checkEdit(t, Env, src) })
}
