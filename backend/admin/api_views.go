package admin

// ListSettings returns every setting with its value, default and lock.
func (a *API) ListSettings() ([]Setting, error) {
	if a.deps.Settings == nil {
		return nil, missing("the settings")
	}
	return a.deps.Settings.List(), nil
}

// SetSettings changes exactly the keys named and returns them as they are now.
func (a *API) SetSettings(req SetSettingsRequest) ([]Setting, error) {
	if a.deps.Settings == nil {
		return nil, missing("the settings")
	}
	ctx, done := a.begin(verbTimeout)
	defer done()
	return a.deps.Settings.Set(ctx, req.Changes)
}

// UnsetSettings returns keys to their defaults.
func (a *API) UnsetSettings(req UnsetSettingsRequest) ([]Setting, error) {
	if a.deps.Settings == nil {
		return nil, missing("the settings")
	}
	ctx, done := a.begin(verbTimeout)
	defer done()
	return a.deps.Settings.Unset(ctx, req.Keys)
}

// Routes returns the route table with live URLs.
func (a *API) Routes() ([]Route, error) {
	if a.deps.Routes == nil {
		return []Route{}, nil
	}
	return a.deps.Routes.Routes(), nil
}

// RecentTraffic returns the last exchanges, newest first.
func (a *API) RecentTraffic(req RecentTrafficRequest) (TrafficPage, error) {
	if a.deps.Traffic == nil {
		return TrafficPage{Exchanges: []Exchange{}}, nil
	}
	ctx, done := a.begin(verbTimeout)
	defer done()
	return a.deps.Traffic.Recent(ctx, req)
}

// ExchangeDetail returns all that is kept of one exchange.
func (a *API) ExchangeDetail(req ExchangeRef) (ExchangeDetail, error) {
	if a.deps.Traffic == nil {
		return ExchangeDetail{}, missing("traffic")
	}
	ctx, done := a.begin(verbTimeout)
	defer done()
	return a.deps.Traffic.Detail(ctx, req.ID)
}

// BaseURLProblems returns wrong paths that clients asked for, newest first.
func (a *API) BaseURLProblems() ([]BaseURLProblem, error) {
	if a.deps.Problems == nil {
		return []BaseURLProblem{}, nil
	}
	return a.deps.Problems.List(), nil
}

// ClearBaseURLProblems forgets them.
func (a *API) ClearBaseURLProblems() error {
	if a.deps.Problems != nil {
		a.deps.Problems.Clear()
	}
	return nil
}

// Usage sums the usage records.
func (a *API) Usage(req UsageRequest) (UsageReport, error) {
	if a.deps.Usage == nil {
		return UsageReport{}, missing("usage")
	}
	ctx, done := a.begin(verbTimeout)
	defer done()
	return a.deps.Usage.Report(ctx, req)
}

// Doctor explains what a base URL or a request path would reach and what to change.
func (a *API) Doctor(req DoctorRequest) (DoctorReport, error) {
	if a.deps.Doctor == nil {
		return DoctorReport{}, missing("the doctor")
	}
	ctx, done := a.begin(verbTimeout)
	defer done()
	return a.deps.Doctor.Diagnose(ctx, req.Target)
}

// DoctorWalk looks at the whole chain from the program to a real account's answer. Its steps come as
// events of the topic doctor too, as they end.
func (a *API) DoctorWalk(req DoctorWalkRequest) (DoctorWalk, error) {
	if a.deps.Doctor == nil {
		return DoctorWalk{Steps: []DoctorStep{}}, missing("the doctor")
	}
	ctx, done := a.begin(walkTimeout)
	defer done()
	return a.deps.Doctor.Walk(ctx, req)
}

// LanCheck asks the outside addresses of this machine for the gateway, each from itself.
func (a *API) LanCheck(req LANCheckRequest) (LANCheck, error) {
	if a.deps.Doctor == nil {
		return LANCheck{Addresses: []LANCheckAddress{}}, missing("the doctor")
	}
	ctx, done := a.begin(verbTimeout)
	defer done()
	return a.deps.Doctor.CheckLAN(ctx, req)
}

// Models returns the model names that clients can ask for.
func (a *API) Models() ([]Model, error) {
	if a.deps.Models == nil {
		return []Model{}, nil
	}
	ctx, done := a.begin(upstreamTimeout)
	defer done()
	return a.deps.Models.List(ctx)
}

// CheckDatabase runs the integrity check.
func (a *API) CheckDatabase() (DatabaseReport, error) {
	if a.deps.Database == nil {
		return DatabaseReport{}, missing("the database")
	}
	ctx, done := a.begin(upstreamTimeout)
	defer done()
	return a.deps.Database.Check(ctx)
}

// VacuumDatabase gives unused space back to the file system.
func (a *API) VacuumDatabase() (DatabaseReport, error) {
	if a.deps.Database == nil {
		return DatabaseReport{}, missing("the database")
	}
	ctx, done := a.begin(upstreamTimeout)
	defer done()
	return a.deps.Database.Vacuum(ctx)
}
