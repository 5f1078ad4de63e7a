package fakegemini

import (
	"encoding/json"
	"unicode/utf8"
)

// player turns a step into the bytes of an answer.
type player struct {
	srv   *Server
	model Model
	req   *generateRequest
	body  json.RawMessage // in canonical names
	step  Step
	key   string
}

func (p *player) reply() *Reply {
	r := p.step.Reply
	if r == nil {
		r = think(p.model, p.req)
	}
	if p.step.Fault == FaultMalformedFn {
		r = &Reply{Finish: "MALFORMED_FUNCTION_CALL", FinishMessage: "Malformed function call: print(default_api.f("}
	}
	if p.step.Fault == FaultNoCandidates {
		r = &Reply{Finish: "-"}
	}
	return r
}

// parts signs and numbers the parts of a reply.
func (p *player) parts(r *Reply) []wirePart {
	var out []wirePart
	signed := false
	for _, in := range r.Parts {
		w := wirePart{Thought: in.Thought, raw: in.Raw}
		switch {
		case in.Raw != nil:
		case in.Call != nil:
			w.Call = p.call(in.Call)
			w.Signature = p.sign(in.Sign, !signed && p.signsCalls(), &functionCall{Name: w.Call.Name, Args: w.Call.Args})
			signed = true
		case in.Inline != nil:
			w.Inline = &wireBlob{in.Inline.MIME, in.Inline.Data}
			w.Signature = p.sign(in.Sign, p.model.gemini3(), nil)
		default:
			t := in.Text
			w.Text = &t
			w.Signature = p.sign(in.Sign, false, nil)
		}
		out = append(out, w)
	}
	return p.signLast(r, out, signed)
}

// signLast puts a signature on the last part of a reply without calls, as
// Gemini 3 does (docs).
func (p *player) signLast(r *Reply, out []wirePart, signed bool) []wirePart {
	n := len(out) - 1
	if n < 0 || signed || !p.model.gemini3() || out[n].Text == nil || out[n].Thought || r.Parts[n].Sign != "" {
		return out
	}
	out[n].Signature = p.srv.seals.issue(p.model.Family, p.key, nil)
	return out
}

// signsCalls: Gemini 3 always signs, 2.5 when it thinks (docs).
func (p *player) signsCalls() bool {
	if p.model.gemini3() {
		return true
	}
	t := p.req.config().Thinking
	return p.model.thinking() && t != nil && (t.IncludeThoughts || t.Budget == nil || *t.Budget != 0)
}

func (p *player) sign(how string, auto bool, call *functionCall) string {
	switch {
	case how == "no", how == "" && !auto:
		return ""
	case how == "", how == "yes":
		return p.srv.seals.issue(p.model.Family, p.key, call)
	}
	return how
}

func (p *player) call(c *Call) *wireCall {
	w := &wireCall{ID: c.ID, Name: c.Name, Args: c.Args}
	if len(w.Args) == 0 {
		w.Args = json.RawMessage(`{}`)
	}
	switch {
	case c.ID == "-", p.model.NoCallIDs:
		w.ID = ""
	case c.ID == "" && (p.model.gemini3() || p.model.MustCallIDs):
		w.ID = randomID(8)
	}
	return w
}

// usage counts when the script does not.
func (p *player) usage(r *Reply) *Usage {
	u := Usage{}
	if r.Usage != nil {
		u = *r.Usage
	} else {
		u.Prompt = estimate(p.req)
		for _, part := range r.Parts {
			n := 1 + len(part.Text)/4
			if part.Call != nil {
				n = 8 + len(part.Call.Args)/4
			}
			if part.Thought {
				u.Thoughts += n
			} else {
				u.Candidates += n
			}
		}
	}
	if u.Total == 0 {
		u.Total = u.Prompt + u.Candidates + u.Thoughts + u.ToolUse
	}
	return &u
}

