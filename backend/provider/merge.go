package provider

import (
	"cmp"
	"slices"

	"antigravity-tools/backend/family"
)

// Merge returns one model of what two accounts say of the same name, field by
// field: of what only describes the model, m's word stands wherever m has one.
//
// Limits are promises: a request goes to whichever account is free, so of two
// known limits the smaller holds. A client that fits its context to the larger
// would be refused by half of the accounts, with an error that no other account
// is tried for; one that fits it to the smaller is served by all. Sampling
// ranges follow the same rule.
//
// Abilities are those that some account has: Methods and Thinking are joined,
// for accounts that lack one are passed over. Quota is no property of the model
// but of one account, and is left out.
func (m Model) Merge(o Model) Model {
	m.DisplayName = cmp.Or(m.DisplayName, o.DisplayName)
	m.Description = cmp.Or(m.Description, o.Description)
	m.Version = cmp.Or(m.Version, o.Version)
	m.InputLimit = smaller(m.InputLimit, o.InputLimit)
	m.OutputLimit = smaller(m.OutputLimit, o.OutputLimit)
	m.Methods = union(m.Methods, o.Methods)
	m.Thinking = m.Thinking || o.Thinking
	m.Temperature = cmp.Or(m.Temperature, o.Temperature)
	m.MaxTemp = smaller(m.MaxTemp, o.MaxTemp)
	m.TopP = cmp.Or(m.TopP, o.TopP)
	m.TopK = cmp.Or(m.TopK, o.TopK)
	m.OwnedBy = cmp.Or(m.OwnedBy, o.OwnedBy)
	m.CreatedUnix = cmp.Or(m.CreatedUnix, o.CreatedUnix)
	m.ProviderKind = cmp.Or(m.ProviderKind, o.ProviderKind)
	m.Abilities = mergeAbilities(m.Abilities, o.Abilities)
	m.Quota = nil
	return m
}

// mergeAbilities takes what is announced from the first that announces it: the
// types of thinking and the efforts of one account belong together.
func mergeAbilities(a, b family.Announced) family.Announced {
	a.Thinking = cmp.Or(a.Thinking, b.Thinking)
	if len(a.ThinkingTypes) == 0 && a.Effort == nil {
		a.ThinkingTypes, a.Effort, a.Efforts = b.ThinkingTypes, b.Effort, b.Efforts
	}
	a.Structured = cmp.Or(a.Structured, b.Structured)
	a.Images = cmp.Or(a.Images, b.Images)
	a.PDF = cmp.Or(a.PDF, b.PDF)
	a.WebSearch = cmp.Or(a.WebSearch, b.WebSearch)
	a.CodeExecution = cmp.Or(a.CodeExecution, b.CodeExecution)
	return a
}

// smaller is the smaller of two bounds of which 0 means that it is not known.
func smaller[N int64 | float64](a, b N) N {
	if a == 0 || b == 0 {
		return max(a, b)
	}
	return min(a, b)
}

// union adds what a lacks of b behind it; neither slice is changed.
func union(a, b []string) []string {
	out := a
	for _, s := range b {
		if !slices.Contains(out, s) {
			out = append(slices.Clip(out), s)
		}
	}
	return out
}
