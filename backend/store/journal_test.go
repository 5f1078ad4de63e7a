package store

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"antigravity-tools/backend/custody"
)

func notes(t testing.TB, dir string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, journalPrefix+"*"))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestJournal: what was noted and not written is there after the next start,
// however the last record was cut; what was written is noted no longer.
func TestJournal(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	written, late, cut := response("k", "a", "", 0), response("k", "b", "a", 0), response("k", "c", "b", 0)
	late.Items = append(late.Items, "odd\nid", "")
	if err := s.NoteResponse(written); err != nil {
		t.Fatal(err)
	}
	if err := s.TurnNotes(); err != nil {
		t.Fatal(err)
	}
	for _, r := range []*custody.Stored{late, cut} {
		if err := s.NoteResponse(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.SaveResponses(t.Context(), []*custody.Stored{written}); err != nil {
		t.Fatal(err)
	}
	if err := s.ClearNotes(); err != nil {
		t.Fatal(err)
	}
	left := notes(t, dir)
	if len(left) != 1 {
		t.Fatalf("%v", left)
	}
	if info, err := os.Stat(left[0]); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	data, err := os.ReadFile(left[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(left[0], data[:len(data)-3], 0o600); err != nil {
		t.Fatal(err)
	}
	locked, err := Open(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if err := locked.Close(); err != nil || len(notes(t, dir)) != 1 {
		t.Errorf("opened without the key: %v, %v", err, notes(t, dir))
	}
	s = open(t, dir)
	got, err := s.LoadResponse(t.Context(), "k", "b")
	if err != nil || !reflect.DeepEqual(got, late) {
		t.Errorf("%+v %v", got, err)
	}
	if !s.has(t, "k", "a") || s.has(t, "k", "c") || len(notes(t, dir)) != 0 {
		t.Errorf("a %v, c %v, %v", s.has(t, "k", "a"), s.has(t, "k", "c"), notes(t, dir))
	}
	if id, err := s.FindItem(t.Context(), "k", "odd\nid"); err != nil || id != "b" {
		t.Errorf("%q %v", id, err)
	}
}

// TestResponsesOfTheFirstForm still open.
func TestResponsesOfTheFirstForm(t *testing.T) {
	var r custody.Stored
	if !unpackResponse([]byte(`{"i":[{"id":"x"}],"b":{"id":"r"},"n":["x"]}`), &r) || string(r.Input) != `[{"id":"x"}]` || string(r.Body) != `{"id":"r"}` || r.Items[0] != "x" {
		t.Errorf("%+v", r)
	}
}

func TestPackedResponses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := &custody.Stored{
			Input: rapid.SliceOf(rapid.Byte()).Draw(t, "input"), Body: rapid.SliceOf(rapid.Byte()).Draw(t, "body"),
			Items: rapid.SliceOf(rapid.String()).Draw(t, "items"),
		}
		packed := packResponse(r)
		var got custody.Stored
		if !unpackResponse(packed, &got) || !bytes.Equal(got.Input, r.Input) || !bytes.Equal(got.Body, r.Body) || len(got.Items) != len(r.Items) {
			t.Fatalf("%+v %+v", r, got)
		}
		for i := range r.Items {
			if got.Items[i] != r.Items[i] {
				t.Fatalf("%q %q", got.Items, r.Items)
			}
		}
		unpackResponse(packed[:rapid.IntRange(0, len(packed)).Draw(t, "cut")], &custody.Stored{}) // does not panic
	})
}

// FuzzRecord: whatever stands in a journal, reading it comes to an end.
func FuzzRecord(f *testing.F) {
	r := response("k", "a", "p", time.Hour)
	f.Add(appendRecord(nil, r, clearBox{}.Seal(purposeResponse("k", "a"), packResponse(r))))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0x0f, 1})
	s := &Store{box: clearBox{}}
	f.Fuzz(func(t *testing.T, data []byte) {
		for r, rest, ok := s.nextRecord(data); ok; r, rest, ok = s.nextRecord(rest) {
			if len(rest) >= len(data) {
				t.Fatalf("%+v: nothing was taken", r)
			}
			data = rest
		}
	})
}

// TestJournalAfterFailedWrite: a record that could not be written whole costs
// none of those after it.
func TestJournalAfterFailedWrite(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	if err := s.NoteResponse(response("k", "a", "", 0)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.journal.file.Write([]byte{200, 1, 'h'}); err != nil { // the half that a full disk took
		t.Fatal(err)
	}
	if err := s.journal.file.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.NoteResponse(response("k", "b", "a", 0)); err == nil {
		t.Fatal("a closed file takes a record")
	}
	if err := s.NoteResponse(response("k", "c", "a", 0)); err != nil {
		t.Fatal(err)
	}
	_ = s.Close()
	s = open(t, dir)
	for _, id := range []string{"a", "c"} {
		if got, err := s.LoadResponse(t.Context(), "k", id); err != nil || got == nil {
			t.Errorf("%s: %v %v", id, got, err)
		}
	}
}
