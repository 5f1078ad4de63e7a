package app

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"antigravity-tools/backend/admin"
)

func started(t *testing.T, opts Options) *App {
	t.Helper()
	t.Setenv(keyringVariable, "off")
	a, err := Open(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	if err := a.Start(); err != nil {
		t.Fatal(err)
	}
	return a
}

func walkOf(t *testing.T, a *App, req admin.DoctorWalkRequest) (admin.DoctorWalk, map[string]admin.DoctorStep) {
	t.Helper()
	w, err := a.API().DoctorWalk(req)
	if err != nil {
		t.Fatal(err)
	}
	steps := map[string]admin.DoctorStep{}
	for _, s := range w.Steps {
		steps[s.ID] = s
	}
	return w, steps
}

// upstream stands for a server that speaks Chat Completions.
func upstream(t *testing.T, status int) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if strings.HasSuffix(r.URL.Path, "/models") {
			_, _ = io.WriteString(w, `{"object":"list","data":[{"id":"acme-embed","object":"model"},{"id":"acme-big","object":"model"},{"id":"acme-mini","object":"model"}]}`)
			return
		}
		w.WriteHeader(status)
		if status != http.StatusOK {
			_, _ = io.WriteString(w, `{"error":{"message":"out of order","type":"server_error"}}`)
			return
		}
		_, _ = io.WriteString(w, `{"id":"c1","object":"chat.completion","created":1,"model":"acme-mini","choices":[{"index":0,"message":{"role":"assistant","content":"ready"},"finish_reason":"stop"}],"usage":{"prompt_tokens":5,"completion_tokens":1,"total_tokens":6}}`)
	}))
	t.Cleanup(s.Close)
	return s.URL + "/v1"
}

// TestWalkOfTheProgram: what each step finds in a real one, with events, and
// without traces where none belong.
func TestWalkOfTheProgram(t *testing.T) {
	a := started(t, options(t))
	events, _, cancel := a.Feed().Subscribe()
	defer cancel()
	w, steps := walkOf(t, a, admin.DoctorWalkRequest{ID: "mine"})
	if w.Verdict != "ok" || w.ID != "mine" || steps["account_answer"].State != admin.DoctorSkipped || steps["accounts"].State != admin.DoctorWarn {
		t.Errorf("%+v", w)
	}
	for _, id := range []string{"program", "port", "address", "lan", "clients", "key", "model", "loopback_openai", "loopback_responses", "loopback_anthropic", "loopback_gemini"} {
		if steps[id].State != admin.DoctorOK {
			t.Errorf("%+v", steps[id])
		}
	}
	for n := 1; n <= len(w.Steps); {
		e := <-events
		if p, ok := e.Data.(admin.DoctorProgress); ok {
			if p.ID != "mine" || p.Done != n || p.Total != len(w.Steps) || p.Step.ID != w.Steps[n-1].ID {
				t.Fatalf("event %d: %+v", n, p)
			}
			n++
		}
	}
	if page, err := a.API().RecentTraffic(admin.RecentTrafficRequest{}); err != nil || len(page.Exchanges) != 0 {
		t.Errorf("the doctor's own questions are in the traffic: %+v %v", page.Exchanges, err)
	}
}

// TestWalkTellsWrongBaseURLs: what clients came with, each with its cure.
func TestWalkTellsWrongBaseURLs(t *testing.T) {
	a := started(t, options(t))
	origin := a.site().Origin
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, origin+"/responses", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("User-Agent", "codex_exec/0.169.0")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	_, steps := walkOf(t, a, admin.DoctorWalkRequest{SkipUpstream: true})
	want := "Codex asked for POST /responses (1×): enter " + origin + "/v1"
	if s := steps["clients"]; s.State != admin.DoctorWarn || !slices.Equal(s.Details, []string{want}) {
		t.Errorf("%+v, want %s", s, want)
	}
}

