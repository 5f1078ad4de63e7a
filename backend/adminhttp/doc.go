// Package adminhttp carries the application service over HTTP: the verbs as
// POST /api/rpc/{verb}, the events as server-sent events, the sign-in of the web console, and the
// console's files. The window does not use it: it talks to Go directly.
//
// Every request passes the guard first: a known Host, from a browser exactly the own Origin, and
// the loopback interface unless LAN access is on. Then it needs a console session (a cookie) or the
// token of this start of the program (run.json, for commands).
package adminhttp
