package app

import (
	"net/http"
	"runtime"
	"time"

	"github.com/gin-gonic/gin"

	"antigravity-tools/backend/admin"
	"antigravity-tools/backend/adminhttp"
)

// build makes the graph: domain parts first, then the service over them, then the two handlers.
func (a *App) build() error {
	a.listener = &listener{
		closeOnStop: a.opts.Window,
		changed:     a.stateChanged,
		state:       admin.ServerStopped,
		at:          place{host: a.opts.Host, port: a.port()},
	}
	a.api = admin.New(a.life, admin.Deps{
		Version: a.opts.Version,
		Demo:    a.opts.Demo,
		Server:  serverPort{a.listener},
		Window:  &a.raise,
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
		State:      a.api.State,
		Feed:       a.feed,
		Guard:      adminhttp.Guard{LAN: func() bool { return a.listener.place().reachable() }},
		Token:      a.token,
		Console:    a.opts.Console,
	})
	a.listener.srv = &http.Server{
		Handler:           a.engine(),
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
	}
	a.control = &http.Server{Handler: a.console, ReadHeaderTimeout: 10 * time.Second}
	return nil
}

func (a *App) port() int {
	if a.opts.Port != 0 {
		return a.opts.Port
	}
	return 8045
}

// engine is the public HTTP engine.
func (a *App) engine() http.Handler {
	gin.SetMode(gin.ReleaseMode)
	e := gin.New()
	e.RedirectTrailingSlash = false
	_ = e.SetTrustedProxies(nil)
	health := func(c *gin.Context) { c.JSON(http.StatusOK, gin.H{"status": "ok", "version": a.opts.Version}) }
	for _, path := range []string{"/healthz", "/health"} {
		e.GET(path, health)
		e.HEAD(path, health)
	}
	e.NoRoute(func(c *gin.Context) {
		c.Status(http.StatusOK) // NoRoute presets 404
		a.console.ServeHTTP(c.Writer, c.Request)
	})
	return e
}
