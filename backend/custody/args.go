package custody

import (
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/rawjson"
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
	now, was := []byte(c.Args), []byte(e.Args)
	if rawjson.KindOf(now) != rawjson.KindObject || rawjson.KindOf(was) != rawjson.KindObject {
		return c
	}
	for name := range rawjson.Members(was) {
		old, _ := rawjson.Get(was, name)
		if v, ok := rawjson.Get(now, name); !ok || !rawjson.Equal(old, v) {
			return c
		}
	}
	restored := *c
	restored.Args = e.Args
	return &restored
}
