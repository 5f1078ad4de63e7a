package doctor

import (
	"fmt"
	"strconv"
	"strings"
)

func skipped(why string) Step { return Step{State: StepSkipped, Summary: why} }

func fine(format string, args ...any) Step {
	return Step{State: StepOK, Summary: fmt.Sprintf(format, args...)}
}

func bad(verdict, code, summary, cure string) Step {
	return Step{State: StepBad, Verdict: verdict, Code: code, Summary: summary, Cure: cure}
}

func judgeProgram(f ProgramFacts) Step {
	switch {
	case !f.Running:
		return bad(VerdictUnreachable, "not_running", "no gateway runs on this data directory",
			"Start it: open the window, or run `antigravity-tools serve`.")
	case f.Stopped:
		return bad(VerdictUnreachable, "service_stopped", "it runs ("+pid(f.PID)+"), but its service is stopped",
			"Start the service on the Overview page.")
	default:
		return fine("it runs (%s)", pid(f.PID))
	}
}

func pid(n int) string { return "pid " + strconv.Itoa(n) }

func judgePort(f PortFacts, program ProgramFacts) Step {
	port := "port " + strconv.Itoa(f.Port)
	if f.Listening {
		s := fine("%s is its own", port)
		s.Details = f.Addresses
		return s
	}
	if f.Taken {
		who := f.Holder
		if who == "" {
			who = "a program that this user may not see"
		}
		cure := "End that program, or use another port: `antigravity-tools config set proxy.port PORT`."
		if f.NextFree > 0 {
			cure = fmt.Sprintf("End that program, or use another port: `antigravity-tools config set proxy.port %d`, then enter that port in the clients.", f.NextFree)
		}
		return bad(VerdictUnreachable, "port_taken", port+" is taken by "+who, cure)
	}
	if f.Problem != "" {
		return bad(VerdictUnreachable, "address_unavailable", strings.TrimSuffix(f.Problem, "."),
			"Check `proxy.host` and `proxy.port`: `antigravity-tools config list`.")
	}
	if program.Running {
		return bad(VerdictUnreachable, "not_listening", port+" is free, but the gateway does not listen",
			"Start the service on the Overview page.")
	}
	return fine("%s is free", port)
}

func judgeAddress(list []Reach) Step {
	s := Step{State: StepOK}
	var good []string
	for _, r := range list {
		s.Details = append(s.Details, reachLine(r))
		switch {
		case r.OK:
			good = append(good, r.URL)
		case r.Other:
			// Whoever enters localhost may get there, whoever enters the address does.
			return withDetails(bad(VerdictUnreachable, "other_program", "another program answers at "+r.URL,
				"End that program, or use another port."), list)
		case r.Name && s.State == StepOK:
			s.State = StepWarn
			s.Cure = "Enter 127.0.0.1 instead of localhost in a client that does not connect."
		case !r.Name:
			s.State, s.Verdict, s.Code = StepBad, VerdictUnreachable, "no_answer"
			s.Summary = r.URL + " does not answer"
			s.Cure = "Look for a firewall or a security program that blocks connections within this machine."
		}
	}
	if s.State == StepBad {
		return s
	}
	s.Summary = "it answers at " + strings.Join(good, ", ")
	if len(good) == 0 {
		s = bad(VerdictUnreachable, "no_answer", "no address answers", "Restart the gateway.")
	}
	return s
}

func withDetails(s Step, list []Reach) Step {
	for _, r := range list {
		s.Details = append(s.Details, reachLine(r))
	}
	return s
}

func reachLine(r Reach) string {
	line := r.URL
	if r.Interface != "" {
		line += " (" + r.Interface + ")"
	}
	if r.OK {
		return line + ": answers"
	}
	return line + ": " + r.Problem
}

// maxWrong bounds how many wrong base URLs are shown; the window lists all.
const maxWrong = 5

func judgeClients(list []WrongBase) Step {
	if len(list) == 0 {
		return fine("no client has asked for a path that is none")
	}
	s := Step{
		State: StepWarn, Summary: fmt.Sprintf("%d wrong base URLs were seen", len(list)),
		Cure: "Enter the base URL that stands behind the client; where it is right by now, clear the list in the window.",
	}
	if len(list) == 1 {
		s.Summary = "a wrong base URL was seen"
	}
	for i, one := range list {
		if i == maxWrong {
			s.Details = append(s.Details, fmt.Sprintf("and %d more, which the window lists", len(list)-maxWrong))
			break
		}
		who := one.Client
		if who == "" {
			who = "a client"
		}
		s.Details = append(s.Details, fmt.Sprintf("%s asked for %s (%d×): enter %s", who, one.Asked, one.Count, one.Use))
	}
	return s
}

