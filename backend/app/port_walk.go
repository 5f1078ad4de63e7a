package app

import (
	"context"
	"net/http"
	"os"
	"strings"
	"time"

	"antigravity-tools/backend/access"
	"antigravity-tools/backend/account"
	"antigravity-tools/backend/admin"
	"antigravity-tools/backend/doctor"
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/provider"
	"antigravity-tools/backend/provider/loopback"
	"antigravity-tools/backend/server"
)

// Walk looks at the whole chain and publishes each step as it ends. One walk at
// a time: it asks an account.
func (p doctorPort) Walk(ctx context.Context, req admin.DoctorWalkRequest) (admin.DoctorWalk, error) {
	if !p.a.walking.TryLock() {
		return admin.DoctorWalk{}, fault.New(fault.Overloaded, "the doctor is already at work").WithCode("walk_running").
			WithHint("wait until it is done")
	}
	defer p.a.walking.Unlock()
	total := len(doctor.Steps())
	done := 0
	steps := doctor.Walk(ctx, &probes{a: p.a, model: strings.TrimSpace(req.Model)}, doctor.WalkOptions{SkipUpstream: req.SkipUpstream},
		func(s doctor.Step) {
			done++
			p.a.feed.Publish(admin.TopicDoctor, admin.DoctorProgress{ID: req.ID, Done: done, Total: total, Step: stepDTO(s)})
		})
	verdict, decisive := doctor.Conclude(steps)
	out := admin.DoctorWalk{
		ID: req.ID, Verdict: verdict, Code: decisive.Code, BaseURL: p.a.site().Origin, Why: decisive.Summary,
		Steps: make([]admin.DoctorStep, 0, len(steps)),
	}
	for _, s := range steps {
		out.Steps = append(out.Steps, stepDTO(s))
	}
	if len(steps) < total {
		return out, fault.New(fault.Timeout, "the doctor was stopped before the end").WithCode("walk_cut")
	}
	return out, nil
}

func stepDTO(s doctor.Step) admin.DoctorStep {
	return admin.DoctorStep{
		ID: s.ID, Title: s.Title, State: admin.DoctorStepState(s.State), Code: s.Code, Summary: s.Summary,
		Details: nonNil(s.Details), Cure: s.Cure, DurationMS: s.Took.Milliseconds(),
	}
}

// CheckLAN asks the outside addresses of this machine for the gateway.
func (p doctorPort) CheckLAN(ctx context.Context, req admin.LANCheckRequest) (admin.LANCheck, error) {
	facts := p.a.lanFacts(ctx, req.Address)
	out := admin.LANCheck{
		On: facts.On, NeedsKey: facts.KeyNeeded, HasKey: p.a.parts.keys.Usable(), Port: p.a.listener.place().port,
		Addresses: []admin.LANCheckAddress{},
	}
	for _, r := range facts.Addresses {
		address := admin.LANCheckAddress{URL: r.URL, Interface: r.Interface, Reachable: r.OK, Problem: r.Problem}
		out.Addresses = append(out.Addresses, address)
	}
	return out, nil
}

func (a *App) lanFacts(ctx context.Context, only string) doctor.LANFacts {
	on := a.listener.place().reachable()
	facts := doctor.LANFacts{On: on, KeyNeeded: access.NeedsKey(a.authMode(), false)}
	if on && !a.opts.Command {
		facts.Addresses = a.reachLAN(ctx, only)
		return facts
	}
	for _, one := range lanAddresses(a.listener.place().port) {
		if only == "" || only == one.Address {
			facts.Addresses = append(facts.Addresses, doctor.Reach{URL: one.URL, Interface: one.Interface, Problem: "LAN access is off"})
		}
	}
	return facts
}

// probes are the senses of one walk.
type probes struct {
	a     *App
	model string // asked for; empty: a fitting one
	bench *http.Client
}

// Program implements doctor.Probes.
func (p *probes) Program(context.Context) doctor.ProgramFacts {
	if p.a.opts.Command {
		return doctor.ProgramFacts{}
	}
	return doctor.ProgramFacts{Running: true, PID: os.Getpid(), Stopped: serverPort{p.a}.Status().State == admin.ServerStopped}
}

// Port implements doctor.Probes.
func (p *probes) Port(context.Context) doctor.PortFacts {
	status := serverPort{p.a}.Status()
	facts := doctor.PortFacts{Port: status.Port, Addresses: status.Addresses, Listening: len(status.Addresses) > 0}
	if facts.Listening {
		return facts
	}
	at := p.a.listener.place()
	open, err := listen(at)
	if err == nil {
		for _, one := range open {
			_ = one.Close()
		}
		return facts
	}
	e := serverError(err, at.port)
	if e.Code != "port_taken" {
		facts.Problem = e.Message + " " + e.Hint
		return facts
	}
	facts.Taken, facts.Holder, facts.NextFree = true, server.PortOwner(at.port), e.NextFreePort
	return facts
}

