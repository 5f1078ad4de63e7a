package doctor

import (
	"context"
	"time"
)

// StepState is how a step of the walk ended.
type StepState string

// The states of a step. Bad stops clients, warn may or will; skipped could not
// be judged because of an earlier step, or was not asked for.
const (
	StepOK      StepState = "ok"
	StepWarn    StepState = "warn"
	StepBad     StepState = "bad"
	StepSkipped StepState = "skipped"
)

// The steps in their order. An answer from loopback is one step per protocol.
const (
	StepProgram  = "program"
	StepPort     = "port"
	StepAddress  = "address"
	StepLAN      = "lan"
	StepClients  = "clients"
	StepKey      = "key"
	StepAccounts = "accounts"
	StepModel    = "model"
	StepLoopback = "loopback_" // and the protocol
	StepAccount  = "account_answer"
)

// The verdicts of the walk and of the `doctor` command.
const (
	VerdictOK           = "ok"
	VerdictMistake      = "mistake"
	VerdictUnreachable  = "unreachable"
	VerdictUnauthorized = "unauthorized"
	VerdictNoAccount    = "no_account"
)

// Step is what one look at the chain from client to upstream found. Its texts
// are public: no key, no account name.
type Step struct {
	ID      string
	Title   string // the question that it answers
	State   StepState
	Code    string   // stable; empty unless bad
	Verdict string   // what a bad step makes of the whole
	Summary string   // what was found, one line
	Details []string // more lines, such as one per address
	Cure    string   // what to do; empty when nothing is wrong
	Took    time.Duration
}

// Probes are the walk's senses. Each looks at one thing and comes back when its
// context ends; what it could not find out stays at its zero value.
type Probes interface {
	Program(ctx context.Context) ProgramFacts
	Port(ctx context.Context) PortFacts
	Address(ctx context.Context) []Reach
	LAN(ctx context.Context) LANFacts
	Clients(ctx context.Context) []WrongBase
	Key(ctx context.Context) KeyFacts
	Accounts(ctx context.Context) AccountFacts
	Model(ctx context.Context) ModelFacts
	Loopback(ctx context.Context, p Protocol) Answer
	Account(ctx context.Context, model string) Answer
}

// ProgramFacts tells of the process that should answer.
type ProgramFacts struct {
	Running bool // a gateway holds the data directory and answers
	PID     int
	Stopped bool // it runs, but its service was stopped
}

// PortFacts tells of the port.
type PortFacts struct {
	Port      int
	Listening bool     // this gateway listens on it
	Addresses []string // where
	Holder    string   // the program that holds the port instead; empty: free or not to be found
	Taken     bool     // another program holds it
	NextFree  int      // 0: not looked for
	Problem   string   // why the listener could not be had, if it is not the port
}

// Reach is the outcome of asking one address for this gateway.
type Reach struct {
	URL       string
	Interface string // of a LAN address
	Name      bool   // one of the addresses of a name, "localhost"
	OK        bool
	Other     bool   // somebody answers, but not this gateway
	Problem   string // in words; empty when OK
}

// LANFacts tells whom the listener serves.
type LANFacts struct {
	On        bool
	KeyNeeded bool
	Addresses []Reach
}

// WrongBase is a wrong base URL that a client has asked with.
type WrongBase struct {
	Client string // empty: not known
	Asked  string // method and path, or what else was seen
	Use    string // the base URL to enter
	Count  int64
}

// KeyFacts tells whether clients need a key and whether one works.
type KeyFacts struct {
	Needed  bool
	Mode    string // off, all_except_health or strict
	Usable  bool   // a key exists that is neither disabled nor expired
	Tried   bool   // one was sent to the live address
	Status  int    // what came back; 0: nothing
	Problem string
}

// AccountFacts counts the accounts by what they can do.
type AccountFacts struct {
	Ready, Cooling, Blocked, Disabled int
	Loopback                          bool     // the built-in upstream answers
	Lines                             []string // why the blocked ones are
}

// ModelFacts tells where a model name goes.
type ModelFacts struct {
	Asked    string // empty: there is none to ask for
	Provider string
	Loopback bool // it goes to the built-in upstream
	Lines    []string
	Problem  string
	Near     []string // with a Problem: names that may have been meant
}

// Answer is the outcome of one question.
type Answer struct {
	OK      bool
	Skipped string // why nothing was asked
	Text    string // short
	Status  int
	Problem string
}

// How long each step may take at most.
const (
	stepLimit    = 5 * time.Second
	accountLimit = 40 * time.Second
)

// WalkLimit bounds the whole walk.
const WalkLimit = accountLimit + 12*stepLimit

// WalkOptions choose what the walk does.
type WalkOptions struct {
	SkipUpstream bool // do not ask a real account
}

// Walk looks at the whole chain, from the program to a real account's answer,
// and tells each step as it ends. A step that an earlier one makes pointless is
// skipped. It ends early, with what it has, when the context ends.
func Walk(ctx context.Context, probes Probes, o WalkOptions, report func(Step)) []Step {
	w := &walk{ctx: ctx, probes: probes, report: report}
	w.all(o)
	return w.steps
}

