// Package judges holds the tests that run the built program against the strict
// fake of the Gemini API and talk to it with the vendors' own SDKs.
//
// The binary is taken from AGT_BINARY; without it, it is built once. Every
// gateway runs on its own data directory and port, is stopped with SIGTERM,
// and its log and its replies are searched for keys and prompts at the end.
package judges
