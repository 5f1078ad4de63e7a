package traffic

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"antigravity-tools/backend/account"
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var t0 = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func TestExchangeIsFilled(t *testing.T) {
	lease := &account.Lease{Account: &account.Account{ID: "a1", Name: "work", Provider: "gemini"}, Model: "gemini-x"}
	x := &Exchange{ID: "r1", Start: t0}
	x.Serve(lease, llm.Gemini, true)
	limit := &fault.Error{Class: fault.RateLimited, Reason: "RATE_LIMIT", RetryAfter: time.Minute, Message: "key AIza-fake-0123456789 is limited"}
	x.Attempted(lease, t0, t0.Add(time.Second), limit)
	x.Attempted(lease, t0.Add(time.Second), t0.Add(3*time.Second), nil)
	x.FirstEvent(t0.Add(2 * time.Second))
	x.FirstEvent(t0.Add(9 * time.Second))
	x.Meter(&llm.Usage{Input: 1})
	x.Observed(protocol.Seen{Usage: &llm.Usage{Input: 7}, Reason: llm.ReasonEnd})
	if x.Provider != "gemini" || x.AccountID != "a1" || x.ModelServed != "gemini-x" || !x.Identity {
		t.Errorf("%+v", x)
	}
	if x.TTFT != 2*time.Second || x.Usage.Input != 7 || x.FinishReason != llm.ReasonEnd || x.Failed() {
		t.Errorf("%+v", x)
	}
	a := x.Attempts[0]
	if a.Outcome() != "rate_limited" || a.Status != 429 || a.RetryAfter != time.Minute || a.Duration != time.Second || x.Attempts[1].Outcome() != "ok" {
		t.Errorf("%+v", x.Attempts)
	}
	if strings.Contains(a.Message, "AIza") {
		t.Errorf("a key in a record: %s", a.Message)
	}
	for range 100 {
		x.Attempted(lease, t0, t0, nil)
	}
	if len(x.Attempts) != maxAttempts {
		t.Errorf("%d attempts", len(x.Attempts))
	}
	x.Fail(fault.New(fault.Cancelled, "left"))
	if x.Failed() || x.ErrorCode != "cancelled" {
		t.Error("a client that left is no failure")
	}
	x.Fail(fault.New(fault.Overloaded, "busy").WithCode("no_usable_account"))
	if !x.Failed() || x.ErrorCode != "no_usable_account" {
		t.Errorf("%+v", x)
	}
}

func TestRedact(t *testing.T) {
	for in, want := range map[string]string{
		"API key AIza-fake-0123456789abc not valid":       "API key [redacted] not valid",
		"Bearer abc.def-ghi123 rejected":                  "[redacted] rejected",
		"GET https://x/v1?key=topsecret&alt=sse":          "GET https://x/v1?key=[redacted]&alt=sse",
		"https://x/?a=1&api_key=topsecret":                "https://x/?a=1&api_key=[redacted]",
		"sk-agt-fake-0123456789 and sk-ant-fake01234567":  "[redacted] and [redacted]",
		"account some.one+x@mail.example.org is blocked":  "account [redacted] is blocked",
		"token ya29.a0fake_token-123456":                  "token [redacted]",
		"model gemini-2.5-pro is overloaded, retry in 3s": "model gemini-2.5-pro is overloaded, retry in 3s",
		"": "",
	} {
		if got := Redact(in); got != want {
			t.Errorf("%q became %q", in, got)
		}
	}
}

// Each form of a secret is found where nothing else beside it is one.
func TestEachFormAlone(t *testing.T) {
	for _, secret := range []string{
		"AIzaFAKE0123456789", "ya29.FAKE0123456789", "1//FAKE0123456789abcdefgh", "sk-FAKE01234567", "eyJGQUtFMDEyMzQ1.RkFLRTAx.c2ln",
		"Bearer FAKE01234567", "?key=FAKE", "a.b@example.com",
	} {
		if got := Redact("see " + secret); !strings.Contains(got, Redacted) {
			t.Errorf("%q stays %q", secret, got)
		}
	}
}

// What the expression finds is never waved through.
func TestSuspect(t *testing.T) {
	pieces := []string{"AIza", "aIZA", "ya29.", "1//", "SK-", "sk-", "eyJ", "Bearer ", "?key=", "&API_KEY=", "a@b.cd", "K", "ſ",
		".", "-", " ", "/", "0123456789abcdefghij", "models:generateContent", "é"}
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 8).Draw(t, "pieces"), "")
		if secrets.MatchString(text) && !suspect(text) {
			t.Fatalf("%q", text)
		}
	})
	if suspect("/v1beta/models/gemini-2.5-flash:streamGenerateContent") {
		t.Error("a path without a secret costs the expression")
	}
}

func TestClip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.StringN(0, 3000, -1).Draw(t, "text")
		out := clip(in)
		if len(out) > maxText+100 || (utf8.ValidString(in) && !utf8.ValidString(out)) {
			t.Fatalf("%d bytes, valid %v", len(out), utf8.ValidString(out))
		}
	})
}

