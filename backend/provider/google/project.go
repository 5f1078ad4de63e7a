package google

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"golang.org/x/sync/singleflight"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/provider"
	"antigravity-tools/backend/provider/googleauth"
	"antigravity-tools/backend/provider/listing"
	"antigravity-tools/backend/rawjson"
)

const (
	maxProjects     = 2048
	pollEvery       = 5 * time.Second // what Google's own CLI waits
	resolveDeadline = 2 * time.Minute // setting an account up included
)

// projects remembers which project an account's calls name.
type projects struct {
	flight singleflight.Group
	mu     sync.Mutex // no I/O under it
	known  *simplelru.LRU[string, string]
}

func newProjects() *projects {
	known, _ := simplelru.NewLRU[string, string](maxProjects, nil) // fails for a size < 1 only
	return &projects{known: known}
}

func (c *projects) get(key string) (string, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.known.Get(key)
}

func (c *projects) put(key, project string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.known.Add(key, project)
}

// project gives the account's project, asking for it the first time.
func (p *Provider) project(ctx context.Context, cred provider.Credential, src googleauth.Source) (string, error) {
	key := src.Key() + "\x00" + cred.BaseURL + "\x00" + cred.Project
	if have, ok := p.projects.get(key); ok {
		return have, nil
	}
	done := p.projects.flight.DoChan(key, func() (any, error) {
		if have, ok := p.projects.get(key); ok {
			return have, nil
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), resolveDeadline)
		defer cancel()
		found, err := setup{p, p.opts.Client, cred, src}.run(ctx)
		if err == nil {
			p.projects.put(key, found)
		}
		return found, err
	})
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case r := <-done:
		return r.Val.(string), r.Err
	}
}

// checkProject: a purely numeric project is refused by the service's own
// clients before it is sent (wire.md (a)).
func checkProject(id string) error {
	if id != "" && strings.Trim(id, "0123456789") == "" {
		return fault.Invalid("project", "the project must be given by its id, not by its number")
	}
	return nil
}

// setup finds an account's project, and sets the account up for the service if
// it never was.
type setup struct {
	*Provider
	client *http.Client
	cred   provider.Credential
	src    googleauth.Source
}

// metadata says of the program what the protocol asks for, without naming
// another one (docs/adr/0009-google-credentials.md).
func (s setup) metadata(w *rawjson.Writer, project string) {
	w.Key("metadata")
	w.Obj()
	w.StrField("ideType", "IDE_UNSPECIFIED")
	w.StrField("platform", "PLATFORM_UNSPECIFIED")
	w.StrField("pluginType", "PLUGIN_UNSPECIFIED")
	if project != "" {
		w.StrField("duetProject", project)
	}
	w.End()
}

func (s setup) run(ctx context.Context) (string, error) {
	own := strings.TrimSpace(s.cred.Project)
	w := rawjson.NewWriter(256)
	w.Obj()
	if own != "" {
		w.StrField("cloudaicompanionProject", own)
	}
	s.metadata(w, own)
	w.End()
	reply, err := s.ask(ctx, s.client, s.cred.BaseURL, "loadCodeAssist", w.Bytes(), s.src)
	if err != nil {
		return "", err
	}
	if tier, ok := rawjson.Get(reply, "currentTier"); ok && rawjson.KindOf(tier) == rawjson.KindObject {
		return orOwn(projectOf(reply), own, reply)
	}
	if err := ineligible(reply, codeValidation); err != nil {
		return "", err
	}
	return s.onboard(ctx, reply, own)
}

// projectOf reads the project of an answer, which is a text or an object.
func projectOf(reply []byte) string {
	raw, _ := rawjson.Get(reply, "cloudaicompanionProject")
	if rawjson.KindOf(raw) == rawjson.KindObject {
		return listing.Str(raw, "id")
	}
	return listing.Str(reply, "cloudaicompanionProject")
}

