package access

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
)

func TestCheckHost(t *testing.T) {
	known := Hosts{Own: []string{"mybox", "mybox.local", "192.168.1.20", "fe80::1"}, Allowed: []string{"gw.example"}}
	table := map[string]bool{
		"127.0.0.1:8045": true, "127.0.0.1": true, "127.8.9.1:1": true, "localhost:8045": true, "LOCALHOST": true, "localhost.": true, "wails.localhost": true,
		"[::1]:8045": true, "[::1]": true, "::1": true, "[::ffff:127.0.0.1]:8045": true,
		"mybox:8045": true, "MyBox.local": true, "192.168.1.20:8045": true, "[fe80::1%eth0]:8045": true,
		"host.docker.internal:8045": true, "gw.example": true, "gw.example:443": true, "": true,
		"evil.example": false, "localhost.evil.example": false, "127.0.0.1.evil.example": false, "192.168.1.21:8045": false,
		"0.0.0.0:8045": false, "[::]:8045": false, "sub.gw.example": false, "xlocalhost": false, "8.8.8.8": false, "127.1": false,
	}
	for host, ok := range table {
		err := CheckHost(host, known)
		if (err == nil) != ok {
			t.Errorf("%q: %v, want ok=%v", host, err, ok)
		}
		if err != nil && (err.HTTPStatus() != 403 || !strings.Contains(err.Message, "proxy.allowed_hosts")) {
			t.Errorf("%q: %v", host, err)
		}
		if got := KnownHost(host, known); got != (ok && host != "") {
			t.Errorf("KnownHost(%q) = %v", host, got)
		}
	}
	if err := CheckHost("0.0.0.0:8045", known); !strings.Contains(err.Hint, "127.0.0.1") {
		t.Errorf("%s", err.Hint)
	}
}

func TestCheckOrigin(t *testing.T) {
	listed := Origins{Listed: []string{"https://chat.example", "*"}}
	table := []struct {
		origin, site string
		ok           bool
	}{
		{"", "", true}, {"", "none", true}, {"", "same-origin", true}, {"", "same-site", true}, // programs and one's own pages
		{"", "cross-site", false}, {"", "Cross-Site", false},
		{"null", "", false}, {"null", "same-origin", false},
		{"http://localhost:3000", "cross-site", true}, {"https://127.0.0.1", "", true}, {"http://[::1]:5173", "", true}, {"http://tauri.localhost", "", true},
		{"app://obsidian.md", "cross-site", true}, {"tauri://localhost", "", true}, {"wails://wails", "", true}, {"vscode-webview://abc123", "", true}, {"vscode-file://vscode-app", "", true},
		{"https://chat.example", "cross-site", true}, {"HTTPS://Chat.Example", "", true},
		{"http://chat.example", "", false}, {"https://chat.example:444", "", false}, {"https://evil.example", "", false},
		{"http://localhost.evil.example", "", false}, {"http://127.0.0.1.evil.example", "", false}, {"http://localhost@evil.example", "", false},
		{"http://evil.example/localhost", "", false}, {"chrome-extension://abc", "", false}, {"file://", "", false}, {"http://", "", false}, {"%zz", "", false},
		{"http://192.168.1.20:8045", "same-origin", true}, {"http://192.168.1.20:9000", "", false}, // the gateway's own page, and a neighbour's
	}
	for _, row := range table {
		err := CheckOrigin(row.origin, row.site, "192.168.1.20:8045", listed)
		if (err == nil) != row.ok {
			t.Errorf("%q %q: %v, want ok=%v", row.origin, row.site, err, row.ok)
		}
		if err != nil && (err.HTTPStatus() != 403 || !strings.Contains(err.Message, "proxy.cors_origins")) {
			t.Errorf("%q: %v", row.origin, err)
		}
	}
	withKey := Origins{Listed: []string{"*"}, KeyNeeded: true}
	if !AllowedOrigin("https://any.example", "h", withKey) {
		t.Error("* must count while a key is needed")
	}
	if AllowedOrigin("null", "h", withKey) || AllowedOrigin("", "h", withKey) {
		t.Error("null is nobody")
	}
	if AllowedOrigin("https://any.example", "h", Origins{KeyNeeded: true}) {
		t.Error("nothing listed, nothing allowed")
	}
}

