package clients

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPathsOfEachSystem(t *testing.T) {
	table := []struct {
		os, home string
		env      map[string]string
		client   string
		want     []string
	}{
		{"linux", "/home/u", nil, "claude-code", []string{"/home/u/.claude/settings.json"}},
		{"darwin", "/Users/u", nil, "claude-code", []string{"/Users/u/.claude/settings.json"}},
		{"windows", `C:\Users\u`, nil, "claude-code", []string{`C:\Users\u\.claude\settings.json`}},
		{"windows", `C:\Users\u`, map[string]string{"CLAUDE_CONFIG_DIR": `D:\c\`}, "claude-code", []string{`D:\c\settings.json`}},
		{"linux", "/home/u", map[string]string{"CODEX_HOME": "/opt/codex"}, "codex", []string{"/opt/codex/config.toml"}},
		{"windows", `C:\Users\u`, nil, "codex", []string{`C:\Users\u\.codex\config.toml`}},
		{"darwin", "/Users/u", nil, "gemini-cli", []string{"/Users/u/.gemini/.env", "/Users/u/.gemini/settings.json"}},
		{"linux", "/home/u", map[string]string{"GEMINI_CLI_HOME": "/g"}, "gemini-cli", []string{"/g/.gemini/.env", "/g/.gemini/settings.json"}},
		{"windows", `C:\Users\u`, nil, "opencode", []string{`C:\Users\u\.config\opencode\opencode.jsonc`, `C:\Users\u\.config\opencode\opencode.json`}},
		{"linux", "/home/u", map[string]string{"XDG_CONFIG_HOME": "/x"}, "kilo-code", []string{"/x/kilo/kilo.jsonc", "/x/kilo/kilo.json"}},
		{"linux", "/home/u", nil, "crush", []string{"/home/u/.config/crush/crush.json", "/home/u/.local/share/crush/crush.json"}},
		{"windows", `C:\Users\u`, map[string]string{"LOCALAPPDATA": `C:\L`}, "crush", []string{`C:\Users\u\.config\crush\crush.json`, `C:\L\crush\crush.json`}},
		{"darwin", "/Users/u", nil, "cline", []string{"/Users/u/.cline/data/settings/providers.json"}},
		{"windows", `C:\Users\u`, map[string]string{"CLINE_DIR": `D:\c`}, "cline", []string{`D:\c\data\settings\providers.json`}},
		{"windows", `C:\Users\u`, nil, "continue", []string{`C:\Users\u\.continue\config.yaml`}},
		{"windows", `C:\Users\u`, nil, "droid", []string{`C:\Users\u\.factory\settings.json`}},
		{"linux", "/home/u", map[string]string{"XDG_CONFIG_HOME": "/x"}, "zed", []string{"/x/zed/settings.json"}},
		{"darwin", "/Users/u", map[string]string{"XDG_CONFIG_HOME": "/x"}, "zed", []string{"/Users/u/.config/zed/settings.json"}},
		{"windows", `C:\Users\u`, map[string]string{"APPDATA": `C:\R`}, "zed", []string{`C:\R\Zed\settings.json`}},
		{"windows", `C:\Users\u`, nil, "qwen-code", []string{`C:\Users\u\.qwen\.env`, `C:\Users\u\.qwen\settings.json`}},
	}
	for _, c := range table {
		s := System{OS: c.os, Home: c.home, Getenv: func(name string) string { return c.env[name] }}
		client, err := find(c.client)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range client.Files {
			got = append(got, s.paths(f)...)
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s on %s: %s", c.client, c.os, d)
		}
	}
}

func TestExtensionsOfEditorsCount(t *testing.T) {
	p := newPlace(t)
	p.write(".cursor/extensions/Continue.continue-1.3.0-linux-x64/package.json", "{}", 0o600)
	for name, want := range map[string]bool{"continue": true, "cline": false} {
		if st, err := p.setup.Status(name, ours.Root); err != nil || st.Installed != want {
			t.Errorf("%s: %v %v", name, st.Installed, err)
		}
	}
}
