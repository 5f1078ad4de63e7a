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
	level := slog.LevelInfo
	if a.opts.Command {
		level = slog.LevelWarn
	}
	if a.opts.LogLevel != "" {
		_ = level.UnmarshalText([]byte(a.opts.LogLevel)) // the command line checked it
	}
	h := &slog.HandlerOptions{Level: level}
	if a.opts.LogFormat == "json" {
		slog.SetDefault(slog.New(slog.NewJSONHandler(to, h)))
		return
	}
	slog.SetDefault(slog.New(slog.NewTextHandler(to, h)))
}
