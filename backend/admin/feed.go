package admin

import "sync"

// feedDepth is how many events a subscriber may lag behind before it is cut off; it then
// reconnects and gets the state first.
const feedDepth = 256

// Feed numbers events and hands them to every subscriber: the window's bridge and the SSE
// connections. Publishing never blocks. The zero value is not usable; see NewFeed.
type Feed struct {
	mu   sync.Mutex
	seq  int64
	subs map[chan Event]struct{}
	done bool
}

// NewFeed returns an empty feed.
func NewFeed() *Feed { return &Feed{subs: make(map[chan Event]struct{})} }

// Publish sends data under a topic to all subscribers. One whose queue is full is cut off.
func (f *Feed) Publish(topic Topic, data any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.done {
		return
	}
	f.seq++
	e := Event{Topic: topic, Seq: f.seq, Data: data}
	for ch := range f.subs {
		select {
		case ch <- e:
		default:
			delete(f.subs, ch)
			close(ch)
		}
	}
}

// Active tells whether anybody listens: what only pages need is then not made.
func (f *Feed) Active() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.subs) > 0
}

// Subscribe returns a channel of the events from now on and the number of the last one before
// it. The channel is closed by cancel, when the subscriber lags too far, and by Close.
func (f *Feed) Subscribe() (events <-chan Event, last int64, cancel func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	ch := make(chan Event, feedDepth)
	if f.done {
		close(ch)
		return ch, f.seq, func() {}
	}
	f.subs[ch] = struct{}{}
	return ch, f.seq, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		if _, ok := f.subs[ch]; ok {
			delete(f.subs, ch)
			close(ch)
		}
	}
}

// Subscribers counts the open subscriptions.
func (f *Feed) Subscribers() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.subs)
}

// Close ends all subscriptions; later events are dropped.
func (f *Feed) Close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.done = true
	for ch := range f.subs {
		delete(f.subs, ch)
		close(ch)
	}
}
