package egress

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"antigravity-tools/backend/fault"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func get(t *testing.T, c *http.Client, url string) (*http.Response, string, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := c.Do(req)
	if err != nil {
		return nil, "", err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	return resp, string(body), err
}

func TestNothingIsAddedAndNoRedirectFollowed(t *testing.T) {
	var header http.Header
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header = r.Header
		http.Redirect(w, r, "http://elsewhere.invalid/", http.StatusTemporaryRedirect)
	}))
	defer srv.Close()
	tr := New(nil)
	defer tr.Close()
	resp, _, err := get(t, tr.Client(), srv.URL)
	if err != nil || resp.StatusCode != http.StatusTemporaryRedirect {
		t.Fatalf("%v %v", resp, err)
	}
	if header.Get("Accept-Encoding") != "" {
		t.Error("asked for a compressed answer behind the caller's back")
	}
	if tr.Client().Timeout != 0 {
		t.Error("a limit for the whole exchange cuts long streams")
	}
}

func TestHTTP2(t *testing.T) {
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.Proto)
	}))
	srv.EnableHTTP2 = true
	srv.StartTLS()
	defer srv.Close()
	tr := newTransport(nil)
	defer tr.CloseIdleConnections()
	tr.TLSClientConfig.RootCAs = srv.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	if _, body, err := get(t, &http.Client{Transport: tr}, srv.URL); err != nil || body != "HTTP/2.0" {
		t.Errorf("%q %v", body, err)
	}
}

func TestProxySettingAppliesAtOnce(t *testing.T) {
	var proxied atomic.Int64
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		proxied.Add(1)
		_, _ = io.WriteString(w, "proxied "+r.URL.Host)
	}))
	defer proxy.Close()
	direct := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "direct") }))
	defer direct.Close()
	var setting atomic.Value
	setting.Store(Direct)
	tr := New(func() string { return setting.Load().(string) })
	defer tr.Close()
	if _, body, err := get(t, tr.Client(), direct.URL); err != nil || body != "direct" {
		t.Errorf("%q %v", body, err)
	}
	setting.Store(proxy.URL)
	if _, body, err := get(t, tr.Client(), "http://upstream.test/v1"); err != nil || body != "proxied upstream.test" {
		t.Errorf("%q %v", body, err)
	}
	if _, body, err := get(t, tr.Client(), direct.URL); err != nil || body != "direct" || proxied.Load() != 1 {
		t.Errorf("this machine's own addresses go past the proxy: %q %v", body, err)
	}
	setting.Store("ftp://user:hunter2@x")
	_, _, err := get(t, tr.Client(), direct.URL)
	if e := fault.From(err); err == nil || e.Code != "proxy_invalid" || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("%v", err)
	}
	setting.Store("")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, body, err := get(t, tr.Client(), direct.URL); err != nil || body != "direct" {
				t.Errorf("%q %v", body, err)
			}
		})
	}
	wg.Wait()
}

// A SOCKS5 proxy that takes one connection and looks at its greeting.
func TestSocksProxy(t *testing.T) {
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	first := make(chan byte, 1)
	go func() {
		defer close(first)
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer func() { _ = c.Close() }()
		b := make([]byte, 1)
		if _, err := io.ReadFull(c, b); err == nil {
			first <- b[0]
		}
	}()
	tr := New(func() string { return "socks5://" + l.Addr().String() })
	defer tr.Close()
	if _, _, err := get(t, tr.Client(), "http://upstream.test/"); err == nil {
		t.Error("the proxy hung up")
	}
	if b := <-first; b != 5 {
		t.Errorf("greeting %d", b)
	}
}

func TestPublic(t *testing.T) {
	for addr, want := range map[string]bool{
		"8.8.8.8": true, "1.1.1.1": true, "2607:f8b0::1": true, "::ffff:8.8.8.8": true,
		"127.0.0.1": false, "127.9.9.9": false, "::1": false, "0.0.0.0": false, "::": false, "0.1.2.3": false,
		"10.0.0.1": false, "172.16.0.1": false, "172.31.255.255": false, "192.168.1.1": false, "100.64.0.1": false,
		"169.254.169.254": false, "fe80::1": false, "fe80::1%eth0": false, "fc00::1": false, "fd00:ec2::254": false,
		"::ffff:127.0.0.1": false, "::ffff:10.0.0.1": false, "64:ff9b::7f00:1": false, "2002:7f00:1::": false,
		"224.0.0.1": false, "ff02::1": false, "255.255.255.255": false, "240.0.0.1": false, "198.18.0.1": false,
		"192.0.2.1": false, "2001:db8::1": false, "2001::1": false, "fec0::1": false, "172.32.0.1": true,
	} {
		if got := Public(netip.MustParseAddr(addr)); got != want {
			t.Errorf("%s: %v", addr, got)
		}
	}
	if Public(netip.Addr{}) {
		t.Error("no address at all")
	}
}

