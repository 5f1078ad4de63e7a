//go:build desktop || dev

package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"github.com/wailsapp/wails/v2"
	"github.com/wailsapp/wails/v2/pkg/logger"
	"github.com/wailsapp/wails/v2/pkg/options"
	"github.com/wailsapp/wails/v2/pkg/options/assetserver"
	"github.com/wailsapp/wails/v2/pkg/options/linux"
	wails_runtime "github.com/wailsapp/wails/v2/pkg/runtime"
	"gopkg.in/natefinch/lumberjack.v2"

	"antigravity-tools/backend/admin"
	"antigravity-tools/backend/app"
	"antigravity-tools/backend/cli"
	"antigravity-tools/backend/fault"
)

// icon is the window's icon.
//
//go:embed build/appicon.png
var icon []byte

// window returns the function that opens the window.
func window() func(context.Context, app.Options) error { return runWindow }

// runWindow takes the data directory, starts the gateway and shows the window; it returns when the
// window is closed and running streams have ended.
func runWindow(ctx context.Context, opts app.Options) error {
	if runtime.GOOS == "linux" && os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "" {
		return fault.New(fault.Internal, "there is no display for the window").WithCode("no_display").
			WithHint("run `serve` for the gateway and the web console without a window")
	}
	if _, err := fs.Stat(opts.Console, "index.html"); err != nil {
		return fault.New(fault.Internal, "this program was built without its pages").WithCode("no_pages").
			WithHint("build it with `make desktop`")
	}
	logs := logFile(opts.DataDir)
	defer func() { _ = logs.Close() }()
	opts.LogTo, opts.Window = logs, true

	// The lock comes before anything of the window: a second start must not touch the first one's files.
	a, err := app.Open(ctx, opts)
	if errors.Is(err, app.ErrLocked) {
		return cli.ShowFirst(ctx, opts.DataDir, os.Stdout)
	}
	if err != nil {
		return err
	}
	if err := a.Start(); err != nil {
		return errors.Join(err, a.Close())
	}
	slog.Info("the window opens", "version", opts.Version, "data_dir", a.DataDir())
	err = show(a, opts)
	slog.Info("the window is closed; running streams may end")
	return errors.Join(err, a.Close())
}

// show runs the window until it is closed.
func show(a *app.App, opts app.Options) (err error) {
	defer func() {
		if p := recover(); p != nil { // how Wails tells that GTK found no display
			slog.Error("the window could not be opened", "reason", fmt.Sprint(p))
			err = fault.New(fault.Internal, "the window could not be opened: "+fmt.Sprint(p)).WithCode("no_window").
				WithHint("run `serve` for the gateway and the web console without a window")
		}
	}()
	shell := &Desktop{dataDir: a.DataDir()}
	bridge := &bridge{app: a}
	o := windowOptions(a.API(), shell)
	o.AssetServer = &assetserver.Options{Assets: opts.Console}
	o.BackgroundColour = options.NewRGB(0xf5, 0xf7, 0xf9)
	o.Logger, o.LogLevel, o.LogLevelProduction = wailsLog{}, logger.WARNING, logger.WARNING
	o.Linux = &linux.Options{ProgramName: "antigravity-tools", WebviewGpuPolicy: linux.WebviewGpuPolicyNever, Icon: icon}
	o.OnStartup = func(ctx context.Context) {
		shell.ctx = ctx
		a.OnShowWindow(func() { raise(ctx) })
		bridge.start(ctx)
	}
	o.OnShutdown = func(context.Context) { bridge.stop() }
	return wails.Run(o)
}

// raise brings the window to the front, for a second start.
func raise(ctx context.Context) {
	wails_runtime.WindowUnminimise(ctx)
	wails_runtime.WindowShow(ctx)
	// Window managers refuse a plain request for focus; a window that is on top for a moment is seen.
	wails_runtime.WindowSetAlwaysOnTop(ctx, true)
	wails_runtime.WindowSetAlwaysOnTop(ctx, false)
}

// bridge hands the events of the service to the page.
type bridge struct {
	app     *app.App
	mu      sync.Mutex
	cancel  func()
	stopped bool
	running sync.WaitGroup
}

const eventName = "agt" // the one Wails event; its data is an admin.Event

func (b *bridge) start(ctx context.Context) { b.running.Go(func() { b.run(ctx) }) }

// run passes events on until stop. A subscription that was cut off for lagging starts again with the
// state, as a page that reconnects does.
func (b *bridge) run(ctx context.Context) {
	for {
		events, last, ok := b.subscribe()
		if !ok {
			return
		}
		if state, err := b.app.API().State(); err == nil {
			wails_runtime.EventsEmit(ctx, eventName, admin.Event{Topic: admin.TopicState, Seq: last, Data: state})
		}
		for e := range events {
			wails_runtime.EventsEmit(ctx, eventName, e)
		}
	}
}

func (b *bridge) subscribe() (<-chan admin.Event, int64, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.stopped {
		return nil, 0, false
	}
	events, last, cancel := b.app.Feed().Subscribe()
	b.cancel = cancel
	return events, last, true
}

func (b *bridge) stop() {
	b.mu.Lock()
	b.stopped = true
	if b.cancel != nil {
		b.cancel()
	}
	b.mu.Unlock()
	b.running.Wait()
}

// logFile keeps the window's log: 10 MB a file, five kept.
func logFile(dataDir string) io.WriteCloser {
	return &lumberjack.Logger{Filename: filepath.Join(dataDir, "logs", "antigravity-tools.log"), MaxSize: 10, MaxBackups: 5}
}

// wailsLog sends what Wails has to say to the program's log. Calls and their arguments, which may hold
// secrets, are on levels that are off.
type wailsLog struct{}

func (wailsLog) Print(string)           {}
func (wailsLog) Trace(string)           {}
func (wailsLog) Debug(string)           {}
func (wailsLog) Info(string)            {}
func (wailsLog) Warning(message string) { slog.Warn("window", "message", message) }
func (wailsLog) Error(message string)   { slog.Error("window", "message", message) }

// Fatal is the last word before Wails ends the process: it goes to the terminal too.
func (wailsLog) Fatal(message string) {
	slog.Error("window", "message", message)
	fmt.Fprintln(os.Stderr, "error: the window could not be opened: "+message)
}
