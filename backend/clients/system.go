package clients

import (
	"os"
	"os/exec"
	"runtime"
	"strings"
)

// System is what the set-up asks of the machine; tests give another.
type System struct {
	OS       string // as runtime.GOOS
	Home     string
	Getenv   func(string) string
	LookPath func(string) (string, error)
}

// ThisSystem is the machine that the program runs on, as its user sees it.
func ThisSystem() (System, error) {
	home, err := os.UserHomeDir()
	return System{OS: runtime.GOOS, Home: home, Getenv: os.Getenv, LookPath: exec.LookPath}, err
}

// join puts a path together as this system writes it. Below is written with slashes.
func (s System) join(dir, below string) string {
	sep := "/"
	if s.OS == "windows" {
		sep = `\`
		below = strings.ReplaceAll(below, "/", sep)
	}
	if below == "" {
		return dir
	}
	return strings.TrimRight(dir, sep) + sep + below
}

// dir is where a client keeps its settings.
func (s System) dir(d Dir) string {
	switch {
	case s.OS == "windows" && d.Windows != nil:
		return s.dir(*d.Windows)
	case s.OS == "darwin" && d.MacOS != nil:
		return s.dir(*d.MacOS)
	}
	for _, v := range d.Vars {
		if moved := s.Getenv(v.Name); moved != "" {
			return s.join(moved, v.Below)
		}
	}
	return s.join(s.Home, d.Home)
}

// paths lists the names that a file can have, in the order of File.Names.
func (s System) paths(f File) []string {
	var list []string
	for _, name := range f.Names {
		list = append(list, s.join(s.dir(f.Dir), name))
	}
	return list
}

// allPaths are those of the older file as well.
func (s System) allPaths(f File) []string {
	var list []string
	for _, one := range f.generations() {
		list = append(list, s.paths(one)...)
	}
	return list
}

// hasExtension tells that an editor of the Visual Studio Code family has the client as an extension: each
// lies in a folder called NAME-VERSION.
func (s System) hasExtension(c Client) bool {
	for _, editor := range []string{".vscode", ".vscode-insiders", ".vscode-server", ".vscode-oss", ".cursor", ".windsurf"} {
		list, err := os.ReadDir(s.join(s.Home, editor+"/extensions"))
		if err != nil {
			continue
		}
		for _, one := range list {
			for _, name := range c.Extensions {
				if strings.HasPrefix(strings.ToLower(one.Name()), name+"-") {
					return true
				}
			}
		}
	}
	return false
}

// binary finds the client's program; empty where it is not installed.
func (s System) binary(c Client) string {
	for _, name := range c.Binaries {
		if path, err := s.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}
