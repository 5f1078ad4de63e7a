package google

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"antigravity-tools/backend/family"
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/provider"
	"antigravity-tools/backend/provider/googleauth"
	"antigravity-tools/backend/provider/listing"
	"antigravity-tools/backend/rawjson"
)

// Models implements provider.Provider: the models that the account may use,
// with what is left of its quota. Where the service has no list, the models of
// the quota call are the list.
func (p *Provider) Models(ctx context.Context, client *http.Client, cred provider.Credential) ([]provider.Model, error) {
	src, err := p.source(cred)
	if err != nil {
		return nil, err
	}
	project, err := p.project(ctx, cred, src)
	if err != nil {
		return nil, err
	}
	body := projectBody(project)
	reply, err := p.ask(ctx, client, cred.BaseURL, "fetchAvailableModels", body, src)
	if err != nil && !noSuchMethod(err) {
		return nil, err
	}
	models := parseModels(reply)
	if slices.ContainsFunc(models, func(m provider.Model) bool { return m.Quota != nil }) {
		return models, nil
	}
	buckets, err := p.quota(ctx, client, cred, body, src)
	if err != nil {
		if len(models) > 0 {
			return models, nil // the list is worth having without the quota
		}
		return nil, err
	}
	return withQuota(models, buckets), nil
}

// projectBody names the project: without it a used-up quota looks untouched
// (pitfall 37).
func projectBody(project string) []byte {
	w := rawjson.NewWriter(64)
	w.Obj()
	if project != "" {
		w.StrField("project", project)
	}
	w.End()
	return w.Bytes()
}

// noSuchMethod tells a service that does not have the method from one that
// refuses the account.
func noSuchMethod(err error) bool {
	f := fault.From(err)
	return f.Class == fault.NotFound || f.Class == fault.InvalidRequest
}

// parseModels reads the answer of fetchAvailableModels.
func parseModels(reply []byte) []provider.Model {
	list, _ := rawjson.Get(reply, "models")
	old, _ := rawjson.Get(reply, "deprecatedModelIds")
	var models []provider.Model
	for id, raw := range rawjson.Members(list) {
		id = strings.Clone(id)
		if _, gone := rawjson.Get(old, id); gone || !chats(id) {
			continue
		}
		m := provider.Model{
			ID: id, DisplayName: listing.Str(raw, "displayName"),
			InputLimit: listing.Int(raw, "maxTokens"), OutputLimit: listing.Int(raw, "maxOutputTokens"),
			OwnedBy: owner(id), ProviderKind: Kind,
		}
		if v, ok := rawjson.Get(raw, "supportsThinking"); ok {
			if thinks, err := rawjson.Bool(v); err == nil {
				m.Thinking, m.Abilities.Thinking = thinks, llm.Ptr(thinks)
			}
		}
		if q, ok := rawjson.Get(raw, "quotaInfo"); ok && rawjson.KindOf(q) == rawjson.KindObject {
			m.Quota = parseQuota(q)
		}
		models = append(models, m)
	}
	slices.SortFunc(models, func(a, b provider.Model) int { return cmp.Compare(a.ID, b.ID) })
	return models
}

// chats keeps the models that one talks to; the list has the service's own
// helpers beside them.
func chats(id string) bool {
	return family.IsGemini(id) || family.IsClaude(id) || strings.HasPrefix(id, "gpt-oss")
}

func owner(id string) string {
	switch {
	case family.IsClaude(id):
		return "anthropic"
	case strings.HasPrefix(id, "gpt-oss"):
		return "openai"
	}
	return "google"
}

// parseQuota reads what is left; a missing fraction stands for zero, as in all
// of Google's JSON.
func parseQuota(raw []byte) *provider.Quota {
	q := &provider.Quota{}
	if v, ok := rawjson.Get(raw, "remainingFraction"); ok {
		if f, err := strconv.ParseFloat(string(v), 64); err == nil {
			q.Remaining = min(max(f, 0), 1)
		}
	}
	if at, err := time.Parse(time.RFC3339, listing.Str(raw, "resetTime")); err == nil {
		q.ResetAt = at.UTC()
	}
	return q
}

type bucket struct {
	model string
	quota *provider.Quota
}

// quota asks what is left of the account's quotas.
func (p *Provider) quota(ctx context.Context, client *http.Client, cred provider.Credential, body []byte, src googleauth.Source) ([]bucket, error) {
	reply, err := p.ask(ctx, client, cred.BaseURL, "retrieveUserQuota", body, src)
	if err != nil {
		return nil, err
	}
	list, _ := rawjson.Get(reply, "buckets")
	var out []bucket
	for item := range rawjson.Items(list) {
		if id := listing.Str(item, "modelId"); chats(id) {
			out = append(out, bucket{id, parseQuota(item)})
		}
	}
	return out, nil
}

// withQuota lays quotas over a list. Of several for one model the one with the
// least left counts. Without a list they are the list.
func withQuota(models []provider.Model, buckets []bucket) []provider.Model {
	listed := len(models) > 0
	for _, b := range buckets {
		i := slices.IndexFunc(models, func(m provider.Model) bool { return m.ID == b.model })
		if i < 0 {
			if listed {
				continue
			}
			models = append(models, provider.Model{ID: b.model, OwnedBy: owner(b.model), ProviderKind: Kind})
			i = len(models) - 1
		}
		if q := models[i].Quota; q == nil || b.quota.Remaining < q.Remaining {
			models[i].Quota = b.quota
		}
	}
	return models
}
