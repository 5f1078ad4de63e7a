package main

import (
	"embed"
	"io/fs"
)

// all: takes .gitkeep along, so that a fresh clone compiles before the pages are built.
//
//go:embed all:frontend/dist
var dist embed.FS

// consoleFiles are the built pages, with index.html at the top.
func consoleFiles() fs.FS {
	files, err := fs.Sub(dist, "frontend/dist")
	if err != nil {
		panic(err) // the name above is a constant that the compiler has checked
	}
	return files
}