func estimate(req *generateRequest) int {
	b, err := json.Marshal(req)
	if err != nil {
		return 1
	}
	return 1 + len(b)/16
}

// frames are the replies of a stream; a unary answer is the one frame of
// pieces == 1.
func (p *player) frames(r *Reply, streaming bool) [][]byte {
	base := wireReply{ModelVersion: r.ModelVersion, ResponseID: r.ResponseID}
	if base.ModelVersion == "" {
		base.ModelVersion = p.model.Name
	}
	if base.ResponseID == "" {
		base.ResponseID = randomID(16)
	}
	usage := p.usage(r)
	if r.PromptFeedback != nil {
		base.PromptFeedback, base.Usage = r.PromptFeedback, &Usage{Prompt: usage.Prompt, Total: usage.Prompt}
		return [][]byte{detail(base)}
	}
	n := 1
	if c := p.req.config().CandidateCount; c != nil {
		n = *c
	}
	var out [][]byte
	var whole wireReply
	for i := range n {
		groups := [][]wirePart{p.parts(r)}
		if streaming {
			groups = split(groups[0], r.Pieces)
		}
		for g, parts := range groups {
			f := base
			last := g == len(groups)-1
			f.Candidates = []wireCandidate{p.candidate(r, i, parts, last)}
			f.Usage = usage
			if !last || i < n-1 {
				f.Usage = &Usage{Prompt: usage.Prompt, Cached: usage.Cached, Total: usage.Prompt}
			}
			if streaming {
				out = append(out, detail(f))
				continue
			}
			whole.Candidates = append(whole.Candidates, f.Candidates...)
		}
	}
	if streaming {
		return out
	}
	candidates := whole.Candidates
	whole = base
	whole.Candidates, whole.Usage = candidates, usage
	b, _ := json.MarshalIndent(whole, "", "  ")
	return [][]byte{b}
}

func (p *player) candidate(r *Reply, index int, parts []wirePart, last bool) wireCandidate {
	c := wireCandidate{Index: index}
	if len(parts) > 0 || r.Finish == "" || r.Finish == "STOP" {
		c.Content = &wireContent{Role: "model", Parts: parts}
	}
	if !last {
		return c
	}
	c.Finish, c.FinishMessage = r.Finish, r.FinishMessage
	if r.Finish == "CONTINUATION" {
		c.Token = p.srv.tokens.issue(p.key, p.model.Name, p.body)
	}
	switch r.Finish {
	case "":
		c.Finish = "STOP"
	case "-":
		c.Finish = ""
	}
	c.Grounding, c.Citations, c.SafetyRatings, c.Logprobs = r.Grounding, r.Citations, r.SafetyRatings, r.Logprobs
	return c
}

// split cuts texts into pieces on rune borders, one frame each; calls and
// media come whole; a signature on a text rides on an empty text part of its
// own at the end, as the service sends it (the project's client notes).
func split(parts []wirePart, pieces int) [][]wirePart {
	if pieces <= 0 {
		pieces = 3
	}
	var out [][]wirePart
	for _, p := range parts {
		if p.Text == nil || p.raw != nil {
			out = append(out, []wirePart{p})
			continue
		}
		for _, t := range cut(*p.Text, pieces) {
			out = append(out, []wirePart{{Text: &t, Thought: p.Thought}})
		}
		if p.Signature != "" {
			empty := ""
			out = append(out, []wirePart{{Text: &empty, Thought: p.Thought, Signature: p.Signature}})
		}
	}
	if len(out) == 0 {
		out = append(out, nil)
	}
	return out
}

func cut(s string, pieces int) []string {
	size := max(1, (len(s)+pieces-1)/pieces)
	var out []string
	for len(s) > size {
		i := size
		for i < len(s) && !utf8.RuneStart(s[i]) {
			i++
		}
		out = append(out, s[:i])
		s = s[i:]
	}
	return append(out, s)
}
