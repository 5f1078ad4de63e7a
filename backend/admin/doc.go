// Package admin is the application service: one struct, API, that holds every verb of the
// window, of the web console and of the command line, and the DTOs that those verbs speak.
//
// Wails binds API for the window; package adminhttp serves the same verbs over HTTP. The rules
// that keep both transports (and the generated TypeScript client) honest, checked by a
// reflection test: one request struct per verb, no context parameter, times as RFC 3339 strings,
// no []byte, no generics, no map of any, snake_case JSON names.
//
// What API needs of the rest of the program is declared here as small interfaces (ports.go);
// package app connects them to the domain packages.
package admin
