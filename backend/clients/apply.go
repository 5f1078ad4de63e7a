package clients

import (
	"bytes"
	"context"
	"errors"
	"os"

	"antigravity-tools/backend/fault"
)

// Apply carries a plan out: the record first, then a backup of each file and the file itself. If one
// cannot be written, those before it get their bytes back.
func (s *Setup) Apply(ctx context.Context, p *Plan) error {
	return s.locked(ctx, func() error { return s.carryOut(p) })
}

func (s *Setup) carryOut(p *Plan) error {
	for _, st := range p.steps {
		if err := unchanged(st.old); err != nil {
			return err
		}
	}
	// The record comes first: a restore after a crash half way finds files as they were before, and
	// leaves them so.
	if p.next != nil {
		if err := s.writeRecord(p.next); err != nil {
			return err
		}
	}
	for i, st := range p.steps {
		if err := s.carryOutStep(p, st); err != nil {
			for _, done := range p.steps[:i] {
				err = errors.Join(err, takeBack(done))
			}
			return errors.Join(err, s.dropRecord(p.Client, p.earlier))
		}
	}
	if p.next == nil {
		return s.dropRecord(p.Client, nil)
	}
	return s.writeRecord(p.next) // with the directories that were made
}

// unchanged makes sure that nobody has written a file since it was planned.
func unchanged(old content) error {
	now, err := load(old.path)
	if err != nil {
		return err
	}
	if now.exists != old.exists || !bytes.Equal(now.raw, old.raw) {
		return fault.New(fault.InvalidRequest, old.path+" was changed by another program just now").WithCode("changed_meanwhile").
			WithHint("try again")
	}
	return nil
}

func (s *Setup) carryOutStep(p *Plan, st step) error {
	if err := backup(s.backupDir(p.Client), st.old, s.now()); err != nil {
		return err
	}
	if st.remove {
		if err := os.Remove(st.old.path); err != nil {
			return cannotWrite(st.old.path, err)
		}
		removeDirs(st.made)
		return s.bequeath(p.Client, st.made)
	}
	made, err := st.old.write(st.raw)
	if st.part != nil && len(made) > 0 {
		st.part.Made = append(st.part.Made, made...)
	}
	if err != nil {
		removeDirs(made)
	}
	return err
}

// takeBack gives a file the bytes that it had when it was planned.
func takeBack(st step) error {
	if st.old.exists {
		_, err := st.old.write(st.old.raw)
		return err
	}
	err := os.Remove(st.old.path)
	if st.part != nil {
		removeDirs(st.part.Made)
	}
	return err
}
