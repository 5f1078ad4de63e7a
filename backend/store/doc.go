// Package store keeps what must outlive the program in one SQLite file, and is
// the only user of gorm. It satisfies the repositories that the domain packages
// declare.
//
// Three groups of connections share the file, in WAL mode: one writer with
// synchronous=FULL for what a person confirms (accounts, keys, settings), one
// with synchronous=NORMAL for what is written in batches behind the requests
// (usage, seals, account states), and a small pool that only reads. Times are
// Unix milliseconds in UTC; secrets are sealed before they get here.
package store
