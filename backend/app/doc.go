// Package app is the composition root: it builds the graph of the program from explicit lists
// (wire.go), runs it, and takes it apart again. Nothing imports it but the commands and the window.
package app