// Steps lists the titles in the order of the walk, for a page that shows them
// before they are done.
func Steps() []Step {
	list := []Step{
		{ID: StepProgram, Title: "Does the program run?"},
		{ID: StepPort, Title: "Does it hold its port?"},
		{ID: StepAddress, Title: "Does its address answer?"},
		{ID: StepLAN, Title: "Can other machines reach it?"},
		{ID: StepClients, Title: "Do clients use the right base URL?"},
		{ID: StepKey, Title: "Do clients need a key?"},
		{ID: StepAccounts, Title: "Can an account serve?"},
		{ID: StepModel, Title: "Where does a model name go?"},
	}
	for _, p := range []Protocol{OpenAI, Responses, Anthropic, Gemini} {
		list = append(list, Step{ID: StepLoopback + string(p), Title: "Does the gateway answer in the " + protocolTitle(p) + " protocol?"})
	}
	return append(list, Step{ID: StepAccount, Title: "Does a real account answer?"})
}

func protocolTitle(p Protocol) string {
	switch p {
	case Responses:
		return "OpenAI Responses"
	case Anthropic:
		return "Anthropic"
	case Gemini:
		return "Gemini"
	default:
		return "OpenAI chat"
	}
}

type walk struct {
	ctx    context.Context //nolint:containedctx // of one call of Walk
	probes Probes
	report func(Step)
	steps  []Step
}

func (w *walk) all(o WalkOptions) {
	var program ProgramFacts
	var model ModelFacts
	up, open := false, false
	for _, s := range Steps() {
		limit := stepLimit
		var judge func(context.Context) Step
		switch s.ID {
		case StepProgram:
			judge = func(ctx context.Context) Step { program = w.probes.Program(ctx); return judgeProgram(program) }
		case StepPort:
			judge = func(ctx context.Context) Step {
				port := w.probes.Port(ctx)
				up = program.Running && port.Listening
				return judgePort(port, program)
			}
		case StepAddress:
			judge = w.whenUp(up, func(ctx context.Context) Step { return judgeAddress(w.probes.Address(ctx)) })
		case StepLAN:
			judge = w.whenUp(up, func(ctx context.Context) Step { return judgeLAN(w.probes.LAN(ctx)) })
		case StepClients:
			judge = w.whenUp(up, func(ctx context.Context) Step { return judgeClients(w.probes.Clients(ctx)) })
		case StepKey:
			judge = func(ctx context.Context) Step {
				key := w.probes.Key(ctx)
				open = !key.Needed || key.Usable
				return judgeKey(key)
			}
		case StepAccounts:
			judge = func(ctx context.Context) Step { return judgeAccounts(w.probes.Accounts(ctx)) }
		case StepModel:
			judge = func(ctx context.Context) Step { model = w.probes.Model(ctx); return judgeModel(model) }
		case StepAccount:
			limit = accountLimit
			judge = w.askAccount(o, up && !program.Stopped, open, model)
		default:
			p := Protocol(s.ID[len(StepLoopback):])
			judge = func(ctx context.Context) Step { return judgeLoopback(w.probes.Loopback(ctx, p)) }
		}
		if !w.step(s, limit, judge) {
			return
		}
	}
}

// step runs one look within its limit, and reports it.
func (w *walk) step(s Step, limit time.Duration, judge func(context.Context) Step) bool {
	if w.ctx.Err() != nil {
		return false
	}
	ctx, cancel := context.WithTimeout(w.ctx, limit)
	defer cancel()
	start := time.Now()
	found := judge(ctx)
	found.ID, found.Title, found.Took = s.ID, s.Title, time.Since(start)
	w.steps = append(w.steps, found)
	if w.report != nil {
		w.report(found)
	}
	return true
}

func (w *walk) whenUp(up bool, judge func(context.Context) Step) func(context.Context) Step {
	if up {
		return judge
	}
	return func(context.Context) Step { return skipped("nothing listens there yet") }
}

func (w *walk) askAccount(o WalkOptions, up, open bool, model ModelFacts) func(context.Context) Step {
	why := ""
	switch {
	case o.SkipUpstream:
		why = "not asked for"
	case !up:
		why = "no gateway answers yet"
	case !open:
		why = "clients need a key first"
	case model.Asked == "" || model.Problem != "":
		why = "no model leads to an account yet"
	case model.Loopback:
		why = "no account is in use: " + model.Asked + " goes to the built-in upstream"
	}
	return func(ctx context.Context) Step {
		if why != "" {
			return skipped(why)
		}
		return judgeAccountAnswer(w.probes.Account(ctx, model.Asked), model)
	}
}

// Conclude gives the verdict of a walk, and the step that decides it: the first
// bad one, for what comes behind may only be its consequence.
func Conclude(steps []Step) (verdict string, decisive Step) {
	for _, s := range steps {
		if s.State == StepBad {
			return s.Verdict, s
		}
	}
	return VerdictOK, Step{}
}
