package crossing_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol/crossing"
	"antigravity-tools/backend/protocol/protocoltest"
)

func wordRune(r rune) bool {
	return r == '_' || r == '-' || '0' <= r && r <= '9' || 'A' <= r && r <= 'Z' || 'a' <= r && r <= 'z'
}

func letter(r rune) bool { return r == '_' || 'A' <= r && r <= 'Z' || 'a' <= r && r <= 'z' }

var rule = crossing.NameRule{First: letter, Rest: wordRune, Max: 128}

func function(namespace, name string) llm.Tool {
	return llm.Tool{Kind: llm.ToolFunction, Namespace: namespace, Name: name, Description: "d"}
}

func TestFlattenTools(t *testing.T) {
	long := strings.Repeat("n", 70)
	table := []struct {
		name   string
		tool   llm.Tool
		want   string // of the flat tool; * stands for eight digits of a hash
		losses string
	}{
		{"plain", function("", "read-file_2"), "read-file_2", ""},
		{"two underscores are ordinary", function("", "mcp__srv__tool"), "mcp__srv__tool", ""},
		{"group", function("ns", "read"), "ns__read", "loss adapted tool.namespace tools[0] ns\n"},
		{"illegal rune", function("", "a.b"), "a_b_*", "loss adapted tool.name tools[0] a_b_*\n"},
		{"illegal start", function("", "2nd"), "_2nd_*", "loss adapted tool.name tools[0] _2nd_*\n"},
		{"not Latin", function("", "読む"), "___*", "loss adapted tool.name tools[0] ___*\n"},
		{"no name", function("", ""), "__*", "loss adapted tool.name tools[0] __*\n"},
		{"64", function("", long[:64]), long[:64], ""},
		{"65", function("", long[:65]), long[:55] + "_*", "loss adapted tool.name tools[0] " + long[:55] + "_*\n"},
	}
	for _, row := range table {
		losses := &llm.Losses{}
		flat := crossing.FlattenTools(&llm.Request{Tools: []llm.Tool{row.tool}}, rule, losses)
		got := flat.Tools[0].Name
		if !matches(row.want, got) || !matches(row.losses, protocoltest.DumpLosses(losses)) {
			t.Errorf("%s: %q with %s", row.name, got, protocoltest.DumpLosses(losses))
		}
		if again := flat.Name(row.tool.Namespace, row.tool.Name); again != got || flat.Tools[0].Namespace != "" {
			t.Errorf("%s: in the history %q", row.name, again)
		}
		origin, ok := flat.Table.Lookup(got)
		if ok == (got == row.tool.Name) || ok && (origin.Name != row.tool.Name || origin.Namespace != row.tool.Namespace) {
			t.Errorf("%s: %v %+v", row.name, ok, origin)
		}
	}
}

// matches compares with a pattern in which * is eight hexadecimal digits.
func matches(pattern, got string) bool {
	for {
		head, tail, found := strings.Cut(pattern, "*")
		if !found {
			return pattern == got
		}
		if !strings.HasPrefix(got, head) || len(got) < len(head)+8 || strings.Trim(got[len(head):len(head)+8], "0123456789abcdef") != "" {
			return false
		}
		pattern, got = tail, got[len(head)+8:]
	}
}

