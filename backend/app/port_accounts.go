package app

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"antigravity-tools/backend/account"
	"antigravity-tools/backend/admin"
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/provider"
)

// accountsPort is the pool as the service sees it.
type accountsPort struct {
	pool      *account.Pool
	providers map[string]provider.Provider
	client    func(account.Account) *http.Client
	// fetch gets the models of a new account at once: a command's process does
	// not live long enough for the pool to do it behind the request.
	fetch bool
}

func (p accountsPort) List(context.Context) ([]admin.Account, error) {
	views := p.pool.List()
	out := make([]admin.Account, 0, len(views))
	for _, v := range views {
		out = append(out, accountDTO(v))
	}
	return out, nil
}

func accountDTO(v account.View) admin.Account {
	a := admin.Account{
		ID: v.ID, Name: v.Name, Provider: v.Provider, BaseURL: v.BaseURL,
		State: admin.AccountState(v.Status), Reason: v.Reason, Until: timePtr(v.Until),
		Models: nonNil(v.Models), LastUsedAt: timePtr(v.LastUsedAt), Enabled: v.Enabled,
		CreatedAt: rfc3339(v.CreatedAt), KeyHint: v.KeyHint, InFlight: v.InFlight,
		Cooldowns: []admin.Cooldown{}, LastError: v.LastError, Requests: v.Requests, Errors: v.Errors,
		Link: v.Link, Quotas: []admin.Quota{},
	}
	for _, c := range v.Cooldowns {
		a.Cooldowns = append(a.Cooldowns, admin.Cooldown{Model: c.Model, Until: rfc3339(c.Until), Reason: c.Reason})
	}
	for _, q := range v.Quotas {
		group := admin.Quota{Group: q.Group, Remaining: q.Remaining, ResetAt: timePtr(q.ResetAt), Models: []admin.ModelQuota{}}
		for _, m := range q.Models {
			group.Models = append(group.Models, admin.ModelQuota{Model: m.Model, Remaining: m.Remaining, ResetAt: timePtr(m.ResetAt)})
		}
		a.Quotas = append(a.Quotas, group)
	}
	if len(a.Quotas) > 0 {
		a.QuotasAt = timePtr(v.OffersAt)
	}
	return a
}

func (p accountsPort) Counts() admin.PoolCounts {
	c := p.pool.Counts()
	return admin.PoolCounts{Ready: c.Ready, Cooling: c.Cooling, Blocked: c.Blocked, Disabled: c.Disabled, Loopback: c.Loopback}
}

func (p accountsPort) Descriptors() []admin.ProviderDescriptor {
	var out []admin.ProviderDescriptor
	for _, prov := range p.providers {
		if prov.Kind() == account.LoopbackKind {
			continue // it has no accounts
		}
		d := admin.ProviderDescriptor{Kind: prov.Kind(), Label: prov.Name(), Fields: []admin.ProviderField{{
			Name: "name", Label: "Name", Help: "How this account is called here.", Type: admin.FieldText, Required: true,
			Placeholder: "personal", Options: []admin.Option{},
		}}}
		if describer, ok := prov.(interface {
			Describe() (description, keyURL string)
		}); ok {
			d.Description, d.KeyURL = describer.Describe()
		}
		for _, f := range prov.Fields() {
			d.Fields = append(d.Fields, fieldDTO(f))
		}
		d.Fields = append(d.Fields, admin.ProviderField{
			Name: "models", Label: "Only these models", Help: "Leave empty to use every model of the account.",
			Type: admin.FieldList, Placeholder: "name, name", Options: []admin.Option{},
		})
		out = append(out, d)
	}
	slices.SortFunc(out, func(a, b admin.ProviderDescriptor) int { return strings.Compare(a.Label, b.Label) })
	return out
}

func fieldDTO(f provider.Field) admin.ProviderField {
	kind := admin.FieldText
	switch {
	case f.Lines:
		kind = admin.FieldMultiline
	case f.Secret:
		kind = admin.FieldSecret
	case f.Name == "base_url":
		kind = admin.FieldURL
	}
	options := []admin.Option{}
	for _, o := range f.Options {
		kind = admin.FieldChoice
		options = append(options, admin.Option{Value: o.Value, Label: o.Label})
	}
	return admin.ProviderField{Name: f.Name, Label: f.Label, Help: f.Help, Type: kind, Required: f.Required,
		Secret: f.Secret, Default: f.Default, Placeholder: f.Example, Options: options}
}

func (p accountsPort) provider(kind string) (provider.Provider, error) {
	prov := p.providers[kind]
	if prov == nil || kind == account.LoopbackKind {
		return nil, fault.Invalid("provider", "there is no provider %q", kind).WithHint("use one of: " + strings.Join(p.kinds(), ", "))
	}
	return prov, nil
}

func (p accountsPort) kinds() []string {
	var out []string
	for kind := range p.providers {
		if kind != account.LoopbackKind {
			out = append(out, kind)
		}
	}
	slices.Sort(out)
	return out
}

// previewModel stands in the address that the dialog shows before saving.
const previewModel = "gemini-2.5-flash"

func (p accountsPort) PreviewURL(req admin.PreviewAccountURLRequest) (admin.AccountURLPreview, error) {
	prov, err := p.provider(req.Provider)
	if err != nil {
		return admin.AccountURLPreview{}, err
	}
	url, err := provider.FinalURLOf(prov, provider.Credential{
		BaseURL: strings.TrimSpace(req.BaseURL), Project: strings.TrimSpace(req.Project), Location: strings.TrimSpace(req.Location), API: req.API,
	}, previewModel)
	if err != nil {
		return admin.AccountURLPreview{Warning: fault.Public(err).Message}, nil
	}
	return admin.AccountURLPreview{URL: url, Valid: true}, nil
}

