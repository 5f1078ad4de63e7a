package custody

import (
	"context"
	"errors"
	"time"

	"antigravity-tools/backend/fault"
)

const (
	writeEvery    = 500 * time.Millisecond
	writeDeadline = 10 * time.Second
	maxBackoff    = time.Minute
	purgeEvery    = time.Hour
)

// Run writes and purges until ctx ends; then it writes what is left.
func (s *Store) Run(ctx context.Context) {
	if s.repo == nil {
		return
	}
	s.loop(ctx)
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeDeadline)
	defer cancel()
	if err := s.flush(last); err != nil {
		s.log.Error("seals not saved", "error", fault.From(err))
	}
}

func (s *Store) loop(ctx context.Context) {
	purge := time.NewTicker(purgeEvery)
	defer purge.Stop()
	timer := time.NewTimer(writeEvery)
	defer timer.Stop()
	pause := writeEvery
	s.purge(ctx)
	for {
		select {
		case <-ctx.Done():
			return
		case <-purge.C:
			s.purge(ctx)
			continue
		case <-s.wake:
		}
		timer.Reset(pause)
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		if err := s.flush(ctx); err != nil {
			if pause == writeEvery && ctx.Err() == nil {
				s.log.Warn("seals not saved, trying again", "error", fault.From(err))
			}
			pause = min(pause*2, maxBackoff)
			s.again()
			continue
		}
		pause = writeEvery
	}
}

func (s *Store) again() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// flush writes what is pending; on an error it stays pending.
func (s *Store) flush(ctx context.Context) error {
	s.mu.Lock()
	taken := s.pending
	s.pending = map[Key]*Entry{}
	s.mu.Unlock()
	if len(taken) == 0 {
		return nil
	}
	var save []Entry
	var gone []Key
	for k, e := range taken {
		if e.absent() {
			gone = append(gone, k)
		} else {
			save = append(save, *e)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, writeDeadline)
	defer cancel()
	err := errors.Join(s.save(ctx, save), s.delete(ctx, gone))
	if err == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for k, e := range taken {
		if _, newer := s.pending[k]; !newer {
			s.queue(e)
		}
	}
	return err
}

func (s *Store) save(ctx context.Context, entries []Entry) error {
	if len(entries) == 0 {
		return nil
	}
	return s.repo.SaveSeals(ctx, entries)
}

func (s *Store) delete(ctx context.Context, keys []Key) error {
	if len(keys) == 0 {
		return nil
	}
	return s.repo.DeleteSeals(ctx, keys)
}

func (s *Store) purge(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, writeDeadline)
	defer cancel()
	if err := s.repo.PurgeSeals(ctx, s.now().Add(-Keeps), MaxEntries, MaxBytes); err != nil && ctx.Err() == nil {
		s.log.Warn("old seals not purged", "error", fault.From(err))
	}
}
