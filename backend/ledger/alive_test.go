package ledger_test

import (
	"bytes"
	"context"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/ledger"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/provider"
	"antigravity-tools/backend/relay"
)

// nothing is a store that keeps nothing.
type nothing struct{ ledger.Store }

func (nothing) Keeps() bool { return false }

// TestSilenceOfASummary: while a summary is made for a stream its client hears
// a comment every 15 seconds, and then the answer, or an error within the
// stream; what is no stream waits in silence.
func TestSilenceOfASummary(t *testing.T) {
	const trigger = `{"type":"compaction_trigger"}`
	refused := fault.New(fault.Overloaded, "no room")
	for name, row := range map[string]struct {
		ask    string
		refuse bool
		alive  bool
		opened bool // the relay's call for the answer says so
		want   string
	}{
		"over the threshold": {`"stream":true,` + managed + `,"input":[` + longTalk() + `]`, false, true, true, `"Aye."`},
		"no room made":       {`"stream":true,` + managed + `,"input":[` + longTalk() + `]`, true, true, true, `"Aye."`},
		"triggered":          {`"stream":true,"input":[` + longTalk() + `,` + trigger + `]`, false, true, false, "event: response.completed"},
		"triggered, refused": {`"stream":true,"input":[` + longTalk() + `,` + trigger + `]`, true, true, false, `"message":"no room"`},
		"no stream":          {managed + `,"input":[` + longTalk() + `]`, false, false, false, `"Aye."`},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				model := &answerer{}
				model.say = func(ctx context.Context, req *llm.Request) ([]llm.Part, *fault.Error) {
					if parts, _ := summing(ctx, req); parts[0].Text == "Aye." {
						return parts, nil
					}
					time.Sleep(40 * time.Second)
					if row.refuse {
						return nil, refused
					}
					return summing(ctx, req)
				}
				l := ledger.New(ledger.Options{Relay: model, Store: nothing{}, MaxBody: func() int64 { return maxBody }})
				defer l.Close()
				w := httptest.NewRecorder()
				err := l.Create(t.Context(), w, relay.Call{
					Protocol: llm.Responses, Operation: provider.Generate, Start: time.Now(), RequestID: "req_1",
					Inbound: protocol.Inbound{Body: []byte(`{"model":"m","store":false,` + row.ask + `}`)},
				})
				if err != nil {
					t.Fatal(err)
				}
				got := w.Body.String()
				pings := 0
				for strings.HasPrefix(got, ": ping\n\n") {
					got = strings.TrimPrefix(got, ": ping\n\n")
					pings++
				}
				if (pings == 2) != row.alive || !row.alive && pings != 0 || !strings.Contains(got, row.want) {
					t.Errorf("%d comments, then %s", pings, got)
				}
				if row.alive && (w.Code != 200 || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/event-stream") || w.Header().Get("Content-Length") != "") {
					t.Errorf("%d %v", w.Code, w.Header())
				}
				if row.refuse && row.want != `"Aye."` && (!strings.HasPrefix(got, "event: error\n") || bytes.Count([]byte(got), []byte("event: ")) != 1) {
					t.Errorf("the refusal: %s", got)
				}
				if model.opened != row.opened {
					t.Errorf("opened: %v", model.opened)
				}
			})
		})
	}
}
