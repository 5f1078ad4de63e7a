//go:build desktop || bindings || dev

package main

import (
	"context"
	"net/url"
	"os"
	"path/filepath"

	"github.com/wailsapp/wails/v2/pkg/runtime"

	"antigravity-tools/backend/fault"
)

// Desktop holds the verbs that only the window has. Everything else is on admin.API.
type Desktop struct {
	ctx     context.Context //nolint:containedctx // given by Wails at start; its runtime calls need it
	dataDir string
}

// FileDialogRequest says what a file dialog shows.
type FileDialogRequest struct {
	Title    string `json:"title"`
	Filename string `json:"filename"` // proposed name when saving
	Pattern  string `json:"pattern"`  // *.json;*.db
}

// OpenURL opens a web page in the user's browser. Only http and https are opened.
func (d *Desktop) OpenURL(address string) error {
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" {
		return fault.Invalid("address", "only web addresses can be opened")
	}
	runtime.BrowserOpenURL(d.ctx, u.String())
	return nil
}

// OpenFile asks for a file to read; the answer is empty when the user cancels.
func (d *Desktop) OpenFile(req FileDialogRequest) (string, error) {
	return runtime.OpenFileDialog(d.ctx, runtime.OpenDialogOptions{Title: req.Title, Filters: filters(req.Pattern)})
}

// SaveFile asks for a file to write; the answer is empty when the user cancels.
func (d *Desktop) SaveFile(req FileDialogRequest) (string, error) {
	return runtime.SaveFileDialog(d.ctx, runtime.SaveDialogOptions{
		Title: req.Title, DefaultFilename: filepath.Base(req.Filename), Filters: filters(req.Pattern),
	})
}

// DataDir returns the data directory, so that the page can show it.
func (d *Desktop) DataDir() string { return d.dataDir }

// RevealLogs opens the folder that holds the logs.
func (d *Desktop) RevealLogs() error {
	dir := filepath.Join(d.dataDir, "logs")
	if _, err := os.Stat(dir); err != nil {
		return fault.New(fault.NotFound, "there are no logs yet")
	}
	runtime.BrowserOpenURL(d.ctx, "file://"+filepath.ToSlash(dir))
	return nil
}

func filters(pattern string) []runtime.FileFilter {
	if pattern == "" {
		return nil
	}
	return []runtime.FileFilter{{DisplayName: pattern, Pattern: pattern}}
}