func TestFlattenKinds(t *testing.T) {
	custom := llm.Tool{Kind: llm.ToolCustom, Name: "patch", Description: "Edits.", Grammar: "start: x"}
	grouped := function("ns", "read")
	grouped.GroupText = "Files."
	deferred := function("", "later")
	deferred.Deferred = true
	trained := function("", "shell")
	trained.Trained = "shell"
	server := llm.Tool{Kind: llm.ToolServer, Builtin: llm.BuiltinWebSearch, Name: "web search"}
	tools := []llm.Tool{custom, grouped, deferred, trained, server}
	before := fmt.Sprintf("%+v", tools)
	losses := &llm.Losses{}
	flat := crossing.FlattenTools(&llm.Request{Tools: tools}, rule, losses)

	patch := flat.Tools[0]
	if patch.Kind != llm.ToolFunction || patch.Grammar != "" || patch.Description != "Edits.\n\nThe input must follow this grammar:\nstart: x" ||
		string(patch.Schema) != `{"type":"object","properties":{"input":{"type":"string"}},"required":["input"]}` {
		t.Errorf("%+v", patch)
	}
	if flat.Tools[1].Description != "Files.\n\nd" || flat.Tools[2].Deferred || flat.Tools[4].Name != "web search" {
		t.Errorf("%+v", flat.Tools)
	}
	want := "loss adapted tool.custom tools[0] patch\nloss dropped tool.grammar tools[0] patch\n" +
		"loss adapted tool.namespace tools[1] ns\nloss adapted tool.deferred tools[2] later\nloss adapted tool.trained tools[3] shell\n"
	if d := cmp.Diff(want, protocoltest.DumpLosses(losses)); d != "" {
		t.Error(d)
	}
	if o, ok := flat.Table.Lookup("patch"); !ok || o.Kind != llm.CallCustom {
		t.Errorf("%v %+v", ok, o)
	}
	if o, ok := flat.Table.Lookup("shell"); !ok || o.Trained != "shell" || o.Kind != llm.CallFunction {
		t.Errorf("%v %+v", ok, o)
	}
	if after := fmt.Sprintf("%+v", tools); after != before {
		t.Error("the request's tools were changed")
	}
	if flat := crossing.FlattenTools(&llm.Request{Tools: []llm.Tool{function("", "f")}}, rule, nil); flat.Table != nil {
		t.Error("a table although nothing changed")
	}
}

// Of a tool declared twice the later declaration counts.
func TestFlattenTwice(t *testing.T) {
	late := llm.Tool{Kind: llm.ToolCustom, Name: "f", Description: "new"}
	flat := crossing.FlattenTools(&llm.Request{Tools: []llm.Tool{function("", "f"), function("", "g"), late}}, rule, nil)
	if len(flat.Tools) != 2 || flat.Tools[0].Description != "new" {
		t.Errorf("%+v", flat.Tools)
	}
	if o, _ := flat.Table.Lookup("f"); o.Kind != llm.CallCustom {
		t.Errorf("%+v", o)
	}
	flat = crossing.FlattenTools(&llm.Request{Tools: []llm.Tool{late, function("", "f")}}, rule, nil)
	if o, ok := flat.Table.Lookup("f"); ok && o.Kind != llm.CallFunction {
		t.Errorf("%+v", o)
	}
}

// Calls of the history have names too, and find their way back.
func TestFlattenHistory(t *testing.T) {
	old := c("x", "old.tool")
	old.Call.Namespace = "ns"
	losses := &llm.Losses{}
	flat := crossing.FlattenTools(&llm.Request{Turns: []llm.Turn{m(tx("t"), old)}}, rule, losses)
	name := flat.Name("ns", "old.tool")
	if o, ok := flat.Table.Lookup(name); !matches("ns__old_tool_*", name) || !ok || o.Namespace != "ns" || o.Name != "old.tool" {
		t.Errorf("%q %v %+v", name, ok, o)
	}
	if got := protocoltest.DumpLosses(losses); !matches("loss adapted tool.name turns[0].parts[1] ns__old_tool_*\n", got) {
		t.Error(got)
	}
}

