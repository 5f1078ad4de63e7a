package settings

import (
	"context"
	"errors"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"antigravity-tools/backend/fault"
)

// memory is a repository in memory that can be made to fail.
type memory struct {
	mu   sync.Mutex
	rows map[string]string
	fail error
}

func (m *memory) LoadSettings(context.Context) (map[string]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return maps.Clone(m.rows), m.fail
}

func (m *memory) SaveSettings(_ context.Context, changes map[string]*string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		return m.fail
	}
	if m.rows == nil {
		m.rows = map[string]string{}
	}
	for k, v := range changes {
		if v == nil {
			delete(m.rows, k)
		} else {
			m.rows[k] = *v
		}
	}
	return nil
}

func open(t *testing.T, rows map[string]string, o Overrides) (*Service, *memory) {
	t.Helper()
	repo := &memory{rows: rows}
	s, err := New(t.Context(), repo, o)
	if err != nil {
		t.Fatal(err)
	}
	return s, repo
}

func TestDefaults(t *testing.T) {
	s, _ := open(t, nil, Overrides{})
	want := &Values{
		Port: 8045, AuthMode: AuthAuto, AutoStart: true, WebSocket: true, MaxBodyBytes: 104857600,
		FirstByteTimeout: 300 * time.Second, IdleTimeout: 300 * time.Second, LoopbackEnabled: SwitchAuto,
		SchedulingMode: "cache-first", MaxWait: 30 * time.Second, Retention: 24 * time.Hour, RetentionDays: 30,
		UITheme: "system", UILanguage: "en", LogLevel: "info",
		OAuthTokenURL: "https://oauth2.googleapis.com/token",
	}
	if diff := cmp.Diff(want, s.Values(), cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })); diff != "" {
		t.Error(diff)
	}
}

// TestDefinitionsAreSound: defaults and choices are canonical, keys and texts there.
func TestDefinitionsAreSound(t *testing.T) {
	seen := map[string]bool{}
	for _, d := range Definitions() {
		if seen[d.Key] || d.Description == "" || !strings.Contains(d.Key, ".") {
			t.Errorf("%s: doubled or not described", d.Key)
		}
		seen[d.Key] = true
		for _, text := range append([]string{d.Default}, d.Choices...) {
			if got, err := d.canonical(text); err != nil || got != text {
				t.Errorf("%s: %q is not canonical: %q %v", d.Key, text, got, err)
			}
		}
	}
}

func TestCanonicalForms(t *testing.T) {
	table := []struct{ key, in, want string }{ // want "!": refused
		{KeyPort, "9000", "9000"}, {KeyPort, "0", "0"}, {KeyPort, "65536", "!"}, {KeyPort, "-1", "!"}, {KeyPort, "x", "!"}, {KeyPort, "", "!"},
		{KeyHost, "0.0.0.0", "0.0.0.0"}, {KeyHost, "[::1]", "::1"}, {KeyHost, "LocalHost", "localhost"}, {KeyHost, "", ""}, {KeyHost, "a:80", "!"}, {KeyHost, "http://a", "!"},
		{KeyAllowLAN, "On", "true"}, {KeyAllowLAN, "0", "false"}, {KeyAllowLAN, "maybe", "!"},
		{KeyAuthMode, "STRICT", "strict"}, {KeyAuthMode, "open", "!"},
		{KeyPathRewrite, "true", "on"}, {KeyPathRewrite, "off", "off"}, {KeyPathRewrite, "x", "!"},
		{KeyMaxBodyBytes, "100MiB", "104857600"}, {KeyMaxBodyBytes, "1 kb", "1000"}, {KeyMaxBodyBytes, "0", "!"}, {KeyMaxBodyBytes, "9999999999g", "!"}, {KeyMaxBodyBytes, "5x", "!"}, {KeyMaxBodyBytes, "MB", "!"},
		{KeyMaxWait, "90", "90s"}, {KeyMaxWait, "1m30s", "90s"}, {KeyMaxWait, "1.5", "1.5s"}, {KeyMaxWait, "0", "0s"}, {KeyMaxWait, "-1s", "!"}, {KeyMaxWait, "169h", "!"}, {KeyMaxWait, "nan", "!"}, {KeyMaxWait, "1e300", "!"},
		{"proxy.idle_timeout", "0", "!"}, {"proxy.idle_timeout", "250ms", "250ms"}, {"proxy.total_timeout", "0", "0s"},
		{KeyCORSOrigins, "https://A.example, http://b:3000/ https://a.example", "https://a.example,http://b:3000"}, {KeyCORSOrigins, "*", "*"}, {KeyCORSOrigins, "a.example", "!"}, {KeyCORSOrigins, "https://a/x", "!"}, {KeyCORSOrigins, "", ""},
		{KeyAllowedHosts, "Box.lan, gw:8045", "box.lan,gw"}, {KeyAllowedHosts, "a/b", "!"},
		{KeyTrustedProxies, "10.0.0.1 192.168.1.7/24 ::1", "10.0.0.1/32,192.168.1.0/24,::1/128"}, {KeyTrustedProxies, "x", "!"},
		{KeyUpstreamProxy, "Direct", "direct"}, {KeyUpstreamProxy, "socks5://u:p@h:1080/", "socks5://u:p@h:1080"}, {KeyUpstreamProxy, "ftp://h", "!"}, {KeyUpstreamProxy, "http://u:xxxxx@h", "!"},
		{KeySchedulingMode, "balance", "balance"}, {KeySchedulingMode, "priority", "!"},
		{KeyPublicURL, "https://gw.example/", "https://gw.example"}, {KeyPublicURL, "gw.example", "!"},
		{KeyLoopbackEnabled, "on", "on"}, {KeyLogLevel, "debug", "debug"}, {"ui.language", "de", "!"}, {"monitor.retention_days", "0", "0"},
		{KeyAllowedHosts, strings.Repeat("a ", maxText), "!"},
	}
	for _, row := range table {
		s, repo := open(t, nil, Overrides{})
		err := s.Set(t.Context(), map[string]string{row.key: row.in})
		if row.want == "!" {
			if !fault.Is(err, fault.InvalidRequest) || fault.From(err).Param != row.key || len(repo.rows) != 0 {
				t.Errorf("%s %q: accepted or badly refused: %v", row.key, row.in, err)
			}
			continue
		}
		if err != nil || repo.rows[row.key] != row.want {
			t.Errorf("%s %q: %q %v, want %q", row.key, row.in, repo.rows[row.key], err, row.want)
		}
	}
}

