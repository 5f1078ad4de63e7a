package account

import "hash/fnv"

// Option is one account that could serve a request now.
type Option struct {
	ID       string
	InFlight int
	// LastUse grows with every lease of the pool; 0: not leased yet.
	LastUse uint64
}

// Ask is what a policy may know of the request.
type Ask struct {
	Affinity string // the conversation, "" if unknown
	Sticky   string // the account that served it last, "" if none
}

// Policy chooses one of at least one option and returns its index.
type Policy func(options []Option, ask Ask) int

// Balance takes the account with the least in flight, among those the one
// that has rested longest: equal accounts take turns.
func Balance(options []Option, _ Ask) int {
	best := 0
	for i, o := range options {
		b := options[best]
		if o.InFlight < b.InFlight || (o.InFlight == b.InFlight && o.LastUse < b.LastUse) {
			best = i
		}
	}
	return best
}

// CacheFirst keeps a conversation on its account, so that the provider's
// prompt cache hits: the account that served it last while that one is
// healthy, else the highest of a rendezvous hash, which moves no other
// conversation when an account comes or goes. Without affinity it is Balance.
func CacheFirst(options []Option, ask Ask) int {
	if ask.Affinity == "" {
		return Balance(options, ask)
	}
	best, top := 0, uint64(0)
	for i, o := range options {
		if o.ID == ask.Sticky {
			return i
		}
		if w := weight(ask.Affinity, o.ID); i == 0 || w > top {
			best, top = i, w
		}
	}
	return best
}

// weight must be the same after a restart, so it is not seeded.
func weight(affinity, id string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(affinity))
	h.Write([]byte{0})
	h.Write([]byte(id))
	// FNV spreads its last bytes badly; this is the finaliser of MurmurHash3.
	x := h.Sum64()
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	x *= 0xc4ceb9fe1a85ec53
	return x ^ x>>33
}

// PolicyFor returns the policy of a scheduling.mode; ok is false for a word
// that is no mode, and the policy is then CacheFirst.
func PolicyFor(mode string) (policy Policy, ok bool) {
	switch mode {
	case "balance":
		return Balance, true
	case "cache-first":
		return CacheFirst, true
	default:
		return CacheFirst, false
	}
}
