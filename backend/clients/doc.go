// Package clients sets coding clients up to use the gateway: it detects them, plans the exact change of
// each settings file, applies it, verifies it by the call that the client would make, and restores what
// was there before.
//
// A client is data: one file each says where its settings live and which keys are ours. The editors
// (JSON with comments, TOML, YAML, .env) change bytes in place: comments, order, unknown members, indentation
// and line ends stay. Every edit is checked by parsing the text before and after it; a result that
// differs in anything but our keys is never written. A record in the data directory remembers what stood
// where, so that restoring gives back the bytes as before, or, where the user has edited the file since,
// takes out our keys alone.
package clients
