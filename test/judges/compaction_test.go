package judges

import (
	"strings"
	"testing"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/responses"

	"antigravity-tools/test/fakegemini"
)

// TestCompactThreshold: a conversation that grows over its client's threshold is
// compacted before it is answered, and the SDK reads the item, also as a stream.
func TestCompactThreshold(t *testing.T) {
	g := launch(t)
	both(t, func(t *testing.T, stream bool) {
		long := strings.Repeat("a long story ", 2000)
		g.script(fakegemini.Answer(fakegemini.Part{Text: long}), fakegemini.Answer(fakegemini.Part{Text: "A story was told."}),
			fakegemini.Answer(fakegemini.Part{Text: "On it goes."}), fakegemini.Answer(fakegemini.Part{Text: "The end."}))
		manage := []responses.ResponseNewParamsContextManagement{{Type: "compaction", CompactThreshold: openai.Int(2000)}}
		r, err := g.respond(t, stream, responses.ResponseNewParams{Model: flash, Input: input("tell me a story"), ContextManagement: manage})
		if err != nil || len(r.Output) != 1 {
			t.Fatalf("%v %.300s", err, r.RawJSON())
		}
		r, err = g.respond(t, stream, responses.ResponseNewParams{Model: flash, PreviousResponseID: openai.String(r.ID), Input: input("go on"), ContextManagement: manage})
		if err != nil || len(r.Output) != 2 || r.Output[0].Type != "compaction" || r.Output[0].AsCompaction().EncryptedContent == "" || r.OutputText() != "On it goes." {
			t.Fatalf("%v %.600s", err, r.RawJSON())
		}
		const folded = "user: tell me a story go on Summary of the conversation so far:\nA story was told.; "
		if have := texts(g.upstream(t, -1)); have != folded {
			t.Errorf("upstream got %.300s", have)
		}
		if _, err = g.respond(t, stream, responses.ResponseNewParams{Model: flash, PreviousResponseID: openai.String(r.ID), Input: input("finish")}); err != nil {
			t.Fatal(err)
		}
		if have := texts(g.upstream(t, -1)); have != folded+"model: On it goes.; user: finish; " {
			t.Errorf("afterwards upstream got %.300s", have)
		}
	})
}

// TestCompactionTrigger: the last item asks for a compaction, which is all the
// output.
func TestCompactionTrigger(t *testing.T) {
	g := launch(t)
	both(t, func(t *testing.T, stream bool) {
		g.script(fakegemini.Answer(fakegemini.Part{Text: "Noted."}), fakegemini.Answer(fakegemini.Part{Text: "A note was taken."}),
			fakegemini.Answer(fakegemini.Part{Text: "Yes."}))
		p := responses.ResponseNewParams{Model: flash, Input: input("note this"), Store: openai.Bool(false)}
		r, err := g.respond(t, stream, p)
		if err != nil {
			t.Fatal(err)
		}
		p.Input.OfInputItemList = append(p.Input.OfInputItemList, again(r.Output[0].RawJSON()),
			responses.ResponseInputItemUnionParam{OfCompactionTrigger: &responses.ResponseInputItemCompactionTriggerParam{}})
		r, err = g.respond(t, stream, p)
		if err != nil || len(r.Output) != 1 || r.Output[0].Type != "compaction" || r.Status != "completed" || r.Usage.TotalTokens == 0 {
			t.Fatalf("%v %s", err, r.RawJSON())
		}
		p.Input = input("was it?")
		p.Input.OfInputItemList = append(responses.ResponseInputParam{again(r.Output[0].RawJSON())}, p.Input.OfInputItemList...)
		r, err = g.respond(t, stream, p)
		if have := texts(g.upstream(t, -1)); err != nil || r.OutputText() != "Yes." || !strings.HasPrefix(have, "user: Summary of the conversation so far:\nA note was taken.") {
			t.Errorf("%v upstream got %s", err, have)
		}
	})
}
