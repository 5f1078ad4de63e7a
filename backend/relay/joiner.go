package relay

import (
	"unicode/utf8"

	"antigravity-tools/backend/llm"
)

// joiner makes one answer of several: one Open, indexes that go on, usage that
// adds up. Only the first choice of an answer can have further legs. It is pure.
type joiner struct {
	// seamless: text that a leg ends with and the next begins with is one part.
	seamless bool

	legs int        // before this one
	base int        // parts of those legs that the client knows
	next int        // parts known, this leg's included
	used llm.Usage  // of those legs
	now  *llm.Usage // of this leg, the last word counts

	last  llm.Part   // the part opened last
	runes int        // of its text
	shift int        // of those: what earlier legs said of it
	held  *llm.Event // the end of that part, until it is known what follows it

	out []llm.Event // of the call that runs
}

// nextLeg tells that what follows is of the next answer.
func (j *joiner) nextLeg() {
	j.used, j.now = j.total(), nil
	j.base = j.next
	j.legs++
}

// total is the usage of all legs so far.
func (j *joiner) total() llm.Usage {
	if j.now == nil {
		return j.used
	}
	return j.used.Plus(*j.now)
}

// join gives the events that an event becomes, at most two. They are valid until
// the next call.
func (j *joiner) join(ev llm.Event) []llm.Event {
	j.out = j.out[:0]
	switch {
	case ev.Kind == llm.EventOpen:
		if j.legs > 0 {
			return nil
		}
		return j.pass(ev)
	case ev.Kind == llm.EventMeter:
		j.now = ev.Usage
		if j.legs > 0 {
			total := j.total()
			ev.Usage = &total
		}
		return j.pass(ev)
	case ev.Choice != 0:
		if j.legs > 0 {
			return nil // no leg but the first has further choices
		}
		return j.pass(ev)
	}
	return j.part(ev)
}

func (j *joiner) pass(ev llm.Event) []llm.Event {
	j.out = append(j.out, ev)
	return j.out
}

// part numbers the events of parts on, and holds back the end of a text.
func (j *joiner) part(ev llm.Event) []llm.Event {
	if ev.Kind == llm.EventPartOpen && j.goesOn(&ev) {
		j.held, j.shift = nil, j.runes
		j.base-- // this leg's first part is the last one's rest
		return nil
	}
	if j.held != nil {
		j.out, j.held = append(j.out, *j.held), nil
	}
	if ev.Kind == llm.EventClose {
		return j.pass(ev)
	}
	ev.Index += j.base
	switch {
	case ev.Kind == llm.EventPartOpen:
		j.last, j.next, j.runes, j.shift = *ev.Part, ev.Index+1, 0, 0
	case !j.seamless || ev.Index != j.next-1:
	case ev.Kind == llm.EventDelta:
		ev = j.delta(ev)
	case ev.Kind == llm.EventPartClose && mayGoOn(&j.last):
		held := ev
		j.held = &held
		return j.out
	}
	return j.pass(ev)
}

// delta notes what is added to the last part; places in the text of a leg are
// told as places in the whole text.
func (j *joiner) delta(ev llm.Event) llm.Event {
	j.runes += utf8.RuneCountInString(ev.Text)
	if ev.Seal != nil {
		j.last.Seal = ev.Seal
	}
	if ev.Citation != nil && ev.Citation.End > 0 && j.shift > 0 {
		moved := *ev.Citation
		moved.Start, moved.End = moved.Start+j.shift, moved.End+j.shift
		ev.Citation = &moved
	}
	return ev
}

// goesOn tells whether the part that opens is the rest of the one held open.
func (j *joiner) goesOn(ev *llm.Event) bool {
	return j.held != nil && j.legs > 0 && ev.Index == 0 && j.held.Index == j.base-1 &&
		ev.Part.Kind == j.last.Kind && ev.Part.Refusal == j.last.Refusal && mayGoOn(ev.Part)
}

// mayGoOn tells a part whose text may go on: nothing was signed or said of the
// whole of it.
func mayGoOn(p *llm.Part) bool {
	return (p.Kind == llm.KindText || p.Kind == llm.KindReasoning) && p.Seal == nil && p.Native.Rest == nil && p.Text == ""
}
