package protocoltest

import (
	"strings"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol/crossing"
)

// Turn is what matters of a reply once it has come back as history.
type Turn struct {
	Calls  []string // name, arguments and the seal's data of each call
	Media  int
	Thinks []string // sealed reasoning: its data
}

// Summary summarises the parts of a model turn. A seal counts only where the
// protocol of the client can carry it: carries tells.
func Summary(parts []llm.Part, carries func(*llm.Seal) bool) Turn {
	var out Turn
	for i := range parts {
		p := &parts[i]
		seal := ""
		if p.Seal != nil && carries(p.Seal) {
			seal = p.Seal.Data
		}
		switch p.Kind {
		case llm.KindCall:
			args := p.Call.Args
			if args == "" {
				args = "{}"
			}
			out.Calls = append(out.Calls, strings.Join([]string{p.Call.Name, args, seal}, " "))
		case llm.KindMedia:
			out.Media++
		case llm.KindReasoning:
			if seal != "" {
				out.Thinks = append(out.Thinks, seal)
			}
		}
	}
	return out
}

// ModelParts normalises a decoded request as the relay does and returns the
// parts of all its model turns.
func ModelParts(req *llm.Request) (parts []llm.Part) {
	crossing.Normalize(req, nil)
	for i := range req.Turns {
		if req.Turns[i].Role == llm.RoleModel {
			parts = append(parts, req.Turns[i].Parts...)
		}
	}
	return parts
}
