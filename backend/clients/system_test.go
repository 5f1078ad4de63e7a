package clients

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPathsOfEachSystem(t *testing.T) {
	table := []struct {
		os, client string
		env        map[string]string
		want       []string
	}{
		{"linux", "claude-code", nil, []string{"~/.claude/settings.json"}},
		{"darwin", "claude-code", nil, []string{"~/.claude/settings.json"}},
		{"windows", "claude-code", nil, []string{`~\.claude\settings.json`}},
		{"windows", "claude-code", map[string]string{"CLAUDE_CONFIG_DIR": `D:\c\`}, []string{`D:\c\settings.json`}},
		{"linux", "codex", map[string]string{"CODEX_HOME": "/opt/codex"}, []string{"/opt/codex/config.toml"}},
		{"darwin", "codex", nil, []string{"~/.codex/config.toml"}},
		{"windows", "codex", nil, []string{`~\.codex\config.toml`}},
		{"linux", "gemini-cli", map[string]string{"GEMINI_CLI_HOME": "/g"}, []string{"/g/.gemini/.env", "/g/.gemini/settings.json"}},
		{"darwin", "gemini-cli", nil, []string{"~/.gemini/.env", "~/.gemini/settings.json"}},
		{"windows", "gemini-cli", nil, []string{`~\.gemini\.env`, `~\.gemini\settings.json`}},
		{"linux", "kilo-code", map[string]string{"XDG_CONFIG_HOME": "/x"}, []string{"/x/kilo/kilo.jsonc", "/x/kilo/kilo.json"}},
		{"darwin", "kilo-code", nil, []string{"~/.config/kilo/kilo.jsonc", "~/.config/kilo/kilo.json"}},
		{"windows", "kilo-code", nil, []string{`~\.config\kilo\kilo.jsonc`, `~\.config\kilo\kilo.json`}},
		{"linux", "opencode", nil, []string{"~/.config/opencode/opencode.jsonc", "~/.config/opencode/opencode.json"}},
		{"darwin", "opencode", nil, []string{"~/.config/opencode/opencode.jsonc", "~/.config/opencode/opencode.json"}},
		{"windows", "opencode", nil, []string{`~\.config\opencode\opencode.jsonc`, `~\.config\opencode\opencode.json`}},
		{"linux", "qwen-code", nil, []string{"~/.qwen/.env", "~/.qwen/settings.json"}},
		{"darwin", "qwen-code", nil, []string{"~/.qwen/.env", "~/.qwen/settings.json"}},
		{"windows", "qwen-code", nil, []string{`~\.qwen\.env`, `~\.qwen\settings.json`}},
		{"linux", "crush", nil, []string{"~/.config/crush/crush.json", "~/.local/share/crush/crush.json"}},
		{"darwin", "crush", nil, []string{"~/.config/crush/crush.json", "~/.local/share/crush/crush.json"}},
		{"windows", "crush", map[string]string{"LOCALAPPDATA": `C:\L`}, []string{`~\.config\crush\crush.json`, `C:\L\crush\crush.json`}},
		{"windows", "crush", nil, []string{`~\.config\crush\crush.json`, `~\AppData\Local\crush\crush.json`}},
		{"linux", "cline", map[string]string{"CLINE_DATA_DIR": "/d"}, []string{"/d/settings/providers.json"}},
		{"darwin", "cline", nil, []string{"~/.cline/data/settings/providers.json"}},
		{"windows", "cline", map[string]string{"CLINE_DIR": `D:\c`}, []string{`D:\c\data\settings\providers.json`}},
		{"windows", "cline", nil, []string{`~\.cline\data\settings\providers.json`}},
		{"linux", "continue", map[string]string{"CONTINUE_GLOBAL_DIR": "/c"}, []string{"/c/config.yaml"}},
		{"darwin", "continue", nil, []string{"~/.continue/config.yaml"}},
		{"windows", "continue", nil, []string{`~\.continue\config.yaml`}},
		{"linux", "droid", nil, []string{"~/.factory/settings.json"}},
		{"darwin", "droid", nil, []string{"~/.factory/settings.json"}},
		{"windows", "droid", nil, []string{`~\.factory\settings.json`}},
		{"linux", "zed", map[string]string{"XDG_CONFIG_HOME": "/x"}, []string{"/x/zed/settings.json"}},
		{"darwin", "zed", map[string]string{"XDG_CONFIG_HOME": "/x"}, []string{"~/.config/zed/settings.json"}},
		{"windows", "zed", map[string]string{"APPDATA": `C:\R`}, []string{`C:\R\Zed\settings.json`}},
		{"windows", "zed", nil, []string{`~\AppData\Roaming\Zed\settings.json`}},
	}
	homes := map[string]string{"linux": "/home/u", "darwin": "/Users/u", "windows": `C:\Users\u`}
	seen := map[string]bool{}
	for _, c := range table {
		seen[c.client+" on "+c.os] = true
		s := System{OS: c.os, Home: homes[c.os], Getenv: func(name string) string { return c.env[name] }}
		client, err := find(c.client)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range client.Files {
			got = append(got, s.paths(f)...)
		}
		for i := range c.want {
			c.want[i] = strings.Replace(c.want[i], "~", homes[c.os], 1)
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s on %s: %s", c.client, c.os, d)
		}
	}
	for _, c := range Catalog() {
		for os := range homes {
			if !seen[c.Name+" on "+os] {
				t.Errorf("no row for %s on %s", c.Name, os)
			}
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
