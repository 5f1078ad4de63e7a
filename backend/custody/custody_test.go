package custody

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"antigravity-tools/backend/llm"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type memRepo struct {
	mu      sync.Mutex
	entries map[Key]Entry
	fail    error
	loads   int
	purged  int
}

func newMemRepo() *memRepo { return &memRepo{entries: map[Key]Entry{}} }

func (r *memRepo) LoadSeals(_ context.Context, keys []Key) ([]Entry, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.loads++
	var out []Entry
	for _, k := range keys {
		if e, ok := r.entries[k]; ok {
			out = append(out, e)
		}
	}
	return out, r.fail
}

func (r *memRepo) SaveSeals(_ context.Context, entries []Entry) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fail != nil {
		return r.fail
	}
	for _, e := range entries {
		r.entries[e.Key] = e
	}
	return nil
}

func (r *memRepo) DeleteSeals(_ context.Context, keys []Key) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fail != nil {
		return r.fail
	}
	for _, k := range keys {
		delete(r.entries, k)
	}
	return nil
}

func (r *memRepo) PurgeSeals(context.Context, time.Time, int, int64) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.purged++
	return nil
}

func (r *memRepo) set(err error) { r.mu.Lock(); defer r.mu.Unlock(); r.fail = err }
func (r *memRepo) size() int     { r.mu.Lock(); defer r.mu.Unlock(); return len(r.entries) }

func google(data string) *llm.Seal {
	return &llm.Seal{Issuer: llm.IssuerGoogle, Model: "gemini-3-pro", Realm: "0a1b2c3d", Data: data}
}

func call(id string, s *llm.Seal) llm.Part {
	return llm.Part{Kind: llm.KindCall, Call: &llm.Call{ID: id, Name: "f", Args: "{}"}, Seal: s}
}

func text(s string, seal *llm.Seal) llm.Part {
	return llm.Part{Kind: llm.KindText, Text: s, Seal: seal}
}

func thought(s string, seal *llm.Seal) llm.Part {
	return llm.Part{Kind: llm.KindReasoning, Text: s, Seal: seal}
}

func reply(parts ...llm.Part) *llm.Response {
	return &llm.Response{Choices: []llm.Choice{{Parts: parts}}}
}

func history(parts ...llm.Part) *llm.Request {
	return &llm.Request{Turns: []llm.Turn{
		{Role: llm.RoleUser, Parts: []llm.Part{text("hi", nil)}},
		{Role: llm.RoleModel, Parts: parts},
	}}
}