func (p accountsPort) Test(ctx context.Context, req admin.AddAccountRequest) (admin.AccountTest, error) {
	prov, err := p.provider(req.Provider)
	if err != nil {
		return admin.AccountTest{}, err
	}
	acc := newAccount(req)
	if err := provider.CheckOf(prov, acc.Credential, previewModel); err != nil {
		return admin.AccountTest{}, err
	}
	return p.test(prov, acc, func() ([]provider.Model, error) { return prov.Models(ctx, p.client(acc), acc.Credential) }), nil
}

func (p accountsPort) TestSaved(ctx context.Context, ref string) (admin.AccountTest, error) {
	acc, err := p.pool.Record(ref)
	if err != nil {
		return admin.AccountTest{}, err
	}
	prov, err := p.provider(acc.Provider)
	if err != nil {
		return admin.AccountTest{}, err
	}
	// What the list tells, quotas too, is kept.
	out := p.test(prov, *acc, func() ([]provider.Model, error) { return p.pool.RefreshModels(ctx, acc.ID) })
	if out.OK && p.blocked(acc.ID) { // the provider takes the key again
		if _, err := p.pool.TryNow(acc.ID); err != nil {
			return admin.AccountTest{}, err
		}
	}
	return out, nil
}

// blocked tells whether an account waits for its credential to be mended.
func (p accountsPort) blocked(id string) bool {
	return slices.ContainsFunc(p.pool.List(), func(v account.View) bool {
		return v.ID == id && (v.Status == account.Refused || v.Status == account.NeedsSignIn)
	})
}

// maxTestModels bounds the list that a test shows.
const maxTestModels = 500

// test asks for the models, which costs nothing and proves address and key.
func (p accountsPort) test(prov provider.Provider, acc account.Account, list func() ([]provider.Model, error)) admin.AccountTest {
	out := admin.AccountTest{Models: []string{}}
	out.URL, _ = provider.FinalURLOf(prov, acc.Credential, previewModel)
	start := time.Now()
	models, err := list()
	out.LatencyMS = time.Since(start).Milliseconds()
	if err != nil {
		public, f := fault.Public(err), fault.From(err)
		out.Summary, out.Detail, out.Hint, out.Code = testSummary(f), public.Message, public.Hint, string(f.Class)
		return out
	}
	for _, m := range models[:min(len(models), maxTestModels)] {
		out.Models = append(out.Models, m.ID)
	}
	out.OK = true
	out.Summary = fmt.Sprintf("The key works: %d models.", len(models))
	return out
}

func testSummary(f *fault.Error) string {
	switch f.Class {
	case fault.UpstreamAuth, fault.Unauthenticated, fault.Forbidden:
		return "The provider refused the key."
	case fault.RateLimited, fault.QuotaExhausted:
		return "The key works, but its limit is used up at present."
	case fault.NotFound:
		return "The address answers, but it is not this provider's API."
	case fault.Timeout:
		return "The provider did not answer in time."
	default:
		return "The provider could not be reached."
	}
}

func newAccount(req admin.AddAccountRequest) account.Account {
	base := strings.TrimSpace(req.BaseURL)
	return account.Account{
		Name: strings.TrimSpace(req.Name), Provider: req.Provider, BaseURL: base, Models: req.Models, Enabled: true,
		Credential: provider.Credential{
			BaseURL: base, APIKey: strings.TrimSpace(req.APIKey), Auth: req.Auth, API: req.API,
			Project: strings.TrimSpace(req.Project), Location: strings.TrimSpace(req.Location),
		},
	}
}

func (p accountsPort) Add(ctx context.Context, req admin.AddAccountRequest) (admin.Account, error) {
	prov, err := p.provider(req.Provider)
	if err != nil {
		return admin.Account{}, err
	}
	acc := newAccount(req)
	if err := provider.CheckOf(prov, acc.Credential, previewModel); err != nil {
		return admin.Account{}, err // no request could be sent with it
	}
	view, err := p.pool.Add(ctx, acc)
	if err == nil && p.fetch {
		// Without a list the account still serves what its family fits.
		if _, ferr := p.pool.RefreshModels(ctx, view.ID); ferr != nil {
			slog.Debug("the models of the new account could not be listed", "error", ferr)
		}
	}
	return asDTO(view, err)
}

func (p accountsPort) SetEnabled(ctx context.Context, ref string, enabled bool) (admin.Account, error) {
	if !enabled {
		return asDTO(p.pool.Disable(ctx, ref))
	}
	view, err := p.pool.Enable(ctx, ref)
	if err == nil && p.blocked(view.ID) { // for the commands, which have no other word for it
		view, err = p.pool.TryNow(view.ID)
	}
	return asDTO(view, err)
}

func (p accountsPort) Remove(ctx context.Context, ref string) (admin.RemovedAccount, error) {
	r, err := p.pool.Remove(ctx, ref)
	if err != nil {
		return admin.RemovedAccount{}, err
	}
	return admin.RemovedAccount{ID: r.ID, Name: r.Name, UndoUntil: rfc3339(r.Until)}, nil
}

func (p accountsPort) Restore(ctx context.Context, id string) (admin.Account, error) {
	return asDTO(p.pool.Restore(ctx, id))
}

func (p accountsPort) TryNow(_ context.Context, ref string) (admin.Account, error) {
	return asDTO(p.pool.TryNow(ref))
}

func asDTO(v account.View, err error) (admin.Account, error) {
	if err != nil {
		return admin.Account{}, err
	}
	return accountDTO(v), nil
}

func rfc3339(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func timePtr(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	s := rfc3339(t)
	return &s
}

func nonNil[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}
