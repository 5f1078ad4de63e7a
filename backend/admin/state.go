package admin

import "context"

func (a *API) state() (State, error) {
	st := State{
		Version:      a.deps.Version,
		Demo:         a.deps.Demo,
		Capabilities: a.deps.Capabilities,
		Server:       a.serverStatus(),
		Pool:         a.counts(),
		Theme:        a.settingValue("ui.theme", "system"),
		Language:     a.settingValue("ui.language", ""),
	}
	if a.deps.Server != nil {
		st.InFlight = a.deps.Server.InFlight()
	}
	if a.deps.Problems != nil {
		st.Problems = len(a.deps.Problems.List())
	}
	ctx, done := a.begin(verbTimeout)
	defer done()
	accounts := a.accountsOrNone(ctx)
	st.NeedsAttention = attention(st, accounts)
	if a.deps.UsageLoss != nil {
		st.NeedsAttention = append(st.NeedsAttention, usageAttention(a.deps.UsageLoss())...)
	}
	st.FirstRun = firstRun(st, accounts, a.everServed(ctx))
	return st, nil
}

func (a *API) serverStatus() ServerStatus {
	s := ServerStatus{State: ServerStopped}
	if a.deps.Server != nil {
		s = a.deps.Server.Status()
	}
	if s.Addresses == nil {
		s.Addresses = []string{}
	}
	if s.LANAddresses == nil {
		s.LANAddresses = []LANAddress{}
	}
	if s.Error != nil && s.Error.NextFreePort > 0 && s.PortLocked != "" {
		// Another port cannot be taken from here: say where the number comes from.
		e := *s.Error
		e.NextFreePort = 0
		e.Hint = "End the other program, or change the port where it is set: " + s.PortLocked + "."
		s.Error = &e
	}
	return s
}

func (a *API) counts() PoolCounts {
	if a.deps.Accounts == nil {
		return PoolCounts{}
	}
	return a.deps.Accounts.Counts()
}

func (a *API) settingValue(key, fallback string) string {
	if a.deps.Settings == nil {
		return fallback
	}
	s, err := a.deps.Settings.Get(key)
	if err != nil || s.Value == "" {
		return fallback
	}
	return s.Value
}

func (a *API) accountsOrNone(ctx context.Context) []Account {
	if a.deps.Accounts == nil {
		return nil
	}
	list, err := a.deps.Accounts.List(ctx)
	if err != nil {
		return nil // the page's own list verb reports the error
	}
	return list
}

// everServed reports whether a client was answered, which ticks the last first-run step.
func (a *API) everServed(ctx context.Context) bool {
	if a.deps.Traffic == nil {
		return false
	}
	page, err := a.deps.Traffic.Recent(ctx, RecentTrafficRequest{Limit: 1})
	return err == nil && len(page.Exchanges) > 0
}

// ensureKey makes a client key when none can be used, and returns it.
func (a *API) ensureKey(ctx context.Context) (*CreatedKey, error) {
	if a.deps.Keys == nil {
		return nil, missing("the key store")
	}
	keys, err := a.deps.Keys.List(ctx)
	if err != nil {
		return nil, err
	}
	for _, k := range keys {
		if k.Enabled && !k.Expired {
			return nil, nil
		}
	}
	made, err := a.deps.Keys.Create(ctx, CreateKeyRequest{Name: unusedName("LAN", keys)})
	if err != nil {
		return nil, err
	}
	return &made, nil
}

func unusedName(want string, keys []Key) string {
	taken := make(map[string]bool, len(keys))
	for _, k := range keys {
		taken[k.Name] = true
	}
	name := want
	for n := 2; taken[name]; n++ {
		name = want + " " + itoa(n)
	}
	return name
}
