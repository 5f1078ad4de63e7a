package account

import "antigravity-tools/backend/family"

// Surveyed is an account that may serve a candidate, whatever its health.
type Surveyed struct {
	Account   Account
	Model     string
	Announced family.Announced // what its list says of the model
}

// Survey gives for each candidate the first enabled account that offers the
// model, and leases nothing: for explanations.
func (p *Pool) Survey(candidates []Candidate) []Surveyed {
	mode := p.cfg.Loopback()
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []Surveyed
	for _, c := range candidates {
		prov := p.cfg.Providers[c.Provider]
		if prov == nil {
			continue
		}
		if c.Provider == LoopbackKind {
			if p.loopbackOn(mode) {
				out = append(out, Surveyed{Account: *p.loopback.acc, Model: c.Model})
			}
			continue
		}
		known := p.index.offers(c)
		for _, e := range p.order {
			if e.acc.Provider == c.Provider && e.acc.Enabled && e.refuses(c, known, prov) == "" {
				out = append(out, Surveyed{Account: *e.acc, Model: c.Model, Announced: e.announced(c.Model)})
				break
			}
		}
	}
	return out
}
