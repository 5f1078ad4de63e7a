package admin

import (
	"strconv"

	"antigravity-tools/backend/fault"
)

func unknownAccount(ref string) error {
	return fault.New(fault.NotFound, "there is no account "+strconv.Quote(ref)).WithCode("unknown_account").
		WithHint("`account list` shows names and ids")
}

// ListKeys returns the client keys, the environment's included.
func (a *API) ListKeys() ([]Key, error) {
	if a.deps.Keys == nil {
		return nil, missing("the key store")
	}
	ctx, done := a.begin(verbTimeout)
	defer done()
	return a.deps.Keys.List(ctx)
}

// ShowKey returns one key by id or name.
func (a *API) ShowKey(req KeyRef) (Key, error) {
	list, err := a.ListKeys()
	if err != nil {
		return Key{}, err
	}
	for _, k := range list {
		if k.ID == req.ID {
			return k, nil
		}
	}
	for _, k := range list {
		if k.Name == req.ID {
			return k, nil
		}
	}
	return Key{}, fault.New(fault.NotFound, "there is no key "+strconv.Quote(req.ID)).WithCode("unknown_key").
		WithHint("`key list` shows names and ids")
}

// CreateKey makes a client key; its secret is in the answer.
func (a *API) CreateKey(req CreateKeyRequest) (CreatedKey, error) {
	if a.deps.Keys == nil {
		return CreatedKey{}, missing("the key store")
	}
	ctx, done := a.begin(verbTimeout)
	defer done()
	return a.deps.Keys.Create(ctx, req)
}

// EnableKey lets a key in again.
func (a *API) EnableKey(req KeyRef) (Key, error) { return a.setKey(req, true) }

// DisableKey keeps a key but refuses it.
func (a *API) DisableKey(req KeyRef) (Key, error) { return a.setKey(req, false) }

func (a *API) setKey(req KeyRef, enabled bool) (Key, error) {
	if a.deps.Keys == nil {
		return Key{}, missing("the key store")
	}
	ctx, done := a.begin(verbTimeout)
	defer done()
	return a.deps.Keys.SetEnabled(ctx, req.ID, enabled)
}

// RevokeKey removes a key for good.
func (a *API) RevokeKey(req KeyRef) error {
	if a.deps.Keys == nil {
		return missing("the key store")
	}
	ctx, done := a.begin(verbTimeout)
	defer done()
	return a.deps.Keys.Revoke(ctx, req.ID)
}

// RotateKey gives a key a new secret; the old one stops at once.
func (a *API) RotateKey(req KeyRef) (CreatedKey, error) {
	if a.deps.Keys == nil {
		return CreatedKey{}, missing("the key store")
	}
	ctx, done := a.begin(verbTimeout)
	defer done()
	return a.deps.Keys.Rotate(ctx, req.ID)
}

// RevealKey shows the secret of a key again.
func (a *API) RevealKey(req KeyRef) (RevealedKey, error) {
	if a.deps.Keys == nil {
		return RevealedKey{}, missing("the key store")
	}
	ctx, done := a.begin(verbTimeout)
	defer done()
	return a.deps.Keys.Reveal(ctx, req.ID)
}
