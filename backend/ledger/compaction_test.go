package ledger_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http/httptest"
	"strings"
	"testing"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
)

// summing is a model that sums up where it is asked to.
func summing(_ context.Context, req *llm.Request) ([]llm.Part, *fault.Error) {
	last := req.Turns[len(req.Turns)-1]
	if text := last.Parts[len(last.Parts)-1].Text; strings.HasPrefix(text, "Write a summary") {
		return []llm.Part{llm.TextPart("It was about ships.")}, nil
	}
	return []llm.Part{llm.TextPart("Aye.")}, nil
}

// longTalk is a conversation in which the model said much.
func longTalk() string {
	said := strings.Repeat("a long story of a ship and what became of it ", 400)
	return `{"role":"user","content":"tell me"},{"role":"assistant","content":"` + said + `"},` +
		`{"type":"function_call","call_id":"c1","name":"look","arguments":"{}"},{"type":"function_call_output","call_id":"c1","output":"` + said + `"},` +
		`{"role":"user","content":"and now?"}`
}

const (
	managed = `"context_management":[{"type":"compaction","compact_threshold":5000}]`
	folded  = "user: tell me|user: and now?|user: Summary of the conversation so far:\nIt was about ships."
)

func kinds(o object) (out string) {
	for _, item := range o.Output {
		out += item.Type + " "
	}
	return out
}

// TestCompactThreshold: a conversation over the threshold is summed up before it
// is answered; the summary is the first item of the output, and stands for what
// was before it in the turns that follow, however the client goes on.
func TestCompactThreshold(t *testing.T) {
	for _, how := range []string{`"stream":true`, `"stream":false`, `"background":true`} {
		b := newBed(t)
		b.relay.say = summing
		o := must(t)(b.create(t, `{"model":"m",`+how+`,`+managed+`,"input":[`+longTalk()+`]}`))
		if strings.Contains(how, "background") {
			w := httptest.NewRecorder()
			if err := b.Stream(t.Context(), w, "key", o.ID, nil); err != nil {
				t.Fatal(err)
			}
			inOrder(t, w.Body.String())
			body, _ := b.Get(t.Context(), "key", o.ID)
			o = parse(t, body)
		}
		if kinds(o) != "compaction message " || o.text() != "Aye." || len(b.relay.bodies) != 2 {
			t.Fatalf("%s: %s %q after %d calls", how, kinds(o), o.text(), len(b.relay.bodies))
		}
		if strings.Contains(string(b.relay.last()), "context_management") {
			t.Error("it went up")
		}
		if have := heard(t, b.relay.last()); have != folded {
			t.Errorf("%s: asked with %s", how, have)
		}
		must(t)(b.create(t, `{"model":"m","previous_response_id":"`+o.ID+`",`+managed+`,"input":"on"}`))
		if have := heard(t, b.relay.last()); have != folded+"|model: Aye.|user: on" {
			t.Errorf("%s: gone on by its id with %s", how, have)
		}
		output, _ := b.Get(t.Context(), "key", o.ID)
		var again struct{ Output []json.RawMessage }
		if err := json.Unmarshal(output, &again); err != nil {
			t.Fatal(err)
		}
		items := make([]string, len(again.Output))
		for i, item := range again.Output {
			items[i] = string(item)
		}
		must(t)(b.create(t, `{"model":"m","store":false,"input":[`+longTalk()+`,`+strings.Join(items, ",")+`,{"role":"user","content":"on"}]}`))
		if have := heard(t, b.relay.last()); have != folded+"|model: Aye.|user: on" {
			t.Errorf("%s: gone on with all of it: %s", how, have)
		}
	}
}

// inOrder wants sequence numbers without gaps, every item opened and closed.
func inOrder(t *testing.T, stream string) {
	t.Helper()
	open := map[int]bool{}
	n := 0
	for frame := range strings.SplitSeq(strings.TrimSpace(stream), "\n\n") {
		_, data, _ := strings.Cut(frame, "data: ")
		var e struct {
			Type     string
			Sequence int `json:"sequence_number"`
			Index    int `json:"output_index"`
		}
		if err := json.Unmarshal([]byte(data), &e); err != nil || e.Sequence != n {
			t.Errorf("event %d: %v %s", n, err, frame)
		}
		n++
		switch e.Type {
		case "response.output_item.added":
			open[e.Index] = true
		case "response.output_item.done":
			delete(open, e.Index)
		}
	}
	if len(open) > 0 || n < 6 {
		t.Errorf("%d events, open %v: %s", n, open, stream)
	}
}

