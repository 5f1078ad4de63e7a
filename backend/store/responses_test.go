package store

import (
	"bytes"
	"fmt"
	"os"
	"testing"
	"time"

	"antigravity-tools/backend/custody"
)

var storedAt = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

func response(scope, id, parent string, age time.Duration) *custody.Stored {
	return &custody.Stored{
		Scope: scope, ID: id, Parent: parent, Created: storedAt.Add(-age),
		Input: []byte(`[{"id":"msg_` + id + `"}]`), Body: []byte(`{"id":"` + id + `","n":12345678901234567890}`), Items: []string{"msg_" + id},
	}
}

func (s *Store) has(t *testing.T, scope, id string) bool {
	t.Helper()
	r, err := s.LoadResponse(t.Context(), scope, id)
	if err != nil {
		t.Fatal(err)
	}
	return r != nil
}

func TestResponses(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	ctx := t.Context()
	want := response("k1", "a", "", 0)
	if err := s.SaveResponses(ctx, []*custody.Stored{want, response("k2", "a", "", 0), response("k1", "b", "a", 0)}); err != nil {
		t.Fatal(err)
	}
	got, err := s.LoadResponse(ctx, "k1", "a")
	if err != nil || !bytes.Equal(got.Body, want.Body) || !bytes.Equal(got.Input, want.Input) || !got.Created.Equal(want.Created) || got.Items[0] != "msg_a" {
		t.Errorf("%+v %v", got, err)
	}
	for item, id := range map[string]string{"msg_b": "b", "msg_none": ""} {
		if got, err := s.FindItem(ctx, "k1", item); err != nil || got != id {
			t.Errorf("%s: %q %v", item, got, err)
		}
	}
	// A row that was moved to another key does not open there.
	execute(t, rawDB(t, dir), "UPDATE responses SET scope = 'k3' WHERE scope = 'k2'")
	if s.has(t, "k3", "a") {
		t.Error("sealed for one key, opened for another")
	}
	changed := response("k1", "a", "", 0)
	changed.Body = []byte(`{"id":"a","status":"failed"}`)
	if err := s.SaveResponses(ctx, []*custody.Stored{changed}); err != nil {
		t.Fatal(err)
	}
	if got, _ := s.LoadResponse(ctx, "k1", "a"); !bytes.Equal(got.Body, changed.Body) {
		t.Errorf("not replaced: %s", got.Body)
	}
	for range 2 { // a is built upon, so it is hidden first
		found, err := s.DeleteResponse(ctx, "k1", "a")
		if got, _ := s.LoadResponse(ctx, "k1", "a"); err != nil || got == nil || !got.Hidden {
			t.Errorf("%v %+v %v", found, got, err)
		}
	}
	if found, err := s.DeleteResponse(ctx, "k1", "b"); err != nil || !found || s.has(t, "k1", "b") {
		t.Errorf("%v %v", found, err)
	}
	if err := s.PurgeResponses(ctx, storedAt.Add(-time.Hour), 100, 1<<30); err != nil || s.has(t, "k1", "a") {
		t.Errorf("hidden and not built upon, but still there: %v", err)
	}
	if item, err := s.FindItem(ctx, "k1", "msg_a"); err != nil || item != "" {
		t.Errorf("%q %v", item, err)
	}
}

func TestResponsesAreSealed(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(t.Context(), Options{Dir: dir, Box: hiddenBox{}})
	if err != nil {
		t.Fatal(err)
	}
	r := response("k1", "a", "", 0)
	r.Body, r.Input = []byte(`{"text":"NOBODYREADSTHIS"}`), []byte(`[{"id":"msg_a","text":"NOBODYREADSTHIS"}]`)
	if err := s.SaveResponses(t.Context(), []*custody.Stored{r}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(Path(dir))
	if err != nil || bytes.Contains(raw, []byte("NOBODYREADSTHIS")) {
		t.Errorf("in the clear on disk: %v", err)
	}
}

// hiddenBox seals by turning bits over.
type hiddenBox struct{}

func (hiddenBox) Seal(_ string, plain []byte) []byte {
	out := bytes.Clone(plain)
	for i := range out {
		out[i] ^= 0xff
	}
	return out
}

func (b hiddenBox) Unseal(purpose string, sealed []byte) ([]byte, error) {
	return b.Seal(purpose, sealed), nil
}

func TestPurgeResponses(t *testing.T) {
	s := open(t, t.TempDir())
	ctx := t.Context()
	if err := s.SaveResponses(ctx, []*custody.Stored{
		response("k", "root", "", 50*time.Hour), response("k", "middle", "root", 30*time.Hour), response("k", "leaf", "middle", time.Hour),
		response("k", "dead", "root", 40*time.Hour), response("k", "old", "", 25*time.Hour), response("other", "middle", "", 30*time.Hour),
	}); err != nil {
		t.Fatal(err)
	}
	if err := s.PurgeResponses(ctx, storedAt.Add(-24*time.Hour), 100, 1<<30); err != nil {
		t.Fatal(err)
	}
	for id, there := range map[string]bool{"root": true, "middle": true, "leaf": true, "dead": false, "old": false} {
		if s.has(t, "k", id) != there {
			t.Errorf("%s is there: %v", id, !there)
		}
	}
	if s.has(t, "other", "middle") {
		t.Error("another key's response of the same id is kept")
	}
	for i := range 30 {
		if err := s.SaveResponses(ctx, []*custody.Stored{response("k", fmt.Sprint(i), "", time.Duration(i)*time.Minute)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.PurgeResponses(ctx, storedAt.Add(-24*time.Hour), 10, 1<<30); err != nil || !s.has(t, "k", "9") || s.has(t, "k", "10") {
		t.Errorf("not the ten youngest: %v", err)
	}
	var size int64
	if err := s.read.QueryRowContext(ctx, "SELECT sum(size) FROM responses WHERE created_at > ?", storedAt.Add(-3*time.Minute).UnixMilli()).Scan(&size); err != nil {
		t.Fatal(err)
	}
	if err := s.PurgeResponses(ctx, storedAt.Add(-24*time.Hour), 10, size); err != nil || !s.has(t, "k", "2") || s.has(t, "k", "3") {
		t.Errorf("not within %d bytes: %v", size, err)
	}
}

func BenchmarkSaveResponse(b *testing.B) {
	s := open(b, b.TempDir())
	r := response("k", "a", "", 0)
	r.Body = append([]byte(`{"text":"`), append(bytes.Repeat([]byte("x"), 20<<10), `"}`...)...)
	for i := 0; b.Loop(); i++ {
		r.ID = fmt.Sprint(i)
		r.Items = []string{"in" + r.ID, "out" + r.ID}
		if err := s.SaveResponses(b.Context(), []*custody.Stored{r}); err != nil {
			b.Fatal(err)
		}
	}
}
