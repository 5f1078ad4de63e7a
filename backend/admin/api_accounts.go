package admin

// ListAccounts returns all accounts with their live state.
func (a *API) ListAccounts() ([]Account, error) {
	if a.deps.Accounts == nil {
		return nil, missing("the account store")
	}
	ctx, done := a.begin(verbTimeout)
	defer done()
	return a.deps.Accounts.List(ctx)
}

// ShowAccount returns one account.
func (a *API) ShowAccount(req AccountRef) (Account, error) {
	list, err := a.ListAccounts()
	if err != nil {
		return Account{}, err
	}
	for _, acc := range list {
		if acc.ID == req.ID {
			return acc, nil
		}
	}
	for _, acc := range list {
		if acc.Name == req.ID {
			return acc, nil
		}
	}
	return Account{}, unknownAccount(req.ID)
}

// ProviderDescriptors tells what each kind of account needs.
func (a *API) ProviderDescriptors() ([]ProviderDescriptor, error) {
	if a.deps.Accounts == nil {
		return []ProviderDescriptor{}, nil
	}
	return a.deps.Accounts.Descriptors(), nil
}

// PreviewAccountURL shows which URL requests would go to.
func (a *API) PreviewAccountURL(req PreviewAccountURLRequest) (AccountURLPreview, error) {
	if a.deps.Accounts == nil {
		return AccountURLPreview{}, missing("the account store")
	}
	return a.deps.Accounts.PreviewURL(req)
}

// TestAccountDraft tries a credential without saving it.
func (a *API) TestAccountDraft(req AddAccountRequest) (AccountTest, error) {
	if a.deps.Accounts == nil {
		return AccountTest{}, missing("the account store")
	}
	ctx, done := a.begin(upstreamTimeout)
	defer done()
	return a.deps.Accounts.Test(ctx, req)
}

// TestAccount calls the upstream of a saved account and says in plain words what happened.
func (a *API) TestAccount(req AccountRef) (AccountTest, error) {
	if a.deps.Accounts == nil {
		return AccountTest{}, missing("the account store")
	}
	ctx, done := a.begin(upstreamTimeout)
	defer done()
	return a.deps.Accounts.TestSaved(ctx, req.ID)
}

// AddAccount tests and saves an account. With a failed test nothing is saved and the result says
// why; SkipTest saves at once.
func (a *API) AddAccount(req AddAccountRequest) (AddAccountResult, error) {
	if a.deps.Accounts == nil {
		return AddAccountResult{}, missing("the account store")
	}
	ctx, done := a.begin(upstreamTimeout)
	defer done()
	var res AddAccountResult
	if !req.SkipTest {
		test, err := a.deps.Accounts.Test(ctx, req)
		if err != nil {
			return res, err
		}
		res.Test = &test
		if !test.OK {
			return res, nil
		}
	}
	acc, err := a.deps.Accounts.Add(ctx, req)
	if err != nil {
		return res, err
	}
	res.Saved, res.Account = true, &acc
	return res, nil
}

// EnableAccount lets an account take requests.
func (a *API) EnableAccount(req AccountRef) (Account, error) { return a.setAccount(req, true) }

// DisableAccount keeps an account but sends it nothing.
func (a *API) DisableAccount(req AccountRef) (Account, error) { return a.setAccount(req, false) }

func (a *API) setAccount(req AccountRef, enabled bool) (Account, error) {
	if a.deps.Accounts == nil {
		return Account{}, missing("the account store")
	}
	ctx, done := a.begin(verbTimeout)
	defer done()
	return a.deps.Accounts.SetEnabled(ctx, req.ID, enabled)
}

// RemoveAccount removes an account; RestoreAccount undoes it for a short while.
func (a *API) RemoveAccount(req AccountRef) (RemovedAccount, error) {
	if a.deps.Accounts == nil {
		return RemovedAccount{}, missing("the account store")
	}
	ctx, done := a.begin(verbTimeout)
	defer done()
	return a.deps.Accounts.Remove(ctx, req.ID)
}

// RestoreAccount brings a removed account back.
func (a *API) RestoreAccount(req AccountRef) (Account, error) {
	if a.deps.Accounts == nil {
		return Account{}, missing("the account store")
	}
	ctx, done := a.begin(verbTimeout)
	defer done()
	return a.deps.Accounts.Restore(ctx, req.ID)
}

// TryAccountNow ends a cooldown or a refusal; the next request decides.
func (a *API) TryAccountNow(req AccountRef) (Account, error) {
	if a.deps.Accounts == nil {
		return Account{}, missing("the account store")
	}
	ctx, done := a.begin(verbTimeout)
	defer done()
	return a.deps.Accounts.TryNow(ctx, req.ID)
}
