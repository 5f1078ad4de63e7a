package ledger_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"antigravity-tools/backend/ledger"
	"antigravity-tools/backend/rawjson"
)

// turn asks over a socket and gives the last event.
func (b *bed) turn(t testing.TB, local *ledger.Local, body string) (o object, last string) {
	t.Helper()
	b.Turn(t.Context(), call(body), local, func(event []byte) { last = string(event) })
	if raw, ok := rawjson.Get([]byte(last), "response"); ok {
		o = parse(t, raw)
	}
	return o, last
}

// TestSocketMemory: a socket goes on from what it stores nowhere else, and
// forgets the oldest of it.
func TestSocketMemory(t *testing.T) {
	b := newBed(t)
	local := ledger.NewLocal(maxBody)
	var ids []string
	for i := range 10 {
		o, last := b.turn(t, local, fmt.Sprintf(`{"type":"response.create","model":"m","store":false,"stream_id":"s","input":"talk %d"}`, i))
		if !strings.Contains(last, `"stream_id":"s"`) {
			t.Fatal(last)
		}
		ids = append(ids, o.ID)
	}
	// Each question replaces what it goes on from, so the newest is asked first.
	for _, c := range []struct {
		i     int
		known bool
	}{{9, true}, {2, true}, {1, false}, {0, false}} {
		_, last := b.turn(t, local, `{"type":"response.create","model":"m","store":false,"generate":false,"previous_response_id":"`+ids[c.i]+`","input":"on"}`)
		if strings.Contains(last, "response.completed") != c.known {
			t.Errorf("%d: %s", c.i, last)
		}
	}
	small := ledger.NewLocal(100)
	o, _ := b.turn(t, small, `{"type":"response.create","model":"m","store":false,"input":"`+strings.Repeat("long ", 100)+`"}`)
	if _, last := b.turn(t, small, `{"type":"response.create","model":"m","store":false,"previous_response_id":"`+o.ID+`","input":"on"}`); !strings.Contains(last, "previous_response_not_found") {
		t.Errorf("more than it may remember: %s", last)
	}
}

// TestSocketTurns: prepared input, answers and compaction go on from each other,
// several streams at once.
func TestSocketTurns(t *testing.T) {
	b := newBed(t)
	b.relay.say = summing
	local := ledger.NewLocal(maxBody)
	var wg sync.WaitGroup
	for n := range 4 {
		wg.Go(func() {
			create := func(rest string) string {
				return fmt.Sprintf(`{"type":"response.create","model":"m","store":false,"stream_id":"s%d",%s}`, n, rest)
			}
			o, last := b.turn(t, local, create(`"generate":false,"input":[`+longTalk()+`]`))
			if o.Status != "completed" || len(o.Output) != 0 {
				t.Errorf("prepared: %s", last)
				return
			}
			o, last = b.turn(t, local, create(`"previous_response_id":"`+o.ID+`",`+managed+`,"input":"on"`))
			if kinds(o) != "compaction message " {
				t.Errorf("compacted: %s", last)
				return
			}
			o, last = b.turn(t, local, create(`"previous_response_id":"`+o.ID+`","input":"and on"`))
			if o.text() != "Aye." {
				t.Errorf("gone on: %s", last)
			}
		})
	}
	wg.Wait()
	want := "user: tell me|user: and now?|user: on|user: Summary of the conversation so far:\nIt was about ships.|model: Aye.|user: and on"
	found := 0
	for _, body := range b.relay.bodies {
		if heard(t, body) == want {
			found++
		}
	}
	if found != 4 {
		t.Errorf("%d of 4 went on with the summary; the last with %s", found, heard(t, b.relay.last()))
	}
}
