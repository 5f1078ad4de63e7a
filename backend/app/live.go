package app

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"antigravity-tools/backend/access"
	"antigravity-tools/backend/admin"
	"antigravity-tools/backend/doctor"
	"antigravity-tools/backend/settings"
	"antigravity-tools/backend/store"
	"antigravity-tools/backend/traffic"
)

// flagSettings are the settings that the command line overrides.
func (a *App) flagSettings() map[string]string {
	flags := map[string]string{}
	if a.opts.Host != "" {
		flags[settings.KeyHost] = a.opts.Host
	}
	if a.opts.Port != 0 {
		flags[settings.KeyPort] = strconv.Itoa(a.opts.Port)
	}
	if a.opts.LogLevel != "" {
		flags[settings.KeyLogLevel] = a.opts.LogLevel
	}
	return flags
}

// authMode is the effective mode: what the setting comes to for the listener
// as it is.
func (a *App) authMode() access.Mode {
	at := a.listener.place()
	mode := access.Mode(a.parts.settings.Values().AuthMode)
	return access.EffectiveMode(mode, at.lan, at.host == "" || !at.reachable())
}

// site is where clients reach the gateway, as messages name it.
func (a *App) site() doctor.Site {
	if public := a.parts.settings.Values().PublicURL; public != "" {
		return doctor.Site{Origin: strings.TrimSuffix(public, "/")}
	}
	at := a.listener.place()
	host := "127.0.0.1"
	if ip := net.ParseIP(at.host); ip != nil && !ip.IsUnspecified() {
		host = at.host
	}
	return doctor.Site{
		Origin:   "http://" + net.JoinHostPort(host, strconv.Itoa(at.port)),
		IPv4Only: !a.listener.hasIPv6(),
	}
}

// hostNames are this machine's names and addresses. They are asked for anew
// once a minute: a laptop changes its network while the program runs.
type hostNames struct {
	mu    sync.Mutex
	names []string
	asked time.Time
}

const hostNamesFresh = time.Minute

func newHostNames() *hostNames { return &hostNames{} }

func (h *hostNames) get() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	if time.Since(h.asked) > hostNamesFresh {
		h.names, h.asked = access.ThisMachine(), time.Now()
	}
	return h.names
}

func (a *App) knownHosts() access.Hosts {
	return access.Hosts{Own: a.parts.hosts.get(), Allowed: a.parts.settings.Values().AllowedHosts}
}

// lateConsole stands for the console, which is built after the server.
type lateConsole struct{ a *App }

func (c lateConsole) ServeHTTP(w http.ResponseWriter, r *http.Request) { c.a.console.ServeHTTP(w, r) }
func (c lateConsole) EndSessions()                                     { c.a.console.EndSessions() }
func (c lateConsole) OwnsPath(r *http.Request) bool                    { return c.a.console.OwnsPath(r) }

// passwords checks the console's password: that of the environment, else the
// stored one.
type passwords struct{ a *App }

const passwordVariable = "ANTIGRAVITY_ADMIN_PASSWORD"

func (p passwords) CheckAdminPassword(password string) bool {
	if env := os.Getenv(passwordVariable); env != "" {
		return access.SamePassword(env, password)
	}
	ctx, cancel := context.WithTimeout(p.a.life, 5*time.Second)
	defer cancel()
	hash, err := p.a.parts.store.PasswordHash(ctx)
	return err == nil && hash != "" && access.VerifyPassword(hash, password)
}

// ensurePassword makes the console's password at the first start and returns
// it, to be shown once; "" if there is one.
func (a *App) ensurePassword(ctx context.Context) (string, error) {
	if os.Getenv(passwordVariable) != "" {
		return "", nil
	}
	hash, err := a.parts.store.PasswordHash(ctx)
	if err != nil || hash != "" {
		return "", err
	}
	password := access.NewPassword()
	return password, storePassword(ctx, a.parts.store, password)
}

// lanKeyName is the name of the key that is made for an open listener.
const lanKeyName = "LAN"

// ensureClientKey makes a key when the listener is open to the network from the
// start (by flag, environment or setting) and nobody has one; it returns the
// key, to be shown once, or "".
func (a *App) ensureClientKey(ctx context.Context) (string, error) {
	if !a.listener.place().reachable() || !access.NeedsKey(a.authMode(), false) || len(a.parts.keys.List()) > 0 {
		return "", nil
	}
	_, secret, err := a.parts.keys.Create(ctx, lanKeyName, nil)
	if err == nil {
		a.keysChanged()
	}
	return secret, err
}

// runParts starts what works behind the requests. All of it ends with life
// and is waited for by Close.
func (a *App) runParts() {
	p := &a.parts
	for _, run := range []func(context.Context){
		p.pool.Run, p.custody.Run, p.responses.Run, p.usage.Run, a.touchKeys, a.publishTraffic, a.publishProblems,
	} {
		a.running.Go(func() { run(a.life) })
	}
	a.unsubscribe = p.settings.Subscribe(a.settingsChanged)
}

// touchEvery is how often the times of last use of client keys are written, and
// a run file that could not be.
const touchEvery = 10 * time.Second

func (a *App) touchKeys(ctx context.Context) {
	ticker := time.NewTicker(touchEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			a.writeMissing(ctx)
		case <-ctx.Done():
			final, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
			a.writeTouched(final)
			cancel()
			return
		}
	}
}

