package admin

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"antigravity-tools/backend/fault"
)

type fakeServer struct {
	Server
	status ServerStatus
	calls  []string
	fail   error
}

func (f *fakeServer) Status() ServerStatus { return f.status }
func (f *fakeServer) InFlight() int        { return 3 }
func (f *fakeServer) SetLAN(_ context.Context, on bool) error {
	f.calls = append(f.calls, "lan")
	if f.fail == nil {
		f.status.LAN = on
	}
	return f.fail
}

type fakeKeys struct {
	Keys
	list    []Key
	created []string
}

func (f *fakeKeys) List(context.Context) ([]Key, error) { return f.list, nil }
func (f *fakeKeys) Create(_ context.Context, req CreateKeyRequest) (CreatedKey, error) {
	f.created = append(f.created, req.Name)
	return CreatedKey{Key: Key{Name: req.Name, Enabled: true}, Secret: "sk-agt-fake"}, nil
}

func TestSetLANMakesAKeyFirst(t *testing.T) {
	table := []struct {
		name    string
		keys    []Key
		on      bool
		created []string
	}{
		{"no key", nil, true, []string{"LAN"}},
		{"only a disabled one", []Key{{Name: "LAN"}}, true, []string{"LAN 2"}},
		{"only an expired one", []Key{{Name: "x", Enabled: true, Expired: true}}, true, []string{"LAN"}},
		{"a usable one", []Key{{Name: "x", Enabled: true}}, true, nil},
		{"switching off", nil, false, nil},
	}
	for _, row := range table {
		server, keys := &fakeServer{}, &fakeKeys{list: row.keys}
		api := New(t.Context(), Deps{Server: server, Keys: keys})
		res, err := api.SetLAN(SetLANRequest{Enabled: row.on})
		if err != nil || res.Server.LAN != row.on {
			t.Errorf("%s: %v, LAN %v", row.name, err, res.Server.LAN)
		}
		if !slices.Equal(keys.created, row.created) || (res.NewKey != nil) != (len(row.created) > 0) {
			t.Errorf("%s: made %v, shown %v", row.name, keys.created, res.NewKey)
		}
	}
}

func TestSetLANWithoutKeyStoreStaysClosed(t *testing.T) {
	server := &fakeServer{}
	_, err := New(t.Context(), Deps{Server: server}).SetLAN(SetLANRequest{Enabled: true})
	if err == nil || len(server.calls) != 0 {
		t.Errorf("opened to the network without a key: %v %v", err, server.calls)
	}
}

type fakeAccounts struct {
	Accounts
	test  AccountTest
	added int
}

func (f *fakeAccounts) Test(context.Context, AddAccountRequest) (AccountTest, error) {
	return f.test, nil
}

func (f *fakeAccounts) Add(_ context.Context, req AddAccountRequest) (Account, error) {
	f.added++
	return Account{ID: "a1", Name: req.Name}, nil
}

func (f *fakeAccounts) List(context.Context) ([]Account, error) {
	return []Account{{ID: "a1", Name: "a2"}, {ID: "a2", Name: "first"}}, nil
}

func TestAddAccountSavesNothingWhenTheTestFails(t *testing.T) {
	fake := &fakeAccounts{test: AccountTest{Summary: "The key was refused."}}
	api := New(t.Context(), Deps{Accounts: fake})
	res, err := api.AddAccount(AddAccountRequest{Name: "x"})
	if err != nil || res.Saved || res.Test == nil || fake.added != 0 {
		t.Errorf("failed test: %+v %v, added %d", res, err, fake.added)
	}
	res, err = api.AddAccount(AddAccountRequest{Name: "x", SkipTest: true})
	if err != nil || !res.Saved || res.Test != nil || fake.added != 1 {
		t.Errorf("skipped test: %+v %v", res, err)
	}
	fake.test.OK = true
	res, err = api.AddAccount(AddAccountRequest{Name: "x"})
	if err != nil || !res.Saved || res.Account.Name != "x" || !res.Test.OK {
		t.Errorf("passed test: %+v %v", res, err)
	}
}

func TestAnIDWinsOverAName(t *testing.T) {
	api := New(t.Context(), Deps{Accounts: &fakeAccounts{}})
	if a, err := api.ShowAccount(AccountRef{ID: "a2"}); err != nil || a.Name != "first" {
		t.Errorf("got %+v %v", a, err)
	}
	if a, err := api.ShowAccount(AccountRef{ID: "first"}); err != nil || a.ID != "a2" {
		t.Errorf("got %+v %v", a, err)
	}
	if _, err := api.ShowAccount(AccountRef{ID: "none"}); !fault.Is(err, fault.NotFound) {
		t.Errorf("got %v", err)
	}
}

