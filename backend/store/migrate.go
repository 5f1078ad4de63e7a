package store

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-gormigrate/gormigrate/v2"
	"gorm.io/gorm"

	"antigravity-tools/backend/fault"
)

// migration brings the schema from one version to the next. Its place in the
// list is its version; what was released is never changed.
type migration struct {
	id  string
	run func(tx *gorm.DB) error
}

func migrations() []migration {
	return []migration{
		{"0001_initial", initialSchema},
		{"0002_responses", addResponses},
	}
}

const (
	backupDir  = "backups"
	keepCopies = 5 // of those made before migrations
)

// migrate runs the pending migrations, each in its transaction, after a copy
// of the file was made. A new file needs no copy.
func (s *Store) migrate(ctx context.Context, version int, all []migration) error {
	for v := version; v < len(all); v++ {
		if version > 0 {
			if err := s.copyBefore(ctx, v); err != nil {
				return err
			}
		}
		if err := s.step(ctx, v, all); err != nil {
			e := fault.Wrap(fault.Internal, fmt.Sprintf("the database could not be brought from schema %d to %d; it is as it was", v, v+1), err)
			return e.WithCode("database_migration").WithHint("The copy in the folder backups of the data directory can be put in its place.")
		}
		if version > 0 {
			s.log.Info("database migrated", "from", v, "to", v+1)
		}
	}
	return nil
}

func (s *Store) step(ctx context.Context, v int, all []migration) error {
	steps := make([]*gormigrate.Migration, 0, v+1)
	for i, m := range all[:v+1] {
		steps = append(steps, &gormigrate.Migration{ID: m.id, Migrate: func(tx *gorm.DB) error {
			if err := m.run(tx); err != nil {
				return err
			}
			// The version is a pragma, so that a start reads it without a
			// look at any table; it is part of the transaction.
			if err := tx.Exec(fmt.Sprintf("PRAGMA user_version = %d", i+1)).Error; err != nil {
				return err
			}
			return tx.Exec(fmt.Sprintf("PRAGMA application_id = %d", applicationID)).Error
		}})
	}
	o := *gormigrate.DefaultOptions
	o.UseTransaction = true
	o.TableName = "migrations"
	return gormigrate.New(s.confirm.WithContext(ctx), &o, steps).Migrate()
}

// copyBefore keeps the file as it is at version v.
func (s *Store) copyBefore(ctx context.Context, v int) error {
	dir := filepath.Join(filepath.Dir(s.path), backupDir)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fault.Wrap(fault.Internal, "no copy of the database could be made before its upgrade", err).WithCode("disk_error")
	}
	name := fmt.Sprintf("antigravity-schema%d-%s.db", v, s.now().UTC().Format("20060102T150405.000000000Z"))
	if err := s.Backup(ctx, filepath.Join(dir, name)); err != nil {
		return err
	}
	s.trimCopies(dir)
	return nil
}

// trimCopies keeps the latest copies only. The names sort by version, then time.
func (s *Store) trimCopies(dir string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	var names []string
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), "antigravity-schema") && strings.HasSuffix(e.Name(), ".db") {
			names = append(names, e.Name())
		}
	}
	slices.SortFunc(names, func(a, b string) int { return strings.Compare(stamp(b), stamp(a)) })
	for _, name := range names[min(len(names), keepCopies):] {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			s.log.Warn("an old copy of the database could not be removed", "file", name)
		}
	}
}

// stamp is the time in a copy's name.
func stamp(name string) string { return name[strings.LastIndexByte(name, '-')+1:] }