// writeMissing writes what waits to be written.
func (a *App) writeMissing(ctx context.Context) {
	a.writeTouched(ctx)
	if a.unlisted.Load() {
		a.stateChanged()
	}
}

func (a *App) writeTouched(ctx context.Context) {
	if touched := a.parts.keys.TakeTouched(); len(touched) > 0 {
		if err := a.parts.store.TouchKeys(ctx, touched); err != nil {
			slog.Warn("the times of last use of client keys could not be written", "error", err)
		}
	}
}

// feedBuffer is how far the pages' feed may lag behind the traffic.
const feedBuffer = 256

func (a *App) publishTraffic(ctx context.Context) {
	sub := a.parts.traffic.Feed().Subscribe(feedBuffer)
	forward(ctx, sub.C(), sub.Close, a.stateLater, func(x *traffic.Exchange) {
		if !a.feed.Active() {
			return
		}
		a.feed.Publish(admin.TopicTraffic, exchangeDTO(x))
	})
}

func (a *App) publishProblems(ctx context.Context) {
	sub := a.parts.problems.Changed().Subscribe(1)
	forward(ctx, sub.C(), sub.Close, a.stateLater, func(struct{}) {
		a.feed.Publish(admin.TopicProblems, problemsPort{a.parts.problems}.List())
	})
}

// forward hands everything of a subscription on until ctx ends.
func forward[T any](ctx context.Context, from <-chan T, closeSub func(), after func(), to func(T)) {
	defer closeSub()
	for {
		select {
		case v, ok := <-from:
			if !ok {
				return
			}
			to(v)
			after()
		case <-ctx.Done():
			return
		}
	}
}

func (a *App) accountsChanged() {
	if !a.feed.Active() {
		return
	}
	accounts, err := accountsPort{pool: a.parts.pool, providers: a.parts.providers}.List(a.life)
	if err == nil {
		a.feed.Publish(admin.TopicAccounts, accounts)
	}
	a.publishState()
}

func (a *App) keysChanged() {
	if keys, err := (keysPort{ring: a.parts.keys}).List(a.life); err == nil {
		a.feed.Publish(admin.TopicKeys, keys)
	}
	a.publishState()
}

// settingsChanged makes a change take effect that came by any way.
func (a *App) settingsChanged(c settings.Change) {
	if items, err := (settingsPort{service: a.parts.settings}).items(c.Keys); err == nil {
		a.feed.Publish(admin.TopicSettings, items)
	}
	if c.Old.LogLevel != c.New.LogLevel {
		a.setLevel(c.New.LogLevel)
	}
	if to := placeOf(c.New); to != a.listener.place() {
		if err := a.listener.move(to); err != nil {
			slog.Error("the listener could not move; the old address is kept", "error", err)
		}
	}
	a.publishState()
}

// relocate moves the listener before settings that say where it is are
// stored: a place that cannot be had is then an error of the change itself. The
// function it returns moves back.
func (a *App) relocate(changes map[string]*string) (undo func(), err error) {
	undo = func() {}
	keys := []string{settings.KeyPort, settings.KeyHost, settings.KeyAllowLAN}
	if !slices.ContainsFunc(keys, func(k string) bool { _, ok := changes[k]; return ok }) || a.opts.Command {
		return undo, nil
	}
	next, err := a.parts.settings.Preview(changes)
	if err != nil {
		return undo, err
	}
	before, to := a.listener.place(), placeOf(next)
	if to == before {
		return undo, nil
	}
	if err := a.listener.move(to); err != nil {
		return undo, err
	}
	return func() { _ = a.listener.move(before) }, nil
}

func placeOf(v *settings.Values) place {
	return place{host: v.Host, port: v.Port, lan: v.Host == "" && v.AllowLAN}
}

// stateEvery bounds how often traffic makes the pages' state be published.
const stateEvery = 500 * time.Millisecond

// stateLater publishes the state soon, many calls in one.
func (a *App) stateLater() {
	a.later.Lock()
	defer a.later.Unlock()
	if a.laterSet || a.life.Err() != nil || !a.feed.Active() {
		return
	}
	a.laterSet = true
	time.AfterFunc(stateEvery, func() {
		a.later.Lock()
		a.laterSet = false
		a.later.Unlock()
		a.publishState()
	})
}

func (a *App) publishState() {
	if a.life.Err() != nil || !a.feed.Active() {
		return // who connects gets the state first
	}
	if state, err := a.api.State(); err == nil {
		a.feed.Publish(admin.TopicState, state)
	}
}

// closeParts closes what build opened, after everything that uses it ended.
func (a *App) closeParts() error {
	p := &a.parts
	if p.egress != nil {
		p.egress.Close()
		p.fetcher.Close()
	}
	if p.store == nil {
		return nil
	}
	return p.store.Close()
}

// databasePort is the database's upkeep as the service sees it.
type databasePort struct{ store *store.Store }

func (p databasePort) Check(ctx context.Context) (admin.DatabaseReport, error) {
	h, err := p.store.Check(ctx)
	return healthDTO(h), err
}

func (p databasePort) Vacuum(ctx context.Context) (admin.DatabaseReport, error) {
	h, err := p.store.Vacuum(ctx)
	return healthDTO(h), err
}

func healthDTO(h store.Health) admin.DatabaseReport {
	return admin.DatabaseReport{OK: len(h.Problems) == 0, Problems: nonNil(h.Problems), Size: h.Size, SizeBefore: h.SizeBefore, Schema: h.Schema}
}
