package custody

import (
	"encoding/json"
	"reflect"

	"antigravity-tools/backend/llm"
)

// A seal stands for the call as the model wrote it, but clients send their own
// reading of it back: Claude Code adds defaults that its tool's schema names
// (replace_all of Edit). The upstream may refuse the seal then.

// argsOf returns the arguments to keep beside a call's seal.
func argsOf(c *llm.Call) string {
	if c.Kind == llm.CallCustom || len(c.Args) > maxArgs {
		return ""
	}
	return c.Args
}

// asSigned returns the call with the arguments that its seal was given for, if
// the client did no more than add members to them. A call that was changed in
// earnest stays as the client tells it.
func asSigned(c *llm.Call, seal *llm.Seal, e *Entry) *llm.Call {
	if e == nil || e.Args == "" || e.Args == c.Args || e.Seal.Data != seal.Data || c.Kind == llm.CallCustom {
		return c
	}
	var now, was map[string]json.RawMessage
	if json.Unmarshal([]byte(c.Args), &now) != nil || json.Unmarshal([]byte(e.Args), &was) != nil {
		return c
	}
	for name, value := range was {
		if v, ok := now[name]; !ok || !sameValue(v, value) {
			return c
		}
	}
	restored := *c
	restored.Args = e.Args
	return &restored
}

// sameValue compares what two JSON texts mean: clients write strings, numbers
// and objects in their own way.
func sameValue(a, b json.RawMessage) bool {
	if string(a) == string(b) {
		return true
	}
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}
