// Package routing decides which providers may serve a model name: pure
// functions over a view of what the accounts offer. User rules, aliases and
// fallback chains will be further steps of Resolve; its callers stay as they
// are.
package routing

import (
	"fmt"
	"slices"

	"antigravity-tools/backend/fault"
)

// Candidate is one way to serve a request: a kind of provider and what it
// calls the model. Candidates stand in order of preference.
type Candidate struct {
	Provider string
	Model    string
}

// Directory is what is known of the models at this moment.
type Directory interface {
	// Offers lists the provider kinds with an enabled account that lists the
	// model.
	Offers(model string) []string
	// Families lists the provider kinds with an enabled account whose family
	// pattern fits a name that no list has.
	Families(model string) []string
	// TakesAll is the provider kind that serves every name, "" if none does
	// (the demo mode before the first account).
	TakesAll() string
}

// Step explains one decision, for model detection and the routing tester.
type Step struct {
	Rule   string `json:"rule"`
	Result string `json:"result"`
}

// Decision is where a model name goes and why.
type Decision struct {
	Asked      string
	Model      string // without the suffix that sets reasoning
	Candidates []Candidate
	Steps      []Step
}

// Resolve decides where a model name goes. base is the name without its
// reasoning suffix; a model that is really called so wins over the suffix. The
// error is model_not_found.
func Resolve(asked, base string, dir Directory) (Decision, *fault.Error) {
	d := Decision{Asked: asked, Model: asked}
	if d.found("exact name", asked, dir.Offers(asked)) {
		return d, nil
	}
	if base != asked {
		d.Steps = append(d.Steps, Step{"reasoning suffix", base})
		if d.found("name without suffix", base, dir.Offers(base)) {
			return d, nil
		}
	}
	if d.found("family pattern", base, dir.Families(base)) {
		return d, nil
	}
	if kind := dir.TakesAll(); kind != "" && d.found("demo: every name", base, []string{kind}) {
		return d, nil
	}
	err := fault.New(fault.NotFound, fmt.Sprintf("The model %q is offered by no account here. GET /v1/models lists the models that are.", asked)).
		WithCode("model_not_found").WithParam("model").
		WithHint("Ask for a model of the list, or add an account of a provider that has this one.")
	return d, err
}

func (d *Decision) found(rule, model string, kinds []string) bool {
	if len(kinds) == 0 {
		d.Steps = append(d.Steps, Step{rule, "no match"})
		return false
	}
	d.Model = model
	slices.Sort(kinds)
	for _, kind := range kinds {
		d.Candidates = append(d.Candidates, Candidate{Provider: kind, Model: model})
		d.Steps = append(d.Steps, Step{rule, kind + ": " + model})
	}
	return true
}