// Names are legal, at most 64 bytes, different for different tools, the same
// whenever the same tools are declared, and the table gives the origin back.
func TestNameLaws(t *testing.T) {
	piece := rapid.OneOf(rapid.SampledFrom([]string{"a", "b", "a__b", "b__c", "__", "a b", "a.b", "é", "", "x" + strings.Repeat("y", 70)}), rapid.StringN(0, 6, -1))
	rapid.Check(t, func(t *rapid.T) {
		req := &llm.Request{}
		type origin struct{ namespace, name string }
		declared := map[origin]bool{}
		for range rapid.IntRange(1, 8).Draw(t, "tools") {
			o := origin{rapid.SampledFrom([]string{"", "", "a", "a__b", "é é"}).Draw(t, "group"), piece.Draw(t, "name")}
			declared[o] = true
			req.Tools = append(req.Tools, function(o.namespace, o.name))
		}
		if rapid.Bool().Draw(t, "provoke") { // a tool that is already called as another one would be
			first := crossing.FlattenTools(req, rule, nil).Tools[0].Name
			declared[origin{"", first}] = true
			req.Tools = append(req.Tools, function("", first))
		}
		flat, again := crossing.FlattenTools(req, rule, nil), crossing.FlattenTools(req, rule, nil)
		if d := cmp.Diff(flat.Tools, again.Tools); d != "" {
			t.Fatalf("not pure:\n%s", d)
		}
		if len(flat.Tools) != len(declared) {
			t.Fatalf("%d tools of %d", len(flat.Tools), len(declared))
		}
		seen := map[string]origin{}
		for o := range declared {
			name := flat.Name(o.namespace, o.name)
			if other, ok := seen[name]; ok {
				t.Fatalf("%q stands for %v and %v", name, o, other)
			}
			seen[name] = o
			for i, r := range name {
				if !wordRune(r) || i == 0 && !letter(r) {
					t.Fatalf("%q is illegal", name)
				}
			}
			if name == "" || len(name) > 64 {
				t.Fatalf("%q has %d bytes", name, len(name))
			}
			back, ok := flat.Table.Lookup(name)
			if !ok {
				back = llm.ToolOrigin{Name: name}
			}
			if (origin{back.Namespace, back.Name}) != o {
				t.Fatalf("%q leads back to %+v, not to %v", name, back, o)
			}
		}
	})
}

func TestObjectArgs(t *testing.T) {
	table := []struct {
		args, want string
		loss       bool
	}{
		{"", "{}", false},
		{" \n", "{}", false},
		{"{}", "{}", false},
		{`{"n":12345678901234567890, "f":1.50}`, `{"n":12345678901234567890, "f":1.50}`, false},
		{`{"a":`, `{"_raw":"{\"a\":"}`, true},
		{`[1]`, `{"_raw":"[1]"}`, true},
		{`"x"`, `{"_raw":"\"x\""}`, true},
		{`null`, `{"_raw":"null"}`, true},
		{`{} {}`, `{"_raw":"{} {}"}`, true},
		{strings.Repeat(`{"a":`, 300) + "1" + strings.Repeat("}", 300), "", true},
	}
	for _, row := range table {
		losses := &llm.Losses{}
		got := string(crossing.ObjectArgs(row.args, "p", losses))
		if row.want != "" && got != row.want || (losses.Len() == 1) != row.loss || !json.Valid([]byte(got)) {
			t.Errorf("%.40q: %.80s, losses %v", row.args, got, losses.List())
		}
	}
}

func TestArgs(t *testing.T) {
	flat := crossing.FlattenTools(&llm.Request{}, rule, nil)
	custom := &llm.Call{Kind: llm.CallCustom, Args: "a \"b\"\n<é>"}
	if got := string(flat.Args(custom, "p", nil)); got != `{"input":"a \"b\"\n<é>"}` || llm.UnwrapCustom(got) != custom.Args {
		t.Error(got)
	}
	if got := string(flat.Args(&llm.Call{Kind: llm.CallFunction, Args: `{"a":1}`}, "p", nil)); got != `{"a":1}` {
		t.Error(got)
	}
}

// Any text is kept, and what comes out is one object.
func TestObjectArgsLaw(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		args := string(rapid.SliceOf(rapid.SampledFrom([]byte("{}\"ab:,1\\\n\xff"))).Draw(t, "args"))
		got := crossing.ObjectArgs(args, "p", nil)
		var out map[string]json.RawMessage
		if err := json.Unmarshal(got, &out); err != nil {
			t.Fatalf("%v in %s of %q", err, got, args)
		}
		var raw string
		if json.Unmarshal(out["_raw"], &raw) == nil && utf8.ValidString(args) && !json.Valid([]byte(args)) && raw != args {
			t.Fatalf("%q became %q", args, raw)
		}
	})
}
