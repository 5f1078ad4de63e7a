package settings

import (
	"maps"
	"slices"
)

// Subscribe has f called after each change, one change at a time and in order,
// on the goroutine of a writer. f must not wait for long; it may call Set, whose
// own change is then delivered after f returns. The answer ends the subscription;
// a delivery under way may still reach f.
func (s *Service) Subscribe(f func(Change)) (cancel func()) {
	s.subMu.Lock()
	defer s.subMu.Unlock()
	id := s.nextSub
	s.nextSub++
	s.subs[id] = f
	return func() {
		s.subMu.Lock()
		defer s.subMu.Unlock()
		delete(s.subs, id)
	}
}

// deliver tells the queued changes. One goroutine does it at a time; the queue is
// bounded by the writers, each of which adds one change.
func (s *Service) deliver() {
	s.subMu.Lock()
	if s.delivering {
		s.subMu.Unlock()
		return
	}
	s.delivering = true
	defer func() {
		s.delivering = false
		s.subMu.Unlock()
	}()
	for len(s.pending) > 0 {
		c := s.pending[0]
		s.pending = s.pending[1:]
		for _, id := range slices.Sorted(maps.Keys(s.subs)) {
			s.call(s.subs[id], c)
		}
	}
}

// call runs a subscriber without the lock, and has it back even after a panic.
func (s *Service) call(f func(Change), c Change) {
	if f == nil {
		return
	}
	s.subMu.Unlock()
	defer s.subMu.Lock()
	f(c)
}