func TestRingAndPages(t *testing.T) {
	l := NewLog()
	sub := l.Feed().Subscribe(10)
	defer sub.Close()
	for i := range ringSize + 50 {
		l.Finish(&Exchange{ID: fmt.Sprint("r", i)})
	}
	if l.Total() != ringSize+50 || l.Get("r49") != nil || l.Get("r50") == nil {
		t.Error("the ring holds the wrong ones")
	}
	var seen []string
	before := ""
	for {
		page, more := l.Recent(70, before)
		for _, x := range page {
			seen = append(seen, x.ID)
			before = x.ID
		}
		if !more {
			break
		}
	}
	if len(seen) != ringSize || seen[0] != "r549" || seen[ringSize-1] != "r50" {
		t.Errorf("%d seen, from %s to %s", len(seen), seen[0], seen[len(seen)-1])
	}
	if list, more := l.Recent(5, "gone"); list != nil || more {
		t.Error("an unknown id has no page")
	}
	if x := <-sub.C(); x == nil {
		t.Error("nothing fed")
	}
}

func TestRingIsBoundedInBytes(t *testing.T) {
	l := NewLog()
	for i := range 400 {
		x := &Exchange{ID: fmt.Sprint(i)}
		for range maxLosses + 50 {
			x.Losses = append(x.Losses, llm.Loss{Detail: strings.Repeat("d", 200)})
		}
		l.Finish(x)
	}
	sum := 0
	for _, x := range l.ring {
		sum += x.size()
	}
	if sum != l.bytes || sum > ringBytes || len(l.ring) < 10 {
		t.Errorf("%d bytes counted as %d in %d records", sum, l.bytes, len(l.ring))
	}
}

func TestConcurrentLog(t *testing.T) {
	l := NewLog()
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for i := range 300 {
				l.Finish(&Exchange{ID: fmt.Sprint(w, "-", i)})
				l.Recent(10, "")
			}
		})
	}
	wg.Wait()
	if l.Total() != 1200 {
		t.Error(l.Total())
	}
}

func TestProblems(t *testing.T) {
	p := NewProblems()
	sub := p.Changed().Subscribe(1)
	defer sub.Close()
	for i := range 3 {
		p.Add(Problem{Client: "Kilo Code", Path: "/v1/chat/completions/responses?key=topsecret", Code: "nested_resource_path", UseBaseURL: "u"},
			t0.Add(time.Duration(i)*time.Minute))
	}
	p.Add(Problem{Client: "Codex", Path: "/v1/v1/responses", Code: "duplicated_version_prefix"}, t0)
	list := p.List()
	if len(list) != 2 || list[0].Count != 3 || !list[0].First.Equal(t0) || !list[0].Last.Equal(t0.Add(2*time.Minute)) || list[0].UseBaseURL != "u" {
		t.Fatalf("%+v", list)
	}
	if strings.Contains(list[0].Path, "secret") {
		t.Error("the query was kept")
	}
	<-sub.C()
	for i := range 1000 {
		p.Add(Problem{Path: fmt.Sprint("/", strings.Repeat("é", 400), i%7, "/", i), Code: fmt.Sprint(i)}, t0.Add(time.Hour+time.Duration(i)*time.Second))
	}
	list = p.List()
	if len(list) != maxProblems || list[0].Code != "999" {
		t.Errorf("%d problems, newest %s", len(list), list[0].Code)
	}
	for _, x := range list {
		if len(x.Path) > maxPath+10 || !utf8.ValidString(x.Path) {
			t.Fatalf("path of %d bytes", len(x.Path))
		}
	}
	p.Clear()
	if len(p.List()) != 0 {
		t.Error("not cleared")
	}
}

// A running exchange stands in front of the list until its record is finished.
func TestRunning(t *testing.T) {
	l := NewLog()
	sub := l.Feed().Subscribe(4)
	defer sub.Close()
	start := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	done := &Exchange{ID: "done", Start: start}
	l.Finish(done)
	l.Begin(Exchange{ID: "a", Start: start.Add(time.Second), ModelAsked: "m"})
	l.Begin(Exchange{ID: "b", Start: start.Add(2 * time.Second)})
	list, _ := l.Recent(10, "")
	if len(list) != 3 || list[0].ID != "b" || list[1].ID != "a" || !list[1].Running || list[2].ID != "done" || list[2].Running {
		t.Fatalf("list: %+v", list)
	}
	if x := l.Get("a"); x == nil || x.ModelAsked != "m" {
		t.Errorf("running exchange by id: %+v", x)
	}
	l.Finish(&Exchange{ID: "a", Start: start.Add(time.Second), Status: 200})
	list, _ = l.Recent(10, "")
	if len(list) != 3 || list[0].ID != "b" || list[1].ID != "a" || list[1].Running || list[1].Status != 200 {
		t.Errorf("after the end: %+v", list)
	}
	if list, _ := l.Recent(1, ""); len(list) != 1 {
		t.Errorf("limit: %d", len(list))
	}
	for range 3 + 1 {
		<-sub.C()
	}
	for i := range maxRunning + 10 {
		l.Begin(Exchange{ID: fmt.Sprint("r", i)})
	}
	if list, _ := l.Recent(10*maxRunning, ""); len(list) > maxRunning+ringSize {
		t.Errorf("not bounded: %d", len(list))
	}
}
