package app

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"
	"testing/fstest"

	"antigravity-tools/backend/admin"
	"antigravity-tools/test/freeport"
)

func freePort(t *testing.T) int {
	t.Helper()
	port, err := freeport.Pick()
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func options(t *testing.T) Options {
	t.Helper()
	t.Setenv("ANTIGRAVITY_PORT", "")
	return Options{
		Version: "1.2.3", DataDir: filepath.Join(t.TempDir(), "data"), Port: freePort(t), LogTo: io.Discard,
		Console: fstest.MapFS{"index.html": {Data: []byte("<!doctype html>")}},
	}
}

func TestOneProgramPerDataDirectory(t *testing.T) {
	opts := options(t)
	a, err := Open(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), opts); !errors.Is(err, ErrLocked) {
		t.Errorf("a second one: %v", err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := Open(t.Context(), opts)
	if err != nil {
		t.Fatalf("after the first ended: %v", err)
	}
	_ = b.Close()
}

func TestRunFile(t *testing.T) {
	opts := options(t)
	a, err := Open(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = a.Close() }()
	if err := a.Start(); err != nil {
		t.Fatal(err)
	}
	file, err := ReadRunFile(opts.DataDir)
	if err != nil || file.PID != os.Getpid() || len(file.Addresses) == 0 || len(file.Token) < 32 {
		t.Fatalf("%+v %v", file, err)
	}
	if runtime.GOOS != "windows" {
		for path, want := range map[string]fs.FileMode{opts.DataDir: 0o700, runFilePath(opts.DataDir): 0o600} {
			if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
				t.Errorf("%s: %v %v, want %v", path, info.Mode(), err, want)
			}
		}
	}
	res, err := http.Get("http://" + file.Addresses[0] + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var health struct{ Status, Version string }
	if err := json.NewDecoder(res.Body).Decode(&health); err != nil || health.Status != "ok" || health.Version != "1.2.3" {
		t.Errorf("%+v %v", health, err)
	}
	http.DefaultClient.CloseIdleConnections()
	if err := a.Close(); err != nil {
		t.Error(err)
	}
	if _, err := ReadRunFile(opts.DataDir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("run.json is left over: %v", err)
	}
}

// The window opens with the failure as its state; the headless program ends with the reason.
func TestATakenPort(t *testing.T) {
	opts := options(t)
	taken, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(opts.Port)))
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()

	a, err := Open(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Start(); err == nil {
		t.Error("serve began on a taken port")
	}
	// A port that a flag fixes could not be changed from the window: store it instead.
	port := admin.SettingChange{Key: "proxy.port", Value: strconv.Itoa(opts.Port)}
	_ = a.Close()
	opts.Port, opts.Command = 0, true
	if a, err = Open(t.Context(), opts); err != nil {
		t.Fatal(err)
	}
	if _, err := a.API().SetSettings(admin.SetSettingsRequest{Changes: []admin.SettingChange{port}}); err != nil {
		t.Fatal(err)
	}
	_ = a.Close()

	opts.Window, opts.Command = true, false
	a, err = Open(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = a.Close() }()
	if err := a.Start(); err != nil {
		t.Fatalf("the window must open: %v", err)
	}
	st, err := a.API().State()
	if err != nil || st.Server.State != admin.ServerFailed || st.Server.Error == nil || st.Server.Error.NextFreePort == 0 {
		t.Fatalf("%+v %v", st.Server, err)
	}
	if len(st.NeedsAttention) == 0 || st.NeedsAttention[0].Action.Kind != admin.ActionUsePort {
		t.Errorf("no way out is offered: %+v", st.NeedsAttention)
	}
	got, err := a.API().SetPort(admin.SetPortRequest{Port: st.Server.Error.NextFreePort})
	if err != nil || got.State != admin.ServerRunning {
		t.Errorf("the offered port: %+v %v", got, err)
	}
}

func TestDefaultDataDir(t *testing.T) {
	t.Setenv("ANTIGRAVITY_DATA_DIR", "relative")
	dir, err := DefaultDataDir()
	if err != nil || !filepath.IsAbs(dir) {
		t.Errorf("%s %v", dir, err)
	}
	if runtime.GOOS != "linux" {
		return
	}
	t.Setenv("ANTIGRAVITY_DATA_DIR", "")
	for home, want := range map[string]string{"/x/y": "/x/y/antigravity-tools", "": "/h/.local/share/antigravity-tools", "rel": "/h/.local/share/antigravity-tools"} {
		t.Setenv("XDG_DATA_HOME", home)
		t.Setenv("HOME", "/h")
		if dir, _ := DefaultDataDir(); dir != want {
			t.Errorf("XDG_DATA_HOME=%q: %s, want %s", home, dir, want)
		}
	}
}