func TestAttention(t *testing.T) {
	st := State{Problems: 2, Server: ServerStatus{LAN: true, Effective: "off",
		Error: &ServerError{Code: "port_taken", Message: "Port 8045 is taken.", NextFreePort: 8046}}}
	accounts := []Account{
		{ID: "1", Name: "ok", State: AccountReady}, {ID: "2", Name: "bad", State: AccountRefused},
		{ID: "3", Name: "dry", State: AccountOutOfQuota}, {ID: "4", Name: "off", State: AccountDisabled},
	}
	var got []string
	for _, a := range attention(st, accounts) {
		got = append(got, a.ID+" "+string(a.Severity)+" "+string(a.Action.Kind)+" "+a.Action.Target)
	}
	want := []string{"server bad use_port 8046", "account:2 bad open_page accounts/2", "account:3 warn try_account 3",
		"problems warn open_page traffic", "open_lan warn set_setting proxy.auth_mode"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if list := attention(State{}, nil); list == nil || len(list) != 0 {
		t.Errorf("quiet: %v", list)
	}
}

func TestFirstRunTicksFromState(t *testing.T) {
	done := func(steps []FirstRunStep) (n int) {
		for _, s := range steps {
			if s.Done {
				n++
			}
		}
		return n
	}
	if n := done(firstRun(State{}, nil, false)); n != 0 {
		t.Errorf("%d ticked on an empty program", n)
	}
	st := State{Server: ServerStatus{State: ServerRunning}}
	if n := done(firstRun(st, []Account{{}}, true)); n != 3 {
		t.Errorf("%d of 3 ticked", n)
	}
}

func TestFeed(t *testing.T) {
	f := NewFeed()
	f.Publish(TopicToast, 0) // nobody listens
	a, last, cancelA := f.Subscribe()
	b, _, cancelB := f.Subscribe()
	defer cancelB()
	if last != 1 {
		t.Errorf("last %d, want 1", last)
	}
	f.Publish(TopicKeys, 1)
	if e := <-a; e.Seq != 2 || e.Topic != TopicKeys {
		t.Errorf("got %+v", e)
	}
	cancelA()
	cancelA() // twice is harmless
	if _, open := <-a; open {
		t.Error("a cancelled subscription goes on")
	}
	for i := range feedDepth + 1 { // b has one already: it lags too far
		f.Publish(TopicTraffic, i)
	}
	n := 0
	for range b {
		n++
	}
	if n != feedDepth || f.Subscribers() != 0 {
		t.Errorf("the slow one got %d events, %d subscribers are left", n, f.Subscribers())
	}
	c, _, _ := f.Subscribe()
	f.Close()
	f.Publish(TopicKeys, 1)
	if _, open := <-c; open {
		t.Error("close leaves subscriptions open")
	}
	if d, _, _ := f.Subscribe(); func() bool { _, open := <-d; return open }() {
		t.Error("a closed feed takes subscribers")
	}
}

func TestErrorsOfPortsComeThrough(t *testing.T) {
	want := fault.New(fault.Internal, "no").WithCode("port_taken")
	api := New(t.Context(), Deps{Server: &fakeServer{fail: want}, Keys: &fakeKeys{list: []Key{{Enabled: true}}}})
	if _, err := api.SetLAN(SetLANRequest{Enabled: true}); !errors.Is(err, want) {
		t.Errorf("got %v", err)
	}
}

func TestALockedPortOffersNoOther(t *testing.T) {
	status := ServerStatus{State: ServerFailed, Error: &ServerError{Code: "port_taken", NextFreePort: 8046, Hint: "x"}}
	for locked, want := range map[string]int{"": 8046, "ANTIGRAVITY_PORT": 0} {
		status.PortLocked = locked
		st, err := New(t.Context(), Deps{Server: &fakeServer{status: status}}).State()
		if err != nil || st.Server.Error.NextFreePort != want || !strings.Contains(st.Server.Error.Hint, locked) {
			t.Errorf("locked by %q: %+v %v", locked, st.Server.Error, err)
		}
	}
	if status.Error.NextFreePort != 8046 {
		t.Error("the listener's own state was changed")
	}
}

func TestUsageAttention(t *testing.T) {
	for _, row := range []struct {
		stuck bool
		lost  int64
		title string
	}{{false, 0, ""}, {true, 0, "Usage records cannot be written at present"}, {true, 1, "1 usage record was lost"}, {false, 20, "20 usage records were lost"}} {
		list := usageAttention(row.stuck, row.lost)
		if (len(list) == 1) != (row.title != "") || len(list) == 1 && list[0].Title != row.title {
			t.Errorf("%v, %d: %+v", row.stuck, row.lost, list)
		}
	}
}
