package custody

import (
	"context"
	"slices"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
)

// Restore returns the request with the seals that its client could not carry
// put back where they came from; seals of another issuer stay out. Calls get
// the arguments back that their seals were given for. The request itself is not
// changed, and is returned as it is when nothing is missing or known. A
// repository that fails or is slow only leaves seals out.
func (s *Store) Restore(ctx context.Context, scope string, req *llm.Request, issuer llm.Issuer) *llm.Request {
	var wanted []Key
	for i := range req.Turns {
		if t := &req.Turns[i]; t.Role == llm.RoleModel && len(wanted) < maxKeys {
			wanted = append(wanted, turnKeys(scope, t, false)...)
		}
	}
	if len(wanted) == 0 {
		return req
	}
	found := s.find(ctx, wanted)
	if len(found) == 0 {
		return req
	}
	out := req
	for i := range req.Turns {
		t := &req.Turns[i]
		if t.Role != llm.RoleModel {
			continue
		}
		parts := restoreTurn(scope, t.Parts, found, issuer)
		if parts == nil {
			continue
		}
		if out == req {
			copied := *req
			copied.Turns = slices.Clone(req.Turns)
			out = &copied
		}
		out.Turns[i].Parts = parts
	}
	return out
}

// turnKeys lists the keys of a model turn's parts: of the unsigned ones and of
// every call, whose arguments are compared, or of all.
func turnKeys(scope string, t *llm.Turn, all bool) []Key {
	var keys []Key
	var texts []string
	signed := false // some text carries a seal
	for i := range t.Parts {
		p := &t.Parts[i]
		switch p.Kind {
		case llm.KindCall:
			if p.Call.ID != "" {
				keys = append(keys, keyOf(scope, byCall, p.Call.ID))
			}
		case llm.KindReasoning:
			if p.Text != "" && (all || p.Seal == nil) {
				keys = append(keys, keyOf(scope, byReasoning, p.Text))
			}
		case llm.KindMedia:
			if p.Media.Data != "" && (all || p.Seal == nil) {
				keys = append(keys, keyOf(scope, byMedia, p.Media.Data))
			}
		case llm.KindText:
			texts = append(texts, p.Text)
			signed = signed || p.Seal != nil
		}
	}
	if anyText(texts) && (all || !signed) {
		keys = append(keys, keyOf(scope, byText, texts...))
	}
	return keys
}

// find looks keys up in memory, and those that it knows nothing of in the
// repository, once: what is not there is remembered as absent.
func (s *Store) find(ctx context.Context, keys []Key) map[Key]*Entry {
	found := make(map[Key]*Entry, len(keys))
	var ask []Key
	oldest := s.now().Add(-Keeps)
	s.mu.Lock()
	for _, k := range keys {
		e, ok := s.memory.Get(k)
		switch {
		case !ok:
			ask = append(ask, k)
		case !e.absent() && e.At.After(oldest):
			found[k] = e
		}
	}
	s.mu.Unlock()
	if len(ask) == 0 || s.repo == nil {
		return found
	}
	ctx, cancel := context.WithTimeout(ctx, loadDeadline)
	defer cancel()
	loaded, err := s.repo.LoadSeals(ctx, ask)
	if err != nil {
		s.log.Warn("seals could not be read", "error", fault.From(err))
		return found
	}
	for i := range loaded {
		if e := &loaded[i]; e.At.After(oldest) {
			found[e.Key] = e
		}
	}
	s.learn(ask, found)
	return found
}

// learn remembers what the repository said, unless memory was told better in
// the meantime.
func (s *Store) learn(asked []Key, found map[Key]*Entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range asked {
		if known, ok := s.memory.Peek(k); ok {
			if delete(found, k); !known.absent() {
				found[k] = known
			}
			continue
		}
		e := found[k]
		if e == nil {
			e = &Entry{Key: k}
		}
		s.put(e)
	}
}

// restoreTurn returns the parts with their seals, nil if none was missing.
func restoreTurn(scope string, parts []llm.Part, found map[Key]*Entry, issuer llm.Issuer) []llm.Part {
	get := func(space string, texts ...string) *Entry {
		if e := found[keyOf(scope, space, texts...)]; e != nil && e.Seal.Issuer == issuer {
			return e
		}
		return nil
	}
	var out []llm.Part // nil until something is put back
	copied := func(i int) {
		if out == nil {
			out = append(make([]llm.Part, 0, len(parts)+1), parts[:i]...)
		}
	}
	var texts []string
	sealedThought, lastText, signed := false, -1, false
	hidden := -1 // sealed reasoning whose text the client was not shown
	for i := range parts {
		p := parts[i]
		switch p.Kind {
		case llm.KindText:
			texts = append(texts, p.Text)
			signed = signed || p.Seal != nil
		case llm.KindReasoning:
			if p.Seal == nil && p.Text != "" {
				if e := get(byReasoning, p.Text); e != nil {
					copied(i)
					p.Seal = &e.Seal
				}
			}
			sealedThought = sealedThought || p.Seal != nil
			if p.Seal != nil && p.Text == "" && p.Seal.Issuer == issuer {
				hidden = i
			}
		case llm.KindMedia:
			if p.Seal == nil && p.Media.Data != "" {
				if e := get(byMedia, p.Media.Data); e != nil {
					copied(i)
					p.Seal = &e.Seal
				}
			}
		case llm.KindCall:
			if e := get(byCall, p.Call.ID); p.Seal != nil {
				if c := asSigned(p.Call, p.Seal, e); c != p.Call {
					copied(i)
					p.Call = c
				}
			} else if p.Call.ID != "" {
				if e != nil && !e.Reasoning {
					copied(i)
					p.Seal = &e.Seal
					p.Call = asSigned(p.Call, p.Seal, e)
				} else if e != nil && !sealedThought {
					copied(i)
					out = append(out, llm.Part{Kind: llm.KindReasoning, Text: e.Text, Seal: &e.Seal})
				} else if e != nil && hidden >= 0 && parts[hidden].Seal.Data == e.Seal.Data {
					copied(i)
					out[hidden+len(out)-i].Text = e.Text // the signature is for it
				}
			}
			sealedThought, hidden = false, -1
		}
		if out != nil {
			out = append(out, p)
		}
		if p.Kind == llm.KindText && p.Text != "" {
			lastText = i
			if out != nil {
				lastText = len(out) - 1
			}
		}
	}
	if lastText >= 0 && !signed {
		if e := get(byText, texts...); e != nil {
			copied(len(parts))
			out[lastText].Seal = &e.Seal
		}
	}
	return out
}