func TestSameOrigin(t *testing.T) {
	table := []struct {
		origin, host string
		want         bool
	}{
		{"http://127.0.0.1:8045", "127.0.0.1:8045", true}, {"http://Box:8045", "box:8045", true}, {"https://gw.example", "gw.example:443", true}, {"http://gw.example:80", "gw.example", true},
		{"http://127.0.0.1:3000", "127.0.0.1:8045", false}, {"http://localhost:8045", "127.0.0.1:8045", false}, {"null", "null", false}, {"", "", false},
		{"app://box", "box", false}, {"http://u@box", "box", false}, {"http://box/x", "box", false},
	}
	for _, row := range table {
		if got := SameOrigin(row.origin, row.host); got != row.want {
			t.Errorf("%+v: %v", row, got)
		}
	}
}

func TestClientIP(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	table := []struct {
		remote    string
		forwarded []string
		want      string
	}{
		{"192.168.1.5:1234", nil, "192.168.1.5"},
		{"192.168.1.5:1234", []string{"1.1.1.1"}, "192.168.1.5"}, // not trusted: not believed
		{"10.0.0.1:1", []string{"1.1.1.1"}, "1.1.1.1"},
		{"10.0.0.1:1", []string{"6.6.6.6, 1.1.1.1"}, "1.1.1.1"}, // what the caller made up stays unread
		{"10.0.0.1:1", []string{"6.6.6.6, 1.1.1.1", "10.0.0.9"}, "1.1.1.1"},
		{"10.0.0.1:1", []string{"10.0.0.7, 10.0.0.9"}, "10.0.0.7"},
		{"10.0.0.1:1", []string{"1.1.1.1, garbage"}, "10.0.0.1"},
		{"10.0.0.1:1", nil, "10.0.0.1"},
		{"[::1]:1", []string{"[2001:db8::1]:443"}, "2001:db8::1"},
		{"[::ffff:10.0.0.1]:1", []string{"1.1.1.1:80"}, "1.1.1.1"},
		{"@", []string{"1.1.1.1"}, "invalid IP"},
	}
	for _, row := range table {
		if got := ClientIP(row.remote, row.forwarded, trusted).String(); got != row.want {
			t.Errorf("%s %q: %s, want %s", row.remote, row.forwarded, got, row.want)
		}
	}
}

func TestThisMachine(t *testing.T) {
	names := ThisMachine()
	for _, n := range names {
		if n == "" || n != strings.ToLower(n) || !KnownHost(n, Hosts{Own: names}) {
			t.Errorf("%q is not known under its own name", n)
		}
	}
	if !slices.Contains(names, "127.0.0.1") {
		t.Skip("no loopback interface here")
	}
}

func TestPassword(t *testing.T) {
	p := NewPassword()
	if len(p) != 24 || p == NewPassword() || strings.Trim(p, "23456789abcdefghjkmnpqrstuvwxyz-") != "" {
		t.Errorf("%q", p)
	}
	stored, err := HashPassword(p)
	if err != nil || strings.Contains(stored, p) {
		t.Fatal(err)
	}
	if !VerifyPassword(stored, p) || VerifyPassword(stored, p+"x") || VerifyPassword(stored, "") {
		t.Error("verify is wrong")
	}
	again, _ := HashPassword(p)
	if again == stored {
		t.Error("no salt")
	}
	for _, bad := range []string{"", "x", "$argon2id$v=19$m=19456,t=2,p=1$$", strings.Replace(stored, "m=19456", "m=999999999", 1),
		strings.Replace(stored, "v=19", "v=18", 1), strings.Replace(stored, "argon2id", "argon2i", 1), strings.Replace(stored, "t=2", "t=0", 1), stored[:len(stored)-30]} {
		if VerifyPassword(bad, p) {
			t.Errorf("%q accepted", bad)
		}
	}
	for _, bad := range []string{"short", strings.Repeat("x", 2000)} {
		if _, err := HashPassword(bad); err == nil {
			t.Error("length not checked")
		}
	}
}

func FuzzBrowserRules(f *testing.F) {
	for _, s := range []string{"http://localhost:3000", "null", "https://a", "[::1]:8045", "127.0.0.1", "app://x", "//", "http://[::1%25x]"} {
		f.Add(s, "127.0.0.1:8045")
	}
	f.Fuzz(func(t *testing.T, origin, host string) {
		CheckHost(host, Hosts{})
		CheckOrigin(origin, "cross-site", host, Origins{})
		if strings.HasSuffix(origin, ".evil.example") && AllowedOrigin(origin, "127.0.0.1:8045", Origins{}) {
			if strings.HasPrefix(strings.ToLower(origin), "http") {
				t.Errorf("%q allowed", origin)
			}
		}
		ClientIP(host, []string{origin}, nil)
		VerifyPassword(origin, "x")
	})
}
