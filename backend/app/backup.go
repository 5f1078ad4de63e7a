package app

import (
	"context"
	"errors"

	"antigravity-tools/backend/access"
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/store"
)

// BackupDatabase copies the database of a data directory into a new file. It
// works beside a running gateway.
func BackupDatabase(ctx context.Context, dataDir, file string) error {
	if !store.Exists(dataDir) {
		return fault.New(fault.NotFound, "there is no database in "+dataDir).WithCode("no_database")
	}
	return withStore(ctx, dataDir, func(s *store.Store) error { return s.Backup(ctx, file) })
}

// SetAdminPassword sets the password of the web console. It works beside a
// running gateway, which asks the database at every sign-in; its verb
// EndConsoleSessions signs out who came in with the old one.
func SetAdminPassword(ctx context.Context, dataDir, password string) error {
	return withStore(ctx, dataDir, func(s *store.Store) error { return storePassword(ctx, s, password) })
}

func storePassword(ctx context.Context, s *store.Store, password string) error {
	hash, err := access.HashPassword(password)
	if err != nil {
		return err
	}
	return s.SetPasswordHash(ctx, hash)
}

// withStore opens the database for one step that needs no secret of it.
func withStore(ctx context.Context, dataDir string, step func(*store.Store) error) error {
	if err := prepareDataDir(dataDir); err != nil {
		return err
	}
	s, err := store.Open(ctx, store.Options{Dir: dataDir})
	if err != nil {
		return err
	}
	return errors.Join(step(s), s.Close())
}
