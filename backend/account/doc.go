// Package account keeps the upstream accounts, their state and the pool that
// leases them to requests.
//
// An Account is an immutable record; what happens to it is a State, changed by
// the pure function Transition alone. The Pool is the one place that knows who
// may serve: it hands out Leases, and a lease's Done is the only way in which a
// request changes a state. Everything in memory is behind one short mutex, and
// nothing under it does I/O: states reach the Repository through one owner
// goroutine (Run), changes that a person asks for are written before they are
// confirmed.
package account
