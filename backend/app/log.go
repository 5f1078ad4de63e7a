package app

import (
	"io"
	"log/slog"
	"os"
)

// setLogger makes the process's logger from the options.
func (a *App) setLogger() {
	var to io.Writer = os.Stderr
	if a.opts.LogTo != nil {
		to = a.opts.LogTo
	}
	a.setLevel(a.opts.LogLevel)
	h := &slog.HandlerOptions{Level: &a.level}
	if a.opts.LogFormat == "json" {
		slog.SetDefault(slog.New(slog.NewJSONHandler(to, h)))
		return
	}
	slog.SetDefault(slog.New(slog.NewTextHandler(to, h)))
}

// setLevel changes how much is logged; "" means the usual amount.
func (a *App) setLevel(name string) {
	level := slog.LevelInfo
	if a.opts.Command {
		level = slog.LevelWarn
	}
	if name != "" {
		_ = level.UnmarshalText([]byte(name)) // the command line or the settings checked it
	}
	a.level.Set(level)
}
