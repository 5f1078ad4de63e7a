// Package fakegemini is a strict, scriptable stand-in for the public Gemini
// API (generativelanguage.googleapis.com). It is a judge: it refuses what the
// real service refuses, with the real service's words where they are known,
// and it shares no code with the gateway's codecs.
//
// Every refusal is a function in a rules_*.go file and names its source. The
// sources are abbreviated so:
//
//	types   field tables of genai v1.77.0, as collected in the project's notes
//	docs    ai.google.dev/gemini-api/docs
//	seen    an answer of the real service quoted in a public bug report
//	choice  sources disagree or are silent; the stricter reading is taken
//
// Without a script a small deterministic brain answers (brain.go); with
// [Server.Script] a test gives each account key its own queue of steps.
package fakegemini
