package responses

import (
	"bytes"
	"strings"
	"testing"

	"antigravity-tools/backend/rawjson"
)

const madeBefore = `{"type":"compaction","id":"cmp_1","encrypted_content":"SEALED"}`

func sealedSummary(text string) string {
	return string(CompactionItem(text, func(n int, _ string) string { return strings.Repeat("0", n) }))
}

// TestFold: the latest compaction of ours stands for what the model said and did
// before it; one that was made elsewhere stands for nothing that we know.
func TestFold(t *testing.T) {
	ours := sealedSummary("so far")
	const (
		user, model  = `{"role":"user","content":"u"}`, `{"type":"message","role":"assistant","content":[]}`
		call, result = `{"type":"function_call","call_id":"c","name":"f","arguments":"{}"}`, `{"type":"function_call_output","call_id":"c","output":""}`
		system       = `{"role":"developer","content":"d"}`
		tools        = `{"type":"additional_tools","tools":[]}`
	)
	list := func(items ...string) string { return "[" + strings.Join(items, ",") + "]" }
	for _, c := range []struct{ in, want string }{
		{list(user, model), list(user, model)},
		{list(system, user, model, call, result, tools, ours, model), list(system, user, tools, ours, model)},
		{list(user, ours, model, user, ours, user), list(user, user, ours, user)},
		{list(user, model, madeBefore, user), list(user, model, madeBefore, user)},
		{`"compaction"`, `"compaction"`},
	} {
		if got := string(Fold([]byte(c.in))); got != c.want {
			t.Errorf("%s\n gives %s\n want %s", c.in, got, c.want)
		}
	}
}

// FuzzFold: folding twice is folding once, and what comes out is JSON again.
func FuzzFold(f *testing.F) {
	ours := sealedSummary("so far")
	f.Add([]byte(`[{"role":"user","content":"u"},{"type":"reasoning"},` + ours + `,1,` + madeBefore + `]`))
	f.Add([]byte(`[{"type":"compaction_trigger"}]`))
	f.Fuzz(func(t *testing.T, input []byte) {
		if rawjson.Check(input, 100) != nil {
			return
		}
		once := Fold(input)
		if rawjson.Check(once, 100) != nil || !bytes.Equal(Fold(once), once) || len(once) > len(input) {
			t.Fatalf("%s\n%s", input, once)
		}
		if left := WithoutTrigger(input); rawjson.Check(left, 100) != nil || triggers(left) {
			t.Fatalf("%s", left)
		}
		_, _ = contextManagement(input)
	})
}
