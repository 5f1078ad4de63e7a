package judges

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// place is a point in a conversation that the user may come back to.
type place struct {
	size  int
	calls []string
	mine  map[string][]string
}

func (w *wander) here() place {
	return place{w.talk.size(), slices.Clone(w.calls), maps.Clone(w.mine)}
}

func (w *wander) back(p place) {
	w.talk.rewind(p.size)
	w.calls, w.mine = slices.Clone(p.calls), maps.Clone(p.mine)
}

// TestWander: random conversations over random upstreams, with any number of
// parallel calls, whose user goes back, changes what was said, or speaks before
// the model has used a result, and whose gateway is started anew now and then.
// The laws are those of TestSwitch.
func TestWander(t *testing.T) {
	e := launchEveryKind(t)
	kinds, clients := slices.Sorted(maps.Keys(e.vendors)), e.clients()
	restarts := 3
	rapid.Check(t, func(rt *rapid.T) {
		client := rapid.SampledFrom(slices.Sorted(maps.Keys(clients))).Draw(rt, "client")
		poor := rapid.IntRange(0, 3).Draw(rt, "poor") == 0
		w := &wander{everyKind: e, t: t, client: client, talk: clients[client].talk(poor), poor: poor, mine: map[string][]string{}}
		way := []string{client, fmt.Sprint(poor)}
		defer func() {
			if t.Failed() {
				t.Fatalf("the way: %s", strings.Join(way, " "))
			}
		}()
		w.talk.say(asked)
		places := []place{w.here()}
		for range rapid.IntRange(2, 8).Draw(rt, "steps") {
			kind, stream := rapid.SampledFrom(kinds).Draw(rt, "kind"), rapid.Bool().Draw(rt, "stream")
			v, did := w.vendors[kind], rapid.IntRange(0, 24).Draw(rt, "what")
			way = append(way, fmt.Sprint(kind, "/", did, "/", stream))
			switch {
			case did == 0 && restarts > 0:
				restarts--
				w.stop()
				w.serve()
				w.listed(t)
			case did < 3:
				i := rapid.IntRange(0, len(places)-1).Draw(rt, "place")
				places = places[:i+1]
				w.back(places[i])
				w.talk.say("no, wait")
			case did < 5:
				w.talk.edit("a.txt", "a.txt, b.txt")
			case did < 8:
				w.talk.say("and quickly")
			case did < 12:
				w.rest(v, stream)
				w.talk.say("and now?")
			default:
				w.step(v, rapid.IntRange(1, 3).Draw(rt, "calls"), stream)
			}
			places = append(places, w.here())
		}
		w.rest(w.vendors[rapid.SampledFrom(kinds).Draw(rt, "last")], true)
		e.refusedNothing(t)
	})
}
