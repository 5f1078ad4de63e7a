package adminhttp

import (
	"sync"
	"time"
)

// Wrong passwords: each address has some free tries, then waits that double; all addresses
// together have a limit too, so that many of them cannot share the guessing.
const (
	freeTries    = 5
	firstWait    = 2 * time.Second
	longestWait  = 5 * time.Minute
	forgetAfter  = 15 * time.Minute
	maxAddresses = 1024
	allPerWindow = 60
	allWindow    = time.Minute
	everyoneKey  = "*"
)

type tries struct {
	failed  int
	last    time.Time
	blocked time.Time // no try before
}

// throttle slows password guessing down.
type throttle struct {
	mu  sync.Mutex
	now func() time.Time
	by  map[string]*tries
}

func newThrottle(now func() time.Time) *throttle {
	return &throttle{now: now, by: make(map[string]*tries)}
}

// wait tells how long this address must wait before its next try; 0: it may try.
func (t *throttle) wait(address string) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	return max(t.left(address), t.left(everyoneKey))
}

func (t *throttle) left(key string) time.Duration {
	one, ok := t.by[key]
	if !ok {
		return 0
	}
	return max(0, one.blocked.Sub(t.now()))
}

// fail notes a wrong password.
func (t *throttle) fail(address string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	t.forget(now)
	one := t.entry(address)
	one.failed, one.last = one.failed+1, now
	if over := one.failed - freeTries; over >= 0 {
		one.blocked = now.Add(min(longestWait, firstWait<<min(over, 10)))
	}
	all := t.entry(everyoneKey)
	if now.Sub(all.last) >= allWindow {
		all.failed, all.last = 0, now
	}
	if all.failed++; all.failed >= allPerWindow {
		all.blocked = all.last.Add(allWindow)
	}
}

// succeed forgets the address's failures.
func (t *throttle) succeed(address string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.by, address)
}

func (t *throttle) entry(key string) *tries {
	one, ok := t.by[key]
	if !ok {
		one = &tries{last: t.now()}
		t.by[key] = one
	}
	return one
}

// forget drops old entries, and, when there are too many, the one that failed longest ago.
func (t *throttle) forget(now time.Time) {
	var oldest string
	var when time.Time
	for key, one := range t.by {
		if key == everyoneKey {
			continue
		}
		if now.Sub(one.last) > forgetAfter {
			delete(t.by, key)
			continue
		}
		if oldest == "" || one.last.Before(when) {
			oldest, when = key, one.last
		}
	}
	if len(t.by) > maxAddresses {
		delete(t.by, oldest)
	}
}
