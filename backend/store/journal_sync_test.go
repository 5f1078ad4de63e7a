package store

import (
	"os"
	"path/filepath"
	"testing"

	"antigravity-tools/backend/custody"
)

// TestJournalWaitsForTheDisk: a file that was left is open until it is on the
// disk, which the batch sees to before it is written; writes meanwhile go into
// another one, and never wait. The files that wait are bounded.
func TestJournalWaitsForTheDisk(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	note := func(id string) {
		if err := s.NoteResponse(response("k", id, "", 0)); err != nil {
			t.Fatal(err)
		}
		if err := s.TurnNotes(); err != nil {
			t.Fatal(err)
		}
	}
	for i := range maxLeft + 3 { // batches that failed before they were written
		note(string(rune('a' + i)))
	}
	if n := len(s.journal.left); n != maxLeft {
		t.Errorf("%d files wait", n)
	}
	if len(notes(t, dir)) != maxLeft+3 {
		t.Errorf("%v", notes(t, dir))
	}
	first := s.journal.left[0]
	if err := s.SaveResponses(t.Context(), []*custody.Stored{response("k", "a", "", 0)}); err != nil {
		t.Fatal(err)
	}
	if _, err := first.Stat(); err == nil || len(s.journal.left) != 0 {
		t.Error("the batch was written before its notes were on the disk")
	}
	if len(notes(t, dir)) != maxLeft+3 {
		t.Error("notes are gone before their batch is on the disk")
	}
	if err := s.ClearNotes(); err != nil || len(notes(t, dir)) != 0 {
		t.Errorf("%v %v", err, notes(t, dir))
	}
}

// TestNotesStayUntilTheBatchIsSafe: where the database's log cannot be brought to
// the disk the notes are kept.
func TestNotesStayUntilTheBatchIsSafe(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	if err := s.NoteResponse(response("k", "a", "", 0)); err != nil {
		t.Fatal(err)
	}
	if err := s.TurnNotes(); err != nil {
		t.Fatal(err)
	}
	path := s.path
	s.path = filepath.Join(dir, "stand-in") // whose log is a directory
	if err := os.Mkdir(s.path+"-wal", 0o700); err != nil {
		t.Fatal(err)
	}
	if err := s.ClearNotes(); err == nil || len(notes(t, dir)) != 1 {
		t.Errorf("%v %v", err, notes(t, dir))
	}
	s.path = path
	if err := s.ClearNotes(); err != nil || len(notes(t, dir)) != 0 {
		t.Errorf("%v %v", err, notes(t, dir))
	}
}
