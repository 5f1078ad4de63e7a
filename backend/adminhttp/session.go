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
	mu  sync.Mutex
	now func() time.Time
	all map[[sha256.Size]byte]*session
}

type session struct {
	born, seen time.Time
}

func newSessions(now func() time.Time) *sessions {
	return &sessions{now: now, all: make(map[[sha256.Size]byte]*session)}
}

// open makes a session and returns its token.
func (s *sessions) open() string {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails: it ends the process instead
	token := base64.RawURLEncoding.EncodeToString(raw)
	s.mu.Lock()
	defer s.mu.Unlock()
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
}

func (s *sessions) closeAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.all)
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
