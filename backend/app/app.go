package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"antigravity-tools/backend/admin"
	"antigravity-tools/backend/adminhttp"
	"antigravity-tools/backend/fault"
)

// drainLimit is how long the program may go on after the order to end; its last part, cutGrace, is
// for telling the clients of streams that have to be cut.
const (
	drainLimit = 30 * time.Second
	cutGrace   = 500 * time.Millisecond
)

// App is the program: one per data directory, guarded by its lock.
type App struct {
	opts    Options
	dataDir string
	lock    *Lock
	token   string
	born    time.Time

	life context.Context //nolint:containedctx // the program's own; ends in Close
	end  context.CancelFunc

	api        *admin.API
	feed       *admin.Feed
	dispatcher *adminhttp.Dispatcher
	console    *adminhttp.Handler
	listener   *listener
	control    *http.Server
	controlAt  string
	running    sync.WaitGroup
	closing    sync.Once
	raise      windowRaiser

	parts       parts
	unsubscribe func() // from the settings; nil before Start
	level       slog.LevelVar
	later       sync.Mutex  // laterSet
	laterSet    bool        // the state is about to be published
	unlisted    atomic.Bool // run.json could not be written
	walking     sync.Mutex  // held by the doctor's walk: one at a time
}

// Open locks the data directory and builds the program; nothing listens yet. The error is ErrLocked
// when another process holds the directory.
func Open(ctx context.Context, opts Options) (*App, error) {
	dir := opts.DataDir
	if dir == "" {
		var err error
		if dir, err = DefaultDataDir(); err != nil {
			return nil, err
		}
	}
	lock, err := AcquireLock(dir, !opts.Command)
	if err != nil {
		return nil, err
	}
	a := &App{opts: opts, dataDir: dir, lock: lock, token: newToken(), born: time.Now(), feed: admin.NewFeed()}
	a.life, a.end = context.WithCancel(context.WithoutCancel(ctx))
	a.setLogger()
	if err := a.build(ctx); err != nil {
		a.end()
		return nil, errors.Join(err, a.closeParts(), lock.Release())
	}
	return a, nil
}

// API is the application service, for the window's bindings.
func (a *App) API() *admin.API { return a.api }

// Feed is the source of events, for the window's bridge.
func (a *App) Feed() *admin.Feed { return a.feed }

// Dispatcher calls verbs by name, for commands in this process.
func (a *App) Dispatcher() *adminhttp.Dispatcher { return a.dispatcher }

// OnShowWindow tells how to bring the window to the front, once there is one.
func (a *App) OnShowWindow(show func()) { a.raise.set(show) }

// DataDir is the data directory in use.
func (a *App) DataDir() string { return a.dataDir }

// Start opens the control listener and the public one and writes run.json. In the window's program a
// port that cannot be had is no error: the state tells it.
func (a *App) Start() error {
	if err := a.openControl(); err != nil {
		return err
	}
	a.runParts()
	if !a.opts.Window || a.parts.settings.Values().AutoStart {
		if err := a.listener.start(); err != nil && !a.opts.Window {
			return err
		}
	}
	a.stateChanged()
	return nil
}

// Serve runs until the context ends, then drains.
func (a *App) Serve(ctx context.Context) error {
	password, err := a.ensurePassword(ctx)
	if err != nil {
		return err
	}
	if err := a.Start(); err != nil {
		return err
	}
	key, err := a.ensureClientKey(ctx)
	if err != nil {
		return err
	}
	if key != "" {
		fmt.Fprintf(os.Stderr, "clients need a key, so one was made: %s\n", key)
	}
	if password != "" {
		debug.FreeOSMemory() // hashing it took 19 MiB that nothing needs again
		// Printed once and logged nowhere: the one place where it can be read.
		fmt.Fprintf(os.Stderr, "password of the web console: %s\n", password)
	}
	at := serverPort{a}.Status()
	slog.Info("running", "addresses", at.Addresses, "console", at.BaseURLs.Gemini+"/", "data_dir", a.dataDir)
	<-ctx.Done()
	slog.Info("stopping: running streams may end", "limit", drainLimit.String())
	return nil
}

// Close drains, ends everything that runs, removes run.json and lets go of the data directory.
func (a *App) Close() error {
	var err error
	a.closing.Do(func() {
		a.feed.Close() // ends the event streams, which would hold the drain up
		ctx, cancel := context.WithTimeout(context.Background(), drainLimit-cutGrace)
		defer cancel()
		if a.listener.srv != nil {
			if e := a.listener.drain(ctx); e != nil {
				slog.Warn("some streams were cut after the time limit")
			}
		}
		if a.controlAt != "" {
			_ = a.control.Close()
			err = removeRunFile(a.dataDir)
		}
		if a.unsubscribe != nil {
			a.unsubscribe()
		}
		a.parts.ledger.Close() // before what writes down how it ended
		a.end()
		a.running.Wait()
		err = errors.Join(err, a.closeParts(), a.lock.Release())
	})
	return err
}

func (a *App) openControl() error {
	var cfg net.ListenConfig
	open, err := cfg.Listen(a.life, "tcp", "127.0.0.1:0")
	if err != nil {
		return fault.Wrap(fault.Internal, "no loopback port could be had for the commands", err)
	}
	a.controlAt = open.Addr().String()
	a.running.Go(func() { _ = a.control.Serve(open) }) // ends in Close
	return nil
}

// stateChanged tells the pages and run.json after the listener changed.
func (a *App) stateChanged() {
	if a.controlAt == "" {
		return
	}
	status := serverPort{a}.Status()
	file := RunFile{
		PID: os.Getpid(), Addresses: status.Addresses, Control: a.controlAt, Token: a.token,
		Version: a.opts.Version, StartedAt: a.born.UTC().Format(time.RFC3339), Window: a.opts.Window,
	}
	err := file.write(a.dataDir)
	if err != nil && !a.unlisted.Swap(true) {
		slog.Error("run.json could not be written; commands do not find this program until it can", "error", err)
	}
	if err == nil && a.unlisted.Swap(false) {
		slog.Info("run.json is written now")
	}
	a.publishState()
}

// windowRaiser is the window as the service sees it.
type windowRaiser struct {
	mu   sync.Mutex
	show func()
}

func (w *windowRaiser) set(show func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.show = show
}

// Show brings the window to the front, if there is one.
func (w *windowRaiser) Show() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.show == nil {
		return false
	}
	w.show()
	return true
}
