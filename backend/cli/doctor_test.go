package cli

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"antigravity-tools/backend/admin"
	"antigravity-tools/backend/fault"
)

// walkService answers a walk, and sends events for as many of its steps as told.
type walkService struct {
	walk   admin.DoctorWalk
	events int
	fail   error
	to     func(json.RawMessage)
	got    admin.DoctorWalkRequest
	ended  bool
}

func (s *walkService) close() error { return nil }

func (s *walkService) watch(_ context.Context, topic admin.Topic, to func(json.RawMessage)) (func(), error) {
	if topic != admin.TopicDoctor {
		return nil, fault.New(fault.NotFound, "another topic")
	}
	s.to = to
	return func() { s.ended = true }, nil
}

func (s *walkService) call(_ context.Context, verb string, out any, args ...any) error {
	if verb != "DoctorWalk" {
		return fault.New(fault.NotFound, verb)
	}
	s.got = args[0].(admin.DoctorWalkRequest)
	for i := range s.events {
		for _, id := range []string{"somebody else's", s.got.ID} {
			data, _ := json.Marshal(admin.DoctorProgress{ID: id, Done: i + 1, Total: len(s.walk.Steps), Step: s.walk.Steps[i]})
			s.to(data)
		}
	}
	*out.(*admin.DoctorWalk) = s.walk
	return s.fail
}

func runWalk(t *testing.T, s *walkService, args ...string) (code int, out, errs string) {
	t.Helper()
	var stdout, stderr strings.Builder
	p := Program{Version: "1", Args: append([]string{"--data-dir", t.TempDir(), "doctor"}, args...), Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr}
	p.connector = func(context.Context) (service, error) { return s, nil }
	code = Main(t.Context(), p)
	return code, stdout.String(), stderr.String()
}

// TestWalkPrintsEachStepOnce: whatever part of the steps came as events.
func TestWalkPrintsEachStepOnce(t *testing.T) {
	walk := admin.DoctorWalk{
		Verdict: "unauthorized", Code: "no_key", Why: "none can be used", BaseURL: "http://127.0.0.1:8045",
		Steps: []admin.DoctorStep{
			{ID: "program", Title: "Runs?", State: admin.DoctorOK, Summary: "it runs"},
			{ID: "key", Title: "Key?", State: admin.DoctorBad, Summary: "none can be used", Details: []string{"a detail"}, Cure: "make one"},
			{ID: "account_answer", Title: "Answers?", State: admin.DoctorSkipped, Summary: "not asked for"},
		},
	}
	const want = "ok    Runs? it runs\nBAD   Key? none can be used\n        a detail\n      > make one\n" +
		"-     Answers? not asked for\nunauthorized (no_key): none can be used\n"
	for events := range 4 {
		s := &walkService{walk: walk, events: events}
		if code, out, errs := runWalk(t, s, "--model", "m", "--skip-upstream"); code != 1 || out != want || errs != "" {
			t.Errorf("%d events: %d %q %q", events, code, out, errs)
		}
		if s.got.Model != "m" || !s.got.SkipUpstream || s.got.ID == "" || !s.ended {
			t.Errorf("%+v, ended %v", s.got, s.ended)
		}
	}
	walk.Verdict = "ok"
	if code, out, _ := runWalk(t, &walkService{walk: walk}); code != 0 || !strings.Contains(out, "base URLs: OpenAI http://127.0.0.1:8045/v1") {
		t.Errorf("%d %q", code, out)
	}
	code, out, _ := runWalk(t, &walkService{walk: walk}, "--json")
	var got admin.DoctorWalk
	if json.Unmarshal([]byte(out), &got) != nil || code != 0 || len(got.Steps) != 3 {
		t.Errorf("%d %q", code, out)
	}
}

// TestWalkOfASilentHolder: a program that holds the directory and does not
// answer is a finding with a cure, not only an error.
func TestWalkOfASilentHolder(t *testing.T) {
	silent := fault.New(fault.Internal, "a program holds it but does not answer").WithCode("not_answering").WithHint("wait a moment, or end it")
	code, out, _ := runWalk(t, &walkService{fail: silent})
	if code != 1 || !strings.Contains(out, "BAD   Does the program run? a program holds it") || !strings.Contains(out, "> wait a moment") {
		t.Errorf("%d %q", code, out)
	}
	if code, _, errs := runWalk(t, &walkService{fail: fault.New(fault.Internal, "boom")}); code != 1 || errs == "" {
		t.Errorf("%d %q", code, errs)
	}
}
