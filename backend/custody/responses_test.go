package custody

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// responseRepo is a repository in memory.
type responseRepo struct {
	mu    sync.Mutex
	rows  map[storedKey]*Stored
	saves int
	fail  bool
	notes []*Stored
	// turned is how many of the notes are in the batch at hand.
	turned int
}

func (m *responseRepo) LoadResponse(_ context.Context, scope, id string) (*Stored, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.rows[storedKey{scope, id}], nil
}

func (m *responseRepo) FindItem(_ context.Context, scope, item string) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for k, s := range m.rows {
		for _, id := range s.Items {
			if k.scope == scope && id == item {
				return k.id, nil
			}
		}
	}
	return "", nil
}

func (m *responseRepo) SaveResponses(_ context.Context, list []*Stored) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail {
		return errors.New("disk full")
	}
	m.saves++
	for _, s := range list {
		m.rows[s.key()] = s
	}
	return nil
}

func (m *responseRepo) NoteResponse(s *Stored) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.notes = append(m.notes, s)
	return nil
}

func (m *responseRepo) TurnNotes() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.turned = len(m.notes)
	return nil
}

// ClearNotes wants every note that it takes away to be written.
func (m *responseRepo) ClearNotes() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, s := range m.notes[:m.turned] {
		if m.rows[s.key()] == nil {
			return errors.New("a note was taken away before its response was written")
		}
	}
	m.notes, m.turned = m.notes[m.turned:], 0
	return nil
}

func (m *responseRepo) DeleteResponse(_ context.Context, scope, id string) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, ok := m.rows[storedKey{scope, id}]
	delete(m.rows, storedKey{scope, id})
	return ok, nil
}

func (m *responseRepo) PurgeResponses(context.Context, time.Time, int, int64) error { return nil }

func newResponses(retention *time.Duration) (*Responses, *responseRepo) {
	repo := &responseRepo{rows: map[storedKey]*Stored{}}
	return NewResponses(repo, nil, nil, func() time.Duration { return *retention }), repo
}

func stored(scope, id, parent string) *Stored {
	return &Stored{Scope: scope, ID: id, Parent: parent, Created: time.Now(), Input: []byte(`[{"id":"in_` + id + `"}]`),
		Body: []byte(`{"id":"` + id + `"}`), Items: []string{"in_" + id}}
}

// TestResponsesReadYourWrites: what was put is found at once, written later, and
// found by a store that starts anew.
func TestResponsesReadYourWrites(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		retention := time.Hour
		r, repo := newResponses(&retention)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		repo.fail = true
		go func() { r.Run(ctx); close(done) }()
		r.Put(stored("k", "a", ""))
		r.Put(stored("k", "b", "a"))
		if s, err := r.Get(ctx, "k", "a"); err != nil || s == nil {
			t.Fatal(s, err)
		}
		time.Sleep(2 * time.Second)
		repo.mu.Lock()
		repo.fail = false
		repo.mu.Unlock()
		time.Sleep(2 * maxBackoff)
		repo.mu.Lock()
		saves := repo.saves
		repo.mu.Unlock()
		if saves != 1 {
			t.Errorf("%d writes", saves)
		}
		fresh := NewResponses(repo, nil, nil, func() time.Duration { return retention })
		chain, err := fresh.Chain(ctx, "k", "b")
		if err != nil || len(chain) != 2 || chain[0].ID != "a" || chain[1].ID != "b" {
			t.Errorf("%v %v", chain, err)
		}
		if s, err := fresh.WithItem(ctx, "k", "in_a"); err != nil || s == nil || s.ID != "a" {
			t.Error(s, err)
		}
		for _, ask := range [][2]string{{"other", "a"}, {"k", "c"}, {"", "a"}} {
			if s, err := fresh.Get(ctx, ask[0], ask[1]); err != nil || s != nil {
				t.Errorf("%v gave %v %v", ask, s, err)
			}
		}
		if s, err := fresh.WithItem(ctx, "other", "in_a"); err != nil || s != nil {
			t.Error("an item of another key", s, err)
		}
		if ok, err := fresh.Delete(ctx, "other", "a"); err != nil || ok {
			t.Error("deleted with another key", err)
		}
		if ok, err := r.Delete(ctx, "k", "b"); err != nil || !ok {
			t.Error(ok, err)
		}
		if s, _ := r.Get(ctx, "k", "b"); s != nil {
			t.Error("found after it was deleted")
		}
		r.Put(stored("k", "last", ""))
		cancel()
		<-done
		if repo.rows[storedKey{"k", "last"}] == nil {
			t.Error("not written at the end")
		}
	})
}

// TestResponsesRetention: the setting counts at once, for what is read and for
// what one goes on from; 0 keeps nothing.
func TestResponsesRetention(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		retention := time.Hour
		r, _ := newResponses(&retention)
		ctx := t.Context()
		r.Put(stored("", "old", ""))
		time.Sleep(50 * time.Minute)
		r.Put(stored("", "young", "old"))
		time.Sleep(20 * time.Minute)
		if s, _ := r.Get(ctx, "", "old"); s != nil {
			t.Error("read after its retention")
		}
		if chain, _ := r.Chain(ctx, "", "young"); len(chain) != 2 {
			t.Error("a conversation that goes on lost its beginning")
		}
		retention = 10 * time.Minute
		if s, _ := r.Get(ctx, "", "young"); s != nil {
			t.Error("a shorter retention does not count")
		}
		retention = 0
		r.Put(stored("", "none", ""))
		retention = time.Hour
		if s, _ := r.Get(ctx, "", "none"); s != nil || r.waiting == 0 {
			t.Error("kept although nothing is")
		}
	})
}

// TestResponsesAreBounded: memory and the queue have limits, whatever is put.
func TestResponsesAreBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		retention := time.Hour
		r, _ := newResponses(&retention)
		size := rapid.SampledFrom([]int{10, 1 << 20, 30 << 20}).Draw(t, "size")
		n := rapid.SampledFrom([]int{1, 40, 2500}).Draw(t, "n")
		body := make([]byte, size)
		for i := range n {
			s := stored("k", fmt.Sprint(i%2400), "")
			s.Body = body
			r.Put(s)
		}
		if len(r.pending) > pendingResponses || r.waiting > pendingBytes {
			t.Fatalf("%d responses of %d bytes wait", len(r.pending), r.waiting)
		}
		if r.recent.Len() > recentResponses || r.bytes > recentBytes && r.recent.Len() > 1 || len(r.items) != r.recent.Len() {
			t.Fatalf("%d responses, %d bytes, %d items in memory", r.recent.Len(), r.bytes, len(r.items))
		}
		waiting, bytes := 0, 0
		for _, s := range r.pending {
			waiting += s.size()
		}
		for _, s := range r.recent.Values() {
			bytes += s.size()
		}
		if waiting != r.waiting || bytes != r.bytes {
			t.Fatalf("counted %d and %d, but there are %d and %d", r.waiting, r.bytes, waiting, bytes)
		}
	})
	retention := time.Hour
	r, _ := newResponses(&retention)
	s := stored("k", "huge", "")
	s.Body = make([]byte, maxStored+1)
	if r.Put(s); r.Dropped() != 1 || r.recent.Len() != 0 {
		t.Error("a response beyond the limit was taken")
	}
}
