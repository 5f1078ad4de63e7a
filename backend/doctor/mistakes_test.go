package doctor

import (
	"net/http"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// entry is a base URL as a person types it: the gateway's with mistakes in every
// part of it.
type entry struct {
	scheme, host, port, path, tail string
	code                           string // what the part before the path gets wrong; empty: nothing
}

func (e entry) String() string {
	return e.scheme + e.host + e.port + e.path + e.tail
}

// entries draws base URLs with mistakes before the path, from none to all.
func entries(ipv4Only bool) *rapid.Generator[entry] {
	return rapid.Custom(func(t *rapid.T) entry {
		e := entry{
			scheme: rapid.SampledFrom([]string{"http://", "HTTP://", "https://", "", "http:/", "http:", "htp://", "https:/", "ws://"}).Draw(t, "scheme"),
			host:   rapid.SampledFrom([]string{"127.0.0.1", "localhost", "LOCALHOST", "0.0.0.0", "[::]", "[::1]"}).Draw(t, "host"),
			port:   rapid.SampledFrom([]string{":8045", ":8080", "", ":11434", ":443"}).Draw(t, "port"),
			path:   rapid.SampledFrom(append(baseMistakes(), "/V1", "/V1beta/", "/v1/Chat/Completions")).Draw(t, "path"),
			tail:   rapid.SampledFrom([]string{"", " ", "\t", "/", "\u200b", "\n", "?key=sk-agt-fake"}).Draw(t, "tail"),
		}
		e.code = e.want(ipv4Only)
		return e
	})
}

// want says from the outside what is wrong: in the order in which it has to be
// mended.
func (e entry) want(ipv4Only bool) string {
	switch scheme := strings.ToLower(e.scheme); {
	case scheme != "http://" && scheme != "https://":
		return CodeMalformedURL
	case scheme == "https://":
		return CodeHTTPSOnHTTP
	case e.host == "0.0.0.0" || e.host == "[::]":
		return CodeUnspecified
	case e.port != ":8045":
		return CodeWrongPort
	case strings.EqualFold(e.host, "localhost") && ipv4Only:
		return CodeLocalhostIPv4
	}
	return ""
}

// TestEveryMistakeBeforeThePath: whatever is wrong with scheme, host, port and path
// together, the verdict has a cause, a cure on the gateway's own address, and for
// each client the base URL that works with it, with its guide.
func TestEveryMistakeBeforeThePath(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := Site{Origin: origin, IPv4Only: rapid.Bool().Draw(t, "ipv4 only")}
		e := entries(at.IPv4Only).Draw(t, "entry")
		v := DiagnoseURL(e.String(), at)
		if e.code != "" && v.Code != e.code {
			t.Fatalf("%q: %q, want %q (%s)", e, v.Code, e.code, v.Message)
		}
		if v.Why == "" || v.Message == "" || !strings.Contains(v.Message, v.BaseURL) || strings.Contains(v.Message, "sk-agt-fake") {
			t.Fatalf("%q: words: %+v", e, v)
		}
		if !goodBase(v.BaseURL) {
			t.Fatalf("%q: leads to %q", e, v.BaseURL)
		}
		// What is called right is right as typed: some client reaches a route with it.
		if v.OK() && (e.code != "" || !anyWorks(v.Uses)) {
			t.Fatalf("%q: called good: %+v", e, v)
		}
		checkUses(t, e.String(), v)
	})
}

// goodBase: the gateway's address, with a version or without.
func goodBase(base string) bool {
	return base == origin || base == origin+"/v1" || base == origin+"/v1beta" || base == origin+"/v1alpha"
}

func anyWorks(uses []ClientURL) bool {
	for _, u := range uses {
		if u.Works {
			return true
		}
	}
	return false
}

