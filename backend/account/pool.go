package account

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/provider"
)

// LoopbackMode is the setting loopback.enabled.
type LoopbackMode string

// Modes of the built-in upstream. Auto: on while no account is enabled.
const (
	LoopbackAuto LoopbackMode = "auto"
	LoopbackOn   LoopbackMode = "on"
	LoopbackOff  LoopbackMode = "off"
)

// Config is what a Pool is made of. Only Providers is required.
type Config struct {
	// Providers by kind, the loopback provider included.
	Providers map[string]provider.Provider
	// Repository keeps the accounts; nil keeps them in memory alone.
	Repository Repository
	// Client gives the HTTP client to fetch an account's models with.
	Client func(Account) *http.Client
	// Realm derives the realm of an account that has none.
	Realm func(Account) string
	// Policy, Loopback are asked on every request, so that settings apply
	// at once. They must be quick and must not call the pool.
	Policy   func() Policy
	Loopback func() LoopbackMode
	// Demo: loopback is on, and every model name goes to it while no account
	// is enabled.
	Demo bool
	// Changed is called by Run, never under the lock and at most a few times
	// a second, after something that List shows has changed.
	Changed func()
	Log     *slog.Logger
	Now     func() time.Time
}

const (
	stickySize    = 4096
	undoFor       = 10 * time.Minute
	maxUndo       = 16
	maxAccounts   = 1000
	adminDeadline = 10 * time.Second
)

// Pool knows all accounts and who may serve next. It is safe for concurrent
// use. Call Load once before use, and Run for as long as it lives.
type Pool struct {
	cfg Config
	// admin serialises changes that are written before they are confirmed;
	// it is held during I/O and never by a request.
	admin chan struct{}
	wake  chan struct{} // to Run: something is dirty
	fetch chan string   // to Run: fetch this account's models

	mu       sync.Mutex // short; no I/O under it
	entries  map[string]*entry
	order    []*entry // by creation
	loopback *entry
	enabled  int // accounts
	seq      uint64
	sticky   *simplelru.LRU[string, string]
	freed    chan struct{} // closed and replaced when an account may have become free
	dirty    map[string]struct{}
	unseen   bool // a change that Changed has not been told of
	undo     []removed
	index    modelIndex
}

// entry is an account with what the pool knows of it. All fields belong to
// the pool's mutex; acc itself is immutable.
type entry struct {
	acc       *Account
	state     State
	offers    []provider.Model
	offersAt  time.Time      // zero: not known
	offered   map[string]int // index in offers, by ID
	inFlight  int
	lastUse   uint64
	lastUsed  time.Time
	probing   *Lease
	requests  int64
	errors    int64
	lastError string
	recent    map[string]time.Time // models leased lately
	gone      bool                 // removed; leases may still run
}

type removed struct {
	entry *entry
	until time.Time
}

// New returns an empty pool.
func New(cfg Config) *Pool {
	if cfg.Policy == nil {
		cfg.Policy = func() Policy { return CacheFirst }
	}
	if cfg.Loopback == nil {
		cfg.Loopback = func() LoopbackMode { return LoopbackAuto }
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Client == nil {
		cfg.Client = func(Account) *http.Client { return http.DefaultClient }
	}
	sticky, _ := simplelru.NewLRU[string, string](stickySize, nil) // fails for a size < 1 only
	p := &Pool{
		cfg:     cfg,
		admin:   make(chan struct{}, 1),
		wake:    make(chan struct{}, 1),
		fetch:   make(chan string, maxAccounts),
		entries: map[string]*entry{},
		sticky:  sticky,
		freed:   make(chan struct{}),
		dirty:   map[string]struct{}{},
	}
	p.loopback = &entry{acc: &Account{ID: LoopbackKind, Name: "Loopback", Provider: LoopbackKind, Enabled: true}}
	return p
}

// Load reads the accounts from the repository, cooldowns included.
func (p *Pool) Load(ctx context.Context) error {
	if p.cfg.Repository == nil {
		return nil
	}
	stored, err := p.cfg.Repository.LoadAccounts(ctx)
	if err != nil {
		return err
	}
	slices.SortStableFunc(stored, func(a, b Stored) int { return a.Account.CreatedAt.Compare(b.Account.CreatedAt) })
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range stored {
		s := &stored[i]
		e := &entry{acc: &s.Account, state: s.State, lastUsed: s.LastUsedAt}
		e.setOffers(s.Models, s.ModelsAt)
		// What was held when the program ended was in use then.
		for model, h := range s.State.Models {
			e.remember(model, h.Since)
		}
		p.entries[e.acc.ID] = e
		p.order = append(p.order, e)
	}
	p.reindex()
	return nil
}

// loopbackOn tells whether the built-in upstream answers. mode was asked
// before the lock was taken.
func (p *Pool) loopbackOn(mode LoopbackMode) bool {
	if p.cfg.Providers[LoopbackKind] == nil {
		return false
	}
	return mode == LoopbackOn || p.cfg.Demo || (mode != LoopbackOff && p.enabled == 0)
}

// LoopbackOn tells whether the built-in upstream answers now.
func (p *Pool) LoopbackOn() bool {
	mode := p.cfg.Loopback()
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.loopbackOn(mode)
}

// LoopbackTakesAll tells whether every model name goes to the built-in
// upstream: --demo, as long as no account is enabled.
func (p *Pool) LoopbackTakesAll() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.loopbackTakesAll()
}

func (p *Pool) loopbackTakesAll() bool {
	return p.cfg.Demo && p.enabled == 0 && p.cfg.Providers[LoopbackKind] != nil
}

// announce tells waiters that an account may have become free.
func (p *Pool) announce() {
	close(p.freed)
	p.freed = make(chan struct{})
}

// touch marks an account to be saved and shown.
func (p *Pool) touch(e *entry) {
	if e != p.loopback {
		p.dirty[e.acc.ID] = struct{}{}
	}
	p.show()
}

func (p *Pool) show() {
	p.unseen = true
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// unknown is the error for a reference that fits no account.
func unknown(ref string) *fault.Error {
	return fault.New(fault.NotFound, "there is no account \""+ref+"\"").
		WithCode("account_not_found").WithHint("List the accounts with: account list")
}