// TestCanonicalIsStable: what is stored reads back as itself.
func TestCanonicalIsStable(t *testing.T) {
	defs := Definitions()
	rapid.Check(t, func(t *rapid.T) {
		d := rapid.SampledFrom(defs).Draw(t, "setting")
		text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[0-9]{1,6}(ms|s|m|h|MiB|kB)?`), rapid.StringMatching(`[a-z]{1,4}(://[a-z]{1,3}(:[0-9]{1,4})?)?`)).Draw(t, "text")
		once, err := d.canonical(text)
		if err != nil {
			return
		}
		twice, err := d.canonical(once)
		if err != nil || twice != once {
			t.Fatalf("%s: %q became %q, then %q (%v)", d.Key, text, once, twice, err)
		}
		var a, b Values
		d.apply(&a, once)
		d.apply(&b, twice)
		if diff := cmp.Diff(a, b, cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestSetIsAtomicAndNarrow(t *testing.T) {
	s, repo := open(t, map[string]string{"future.key": "kept", KeyLogLevel: "debug"}, Overrides{})
	err := s.Set(t.Context(), map[string]string{KeyPort: "9000", KeyAuthMode: "nonsense"})
	if err == nil || s.Values().Port != 8045 || len(repo.rows) != 2 {
		t.Fatalf("half a change: %v %v", err, repo.rows)
	}
	if err := s.Set(t.Context(), map[string]string{KeyPort: "9000", "no.such": "1"}); fault.Public(err).Code != "unknown_setting" {
		t.Errorf("%v", err)
	}
	if err := s.Set(t.Context(), map[string]string{KeyPort: " 9000 "}); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"future.key": "kept", KeyLogLevel: "debug", KeyPort: "9000"}
	if diff := cmp.Diff(want, repo.rows); diff != "" {
		t.Error(diff)
	}
	if v := s.Values(); v.Port != 9000 || v.LogLevel != "debug" {
		t.Errorf("%+v", v)
	}
	if err := s.Unset(t.Context(), KeyPort); err != nil || s.Values().Port != 8045 {
		t.Errorf("unset: %v", err)
	}
	if _, there := repo.rows[KeyPort]; there {
		t.Error("unset left the row")
	}
	repo.fail = errors.New("disk full at /home/x")
	err = s.Set(t.Context(), map[string]string{KeyPort: "9001"})
	if !fault.Is(err, fault.Internal) || strings.Contains(err.Error(), "/home") || s.Values().Port != 8045 {
		t.Errorf("a failed write counts: %v", err)
	}
}

func TestOverridesLock(t *testing.T) {
	env := map[string]string{"ANTIGRAVITY_PORT": "9100", "ANTIGRAVITY_AUTH_MODE": "strict", "ANTIGRAVITY_ALLOW_LAN": ""}
	o := Overrides{Flags: map[string]string{KeyPort: "9200", KeyHost: "0.0.0.0"}, Getenv: func(k string) string { return env[k] }}
	s, _ := open(t, map[string]string{KeyPort: "9000", KeyAllowLAN: "true"}, o)
	table := []struct {
		key, value string
		source     Source
		by         string
	}{
		{KeyPort, "9200", SourceFlag, "command line"},
		{KeyAuthMode, "strict", SourceEnvironment, "ANTIGRAVITY_AUTH_MODE"},
		{KeyAllowLAN, "true", SourceStored, "command line"}, // held by the host
		{KeyLogLevel, "info", SourceDefault, ""},
	}
	for _, row := range table {
		item, err := s.Get(row.key)
		if err != nil || item.Value != row.value || item.Source != row.source || item.LockedBy != row.by || item.Locked != (row.by != "") {
			t.Errorf("%s: %+v %v", row.key, item, err)
		}
		err = s.Set(t.Context(), map[string]string{row.key: row.value})
		if (err != nil) != item.Locked || item.Locked && fault.Public(err).Code != "setting_locked" {
			t.Errorf("%s: set gave %v", row.key, err)
		}
	}
	if v := s.Values(); !v.LAN() || !slices.Equal(v.ListenHosts(), []string{"0.0.0.0"}) {
		t.Errorf("%+v", v)
	}
	for _, bad := range []Overrides{
		{Flags: map[string]string{KeyPort: "x"}},
		{Getenv: func(k string) string { return map[string]string{"ANTIGRAVITY_PORT": "99999"}[k] }},
	} {
		if _, err := New(t.Context(), &memory{}, bad); !fault.Is(err, fault.InvalidRequest) {
			t.Errorf("bad override: %v", err)
		}
	}
}

func TestLAN(t *testing.T) {
	table := []struct {
		v     Values
		lan   bool
		hosts []string
	}{
		{Values{}, false, []string{"127.0.0.1", "::1"}},
		{Values{AllowLAN: true}, true, []string{"0.0.0.0", "::"}},
		{Values{AllowLAN: true, Host: "127.0.0.1"}, false, []string{"127.0.0.1"}},
		{Values{Host: "localhost"}, false, []string{"localhost"}},
		{Values{Host: "192.168.1.2"}, true, []string{"192.168.1.2"}},
	}
	for _, row := range table {
		if row.v.LAN() != row.lan || !slices.Equal(row.v.ListenHosts(), row.hosts) {
			t.Errorf("%+v: %v %v", row.v, row.v.LAN(), row.v.ListenHosts())
		}
	}
}

func TestBadStoredValueIsShownNotUsed(t *testing.T) {
	s, repo := open(t, map[string]string{KeyPort: "no", KeyUpstreamProxy: "http://u:secret@h:1"}, Overrides{})
	item, _ := s.Get(KeyPort)
	if s.Values().Port != 8045 || item.Problem == "" || item.Source != SourceDefault {
		t.Errorf("%+v", item)
	}
	for _, item := range s.List() {
		if strings.Contains(item.Value, "secret") {
			t.Errorf("password shown: %+v", item)
		}
	}
	if s.Values().UpstreamProxyURL != "http://u:secret@h:1" {
		t.Error("the password itself is lost")
	}
	if len(repo.rows) != 2 {
		t.Error("reading wrote")
	}
	if _, err := New(t.Context(), &memory{fail: errors.New("x")}, Overrides{}); !fault.Is(err, fault.Internal) {
		t.Errorf("%v", err)
	}
}

func TestSubscribe(t *testing.T) {
	s, repo := open(t, nil, Overrides{})
	var got []string
	cancel := s.Subscribe(func(c Change) {
		got = append(got, strings.Join(c.Keys, "+"))
		// A listener that cannot be had is set back from within: this must not block.
		if c.New.Port == 1 {
			if err := s.Set(context.Background(), map[string]string{KeyPort: intText(int64(c.Old.Port))}); err != nil {
				t.Error(err)
			}
		}
	})
	for _, step := range []map[string]string{{KeyPort: "1"}, {KeyPort: "8045"}, {KeyMaxWait: "5s", KeyLogLevel: "warn"}} {
		if err := s.Set(t.Context(), step); err != nil {
			t.Fatal(err)
		}
	}
	repo.rows[KeyLogLevel] = "error" // changed by another process
	if err := s.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := s.Set(t.Context(), map[string]string{KeyPort: "9"}); err != nil {
		t.Fatal(err)
	}
	want := []string{"proxy.port", "proxy.port", "log.level+scheduling.max_wait", "log.level"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestConcurrentUse(t *testing.T) {
	s, _ := open(t, nil, Overrides{})
	last := s.Values()
	s.Subscribe(func(c Change) {
		if c.Old != last {
			t.Error("changes out of order")
		}
		last = c.New
	})
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for i := range 25 {
				if err := s.Set(context.Background(), map[string]string{KeyPort: intText(int64(1000 + 100*w + i))}); err != nil {
					t.Error(err)
				}
				s.Values()
				s.List()
			}
		})
	}
	wg.Wait()
	if last != s.Values() {
		t.Error("the last change was not delivered")
	}
}