// orOwn takes the project that the service names, else the user's own; without
// either the account cannot be used.
func orOwn(found, own string, reply []byte) (string, error) {
	if found == "" {
		found = own
	}
	if found != "" {
		return found, nil
	}
	if err := ineligible(reply, ""); err != nil {
		return "", err
	}
	return "", refused("this account's plan needs a Google Cloud project", "project_required", "Add the account again with --project.")
}

func refused(message, code, hint string) *fault.Error {
	f := fault.New(fault.UpstreamAuth, message).WithCode(code).WithHint(hint)
	f.Scope, f.Provider = fault.ScopeAccount, Kind
	return f
}

// ineligible words why Google gives the account no plan; only is the one reason
// looked for, "" any.
func ineligible(reply []byte, only string) error {
	tiers, _ := rawjson.Get(reply, "ineligibleTiers")
	for tier := range rawjson.Items(tiers) {
		reason := reasonWord(listing.Str(tier, "reasonCode"))
		if reason == "VALIDATION_REQUIRED" {
			f := askOwner(refused("Google wants this account to be verified", codeValidation, ""), ofGoogle(listing.Str(tier, "validationUrl")))
			f.Reason = reason
			return f
		}
		if only == "" {
			f := refused("Google does not offer this service to the account", "account_ineligible", "Use an API key or Vertex AI instead.")
			f.Reason = reason
			return f
		}
	}
	return nil
}

// reasonWord keeps a machine word, nothing else of what a server wrote.
func reasonWord(word string) string {
	if len(word) > 40 || strings.Trim(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_") != "" {
		return ""
	}
	return word
}

// Plans by their ids.
const (
	freeTier   = "free-tier"
	legacyTier = "legacy-tier"
)

// onboard puts the account on the plan that is meant for it.
func (s setup) onboard(ctx context.Context, reply []byte, own string) (string, error) {
	tier := legacyTier
	allowed, _ := rawjson.Get(reply, "allowedTiers")
	for t := range rawjson.Items(allowed) {
		if def, _ := rawjson.Get(t, "isDefault"); string(def) == "true" {
			if id := listing.Str(t, "id"); id != "" {
				tier = id
			}
			break
		}
	}
	project := own
	if tier == freeTier {
		project = "" // Google's own: a precondition of this plan
	}
	w := rawjson.NewWriter(256)
	w.Obj()
	w.StrField("tierId", tier)
	if project != "" {
		w.StrField("cloudaicompanionProject", project)
	}
	s.metadata(w, project)
	w.End()
	op, err := s.ask(ctx, s.client, s.cred.BaseURL, "onboardUser", w.Bytes(), s.src)
	if err != nil {
		return "", err
	}
	if op, err = s.await(ctx, op); err != nil {
		return "", err
	}
	done, _ := rawjson.Get(op, "response")
	return orOwn(projectOf(done), own, reply)
}

// await looks at a long-running operation until it is done.
func (s setup) await(ctx context.Context, op []byte) ([]byte, error) {
	for {
		if done, _ := rawjson.Get(op, "done"); string(done) == "true" {
			if failed, ok := rawjson.Get(op, "error"); ok && rawjson.KindOf(failed) == rawjson.KindObject {
				return nil, refused("Google could not set the account up", "onboarding_failed", "Sign in to the account in a browser and try again.")
			}
			return op, nil
		}
		name := listing.Str(op, "name")
		if name == "" || strings.ContainsAny(name, "?#%") || strings.Contains(name, "..") {
			return op, nil // there is nothing to wait for
		}
		timer := time.NewTimer(s.opts.Poll)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil, fault.From(context.Cause(ctx))
		case <-timer.C:
		}
		address, err := baseOf(s.cred.BaseURL, name)
		if err != nil {
			return nil, err
		}
		if op, err = s.askAt(ctx, s.client, http.MethodGet, address, nil, s.src); err != nil {
			return nil, err
		}
	}
}

// baseOf is the address of an operation, whose name stands behind a slash.
func baseOf(base, name string) (string, error) {
	r := rule()
	r.Colon = false
	return r.Join(base, name)
}
