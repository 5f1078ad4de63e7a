// Package cli is the command line: one file per command group. Every command calls the verbs of the
// application service: through the running gateway that holds the data directory, else in its own
// process on the database. Both ways run the same code and print the same words.
//
// Exit codes: 0 done, 1 failed (one line on standard error that says what to do next), 2 wrong usage.
package cli
