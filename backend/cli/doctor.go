package cli

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"antigravity-tools/backend/admin"
	"antigravity-tools/backend/fault"
)

type doctorFlags struct {
	json         bool
	model        string
	skipUpstream bool
}

func (e *env) doctorCommand() *cobra.Command {
	var flags doctorFlags
	c := &cobra.Command{
		Use: "doctor [URL | PATH]", Short: "Explain a base URL or a request path; without one look at the whole chain",
		Long: "With a URL or a path: which client and protocol it looks like, which mistake it holds, and the base URL to\n" +
			"enter instead. Without: every step from the program to an account's answer, each with its cure. The last step\n" +
			"asks a real account one short question; --skip-upstream leaves it out.",
		Args: func(cmd *cobra.Command, args []string) error {
			switch {
			case len(args) > 1:
				return usagef("%s takes one URL or path", cmd.CommandPath())
			case len(args) == 1 && (cmd.Flags().Changed("model") || flags.skipUpstream):
				return usagef("--model and --skip-upstream are for %s without a URL", cmd.CommandPath())
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return e.walk(cmd.Context(), flags)
			}
			return e.with(cmd.Context(), func(s service) error {
				return e.doctor(cmd.Context(), s, admin.DoctorRequest{Target: args[0]}, flags.json)
			})
		},
	}
	c.Flags().BoolVar(&flags.json, "json", false, "print JSON")
	c.Flags().StringVar(&flags.model, "model", "", "the model to ask a real account for")
	c.Flags().BoolVar(&flags.skipUpstream, "skip-upstream", false, "do not ask a real account")
	return c
}

func (e *env) doctor(ctx context.Context, s service, req admin.DoctorRequest, asJSON bool) error {
	var r admin.DoctorReport
	if err := s.call(ctx, "Doctor", &r, req); err != nil {
		return err
	}
	var err error
	if asJSON {
		err = e.printJSON(r)
	} else {
		err = e.doctorText(r)
	}
	if err == nil && r.Verdict != "ok" {
		return exitError{1}
	}
	return err
}

func (e *env) doctorText(r admin.DoctorReport) error {
	head := r.Verdict
	if r.Code != "" {
		head += " (" + r.Code + ")"
	}
	lines := []string{head}
	if len(r.Lines) == 0 {
		lines = append(lines, r.Why)
	}
	for _, line := range r.Lines {
		if len(r.Lines) == 1 || line != r.Why { // the first line words the same at more length
			lines = append(lines, line)
		}
	}
	if r.BaseURL != "" {
		lines = append(lines, "base URL to enter: "+r.BaseURL)
	}
	if r.Guide != "" && r.Code != "" {
		lines = append(lines, "guide: "+r.Guide)
	}
	for _, line := range lines {
		if line == "" {
			continue
		}
		if _, err := fmt.Fprintln(e.Stdout, printable(line)); err != nil {
			return err
		}
	}
	return nil
}

// walk looks at the whole chain. Its steps are printed as they end.
func (e *env) walk(ctx context.Context, flags doctorFlags) error {
	var report admin.DoctorWalk
	var printed int
	err := e.with(ctx, func(s service) error {
		req := admin.DoctorWalkRequest{ID: rand.Text(), Model: flags.model, SkipUpstream: flags.skipUpstream}
		if !flags.json {
			stop, err := s.watch(ctx, admin.TopicDoctor, func(data json.RawMessage) {
				var p admin.DoctorProgress
				if json.Unmarshal(data, &p) == nil && p.ID == req.ID && p.Done == printed+1 {
					printed++
					e.printStep(p.Step)
				}
			})
			if err == nil { // without events the steps are printed at the end
				defer stop()
			}
		}
		return s.call(ctx, "DoctorWalk", &report, req)
	})
	if holderIsSilent(err) {
		report, err = silentHolder(err), nil
	}
	if err != nil {
		return err
	}
	if flags.json {
		err = e.printJSON(report)
	} else {
		err = e.walkText(report, printed)
	}
	if err == nil && report.Verdict != "ok" {
		return exitError{1}
	}
	return err
}

// walkText prints what no event brought, and the sum.
func (e *env) walkText(r admin.DoctorWalk, printed int) error {
	for _, s := range r.Steps[min(printed, len(r.Steps)):] {
		e.printStep(s)
	}
	text := "clients are answered; base URLs: OpenAI " + r.BaseURL + "/v1, Anthropic and Gemini " + r.BaseURL
	if r.Verdict != "ok" {
		text = fmt.Sprintf("%s (%s): %s", r.Verdict, r.Code, r.Why)
	}
	_, err := fmt.Fprintln(e.Stdout, printable(text))
	return err
}

func (e *env) printStep(s admin.DoctorStep) {
	mark := map[admin.DoctorStepState]string{
		admin.DoctorOK: "ok  ", admin.DoctorWarn: "warn", admin.DoctorBad: "BAD ", admin.DoctorSkipped: "-   ",
	}[s.State]
	fmt.Fprintf(e.Stdout, "%s  %s %s\n", mark, s.Title, printable(s.Summary))
	for _, line := range s.Details {
		fmt.Fprintf(e.Stdout, "        %s\n", printable(line))
	}
	if s.Cure != "" {
		fmt.Fprintf(e.Stdout, "      > %s\n", printable(s.Cure))
	}
}

// holderIsSilent tells the one failure that is itself a finding of the walk.
func holderIsSilent(err error) bool {
	return err != nil && fault.Public(err).Code == "not_answering"
}

func silentHolder(err error) admin.DoctorWalk {
	public := fault.Public(err)
	return admin.DoctorWalk{
		Verdict: "unreachable", Code: public.Code, Why: public.Message,
		Steps: []admin.DoctorStep{{
			ID: "program", Title: "Does the program run?", State: admin.DoctorBad, Code: public.Code,
			Summary: public.Message, Details: []string{}, Cure: public.Hint,
		}},
	}
}
