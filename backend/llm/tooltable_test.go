package llm_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"antigravity-tools/backend/llm"
)

func table() *llm.ToolTable {
	t := &llm.ToolTable{}
	t.Set("ns__read", llm.ToolOrigin{Namespace: "ns", Name: "read", Kind: llm.CallFunction})
	t.Set("patch", llm.ToolOrigin{Name: "patch", Kind: llm.CallCustom})
	t.Set("shell", llm.ToolOrigin{Name: "shell", Kind: llm.CallFunction, Trained: "shell"})
	return t
}

func callPart(name, args string) llm.Part {
	return llm.Part{Kind: llm.KindCall, Call: &llm.Call{Kind: llm.CallFunction, ID: "c", Name: name, Args: args}}
}

func TestRestore(t *testing.T) {
	rows := []struct {
		name, args string
		want       llm.Call
	}{
		{"ns__read", `{"p":1}`, llm.Call{Kind: llm.CallFunction, ID: "c", Namespace: "ns", Name: "read", Args: `{"p":1}`}},
		{"shell", `{}`, llm.Call{Kind: llm.CallFunction, ID: "c", Name: "shell", Trained: "shell", Args: `{}`}},
		{"mcp__a__b", `{}`, llm.Call{Kind: llm.CallFunction, ID: "c", Name: "mcp__a__b", Args: `{}`}},
		{"patch", `{"input":"*** Begin\n\"x\" <é>"}`, llm.Call{Kind: llm.CallCustom, ID: "c", Name: "patch", Args: "*** Begin\n\"x\" <é>"}},
		{"patch", `not json`, llm.Call{Kind: llm.CallCustom, ID: "c", Name: "patch", Args: "not json"}},
		{"patch", `{"other":1}`, llm.Call{Kind: llm.CallCustom, ID: "c", Name: "patch", Args: `{"other":1}`}},
		{"patch", `{"input":""}`, llm.Call{Kind: llm.CallCustom, ID: "c", Name: "patch"}},
		{"patch", ``, llm.Call{Kind: llm.CallCustom, ID: "c", Name: "patch"}},
	}
	for _, row := range rows {
		resp := &llm.Response{Choices: []llm.Choice{{Parts: []llm.Part{callPart(row.name, row.args)}}}}
		got, err := llm.Collect(llm.Validate(table().Restore(llm.Replay(resp))))
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(&row.want, got.Choices[0].Parts[0].Call); d != "" {
			t.Errorf("%s %s:\n%s", row.name, row.args, d)
		}
		if resp.Choices[0].Parts[0].Call.Name != row.name {
			t.Error("the stream's own parts were changed")
		}
	}
}

// However the arguments are cut, and whether some stand in the head of the
// call, they come out the same; a seal on the way is not lost.
func TestRestoreFragments(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		input := rapid.String().Draw(t, "input")
		args := llm.WrapCustom(input)
		a := rapid.IntRange(0, len(args)).Draw(t, "a")
		b := rapid.IntRange(a, len(args)).Draw(t, "b")
		head := callPart("patch", args[:a])
		events := []llm.Event{
			{Kind: llm.EventOpen}, {Kind: llm.EventPartOpen, Part: &head},
			{Kind: llm.EventDelta, Args: args[a:b], Seal: &llm.Seal{Data: "s"}}, {Kind: llm.EventDelta, Args: args[b:]},
			{Kind: llm.EventPartClose}, {Kind: llm.EventClose, Close: &llm.Close{}},
		}
		got, err := llm.Collect(llm.Validate(table().Restore(func(yield func(llm.Event, error) bool) {
			for _, ev := range events {
				if !yield(ev, nil) {
					return
				}
			}
		})))
		if err != nil {
			t.Fatal(err)
		}
		p := got.Choices[0].Parts[0]
		if p.Call.Args != llm.UnwrapCustom(args) || p.Call.Args != input || p.Seal == nil {
			t.Fatalf("%q %v, want %q", p.Call.Args, p.Seal, input)
		}
	})
}

func TestNilTable(t *testing.T) {
	var none *llm.ToolTable
	if _, ok := none.Lookup("x"); ok {
		t.Error("a nil table knows a tool")
	}
	resp := &llm.Response{Choices: []llm.Choice{{Parts: []llm.Part{callPart("f", "{}")}}}}
	got, err := llm.Collect(none.Restore(llm.Replay(resp)))
	if err != nil || got.Choices[0].Parts[0].Call.Name != "f" {
		t.Errorf("%v %+v", err, got)
	}
}
