// Package bus hands values of one type from publishers to subscribers within the
// process. Publishing never waits: each subscriber has a bounded queue, and one
// that falls behind loses its oldest values, which are counted.
package bus

import (
	"sync"
	"sync/atomic"
)

// A Topic carries values of type T. All subscribers see them in the same order.
// The zero value is ready to use; a Topic must not be copied. It starts no
// goroutines.
type Topic[T any] struct {
	mu     sync.Mutex
	subs   []*Subscription[T] // guarded by mu
	closed bool               // guarded by mu
	count  atomic.Int32       // of subs, read without mu
}

// A Subscription is one subscriber's queue.
type Subscription[T any] struct {
	topic   *Topic[T]
	queue   chan T
	dropped atomic.Uint64
}

// Publish hands v to all that are subscribed now. It never waits for them.
func (t *Topic[T]) Publish(v T) {
	if t.count.Load() == 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, s := range t.subs {
		s.put(v)
	}
}

// put is called under the lock of the topic, which makes it the only sender: once
// there is room, nobody else can take it, so that the loop ends.
func (s *Subscription[T]) put(v T) {
	for {
		select {
		case s.queue <- v:
			return
		default:
		}
		select {
		case <-s.queue:
			s.dropped.Add(1)
		default:
		}
	}
}

// Subscribe opens a queue for up to buffer values (at least one). The caller ends
// it with Close. On a closed topic the queue is closed from the start.
func (t *Topic[T]) Subscribe(buffer int) *Subscription[T] {
	s := &Subscription[T]{topic: t, queue: make(chan T, max(buffer, 1))}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		close(s.queue)
		return s
	}
	t.subs = append(t.subs, s)
	t.count.Add(1)
	return s
}

// Subscribers returns how many are subscribed now.
func (t *Topic[T]) Subscribers() int { return int(t.count.Load()) }

// Close ends all subscriptions, for good. What is queued can still be received.
func (t *Topic[T]) Close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
	for _, s := range t.subs {
		close(s.queue)
	}
	t.subs = nil
	t.count.Store(0)
}

// C is where the values come out. It is closed by Close of the subscription or of
// the topic.
func (s *Subscription[T]) C() <-chan T { return s.queue }

// Dropped returns how many values the subscriber has lost for being too slow.
func (s *Subscription[T]) Dropped() uint64 { return s.dropped.Load() }

// Close ends the subscription. It may be called more than once.
func (s *Subscription[T]) Close() {
	t := s.topic
	t.mu.Lock()
	defer t.mu.Unlock()
	for i, other := range t.subs {
		if other == s {
			t.subs = append(t.subs[:i:i], t.subs[i+1:]...)
			t.count.Add(-1)
			close(s.queue)
			return
		}
	}
}
