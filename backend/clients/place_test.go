package clients

import (
	"context"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
)

var ours = Values{Root: "http://127.0.0.1:8045", Key: "sk-agt-fake-key-of-the-client", Model: "gemini-2.5-pro", Small: "gemini-2.5-flash"}

// place is a home directory of its own.
type place struct {
	t     *testing.T
	home  string
	env   map[string]string
	setup *Setup
}

func newPlace(t *testing.T) *place {
	p := &place{t: t, home: t.TempDir(), env: map[string]string{}}
	p.setup = New(filepath.Join(t.TempDir(), "clients"), System{
		OS: runtime.GOOS, Home: p.home, Getenv: func(name string) string { return p.env[name] },
		LookPath: func(string) (string, error) { return "", exec.ErrNotFound },
	})
	return p
}

func (p *place) write(name, text string, mode fs.FileMode) string {
	p.t.Helper()
	path := filepath.Join(p.home, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		p.t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		p.t.Fatal(err)
	}
	return path
}

func (p *place) read(name string) string {
	p.t.Helper()
	raw, err := os.ReadFile(filepath.Join(p.home, filepath.FromSlash(name)))
	if err != nil {
		p.t.Fatal(err)
	}
	return string(raw)
}

func (p *place) apply(name string, v Values) *Plan {
	p.t.Helper()
	plan, err := p.setup.Plan(name, v, name)
	if err != nil {
		p.t.Fatalf("plan: %v", err)
	}
	if err := p.setup.Apply(context.Background(), plan); err != nil {
		p.t.Fatalf("apply: %v", err)
	}
	return plan
}

func (p *place) restore(name string) *Plan {
	p.t.Helper()
	plan, err := p.setup.PlanRestore(name)
	if err != nil {
		p.t.Fatalf("plan of the restore: %v", err)
	}
	if err := p.setup.Apply(context.Background(), plan); err != nil {
		p.t.Fatalf("restore: %v", err)
	}
	return plan
}

func (p *place) state(name string) State {
	p.t.Helper()
	list, err := p.setup.List(ours.Root)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, one := range list {
		if one.Name == name {
			return one.State
		}
	}
	p.t.Fatalf("%s is not listed", name)
	return ""
}

// snapshot is all that lies in the home directory: names, kinds, modes, contents, links.
func (p *place) snapshot() map[string]string {
	p.t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(p.home, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		text := info.Mode().String()
		switch {
		case info.Mode()&fs.ModeSymlink != 0:
			to, _ := os.Readlink(path)
			text += " -> " + to
		case info.Mode().IsRegular():
			raw, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			text += "\n" + string(raw)
		}
		out[path] = text
		return nil
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return out
}