func judgeLAN(f LANFacts) Step {
	if !f.On {
		return fine("no: LAN access is off, only this machine is served")
	}
	reached := 0
	for _, r := range f.Addresses {
		if r.OK {
			reached++
		}
	}
	s := withDetails(Step{}, f.Addresses)
	switch {
	case len(f.Addresses) == 0:
		s = Step{State: StepWarn, Summary: "LAN access is on, but this machine is in no network", Cure: "Connect it to a network."}
	case reached == 0:
		s.State, s.Verdict, s.Code = StepBad, VerdictUnreachable, "lan_unreachable"
		s.Summary = "no outside address of this machine answers"
		s.Cure = "Allow incoming connections to the program in this machine's firewall."
	case reached < len(f.Addresses):
		s.State, s.Summary = StepWarn, fmt.Sprintf("%d of %d outside addresses answer", reached, len(f.Addresses))
		s.Cure = "Enter one that answers in the other machine."
	default:
		s.State, s.Summary = StepOK, fmt.Sprintf("all %d outside addresses answer", reached)
		s.Details = append(s.Details, "asked from this machine: a firewall may still hold others off")
	}
	if !f.KeyNeeded && s.State == StepOK {
		s.State, s.Summary = StepWarn, s.Summary+", and no key is needed"
		s.Cure = "Ask for a key: `antigravity-tools config set proxy.auth_mode auto`."
	}
	return s
}

func judgeKey(f KeyFacts) Step {
	switch {
	case !f.Needed:
		return fine("no key is needed (auth mode %s); clients may send any", f.Mode)
	case !f.Usable:
		return bad(VerdictUnauthorized, "no_key", "clients need a key (auth mode "+f.Mode+"), and none can be used",
			"Make one: `antigravity-tools key create --name NAME`.")
	case f.Tried && f.Status == 0:
		return bad(VerdictUnreachable, "no_answer", "clients need a key; one was tried and nothing came back: "+f.Problem, "Restart the gateway.")
	case f.Tried && f.Status >= 400:
		return bad(VerdictUnauthorized, "key_refused", fmt.Sprintf("clients need a key, and a stored one was refused with %d: %s", f.Status, f.Problem),
			"Make a new one: `antigravity-tools key create --name NAME`.")
	default:
		s := fine("clients need a key (auth mode %s)", f.Mode)
		if f.Tried {
			s.Summary += "; a stored one was tried and works"
		}
		s.Details = []string{"Enter one of `antigravity-tools key list` in each client."}
		return s
	}
}

func judgeAccounts(f AccountFacts) Step {
	s := Step{State: StepOK, Details: f.Lines}
	counts := fmt.Sprintf("%d ready, %d cooling, %d blocked, %d disabled", f.Ready, f.Cooling, f.Blocked, f.Disabled)
	switch {
	case f.Ready > 0 && f.Blocked == 0:
		s.Summary = counts
	case f.Ready > 0:
		s.State, s.Summary, s.Cure = StepWarn, counts, "See why on the Accounts page, or with `antigravity-tools account list`."
	case f.Cooling > 0:
		s.State, s.Summary, s.Cure = StepWarn, counts+": all that could serve are limited for now", "Wait, or add another account."
	case f.Ready+f.Cooling+f.Blocked+f.Disabled == 0 && f.Loopback:
		s.State, s.Summary = StepWarn, "there is no account yet; the built-in loopback models answer"
		s.Cure = "Add one on the Accounts page, or with `antigravity-tools account add`."
	case f.Ready+f.Cooling+f.Blocked+f.Disabled == 0:
		return bad(VerdictNoAccount, "no_usable_account", "there is no account", "Add one on the Accounts page, or with `antigravity-tools account add`.")
	case f.Loopback:
		s.State, s.Summary = StepWarn, counts+"; only the built-in loopback models answer"
		s.Cure = "Mend or enable one on the Accounts page; `antigravity-tools account list` tells why."
	default:
		s.State, s.Verdict, s.Code, s.Summary = StepBad, VerdictNoAccount, "no_usable_account", counts
		s.Cure = "Mend or enable one on the Accounts page; `antigravity-tools account list` tells why."
	}
	return s
}

func judgeModel(f ModelFacts) Step {
	s := Step{State: StepOK, Details: f.Lines}
	switch {
	case f.Problem != "":
		s.State, s.Verdict, s.Code = StepBad, VerdictMistake, "model_not_found"
		s.Summary, s.Cure = f.Asked+" goes nowhere: "+f.Problem, "Ask for a model that `GET /v1/models` lists."
		if len(f.Near) > 0 {
			s.Cure = "Enter " + strings.Join(f.Near, " or ") + " as the model in the client, or another that `GET /v1/models` lists."
		}
	case f.Asked == "":
		s.State, s.Summary, s.Cure = StepWarn, "no model is on the list", "Add an account, or test the ones that are there: `antigravity-tools account test NAME`."
	default:
		s.Summary = f.Asked + " goes to " + f.Provider
	}
	return s
}

func judgeLoopback(a Answer) Step {
	if a.OK {
		return fine("the built-in upstream answers")
	}
	return bad(VerdictMistake, "loopback_failed", "the built-in upstream does not answer: "+answerProblem(a),
		"This is a fault of the gateway itself: restart it, then look into its log.")
}

func judgeAccountAnswer(a Answer, m ModelFacts) Step {
	if a.Skipped != "" {
		return skipped(a.Skipped)
	}
	if a.OK {
		return fine("%s answers by way of %s: %q", m.Asked, m.Provider, show(a.Text))
	}
	return bad(VerdictNoAccount, "account_failed", m.Asked+" gives no answer: "+answerProblem(a),
		"Test the account on the Accounts page, or with `antigravity-tools account test NAME`.")
}

func answerProblem(a Answer) string {
	if a.Status == 0 {
		return a.Problem
	}
	return fmt.Sprintf("%d, %s", a.Status, a.Problem)
}