func TestKeepAndRestore(t *testing.T) {
	claude := &llm.Seal{Issuer: llm.IssuerAnthropic, Data: "sig-a"}
	table := []struct {
		name       string
		said, sent []llm.Part
		issuer     llm.Issuer
		want       []llm.Part // nil: as sent
	}{
		{"a call", []llm.Part{call("c1", google("s1"))}, []llm.Part{call("c1", nil)}, llm.IssuerGoogle, []llm.Part{call("c1", google("s1"))}},
		{"parallel calls: only the first", []llm.Part{call("c1", google("s1")), call("c2", nil)},
			[]llm.Part{call("c1", nil), call("c2", nil)}, llm.IssuerGoogle, []llm.Part{call("c1", google("s1")), call("c2", nil)}},
		{"another issuer's stay out", []llm.Part{call("c1", claude)}, []llm.Part{call("c1", nil)}, llm.IssuerGoogle, nil},
		{"unknown call", []llm.Part{call("c1", google("s1"))}, []llm.Part{call("c9", nil)}, llm.IssuerGoogle, nil},
		{"a sealed call is left alone", []llm.Part{call("c1", google("s1"))}, []llm.Part{call("c1", google("mine"))}, llm.IssuerGoogle, nil},
		{"text", []llm.Part{text("answer", google("s2"))}, []llm.Part{text("answer", nil)}, llm.IssuerGoogle, []llm.Part{text("answer", google("s2"))}},
		{"a trailing seal on empty text goes to the last text part", []llm.Part{text("one ", nil), text("two", nil), text("", google("s3"))},
			[]llm.Part{text("one two", nil)}, llm.IssuerGoogle, []llm.Part{text("one two", google("s3"))}},
		{"the same in pieces", []llm.Part{text("one two", nil), text("", google("s3"))},
			[]llm.Part{text("one ", nil), text("two", nil)}, llm.IssuerGoogle, []llm.Part{text("one ", nil), text("two", google("s3"))}},
		{"edited text gets no seal", []llm.Part{text("answer", google("s2"))}, []llm.Part{text("Answer", nil)}, llm.IssuerGoogle, nil},
		{"text and call", []llm.Part{text("so", google("s4")), call("c1", google("s5"))},
			[]llm.Part{text("so", nil), call("c1", nil)}, llm.IssuerGoogle, []llm.Part{text("so", google("s4")), call("c1", google("s5"))}},
		{"reasoning by its text", []llm.Part{thought("hmm", claude), text("x", nil)},
			[]llm.Part{thought("hmm", nil), text("x", nil)}, llm.IssuerAnthropic, []llm.Part{thought("hmm", claude), text("x", nil)}},
		{"reasoning by its first call", []llm.Part{thought("hmm", claude), call("c1", nil), call("c2", nil)},
			[]llm.Part{call("c1", nil), call("c2", nil)}, llm.IssuerAnthropic, []llm.Part{thought("hmm", claude), call("c1", nil), call("c2", nil)}},
		{"reasoning that came back is not doubled", []llm.Part{thought("hmm", claude), call("c1", nil)},
			[]llm.Part{thought("hmm", nil), call("c1", nil)}, llm.IssuerAnthropic, []llm.Part{thought("hmm", claude), call("c1", nil)}},
	}
	for _, row := range table {
		s := New(nil, nil, nil)
		s.Keep("key1", reply(row.said...))
		req := history(row.sent...)
		before := history(row.sent...)
		got := s.Restore(t.Context(), "key1", req, row.issuer)
		if diff := cmp.Diff(before, req); diff != "" {
			t.Errorf("%s: the request was changed: %s", row.name, diff)
		}
		want := row.want
		if want == nil {
			want = row.sent
			if got != req {
				t.Errorf("%s: a needless copy", row.name)
			}
		}
		if diff := cmp.Diff(want, got.Turns[1].Parts); diff != "" {
			t.Errorf("%s: %s", row.name, diff)
		}
		if other := s.Restore(t.Context(), "key2", req, row.issuer); other != req {
			t.Errorf("%s: another client's seals", row.name)
		}
	}
}

func withArgs(p llm.Part, args string) llm.Part {
	c := *p.Call
	c.Args = args
	p.Call = &c
	return p
}