// No IPv4 address is judged otherwise when it is written as an IPv6 one.
func TestPublicMapped(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := netip.AddrFrom4([4]byte(rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(t, "ip")))
		if Public(a) != Public(netip.AddrFrom16(a.As16())) {
			t.Fatal(a)
		}
		if Public(a) && (a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() || a.IsMulticast() || a.IsUnspecified()) {
			t.Fatal(a)
		}
	})
}

func TestGuardRefusesThisMachine(t *testing.T) {
	reached := false
	srv := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	defer srv.Close()
	f := NewFetcher(1000)
	defer f.Close()
	for _, url := range []string{srv.URL, strings.Replace(srv.URL, "127.0.0.1", "localhost", 1), "https://[::ffff:127.0.0.1]/",
		"https://169.254.169.254/latest/meta-data", "https://10.1.2.3/", "https://2130706433/", "https://0x7f.1/"} {
		_, err := f.Fetch(t.Context(), url, "image_url")
		e := fault.From(err)
		if e == nil || e.HTTPStatus() != 400 || e.Param != "image_url" {
			t.Errorf("%s: %v", url, err)
		}
	}
	for _, url := range []string{"http://example.com/", "file:///etc/passwd", "/etc/passwd", "ftp://x/", "https://user@example.com/", "https://", "::", ""} {
		if e := fault.From(errOf(f.Fetch(t.Context(), url, "p"))); e == nil || e.Code != "url_not_allowed" {
			t.Errorf("%s: %v", url, e)
		}
	}
	if reached {
		t.Error("the server was reached")
	}
}

func errOf(_ Fetched, err error) error { return err }

// Behind an open guard: size, status, and a redirect onto a refused address.
func TestFetch(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("/ok", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "image/png")
		_, _ = io.WriteString(w, "picture")
	})
	mux.HandleFunc("/long", func(w http.ResponseWriter, _ *http.Request) {
		for range 100 {
			_, _ = io.WriteString(w, strings.Repeat("x", 100))
			w.(http.Flusher).Flush() // no Content-Length
		}
	})
	mux.HandleFunc("/gone", http.NotFound)
	mux.HandleFunc("/plain", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://example.com/", http.StatusFound)
	})
	mux.HandleFunc("/inside", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://169.254.169.254/", http.StatusFound)
	})
	mux.HandleFunc("/loop", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/loop", http.StatusFound) })
	srv := httptest.NewTLSServer(mux)
	defer srv.Close()
	own := srv.Listener.Addr().String()
	guard := func(network, address string, c syscall.RawConn) error {
		if address == own {
			return nil
		}
		return Guard(network, address, c)
	}
	conf := &tls.Config{RootCAs: srv.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs, MinVersion: tls.VersionTLS12}
	f := newFetcher(1000, guard, conf)
	defer f.Close()
	got, err := f.Fetch(t.Context(), srv.URL+"/ok", "p")
	if err != nil || string(got.Body) != "picture" || got.MIME != "image/png" {
		t.Errorf("%+v %v", got, err)
	}
	for path, code := range map[string]string{"/gone": "url_unreachable", "/plain": "url_not_allowed", "/inside": "url_not_allowed",
		"/loop": "url_unreachable", "/long": "too_large"} {
		if _, err := f.Fetch(t.Context(), srv.URL+path, "p"); fault.From(err) == nil || fault.From(err).CodeOrClass() != code {
			t.Errorf("%s: %v", path, err)
		}
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("stop"))
	if _, err := f.Fetch(ctx, srv.URL+"/ok", "p"); err == nil {
		t.Error("a client that left")
	}
}

func FuzzProxyFunc(f *testing.F) {
	for _, s := range []string{"", "direct", "http://p:1", "socks5://u:p@h:1", "::", "http://"} {
		f.Add(s)
	}
	req := httptest.NewRequest(http.MethodGet, "http://127.0.0.1/", nil)
	f.Fuzz(func(t *testing.T, s string) {
		fn, err := ProxyFunc(s)
		if err != nil || fn == nil {
			return
		}
		if u, err := fn(req); err == nil && u != nil {
			t.Fatalf("loopback through %v", u)
		}
	})
}