// TestWalkAsksAnAccount: through the live address, with a key where one is
// needed, for a small model that chats.
func TestWalkAsksAnAccount(t *testing.T) {
	for _, row := range []struct {
		status int
		state  admin.DoctorStepState
		says   string
	}{{200, admin.DoctorOK, `"ready"`}, {500, admin.DoctorBad, "out of order"}} {
		a := started(t, options(t))
		add := admin.AddAccountRequest{Provider: "openai", Name: "someone@example.org", BaseURL: upstream(t, row.status), APIKey: "k"}
		if got, err := a.API().AddAccount(add); err != nil || !got.Saved {
			t.Fatalf("%+v %v", got, err)
		}
		if _, err := a.parts.pool.RefreshModels(t.Context(), add.Name); err != nil { // what the pool does behind the request
			t.Fatal(err)
		}
		for _, mode := range []string{"off", "strict"} {
			if _, err := a.API().SetSettings(admin.SetSettingsRequest{Changes: []admin.SettingChange{{Key: "proxy.auth_mode", Value: mode}}}); err != nil {
				t.Fatal(err)
			}
			if mode == "strict" {
				if _, steps := walkOf(t, a, admin.DoctorWalkRequest{}); steps["key"].Code != "no_key" || steps["account_answer"].State != admin.DoctorSkipped {
					t.Errorf("without a key: %+v %+v", steps["key"], steps["account_answer"])
				}
				if _, err := a.API().CreateKey(admin.CreateKeyRequest{Name: "k"}); err != nil {
					t.Fatal(err)
				}
			}
			w, steps := walkOf(t, a, admin.DoctorWalkRequest{})
			if s := steps["account_answer"]; s.State != row.state || !strings.Contains(s.Summary, row.says) || !strings.Contains(s.Summary, "acme-mini") {
				t.Errorf("%d %s: %+v", row.status, mode, s)
			}
			if steps["key"].State != admin.DoctorOK || steps["loopback_gemini"].State != admin.DoctorOK {
				t.Errorf("%d %s: %+v", row.status, mode, w.Steps)
			}
			for _, s := range w.Steps {
				if strings.Contains(s.Summary+strings.Join(s.Details, ""), "someone@example.org") {
					t.Errorf("the account is named: %+v", s)
				}
			}
		}
	}
}

// TestWalkNamesWhoHoldsThePort, and finds somebody else on localhost's other address.
func TestWalkNamesWhoHoldsThePort(t *testing.T) {
	opts := options(t)
	taken, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", portText(opts)))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	opts.Window = true
	a := started(t, opts)
	w, steps := walkOf(t, a, admin.DoctorWalkRequest{})
	if s := steps["port"]; w.Verdict != "unreachable" || s.Code != "port_taken" || !strings.Contains(s.Summary, "(pid ") || !strings.Contains(s.Cure, "proxy.port ") {
		t.Errorf("%+v", s)
	}
	if steps["address"].State != admin.DoctorSkipped || steps["loopback_openai"].State != admin.DoctorOK {
		t.Errorf("%+v", w.Steps)
	}
}

func portText(opts Options) string { return (&net.TCPAddr{Port: opts.Port}).String()[1:] }

// TestRunFileIsWrittenLater: a run file that could not be written at the start
// comes when it can be.
func TestRunFileIsWrittenLater(t *testing.T) {
	opts := options(t)
	if err := os.MkdirAll(filepath.Join(opts.DataDir, "run.json", "in the way"), 0o700); err != nil {
		t.Fatal(err)
	}
	a := started(t, opts)
	if !a.unlisted.Load() {
		t.Fatal("it was written over a directory")
	}
	if err := os.RemoveAll(filepath.Join(opts.DataDir, "run.json")); err != nil {
		t.Fatal(err)
	}
	a.writeMissing(t.Context())
	if file, err := ReadRunFile(opts.DataDir); err != nil || file.PID != os.Getpid() || a.unlisted.Load() {
		t.Errorf("%+v %v", file, err)
	}
}

// TestReach tells this gateway from others by the request id that it sends back.
func TestReach(t *testing.T) {
	a := started(t, options(t))
	if r := reach(t.Context(), a.localOrigin(), "", nil); !r.OK {
		t.Errorf("%+v", r)
	}
	other := httptest.NewServer(http.NotFoundHandler())
	defer other.Close()
	if r := reach(t.Context(), other.URL, "", nil); r.OK || !r.Other {
		t.Errorf("%+v", r)
	}
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	if r := reach(t.Context(), gone.URL, "", nil); r.OK || r.Other || !strings.Contains(r.Problem, "refused") {
		t.Errorf("%+v", r)
	}
	if r := reach(t.Context(), "http://nobody.invalid", strings.TrimPrefix(a.localOrigin(), "http://"), nil); !r.OK {
		t.Errorf("dialled by address: %+v", r)
	}
}

// TestLanCheck lists what is there, and asks it only while LAN access is on.
func TestLanCheck(t *testing.T) {
	a := started(t, options(t))
	list := lanAddresses(a.listener.place().port)
	for _, on := range []bool{false, true} {
		if _, err := a.API().SetLAN(admin.SetLANRequest{Enabled: on}); err != nil {
			t.Fatal(err)
		}
		got, err := a.API().LanCheck(admin.LANCheckRequest{})
		if err != nil || got.On != on || got.NeedsKey != on || got.HasKey != on || len(got.Addresses) != len(list) {
			t.Fatalf("%+v %v, want %d addresses", got, err, len(list))
		}
		for i, one := range got.Addresses {
			if one.Reachable != on || one.URL != list[i].URL || one.Interface != list[i].Interface || (one.Problem == "") != on {
				t.Errorf("LAN %v: %+v", on, one)
			}
		}
		if len(list) > 1 {
			if one, err := a.API().LanCheck(admin.LANCheckRequest{Address: list[1].Address}); err != nil || len(one.Addresses) != 1 || one.Addresses[0].URL != list[1].URL {
				t.Errorf("%+v %v", one, err)
			}
		}
	}
}
