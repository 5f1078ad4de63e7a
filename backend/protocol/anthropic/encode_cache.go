package anthropic

import (
	"slices"

	"antigravity-tools/backend/llm"
)

// maxBreakpoints is how many cache breakpoints a request may have.
const maxBreakpoints = 4

// planCache counts the breakpoints: if there are more than the service takes,
// the last ones count.
func (e *requestEncoder) planCache(plan toolPlan) {
	n := 0
	count := func(c *llm.Cache) {
		if c != nil {
			n++
		}
	}
	for _, t := range plan.tools {
		count(t.tool.Cache)
	}
	for i := range e.system {
		count(e.system[i].Cache)
	}
	for i := range e.turns {
		for j := range e.turns[i].Parts {
			p := &e.turns[i].Parts[j]
			count(p.Cache)
			if p.Result == nil {
				continue
			}
			for k := range p.Result.Parts {
				count(p.Result.Parts[k].Cache)
			}
		}
	}
	e.marks = n
	if !e.own {
		e.skip = max(n-maxBreakpoints, 0)
	}
	if e.wantsAuto(plan) != nil && e.markable() && n < maxBreakpoints {
		e.markEnd(e.wantsAuto(plan))
	}
}

// wantsAuto is the automatic caching that the client asked for, or that serves
// an agent's prompt whose client has set no breakpoints itself; nil: none.
func (e *requestEncoder) wantsAuto(plan toolPlan) *llm.Cache {
	if e.req.CacheAuto == nil && !e.own && e.marks == 0 && len(plan.tools) > 0 && !e.count {
		return &llm.Cache{}
	}
	return e.req.CacheAuto
}

// markable tells an endpoint that has breakpoints and refuses automatic caching.
func (e *requestEncoder) markable() bool {
	caps := e.target.Caps
	return !caps.CacheAuto && caps.CacheBreakpoints && caps.Restricted()
}

// markEnd does by a breakpoint what automatic caching would do: it marks the
// last block of the conversation, unless that has a mark.
func (e *requestEncoder) markEnd(c *llm.Cache) {
	last := len(e.turns) - 1
	if last < 0 || len(e.turns[last].Parts) == 0 {
		return
	}
	e.turns = slices.Clone(e.turns) // the request's own stay as they are
	turn := &e.turns[last]
	turn.Parts = slices.Clone(turn.Parts)
	p := &turn.Parts[len(turn.Parts)-1]
	switch p.Kind {
	case llm.KindText, llm.KindMedia, llm.KindCall, llm.KindResult:
		if p.Cache == nil && !standsWhole(p) {
			p.Cache = c
			e.marks++
		}
	}
}

// cache writes a breakpoint, in the lifetimes that exist here.
func (e *requestEncoder) cache(c *llm.Cache, path string) {
	if c == nil {
		return
	}
	if e.skip > 0 {
		e.skip--
		e.losses.Drop("cache", path, "more than the service takes")
		return
	}
	e.w.Key("cache_control")
	e.writeCache(c, path)
}

func (e *requestEncoder) writeCache(c *llm.Cache, path string) {
	ttl := c.TTL
	if !e.own {
		switch ttl {
		case "30m":
			ttl = "5m"
		case "12h":
			ttl = "1h"
		}
		if ttl != c.TTL {
			e.losses.Adapt("cache.ttl", path, c.TTL+" -> "+ttl)
		}
	}
	e.w.Obj()
	e.w.StrField("type", "ephemeral")
	if ttl != "" {
		e.w.StrField("ttl", ttl)
	}
	e.w.End()
}

// autoCache asks for automatic caching, where the service has it.
func (e *requestEncoder) autoCache(plan toolPlan) {
	c := e.req.CacheAuto
	if c == nil && e.target.Caps.CacheAuto {
		c = e.wantsAuto(plan)
	}
	switch {
	case c == nil || e.markable():
	case !e.asked && !e.target.Caps.CacheAuto:
		e.losses.Drop("cache", "cache_control", "")
	default:
		e.w.Key("cache_control")
		e.writeCache(c, "cache_control")
	}
}