// TestArgumentsAsSigned: what a client adds to a signed call is taken away; a
// call that it changed stays as it is.
func TestArgumentsAsSigned(t *testing.T) {
	const said = `{"file":"a","n":{"x":1.0,"y":[true]}}`
	custom := func(s *llm.Seal, args string) llm.Part {
		p := withArgs(call("c1", s), args)
		p.Call.Kind = llm.CallCustom
		return p
	}
	for _, row := range []struct{ name, back, want string }{
		{"as it was", said, said},
		{"members added", `{"all":false,"n":{"y":[true],"x":1},"file":"a","more":{}}`, said},
		{"written otherwise", `{"n": {"y":[true],"x":1}, "file":"\u0061"}`, said},
		{"a value changed", `{"file":"b","n":{"x":1,"y":[true]},"all":false}`, ""},
		{"a member gone", `{"file":"a","all":false}`, ""},
		{"added deeper down", `{"file":"a","n":{"x":1,"y":[true],"z":0}}`, ""},
		{"no object", `"a"`, ""},
		{"empty", "", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := New(nil, nil, nil)
			s.Keep("k", reply(withArgs(call("c1", google("s1")), said)))
			req := history(withArgs(call("c1", nil), row.back))
			out := s.Restore(t.Context(), "k", req, llm.IssuerGoogle)
			want := row.want
			if want == "" {
				want = row.back
			}
			if diff := cmp.Diff([]llm.Part{withArgs(call("c1", google("s1")), want)}, out.Turns[1].Parts); diff != "" {
				t.Error(diff)
			}
			// The same when the client carried the seal itself.
			sealed := history(withArgs(call("c1", google("s1")), row.back))
			if diff := cmp.Diff(out.Turns[1].Parts, s.Restore(t.Context(), "k", sealed, llm.IssuerGoogle).Turns[1].Parts); diff != "" {
				t.Error(diff)
			}
			other := history(withArgs(call("c1", google("s2")), row.back))
			if got := s.Restore(t.Context(), "k", other, llm.IssuerGoogle); got != other && !cmp.Equal(got, other) {
				t.Error("a call with another seal was changed")
			}
			if got := req.Turns[1].Parts[0].Call.Args; got != row.back {
				t.Errorf("the request itself was changed: %s", got)
			}
		})
	}
	t.Run("free text and long arguments are not compared", func(t *testing.T) {
		long := `{"text":"` + strings.Repeat("x", maxArgs) + `"}`
		more := `{"all":false,` + long[1:]
		s := New(nil, nil, nil)
		s.Keep("k", reply(custom(google("s1"), said), withArgs(call("c2", google("s2")), long)))
		parts := s.Restore(t.Context(), "k", history(custom(nil, `{"all":1,`+said[1:]), withArgs(call("c2", nil), more)), llm.IssuerGoogle).Turns[1].Parts
		if parts[0].Call.Args == said || parts[1].Call.Args != more {
			t.Errorf("%.60s, %.60s", parts[0].Call.Args, parts[1].Call.Args)
		}
	})
}

func TestUserTurnsAreLeftAlone(t *testing.T) {
	s := New(nil, nil, nil)
	s.Keep("", reply(text("hi", google("s"))))
	req := history(text("other", nil))
	if s.Restore(t.Context(), "", req, llm.IssuerGoogle) != req {
		t.Error("a user's text is not the model's")
	}
}

func TestRestartAndNegativeCache(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		repo := newMemRepo()
		s := New(repo, nil, nil)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { s.Run(ctx); close(done) }()
		s.Keep("k", reply(call("c1", google("s1"))))
		time.Sleep(time.Second)
		if repo.size() != 1 || repo.purged != 1 {
			t.Fatalf("%d written, %d purges", repo.size(), repo.purged)
		}
		s.Keep("k", reply(call("c2", google("s2"))))
		cancel()
		<-done
		if repo.size() != 2 {
			t.Fatal("what was left at the end is lost")
		}

		again := New(repo, nil, nil)
		req := history(call("c1", nil), call("c2", nil), call("c3", nil), text("t", nil))
		for range 3 {
			out := again.Restore(t.Context(), "k", req, llm.IssuerGoogle)
			if diff := cmp.Diff([]llm.Part{call("c1", google("s1")), call("c2", google("s2")), call("c3", nil), text("t", nil)}, out.Turns[1].Parts); diff != "" {
				t.Fatal(diff)
			}
		}
		if repo.loads != 1 {
			t.Errorf("asked the repository %d times", repo.loads)
		}
		again.Restore(t.Context(), "k", history(text("x", google("own"))), llm.IssuerGoogle)
		if repo.loads != 1 {
			t.Error("asked the repository for a history that has all its seals")
		}
		// 30 days later nothing is restored.
		time.Sleep(Keeps)
		if again.Restore(t.Context(), "k", req, llm.IssuerGoogle) != req {
			t.Error("expired entries are used")
		}
	})
}

