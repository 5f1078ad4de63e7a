package wire

import "antigravity-tools/backend/llm"

// Sequencer puts parts that are open at the same time one after another: the
// lowest open part passes at once, the events of the others wait until all
// before them are closed. It takes the part events of one choice. What waits
// is bounded by the length of the reply.
type Sequencer struct {
	order []int // of the parts that are open or wait; the first one passes
	held  map[int][]llm.Event
}

// Push takes the next event and calls emit for what is due.
func (s *Sequencer) Push(ev llm.Event, emit func(llm.Event)) {
	if ev.Kind == llm.EventPartOpen {
		s.order = append(s.order, ev.Index)
	}
	if len(s.order) == 0 {
		return // a breach of the grammar: nothing is open
	}
	if ev.Index != s.order[0] {
		if s.held == nil {
			s.held = map[int][]llm.Event{}
		}
		s.held[ev.Index] = append(s.held[ev.Index], ev)
		return
	}
	emit(ev)
	if ev.Kind == llm.EventPartClose {
		s.order = s.order[1:]
		s.release(emit)
	}
}

// release lets the next parts out, up to the first one that is still open.
func (s *Sequencer) release(emit func(llm.Event)) {
	for len(s.order) > 0 {
		index, closed := s.order[0], false
		events := s.held[index]
		delete(s.held, index)
		for _, ev := range events {
			emit(ev)
			closed = closed || ev.Kind == llm.EventPartClose
		}
		if !closed {
			return
		}
		s.order = s.order[1:]
	}
}
