package admin

import "errors"

// State returns all that a connecting page needs.
func (a *API) State() (State, error) { return a.state() }

// Capabilities tells the page what to hide.
func (a *API) Capabilities() (Capabilities, error) { return a.deps.Capabilities, nil }

// ShowWindow brings the window to the front; a second start of the program calls it.
func (a *API) ShowWindow() error {
	if a.deps.Window == nil || !a.deps.Window.Show() {
		return missing("the window")
	}
	return nil
}

// EndConsoleSessions signs every web console out, the caller's own included: after a change of the admin
// password, or when one was left open elsewhere.
func (a *API) EndConsoleSessions() error {
	if a.deps.Consoles == nil {
		return missing("the web console")
	}
	a.deps.Consoles.EndSessions()
	return nil
}

// Status returns the contract's `status` shape.
func (a *API) Status() (Status, error) {
	s := a.serverStatus()
	c := a.counts()
	return Status{
		Running: true, PID: a.pid, Addresses: s.Addresses, Port: s.Port, LAN: s.LAN,
		AuthMode: s.Effective, Version: a.deps.Version, State: s.State, StartedAt: s.StartedAt,
		Accounts: StatusCounts{Ready: c.Ready, Cooling: c.Cooling, Blocked: c.Blocked, Disabled: c.Disabled},
	}, nil
}

// StartServer opens the public listener.
func (a *API) StartServer() (ServerStatus, error) {
	if a.deps.Server == nil {
		return ServerStatus{}, missing("the server")
	}
	ctx, done := a.begin(verbTimeout)
	defer done()
	err := a.deps.Server.Start(ctx)
	return a.serverStatus(), err
}

// StopServer stops serving: the window closes the listener, the headless program answers 503.
func (a *API) StopServer() (ServerStatus, error) {
	if a.deps.Server == nil {
		return ServerStatus{}, missing("the server")
	}
	ctx, done := a.begin(verbTimeout)
	defer done()
	err := a.deps.Server.Stop(ctx)
	return a.serverStatus(), err
}

// SetLAN switches LAN access. Turning it on while no key exists makes one first, so that the
// listener is never open to the network without a key.
func (a *API) SetLAN(req SetLANRequest) (SetLANResult, error) {
	if a.deps.Server == nil {
		return SetLANResult{}, missing("the server")
	}
	ctx, done := a.begin(verbTimeout)
	defer done()
	var made *CreatedKey
	if req.Enabled {
		var err error
		if made, err = a.ensureKey(ctx); err != nil {
			return SetLANResult{}, err
		}
	}
	err := a.deps.Server.SetLAN(ctx, req.Enabled)
	if err != nil && made != nil { // nobody will see it
		err = errors.Join(err, a.deps.Keys.Revoke(ctx, made.Key.ID))
		made = nil
	}
	return SetLANResult{Server: a.serverStatus(), NewKey: made}, err
}

// SetPort moves the listener; on failure the old one is back and the error says why.
func (a *API) SetPort(req SetPortRequest) (ServerStatus, error) {
	if a.deps.Server == nil {
		return ServerStatus{}, missing("the server")
	}
	ctx, done := a.begin(verbTimeout)
	defer done()
	err := a.deps.Server.SetPort(ctx, req.Port)
	return a.serverStatus(), err
}

// CheckPort tells whether a port could be had, and who holds it.
func (a *API) CheckPort(req CheckPortRequest) (PortCheck, error) {
	if a.deps.Server == nil {
		return PortCheck{}, missing("the server")
	}
	ctx, done := a.begin(verbTimeout)
	defer done()
	return a.deps.Server.CheckPort(ctx, req.Port), nil
}