func TestMarkBad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		repo := newMemRepo()
		s := New(repo, nil, nil)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { s.Run(ctx); close(done) }()
		s.Keep("k", reply(text("so", google("s0")), call("c1", google("s1"))))
		time.Sleep(time.Second)
		req := history(text("so", nil), call("c1", nil))
		if s.Restore(ctx, "k", req, llm.IssuerGoogle) == req {
			t.Fatal("nothing restored")
		}
		s.Keep("k", reply(thought("hm", &llm.Seal{Issuer: llm.IssuerAnthropic, Data: "s2"}), call("c2", nil)))
		req.Turns[1].Parts = append(req.Turns[1].Parts, call("c2", nil))
		s.MarkBad("k", s.Restore(ctx, "k", req, llm.IssuerGoogle), llm.IssuerGoogle)
		if s.Restore(ctx, "k", req, llm.IssuerAnthropic) == req {
			t.Error("another's seal is forgotten")
		}
		if s.Restore(ctx, "k", req, llm.IssuerGoogle) != req {
			t.Error("bad seals are used again")
		}
		time.Sleep(time.Second)
		cancel()
		<-done
		if repo.size() != 2 { // those of the other issuer: by call and by text
			t.Errorf("%d seals stay on disk", repo.size())
		}
		// A new reply with the same id is good again.
		s.Keep("k", reply(call("c1", google("new"))))
		if s.Restore(t.Context(), "k", req, llm.IssuerGoogle) == req {
			t.Error("a new seal is not used")
		}
	})
}

func TestFailingDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		repo := newMemRepo()
		repo.set(errors.New("disk full"))
		s := New(repo, nil, nil)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { s.Run(ctx); close(done) }()
		for i := range maxPending + 10 {
			s.Keep("k", reply(call(fmt.Sprint("c", i), google("s"))))
		}
		if s.Dropped() != 10 {
			t.Errorf("dropped %d", s.Dropped())
		}
		req := history(call("c7", nil), call("unknown", nil))
		if out := s.Restore(ctx, "k", req, llm.IssuerGoogle); out.Turns[1].Parts[0].Seal == nil {
			t.Error("memory must serve while the disk fails")
		}
		time.Sleep(10 * time.Second)
		repo.set(nil)
		time.Sleep(2 * maxBackoff)
		if repo.size() != maxPending {
			t.Errorf("%d written after the disk came back", repo.size())
		}
		cancel()
		<-done
	})
}

func TestMemoryIsBounded(t *testing.T) {
	s := New(nil, nil, nil)
	big := strings.Repeat("x", 100_000)
	for i := range 400 {
		s.Keep("k", reply(call(fmt.Sprint("c", i), google(big))))
	}
	s.Keep("k", reply(call("huge", google(strings.Repeat("x", maxSeal)))))
	if s.bytes > memoryBytes || s.memory.Len() > memoryBytes/100_000 {
		t.Errorf("%d bytes in %d entries", s.bytes, s.memory.Len())
	}
	total := 0
	for _, e := range s.memory.Values() {
		total += e.size()
	}
	if total != s.bytes {
		t.Errorf("counted %d, holds %d", s.bytes, total)
	}
}

// Whatever was kept under an id comes back under it, byte for byte and only there.
func TestCustodyLaw(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := New(nil, nil, nil)
		seals := rapid.MapOf(rapid.StringN(1, 8, -1), rapid.StringN(1, 40, -1)).Draw(t, "seals")
		for id, data := range seals {
			s.Keep("k", reply(call(id, google(data))))
		}
		asked := rapid.SliceOf(rapid.StringN(1, 8, -1)).Draw(t, "ids")
		for id := range maps.Keys(seals) {
			asked = append(asked, id)
		}
		var parts []llm.Part
		for _, id := range asked {
			parts = append(parts, call(id, nil))
		}
		out := s.Restore(context.Background(), "k", history(parts...), llm.IssuerGoogle)
		for i, p := range out.Turns[1].Parts {
			data, ok := seals[asked[i]]
			if ok != (p.Seal != nil) || (ok && p.Seal.Data != data) {
				t.Fatalf("%q: %+v, want %q", asked[i], p.Seal, data)
			}
		}
	})
}

func BenchmarkRestore(b *testing.B) {
	s := New(nil, nil, nil)
	req := &llm.Request{}
	for i := range 30 {
		id := fmt.Sprint("call_", i)
		s.Keep("k", reply(call(id, google(strings.Repeat("s", 500)))))
		req.Turns = append(req.Turns, llm.Turn{Role: llm.RoleModel, Parts: []llm.Part{text("some text", nil), call(id, nil)}})
	}
	b.ReportAllocs()
	for b.Loop() {
		s.Restore(context.Background(), "k", req, llm.IssuerGoogle)
	}
}
