package clients

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestYAMLEditorOnHostileTexts(t *testing.T) {
	for _, text := range []string{
		"", "\n", "# only a comment", "# only a comment\n", "---\n", "--- # c\n# d\n", "%YAML 1.2\n---\nx: 1\n", "name: Mine", "name: Mine # c\n", "name: 'It''s'\nschema: \"v\\\"1\"\n",
		"models:", "models:\n", "models: # c", "models: ~\n", "models: null # c\n", "models: []\n", "models: [ ] # c\n", "models: [{name: x}]\n", "models: [\n  {name: x}, # c\n  {name: one, url: y}\n]\n",
		"models:\n  - name: x\n    k: v\n", "models:\n- name: x\n  k: v\n\n# tail\n", "models: # mine\n  # first\n  - name: x # x\n    # inside\n    k: |\n      text\n\n      # no comment\n  # between\n  -\n    name: y\nz: 1",
		"models:\r\n  - name: x\r\n    k: v\r\n# tail\r\n", "models: &all\n  - &one\n    name: x\n  - *one\nother: *all\n", "base: &b {k: v}\nx:\n  <<: *b\n  y: 1\n",
		"models:\n  - name: one\n    url: theirs\n    extra: kept\n  - name: x\n", "models:\n  - name: x\n  - name: one\n    url: theirs", "deep:\n  other: 1\n", "deep:\n", "deep: {}\n", "deep: {list: [], x: {y: 1}}\n",
		"deep:\n  list:\n    - name: two\n", "deep:\n\n  # c\n  list: [a, b]\n  on: false\n", "a: {b: 4, c: 'x, }'}\n", "a: {}", "{name: x, models: [], a: {b: 1}}\n", "{}\n", "{ }",
		"text: |+\n  keep\n\n", "text: >-\n  fold\n  ed\nname: two\n", "ключ: знач\nmodels: [{name: ü, é: [б]}]\n", "? name\n: x\n", "name:\n  x\n", "name: \"a\n  b\"\n", "  name: x\n  schema: y\n",
		"models: !!seq\n  - name: x\n", "\"models\":\n  - name: x\n", "'models' : []\n", "x: .nan\ny: 0x1F\nz: 1_000\nd: 2001-12-14\n", "a:\n  b: 5\n", "models:\n    - name: x\n      list:\n      - a\n      - b\n...\n",
		"deep:\n  list:\n  - 1\n  on:\n", "deep: ~\na: null\n", "name:\nschema: # c\n", "name: ~ # c\n",
	} {
		checkEdit(t, YAML, []byte(text))
	}
}

// TestYAMLEditsThatMustWork: not only refused without harm.
func TestYAMLEditsThatMustWork(t *testing.T) {
	table := []struct{ src, want string }{
		{"", "name: Main\nschema: v1\nmodels:\n{two}{one}deep:\n  \"on\": true\n  list:\n    - name: one\n"},
		{"# mine\nname: Mine\n\nmodels:\n  # the best\n  - name: x # here\n    k: v\n", "# mine\nname: Main\n\nmodels:\n{two}{one}  # the best\n  - name: x # here\n    k: v\nschema: v1\n"},
		{"models: [{name: x}]\n", "models: [{\"name\": \"two\", \"url\": \"http://127.0.0.1:8045/v1\", \"size\": 200000, \"can\": [\"use\", \"see\"]}, {\"name\": \"one\", "},
		{"models:\n- name: x\n", "models:\n- name: two\n  url: http://127.0.0.1:8045/v1\n"},
	}
	lines := func(name string) string {
		return "  - name: " + name + "\n    url: http://127.0.0.1:8045/v1\n    size: 200000\n    can: [\"use\", \"see\"]\n"
	}
	for _, c := range table {
		out, _, err := setAll(yamlEditor{}, []byte(c.src), testSettings(YAML))
		if err != nil {
			t.Fatal(err)
		}
		want := strings.NewReplacer("{one}", lines("one"), "{two}", lines("two")).Replace(c.want)
		if !strings.HasPrefix(string(out), want) {
			t.Errorf("%q: %s", c.src, cmp.Diff(want, string(out)))
		}
	}
}

func TestBrokenYAMLSaysWhere(t *testing.T) {
	table := []struct {
		src          string
		line, column int
	}{
		{"a: 1\nb: [1,\n", 2, 4},
		{"a:\n\t- b\n", 2, 1},
		{"a: 1\na: 2\n", 2, 1},
		{"a: \"x\n", 1, 4},
		{"a: *nope\n", 1, 5},
		{"- 1\n", 1, 1},
		{"a: 1\n---\nb: 1\n", 3, 2},
	}
	for _, c := range table {
		_, _, err := setAll(yamlEditor{}, []byte(c.src), testSettings(YAML))
		broken, ok := err.(*brokenError)
		if !ok || broken.line != c.line || broken.column != c.column {
			t.Errorf("%q: %v, want %d:%d", c.src, err, c.line, c.column)
		}
	}
}

// drawYAML makes a document of lines that are legal for themselves; as a whole it may not be.
func drawYAML(t *rapid.T) string {
	nl := rapid.SampledFrom([]string{"\n", "\r\n"}).Draw(t, "nl")
	block := rapid.SampledFrom([]string{
		"", "# comment", "name: x", "name: 'q' # c", "schema:", "models:", "models: []", "models: ~ # c", "models: &m", "  - name: x", "  - name: one", "    url: y", "    # in",
		"  - {name: two, z: [1, 2]}", "models:" + nl + "- name: y" + nl + "  k: |" + nl + "    t", "deep:", "  list:", "    - name: one" + nl + "      url: z # c", "  on: false", "deep: {on: true, list: [{name: x}]}",
		"a: {b: 1}", "a:" + nl + "  c: d", "text: >" + nl + "  f" + nl + nl + "  g", "ü: \"é # no\"", "q: 'a" + nl + "  b'", "al: *m",
	})
	list := rapid.SliceOfN(block, 0, 10).Draw(t, "lines")
	return rapid.SampledFrom([]string{"", "", "---" + nl, "# head" + nl}).Draw(t, "head") + strings.Join(list, nl) + rapid.SampledFrom([]string{"", nl, nl + nl}).Draw(t, "end")
}

func TestYAMLLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { checkEdit(t, YAML, []byte(drawYAML(t))) })
}

func FuzzYAMLEditor(f *testing.F) {
	f.Add([]byte("models:\n  - name: x # c\n    k: v\n"))
	f.Add([]byte("a: {b: [1, {c: d}]}\nmodels: []\n"))
	f.Add([]byte("x: &a\n  y: |\n    z\nq: *a\nmodels: ~"))
	f.Fuzz(func(t *testing.T, src []byte) { checkEdit(t, YAML, src) })
}
