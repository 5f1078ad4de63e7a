package oai

import (
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/rawjson"
)

// maxBreakpoints is how many prompt-cache breakpoints a request may write.
const maxBreakpoints = 4

// Breakpoints decides which prompt-cache breakpoints go out.
type Breakpoints struct {
	own, takes, keepTTL bool
	skip                int // still to be left out: only the last ones count
	losses              *llm.Losses
}

// PlanBreakpoints counts those of a request: if there are more than the service
// writes, the last ones count. own tells that a client of the same protocol
// made the request.
func PlanBreakpoints(req *llm.Request, system []llm.Part, turns []llm.Turn, own bool, target protocol.Target, losses *llm.Losses) *Breakpoints {
	n := 0
	count := func(parts []llm.Part) {
		for i := range parts {
			if parts[i].Cache != nil {
				n++
			}
		}
	}
	count(system)
	for i := range turns {
		count(turns[i].Parts)
	}
	vendor := req.Native.Protocol == llm.OpenAIChat || req.Native.Protocol == llm.Responses
	return &Breakpoints{
		own: own, takes: target.Caps.CacheBreakpoints, keepTTL: vendor, skip: max(n-maxBreakpoints, 0), losses: losses,
	}
}

// Takes tells whether breakpoints may go out at all.
func (b *Breakpoints) Takes() bool { return b.own || b.takes }

// Marks tells whether a part gets the breakpoint that it asks for.
func (b *Breakpoints) Marks(cache *llm.Cache, path string) bool {
	switch {
	case cache == nil:
		return false
	case b.own:
		return true
	case !b.takes:
		b.losses.Drop("cache", path, "")
		return false
	case b.skip > 0:
		b.skip--
		b.losses.Drop("cache", path, "more than the service takes")
		return false
	}
	return true
}

// Write writes the mark. The lifetime of another vendor's is left out: this
// one's are other and dearer.
func (b *Breakpoints) Write(w *rawjson.Writer, cache *llm.Cache) {
	w.Key("prompt_cache_breakpoint")
	w.Obj()
	w.StrField("mode", "explicit")
	if b.keepTTL && cache.TTL != "" {
		w.StrField("ttl", cache.TTL)
	}
	w.End()
}
