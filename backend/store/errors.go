package store

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"antigravity-tools/backend/fault"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// SQLite's primary result codes that mean something to a person
// (sqlite.org/rescode.html).
const (
	codeBusy     = 5
	codeLocked   = 6
	codeIO       = 10
	codeCorrupt  = 11
	codeFull     = 13
	codeCantOpen = 14
	codeNotADB   = 26
)

// resultCode is the primary SQLite code of an error, 0 if it has none.
func resultCode(err error) int {
	if e, ok := errors.AsType[interface {
		error
		Code() int
	}](err); ok {
		return e.Code() & 0xff
	}
	return 0
}

// failed words an error of the database; faults and the context's errors pass
// unchanged.
func failed(what string, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*fault.Error](err); ok {
		return err
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return fault.From(err)
	}
	e := fault.Wrap(fault.Internal, what+" failed", err).WithCode("database")
	switch resultCode(err) {
	case codeBusy, codeLocked:
		e.Code, e.Message = "database_busy", what+" failed: another program holds the database"
		e.Hint = "Close the program that has the database open, then try again."
	case codeFull:
		e.Code, e.Message = "disk_full", what+" failed: the disk is full"
		e.Hint = "Free some space, then try again."
	case codeIO, codeCantOpen:
		e.Code, e.Message = "disk_error", what+" failed: the disk reports an error"
	case codeCorrupt, codeNotADB:
		e.Code, e.Message = "database_damaged", what+" failed: the database is damaged"
		e.Hint = "Run: db check"
	}
	return e
}

func opening(path string, err error) error {
	if code := resultCode(err); code == codeCorrupt || code == codeNotADB {
		return damaged(path, err.Error(), err)
	}
	return failed("opening the database "+path, err)
}

func damaged(path, what string, err error) *fault.Error {
	what, _, _ = strings.Cut(what, "\n")
	return fault.Wrap(fault.Internal, "the database "+path+" is damaged ("+what+") and was left untouched", err).
		WithCode("database_damaged").
		WithHint("Put a backup in its place (see the folder backups in the data directory), or move the file away to begin anew.")
}

func newer(path string, version, known int) *fault.Error {
	return fault.New(fault.Internal, "the database "+path+" is from a newer version of this program (schema "+
		itoa(int64(version))+", this one knows "+itoa(int64(known))+") and was left untouched").
		WithCode("database_newer").
		WithHint("Start the newer version, or put the copy that was made before the upgrade in its place (folder backups in the data directory).")
}

func foreign(path string) *fault.Error {
	return fault.New(fault.Internal, "the file "+path+" is a database of another program and was left untouched").
		WithCode("database_foreign").WithHint("Move it away, or choose another data directory.")
}