// checkUses: every client is told the base URL by which what it appends is a route.
func checkUses(t *rapid.T, typed string, v Verdict) {
	if len(v.Uses) != len(Setups()) {
		t.Fatalf("%q: %d clients are told, want %d", typed, len(v.Uses), len(Setups()))
	}
	for i, s := range Setups() {
		u := v.Uses[i]
		path, ours := strings.CutPrefix(u.BaseURL+s.Adds, origin)
		if _, _, ok := Match(http.MethodPost, path); !ours || !ok || u.Client != s.Client {
			t.Fatalf("%q: %s is told %q, which leads to %q", typed, s.Client, u.BaseURL, path)
		}
		if !strings.HasPrefix(u.Guide, "docs/clients/") {
			t.Fatalf("%q: no guide for %s", typed, s.Client)
		}
		if _, _, ok := Match(http.MethodPost, strings.TrimPrefix(u.URL, origin)); ok != u.Works {
			t.Fatalf("%q: %s: %q works: %v", typed, s.Client, u.URL, u.Works)
		}
	}
}

// pathMistakes draws the path of a base URL: up to four pieces of what people type,
// each in the right or the wrong case, with or without blanks and doubled slashes.
func pathMistakes() *rapid.Generator[string] {
	piece := rapid.SampledFrom([]string{"v1", "v1beta", "v1alpha", "v2", "openai", "api", "anthropic", "gemini", "chat/completions", "responses",
		"messages", "embeddings", "models", "models/gemini-2.5-pro:generateContent", "models/gemini-2.5-pro", "my", "proxy", "chat", "completions"})
	slash := rapid.SampledFrom([]string{"/", "/", "/", "//", "/ "})
	return rapid.Custom(func(t *rapid.T) string {
		var b strings.Builder
		for range rapid.IntRange(0, 4).Draw(t, "pieces") {
			p := piece.Draw(t, "piece")
			if rapid.IntRange(0, 5).Draw(t, "case") == 0 && !strings.Contains(p, ":") {
				p = strings.ToUpper(p)
			}
			b.WriteString(slash.Draw(t, "slash"))
			b.WriteString(p)
		}
		b.WriteString(rapid.SampledFrom([]string{"", "", "/", " ", "//"}).Draw(t, "end"))
		return b.String()
	})
}

// TestEveryClientEveryPath: with any such base URL in any client, the request is
// served, or the verdict names the right base URL of that client, the cause and the
// guide.
func TestEveryClientEveryPath(t *testing.T) {
	all := actors()
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.SampledFrom(all).Draw(t, "client")
		base := pathMistakes().Draw(t, "base")
		path := base + rapid.SampledFrom(a.adds).Draw(t, "adds")
		s := Seen{Method: a.method, Path: path, Header: a.header}
		v := Diagnose(s, site())
		if _, _, ok := Match(a.method, path); ok || len(Allowed(a.method, path)) > 0 {
			if !v.OK() {
				t.Fatalf("%s %s: false alarm %+v", a.name, path, v)
			}
			return
		}
		switch {
		case v.OK() || v.Why == "" || v.Client != a.name:
			t.Fatalf("%s %s: not diagnosed: %+v", a.name, path, v)
		case !namesAny(v, a.right, a.name == ""):
			t.Fatalf("%s %s: base %q, want one of %q: %s", a.name, path, v.BaseURL, a.right, v.Message)
		case !strings.Contains(v.Message, v.BaseURL):
			t.Fatalf("%s %s: the message does not name %s: %s", a.name, path, v.BaseURL, v.Message)
		case !strings.HasPrefix(v.Guide, "docs/clients/"):
			t.Fatalf("%s: no guide", a.name)
		}
		checkCanonical(t, s, v)
	})
}

// TestNoFalseAlarmForAnyClient: no route of the table is a mistake, whoever asks.
func TestNoFalseAlarmForAnyClient(t *testing.T) {
	for _, a := range actors() {
		for _, r := range Routes() {
			path := fill(r.Pattern, "gemini-2.5-pro", "resp_0a", "batch")
			for _, slash := range []string{"", "/"} {
				if v := Diagnose(Seen{Method: r.Method, Path: path + slash, Header: a.header}, site()); !v.OK() {
					t.Errorf("%s %s %s: %+v", a.name, r.Method, path+slash, v)
				}
			}
		}
	}
}
