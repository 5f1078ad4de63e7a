package app

import (
	"context"
	"log/slog"
	"net/http"
	"os"
	"runtime"
	"time"

	"antigravity-tools/backend/access"
	"antigravity-tools/backend/account"
	"antigravity-tools/backend/admin"
	"antigravity-tools/backend/adminhttp"
	"antigravity-tools/backend/custody"
	"antigravity-tools/backend/egress"
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/ledger"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/anthropic"
	"antigravity-tools/backend/protocol/gemini"
	"antigravity-tools/backend/protocol/openai"
	"antigravity-tools/backend/protocol/responses"
	"antigravity-tools/backend/provider"
	anthropicprovider "antigravity-tools/backend/provider/anthropic"
	geminiprovider "antigravity-tools/backend/provider/gemini"
	"antigravity-tools/backend/provider/google"
	"antigravity-tools/backend/provider/googleauth"
	"antigravity-tools/backend/provider/loopback"
	openaiprovider "antigravity-tools/backend/provider/openai"
	"antigravity-tools/backend/provider/vertex"
	"antigravity-tools/backend/relay"
	"antigravity-tools/backend/secret"
	"antigravity-tools/backend/server"
	"antigravity-tools/backend/settings"
	"antigravity-tools/backend/store"
	"antigravity-tools/backend/traffic"
	"antigravity-tools/backend/usage"
)

// clients lists the protocols that clients speak.
func clients() map[llm.Protocol]protocol.Client {
	return map[llm.Protocol]protocol.Client{
		llm.OpenAIChat: openai.Client{},
		llm.Responses:  responses.Client{},
		llm.Anthropic:  anthropic.Client{},
		llm.Gemini:     gemini.Client{},
	}
}

// providers lists the upstreams that accounts can be of.
func providers(version string, client *http.Client, values func() *settings.Values) map[string]provider.Provider {
	out := map[string]provider.Provider{}
	for _, p := range []provider.Provider{
		geminiprovider.New(version), anthropicprovider.New(version), openaiprovider.New(version),
		vertex.New(version, client, os.Getenv),
		google.New(google.Options{Version: version, Client: client, OAuth: func() googleauth.OAuthClient {
			v := values()
			return googleauth.OAuthClient{ID: v.OAuthClientID, Secret: v.OAuthClientSecret, TokenURL: v.OAuthTokenURL}
		}}),
		loopback.New(),
	} {
		out[p.Kind()] = p
	}
	return out
}

// parts are the domain objects of the program.
type parts struct {
	box       *secret.Box
	store     *store.Store
	settings  *settings.Service
	keys      *access.Keyring
	providers map[string]provider.Provider
	egress    *egress.Transports
	fetcher   *egress.Fetcher
	pool      *account.Pool
	custody   *custody.Store
	responses *custody.Responses
	ledger    *ledger.Ledger
	traffic   *traffic.Log
	problems  *traffic.Problems
	usage     *usage.Recorder
	relay     *relay.Relay
	server    *server.Server
	hosts     *hostNames
}

// maxFetched bounds what is fetched for one URL in a client's request, in
// bytes: the Gemini API takes 20 MB of inline data.
const maxFetched = 20 << 20

// keyringVariable set to "off" keeps the key in a file: for machines whose
// keyring is locked, and for tests.
const keyringVariable = "ANTIGRAVITY_KEYRING"

// keyVariable holds one more client key.
const keyVariable = "ANTIGRAVITY_API_KEY"

// hasher lets texts be hashed.
type hasher struct{ box *secret.Box }

// Hash implements access.Hasher.
func (h hasher) Hash(purpose, value string) []byte { return h.box.Hash(purpose, []byte(value)) }

// build makes the graph: storage first, then the domain, then the server, then
// the service over them.
func (a *App) build(ctx context.Context) error {
	if err := a.buildStorage(ctx); err != nil {
		return err
	}
	if err := a.buildDomain(ctx); err != nil {
		return err
	}
	a.buildListener()
	return a.buildService()
}

func (a *App) buildStorage(ctx context.Context) error {
	p := &a.parts
	var err error
	p.box, err = secret.Open(a.dataDir, secret.Options{
		NoKeyring: os.Getenv(keyringVariable) == "off", MustExist: store.Exists(a.dataDir),
	})
	if err != nil {
		return noSecretKey(err)
	}
	p.store, err = store.Open(ctx, store.Options{Dir: a.dataDir, Box: p.box, Log: slog.Default()})
	if err != nil {
		return err
	}
	p.settings, err = settings.New(ctx, p.store, settings.Overrides{Flags: a.flagSettings(), Getenv: os.Getenv})
	if err != nil {
		return err
	}
	p.keys, err = access.NewKeyring(ctx, p.store, hasher{p.box}, access.Options{EnvironmentKey: os.Getenv(keyVariable)})
	return err
}

// noSecretKey makes the reason public: package secret's errors hold no secret.
func noSecretKey(err error) error {
	return fault.Wrap(fault.Internal, err.Error(), err).WithCode("secret_key_unavailable").
		WithHint("the database and its key belong together: put both back from the same backup, or name another directory with --data-dir")
}

