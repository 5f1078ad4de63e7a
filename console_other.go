//go:build !windows || (!desktop && !dev)

package main

// attachConsole is for Windows programs without a console of their own.
func attachConsole() {}
