package account

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"antigravity-tools/backend/family"
	"antigravity-tools/backend/provider"
)

// Quota is what is left of an account's quota for the models of one line.
type Quota struct {
	Group     string  // "Gemini Pro"; the model's own name where the line is not known
	Remaining float64 // 0 to 1, of the model that has the least left
	ResetAt   time.Time
	Models    []ModelQuota
}

// ModelQuota is what is left for one model.
type ModelQuota struct {
	Model     string
	Remaining float64
	ResetAt   time.Time // zero: not told
}

// quotas shows what the provider told with its list of models, nothing of a
// model that it said nothing of. What a request has met since counts more than
// the list (pitfall 37).
func (e *entry) quotas(now time.Time) []Quota {
	var out []Quota
	for i := range e.offers {
		m := &e.offers[i]
		if m.Quota == nil {
			continue
		}
		q := ModelQuota{m.ID, m.Quota.Remaining, m.Quota.ResetAt}
		if h := e.state.Models[m.ID]; h.Status == OutOfQuota && h.Active(now) {
			q.Remaining, q.ResetAt = 0, h.Until
		}
		name := cmp.Or(family.Group(m.ID), m.ID)
		at := slices.IndexFunc(out, func(q Quota) bool { return q.Group == name })
		if at < 0 {
			out = append(out, Quota{Group: name, Remaining: q.Remaining, ResetAt: q.ResetAt})
			at = len(out) - 1
		}
		group := &out[at]
		group.Models = append(group.Models, q)
		if q.Remaining < group.Remaining {
			group.Remaining, group.ResetAt = q.Remaining, q.ResetAt
		}
	}
	slices.SortFunc(out, func(a, b Quota) int { return cmp.Compare(a.Group, b.Group) })
	return out
}

// roomAgain ends the out-of-quota holds of models of which a list, asked for
// after the holds were set, says that there is room (pitfall C20). It says
// nothing of the account's credit, so a hold of the whole account stays.
func roomAgain(s State, list []provider.Model, asked time.Time) State {
	cloned := false
	for i := range list {
		h, held := s.Models[list[i].ID]
		if !held || h.Status != OutOfQuota || !h.Since.Before(asked) || list[i].Quota == nil || list[i].Quota.Remaining <= 0 {
			continue
		}
		if !cloned {
			s.Models, cloned = maps.Clone(s.Models), true
		}
		delete(s.Models, list[i].ID)
	}
	return s
}

// listFresh is how long the account's list counts as fresh: a quota that is
// being used up, or waited for, is worth a look more often.
func (e *entry) listFresh(now time.Time) time.Duration {
	if !slices.ContainsFunc(e.offers, func(m provider.Model) bool { return m.Quota != nil }) {
		return modelsFresh
	}
	for _, h := range e.state.Models {
		if h.Status == OutOfQuota && h.Active(now) {
			return quotaFresh
		}
	}
	if now.Sub(e.lastUsed) < recentFor {
		return quotaFresh
	}
	return modelsFresh
}