func (a *App) buildDomain(ctx context.Context) error {
	p, log := &a.parts, slog.Default()
	p.egress = egress.New(func() string { return p.settings.Values().UpstreamProxyURL })
	p.providers = providers(a.opts.Version, p.egress.Client(), p.settings.Values)
	p.fetcher = egress.NewFetcher(maxFetched)
	p.pool = account.New(account.Config{
		Providers: p.providers, Repository: p.store, Client: a.httpClient, Demo: a.opts.Demo, Log: log,
		Realm: func(acc account.Account) string {
			return account.RealmOf(p.box.Hash("realm", []byte("organisation")), acc.Provider, acc.Credential)
		},
		Policy: func() account.Policy {
			policy, _ := account.PolicyFor(p.settings.Values().SchedulingMode)
			return policy
		},
		Loopback: func() account.LoopbackMode { return account.LoopbackMode(p.settings.Values().LoopbackEnabled) },
		Changed:  a.accountsChanged,
	})
	if err := p.pool.Load(ctx); err != nil {
		return err
	}
	p.custody = custody.New(p.store, log, nil)
	p.traffic, p.problems = traffic.NewLog(), traffic.NewProblems()
	p.usage = usage.NewRecorder(p.store, log, func() int { return p.settings.Values().RetentionDays })
	p.relay = relay.New(relay.Options{
		Clients: clients(), Operations: operations(), Providers: p.providers, Pool: p.pool, Resolver: resolver{p.pool}, Custody: p.custody,
		Fetcher: p.fetcher, HTTPClient: a.httpClient, Limits: a.limits, Suggest: a.suggest, Begin: p.traffic.Begin,
		Finish: func(x *traffic.Exchange) {
			p.traffic.Finish(x)
			p.usage.Add(usageRow(x))
		},
	})
	p.responses = custody.NewResponses(p.store, log, nil, func() time.Duration { return p.settings.Values().Retention })
	p.ledger = ledger.New(ledger.Options{
		Relay: p.relay, Store: p.responses, Log: log,
		MaxBody: func() int64 { return p.settings.Values().MaxBodyBytes },
	})
	return nil
}

// httpClient reaches the upstream of an account: over the network, or in this
// process for a provider that has no address.
func (a *App) httpClient(acc account.Account) *http.Client {
	if p := a.parts.providers[acc.Provider]; p != nil {
		if local := p.RoundTripper(); local != nil {
			return &http.Client{Transport: local}
		}
	}
	return a.parts.egress.Client()
}

func (a *App) limits() relay.Limits {
	v := a.parts.settings.Values()
	return relay.Limits{
		FirstByte: v.FirstByteTimeout, Idle: v.IdleTimeout, Total: v.TotalTimeout, MaxWait: v.MaxWait,
		ExposeAccount: v.ExposeAccountHeader, Strict: v.StrictFidelity,
	}
}

func (a *App) buildListener() {
	p := &a.parts
	p.hosts = newHostNames()
	a.listener = &listener{
		closeOnStop: a.opts.Window, changed: a.stateChanged, state: admin.ServerStopped,
		at: placeOf(p.settings.Values()), onTLS: func(string) { problemsPort{p.problems}.noteTLS(a.site()) },
	}
	p.server = server.New(server.Options{
		Version: a.opts.Version, Relay: p.relay, Responses: p.ledger, Clients: clients(), Guard: access.NewGuard(p.keys),
		AuthMode: a.authMode, Hosts: a.knownHosts, Settings: p.settings.Values, Models: p.pool.Models,
		Detect: a.detect, Suggest: a.suggest, Site: a.site, Console: lateConsole{a}, Problem: problemsPort{p.problems}.note, Log: slog.Default(),
	})
	a.listener.halt = p.server.SetStopped
	requests, cut := context.WithCancelCause(a.life)
	a.listener.cut = cut
	a.listener.srv = server.NewHTTPServer(requests, p.server.Handler(), slog.Default())
}

func (a *App) buildService() error {
	p := &a.parts
	a.api = admin.New(a.life, admin.Deps{
		Version: a.opts.Version,
		Demo:    a.opts.Demo,
		Server:  serverPort{a},
		Accounts: accountsPort{
			pool: p.pool, providers: p.providers, client: a.httpClient, fetch: a.opts.Command,
		},
		Keys:     keysPort{p.keys, a.keysChanged},
		Settings: settingsPort{p.settings, a.relocate},
		Traffic:  trafficPort{p.traffic},
		Usage:    usagePort{p.store},
		UsageLoss: func() (bool, int64) {
			stats := p.usage.Stats()
			return stats.Stuck, stats.Dropped
		},
		Problems: problemsPort{p.problems},
		Models:   modelsPort{p.pool},
		Doctor:   doctorPort{a},
		Routes:   routesPort{a.site, a.authMode},
		Database: databasePort{p.store},
		Clients:  clientsPort{a.dataDir},
		Window:   &a.raise,
		Consoles: lateConsole{a},
		Capabilities: admin.Capabilities{
			Window: a.opts.Window, ClosesListener: a.opts.Window, Platform: runtime.GOOS,
		},
	})
	dispatcher, err := adminhttp.NewDispatcher(a.api, adminhttp.Verbs())
	if err != nil {
		return err
	}
	a.dispatcher = dispatcher
	a.console = adminhttp.New(adminhttp.Options{
		Version:    a.opts.Version,
		Dispatcher: dispatcher,
		LocalVerbs: adminhttp.LocalVerbs(),
		State:      a.api.State,
		Feed:       a.feed,
		Guard: adminhttp.Guard{
			KnownHost: func(host string) bool { return access.KnownHost(host, a.knownHosts()) },
			LAN:       func() bool { return a.listener.place().reachable() },
		},
		ClientAddress: func(r *http.Request) string {
			return access.ClientIP(r.RemoteAddr, r.Header["X-Forwarded-For"], p.settings.Values().TrustedProxies).String()
		},
		Passwords: passwords{a},
		Token:     a.token,
		Console:   a.opts.Console,
	})
	a.control = &http.Server{Handler: a.console, ReadHeaderTimeout: 10 * time.Second}
	return nil
}
