package provider

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"antigravity-tools/backend/family"
	"antigravity-tools/backend/llm"
)

func TestMerge(t *testing.T) {
	first := Model{
		ID: "m", DisplayName: "", Version: "1", InputLimit: 1000, Methods: []string{"generateContent"},
		MaxTemp: 2, OwnedBy: "a", ProviderKind: "openai", Quota: &Quota{Remaining: 0.5},
	}
	second := Model{
		ID: "m", DisplayName: "M", Description: "d", Version: "2", InputLimit: 200, OutputLimit: 64,
		Methods: []string{"countTokens", "generateContent"}, Thinking: true, Temperature: 1, MaxTemp: 1, TopP: 0.9, TopK: 40,
		OwnedBy: "b", CreatedUnix: 7, ProviderKind: "gemini",
		Abilities: family.Announced{Structured: llm.Ptr(true), ThinkingTypes: []family.ThinkingType{family.ThinkingAdaptive}},
	}
	want := Model{
		ID: "m", DisplayName: "M", Description: "d", Version: "1", InputLimit: 200, OutputLimit: 64,
		Methods: []string{"generateContent", "countTokens"}, Thinking: true, Temperature: 1, MaxTemp: 1, TopP: 0.9, TopK: 40,
		OwnedBy: "a", CreatedUnix: 7, ProviderKind: "openai", Abilities: second.Abilities,
	}
	methods := first.Methods
	if got := first.Merge(second); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if len(methods) != 1 || len(second.Methods) != 2 {
		t.Error("a model of an account's list was changed")
	}
}

// TestMergeLaws: no field is lost, a model merged with itself says the same,
// and three may be merged in pairs in whatever way.
func TestMergeLaws(t *testing.T) {
	gen := rapid.Custom(func(t *rapid.T) Model {
		word := rapid.SampledFrom([]string{"", "a", "b"})
		limit := rapid.SampledFrom([]int64{0, 10, 20})
		m := Model{
			ID: "m", DisplayName: word.Draw(t, "name"), InputLimit: limit.Draw(t, "in"), OutputLimit: limit.Draw(t, "out"),
			Methods: rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"x", "y", "z"}), 0, 3, rapid.ID).Draw(t, "methods"),
			OwnedBy: word.Draw(t, "owner"), CreatedUnix: limit.Draw(t, "created"), Thinking: rapid.Bool().Draw(t, "thinking"),
		}
		if len(m.Methods) == 0 {
			m.Methods = nil
		}
		if rapid.Bool().Draw(t, "says") {
			m.Abilities.Structured = llm.Ptr(rapid.Bool().Draw(t, "structured"))
			m.Abilities.ThinkingTypes = []family.ThinkingType{family.ThinkingEnabled}
		}
		return m
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := gen.Draw(t, "a"), gen.Draw(t, "b"), gen.Draw(t, "c")
		if got := a.Merge(a); !reflect.DeepEqual(got, a) {
			t.Fatalf("with itself: %+v", got)
		}
		if l, r := a.Merge(b).Merge(c), a.Merge(b.Merge(c)); !reflect.DeepEqual(l, r) {
			t.Fatalf("(ab)c %+v\na(bc) %+v", l, r)
		}
		m := a.Merge(b)
		if known := a.InputLimit != 0 || b.InputLimit != 0; known != (m.InputLimit != 0) || m.InputLimit > max(a.InputLimit, b.InputLimit) {
			t.Fatalf("limit %d of %d and %d", m.InputLimit, a.InputLimit, b.InputLimit)
		}
	})
}
