package app

import (
	"context"

	"antigravity-tools/backend/fault"
)

// BackupDatabase copies the database of a data directory into a new file.
func BackupDatabase(context.Context, string, string) error {
	return fault.New(fault.NotFound, "the database is not available here").WithCode("not_available")
}