// Address implements doctor.Probes.
func (p *probes) Address(ctx context.Context) []doctor.Reach { return p.a.reachOwn(ctx) }

// LAN implements doctor.Probes.
func (p *probes) LAN(ctx context.Context) doctor.LANFacts { return p.a.lanFacts(ctx, "") }

// Clients implements doctor.Probes.
func (p *probes) Clients(context.Context) []doctor.WrongBase {
	var list []doctor.WrongBase
	for _, one := range (problemsPort{p.a.parts.problems}).List() {
		wrong := doctor.WrongBase{Client: one.Client, Asked: one.Method + " " + one.Path, Use: one.UseBaseURL, Count: one.Count}
		if one.Code == tlsProblem {
			wrong.Asked = "an https connection"
		}
		list = append(list, wrong)
	}
	return list
}

// Key implements doctor.Probes.
func (p *probes) Key(ctx context.Context) doctor.KeyFacts {
	mode := p.a.authMode()
	facts := doctor.KeyFacts{Needed: access.NeedsKey(mode, false), Mode: string(mode), Usable: p.a.parts.keys.Usable()}
	key := p.key(ctx)
	if !facts.Needed || key == "" || len(serverPort{p.a}.Status().Addresses) == 0 {
		return facts
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.a.localOrigin()+"/v1/models", nil)
	if err != nil {
		return facts
	}
	status, body, err := send(reachClient("", nil), req, key)
	facts.Tried, facts.Status = true, status
	if err != nil {
		facts.Problem = transportProblem(err)
	} else if status != http.StatusOK {
		facts.Problem = errorMessage(body)
	}
	return facts
}

// key is one that clients could use, "" if none is needed or can be had.
func (p *probes) key(ctx context.Context) string {
	if !access.NeedsKey(p.a.authMode(), false) {
		return ""
	}
	for _, key := range p.a.parts.keys.List() {
		if !key.Enabled || key.ExpiresAt != nil && !time.Now().Before(*key.ExpiresAt) {
			continue
		}
		if key.ID == access.EnvironmentName {
			return os.Getenv(keyVariable)
		}
		if secret, err := p.a.parts.keys.Reveal(ctx, key.ID); err == nil {
			return secret
		}
	}
	return ""
}

// Accounts implements doctor.Probes. The lines name no account: a report is
// shown to others.
func (p *probes) Accounts(context.Context) doctor.AccountFacts {
	c := p.a.parts.pool.Counts()
	facts := doctor.AccountFacts{Ready: c.Ready, Cooling: c.Cooling, Blocked: c.Blocked, Disabled: c.Disabled, Loopback: c.Loopback}
	for _, v := range p.a.parts.pool.List() {
		if v.Enabled && v.Status != account.Ready && len(facts.Lines) < maxReach {
			line := v.Provider + ": " + strings.ReplaceAll(string(v.Status), "_", " ")
			if v.Reason != "" {
				line += ", " + v.Reason
			}
			facts.Lines = append(facts.Lines, line)
		}
	}
	return facts
}

// Model implements doctor.Probes.
func (p *probes) Model(context.Context) doctor.ModelFacts {
	asked := p.model
	if asked == "" {
		asked = probeModel(p.a.parts.pool.Models())
	}
	if asked == "" && p.a.parts.pool.LoopbackOn() {
		asked = loopback.Echo
	}
	if asked == "" {
		return doctor.ModelFacts{}
	}
	d := p.a.detection(asked)
	facts := doctor.ModelFacts{Asked: asked, Provider: d.Provider, Problem: d.Error, Near: d.Near, Loopback: d.Provider == account.LoopbackKind}
	for _, s := range d.Steps {
		facts.Lines = append(facts.Lines, s.Rule+": "+s.Result)
	}
	return facts
}

// probeModel chooses what to ask for: a real account's model before a built-in
// one, a small one before a big one.
func probeModel(models []provider.Model) string {
	best, rank := "", -1
	for _, m := range models {
		if !admin.ChatModelName(m.ID, m.Methods) {
			continue
		}
		r := 0
		if m.ProviderKind != account.LoopbackKind && m.ProviderKind != "" {
			r = 1
			if admin.SmallModelName(m.ID) {
				r = 2
			}
		}
		if r > rank {
			best, rank = m.ID, r
		}
	}
	return best
}

// Loopback implements doctor.Probes.
func (p *probes) Loopback(ctx context.Context, protocol doctor.Protocol) doctor.Answer {
	if p.bench == nil {
		p.bench = p.a.newBench()
	}
	return askBench(ctx, p.bench, protocol)
}

// Account implements doctor.Probes.
func (p *probes) Account(ctx context.Context, model string) doctor.Answer {
	return askModel(ctx, reachClient("", nil), p.a.localOrigin(), p.key(ctx), model)
}
