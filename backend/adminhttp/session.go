package adminhttp

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"sync"
	"time"
)

// A console session ends this long after its sign-in, or after this long without a request.
const (
	sessionLife = 24 * time.Hour
	sessionIdle = 4 * time.Hour
	maxSessions = 32
)

// sessions keeps the console sessions in memory, by the hash of their token: a restart signs
// everyone out. At most maxSessions; the one idle longest makes room.
type sessions struct {
	mu      sync.Mutex
	now     func() time.Time
	all     map[[sha256.Size]byte]*session
	epoch   int           // grows when all are closed
	changed chan struct{} // closed, and replaced, when sessions are closed
}

type session struct {
	born, seen time.Time
}

func newSessions(now func() time.Time) *sessions {
	return &sessions{now: now, all: make(map[[sha256.Size]byte]*session), changed: make(chan struct{})}
}

// age is what open must be given; it is taken before the password is checked.
func (s *sessions) age() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.epoch
}

// open makes a session and returns its token; "" if all were closed since age was taken: the password
// that was checked may be the old one.
func (s *sessions) open(age int) string {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails: it ends the process instead
	token := base64.RawURLEncoding.EncodeToString(raw)
	s.mu.Lock()
	defer s.mu.Unlock()
	if age != s.epoch {
		return ""
	}
	s.makeRoom()
	now := s.now()
	s.all[sha256.Sum256([]byte(token))] = &session{born: now, seen: now}
	return token
}

// valid reports whether the token names a live session and notes its use.
func (s *sessions) valid(token string) bool {
	if token == "" {
		return false
	}
	id := sha256.Sum256([]byte(token))
	s.mu.Lock()
	defer s.mu.Unlock()
	one, ok := s.all[id]
	if !ok {
		return false
	}
	if now := s.now(); one.live(now) {
		one.seen = now
		return true
	}
	delete(s.all, id)
	return false
}

// alive reports whether the session lives without counting as its use: an open event stream does
// not keep a session awake.
func (s *sessions) alive(token string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	one, ok := s.all[sha256.Sum256([]byte(token))]
	return ok && one.live(s.now())
}

func (s *sessions) close(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.all, sha256.Sum256([]byte(token)))
	s.tell()
}

func (s *sessions) closeAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.all)
	s.epoch++
	s.tell()
}

// tell lets open event streams look whether their session is among those closed. Under the lock.
func (s *sessions) tell() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// closing is closed at the next time that sessions are closed.
func (s *sessions) closing() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changed
}

func (one *session) live(now time.Time) bool {
	return now.Sub(one.born) < sessionLife && now.Sub(one.seen) < sessionIdle
}

func (s *sessions) makeRoom() {
	now := s.now()
	var oldest [sha256.Size]byte
	var seen time.Time
	for id, one := range s.all {
		if !one.live(now) {
			delete(s.all, id)
			continue
		}
		if seen.IsZero() || one.seen.Before(seen) {
			oldest, seen = id, one.seen
		}
	}
	if len(s.all) >= maxSessions {
		delete(s.all, oldest)
	}
}