// TestCompactThresholdStream reads the events as a client does.
func TestCompactThresholdStream(t *testing.T) {
	b := newBed(t)
	b.relay.say = summing
	for _, body := range []string{
		`{"model":"m","stream":true,"store":false,` + managed + `,"input":[` + longTalk() + `]}`,
		`{"model":"m","stream":true,"input":[` + longTalk() + `,{"type":"compaction_trigger"}]}`,
	} {
		w := httptest.NewRecorder()
		if err := b.Create(t.Context(), w, call(body)); err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(w.Body)
		inOrder(t, string(text))
		for _, want := range []string{"event: response.compaction.compacting\n", `"encrypted_content":""`, `"output_index":0,"item":{"id":"cmp_`} {
			if !strings.Contains(string(text), want) {
				t.Errorf("no %s in %s", want, text)
			}
		}
	}
}

// TestNoNeedToCompact: below the threshold, and where nothing would be won,
// nothing is asked twice.
func TestNoNeedToCompact(t *testing.T) {
	b := newBed(t)
	b.relay.say = summing
	long := strings.Repeat("what the user says is theirs ", 2000)
	for i, input := range []string{`"short"`, `[{"role":"user","content":"` + long + `"}]`} {
		o := must(t)(b.create(t, `{"model":"m",`+managed+`,"input":`+input+`}`))
		if kinds(o) != "message " || len(b.relay.bodies) != i+1 {
			t.Errorf("%d: %s", i, kinds(o))
		}
	}
	_, err := b.create(t, `{"model":"m","context_management":[{"type":"forgetting"}],"input":"x"}`)
	if err == nil || !strings.Contains(err.Message, "context_management") {
		t.Errorf("an unknown kind: %v", err)
	}
}

// TestCompactionFails: the answer comes from the conversation as it is.
func TestCompactionFails(t *testing.T) {
	b := newBed(t)
	b.relay.say = func(ctx context.Context, req *llm.Request) ([]llm.Part, *fault.Error) {
		parts, _ := summing(ctx, req)
		if parts[0].Text != "Aye." {
			return nil, fault.New(fault.Overloaded, "not now")
		}
		return parts, nil
	}
	o := must(t)(b.create(t, `{"model":"m",`+managed+`,"input":[`+longTalk()+`]}`))
	if kinds(o) != "message " {
		t.Error(kinds(o))
	}
	if _, err := b.create(t, `{"model":"m","input":[`+longTalk()+`,{"type":"compaction_trigger"}]}`); err == nil || err.Message != "not now" {
		t.Errorf("a trigger: %v", err)
	}
}

// TestCompactionTrigger: the output is the compaction, and a conversation can go
// on from it.
func TestCompactionTrigger(t *testing.T) {
	b := newBed(t)
	b.relay.say = summing
	first := must(t)(b.create(t, `{"model":"m","input":[`+longTalk()+`]}`))
	for _, how := range []string{`"stream":true`, `"stream":false`} {
		o := must(t)(b.create(t, fmt.Sprintf(`{"model":"m",%s,"previous_response_id":"%s","input":[{"type":"compaction_trigger"}]}`, how, first.ID)))
		if kinds(o) != "compaction " || o.Status != "completed" || o.PreviousResponseID != first.ID {
			t.Fatalf("%+v", o)
		}
		must(t)(b.create(t, `{"model":"m","previous_response_id":"`+o.ID+`","input":"on"}`))
		if have := heard(t, b.relay.last()); have != folded+"|user: on" {
			t.Errorf("asked with %s", have)
		}
	}
	for input, code := range map[string]string{
		`[{"type":"compaction_trigger"},{"role":"user","content":"x"}]`: "compaction",
		`[{"id":"msg_none"},{"type":"compaction_trigger"}]`:             "previous_response_not_found",
	} {
		if _, err := b.create(t, `{"model":"m","input":`+input+`}`); err == nil || err.Code != code {
			t.Errorf("%s: %v", input, err)
		}
	}
}
