package judges

import (
	"errors"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/responses"

	"antigravity-tools/test/fakegemini"
)

// gone wants an error of the SDK with a status and a code.
func gone(t *testing.T, what string, err error, status int, code string) {
	t.Helper()
	var e *openai.Error
	if !errors.As(err, &e) || e.StatusCode != status || e.Code != code {
		t.Errorf("%s: %v", what, err)
	}
}

// asStream asks for a stream where the protocol wants it: the SDK puts it into a
// body, which a GET has none of.
var asStream = option.WithQuery("stream", "true")

// texts are those of a request's contents, by role.
func texts(s sent) string {
	var b strings.Builder
	for _, c := range s.Contents {
		b.WriteString(c.Role + ":")
		for _, p := range c.Parts {
			if p.Text != nil {
				b.WriteString(" " + strings.TrimPrefix(*p.Text, mark+" "))
			}
		}
		b.WriteString("; ")
	}
	return b.String()
}

func TestStoredResponses(t *testing.T) {
	g := launch(t)
	both(t, func(t *testing.T, stream bool) {
		c := g.openai()
		g.script(fakegemini.Answer(fakegemini.Part{Text: "Noted."}), fakegemini.Answer(fakegemini.Part{Text: "Ada."}))
		first, err := g.respond(t, stream, responses.ResponseNewParams{Model: flash, Input: input("I am Ada"), Instructions: openai.String("be a parrot")})
		if err != nil {
			t.Fatal(err)
		}
		got, err := c.Responses.Get(ctx(t), first.ID, responses.ResponseGetParams{})
		if err != nil {
			t.Fatal(err)
		}
		if got.OutputText() != "Noted." || got.Status != "completed" || got.RawJSON() != first.RawJSON() {
			t.Errorf("%v\n%s\n%s", err, got.RawJSON(), first.RawJSON())
		}
		second, err := g.respond(t, stream, responses.ResponseNewParams{Model: flash, PreviousResponseID: openai.String(first.ID),
			Input: responses.ResponseNewParamsInputUnion{OfString: openai.String(mark + " Who am I?")}})
		if err != nil || second.OutputText() != "Ada." || second.PreviousResponseID != first.ID {
			t.Fatalf("%v %s", err, second.RawJSON())
		}
		up := g.upstream(t, -1)
		if have := texts(up); have != "user: I am Ada; model: Noted.; user: Who am I?; " {
			t.Errorf("upstream got %s", have)
		}
		if up.SystemInstruction != nil {
			t.Error("old instructions were carried over")
		}
		g.pages(t, c, second.ID)
		s := c.Responses.GetStreaming(ctx(t), second.ID, responses.ResponseGetParams{}, asStream)
		var replayed strings.Builder
		for s.Next() {
			if e := s.Current(); e.Type == "response.output_text.delta" {
				replayed.WriteString(e.Delta)
			}
		}
		if s.Err() != nil || replayed.String() != "Ada." {
			t.Errorf("replay: %v %q", s.Err(), replayed.String())
		}
		if err := c.Responses.Delete(ctx(t), first.ID); err != nil {
			t.Error(err)
		}
		_, err = c.Responses.Get(ctx(t), first.ID, responses.ResponseGetParams{})
		gone(t, "deleted", err, 404, "response_not_found")
		gone(t, "deleted twice", c.Responses.Delete(ctx(t), first.ID), 404, "response_not_found")
		_, err = c.Responses.New(ctx(t), responses.ResponseNewParams{Model: flash, PreviousResponseID: openai.String(first.ID), Input: input("go on")})
		gone(t, "going on from what was deleted", err, 400, "previous_response_not_found")
		third, err := g.respond(t, stream, responses.ResponseNewParams{Model: flash, PreviousResponseID: openai.String(second.ID), Input: input("and?")})
		if err != nil || !strings.HasPrefix(texts(g.upstream(t, -1)), "user: I am Ada; model: Noted.; user: Who am I?; model: Ada.; ") {
			t.Errorf("what is built upon a deleted one: %v %s %s", err, third.RawJSON(), texts(g.upstream(t, -1)))
		}
		_, err = c.Responses.Cancel(ctx(t), second.ID)
		gone(t, "cancelling what was no background response", err, 400, "response_not_background")
	})
}

// pages reads the input of the second turn in pages of one.
func (g *gateway) pages(t *testing.T, c openai.Client, id string) {
	t.Helper()
	pager := c.Responses.InputItems.ListAutoPaging(ctx(t), id, responses.InputItemListParams{Limit: openai.Int(1), Order: "asc"})
	var seen []string
	for pager.Next() {
		item := pager.Current()
		if item.ID == "" || len(item.AsMessage().Content) != 1 {
			t.Errorf("item %s", item.RawJSON())
			continue
		}
		seen = append(seen, strings.TrimPrefix(item.AsMessage().Content[0].Text, mark+" "))
	}
	if pager.Err() != nil || strings.Join(seen, "|") != "I am Ada|Noted.|Who am I?" {
		t.Errorf("input items: %v %q", pager.Err(), seen)
	}
	page, err := c.Responses.InputItems.List(ctx(t), id, responses.InputItemListParams{})
	if err != nil || len(page.Data) != 3 || page.Data[0].AsMessage().Content[0].Text != mark+" Who am I?" || page.HasMore {
		t.Errorf("newest first: %v %s", err, page.RawJSON())
	}
	_, err = c.Responses.InputItems.List(ctx(t), id, responses.InputItemListParams{After: openai.String("msg_none")})
	gone(t, "cursor", err, 400, "")
}

// TestStoredToolLoop goes on from stored calls with nothing but their results, on
// a model that insists on its signatures, over a restart in the middle.
func TestStoredToolLoop(t *testing.T) {
	g := launch(t)
	both(t, func(t *testing.T, stream bool) {
		g.script(fakegemini.Step{Reply: fakegemini.Calls(weatherCall("Oslo"), weatherCall("Rome"))},
			fakegemini.Step{Reply: fakegemini.Calls(weatherCall("Bern"))}, fakegemini.Answer(fakegemini.Part{Text: "All mild."}))
		p := responses.ResponseNewParams{Model: pro3, Input: input("weather?"), Tools: []responses.ToolUnionParam{weatherFunction()}}
		for step := range 2 {
			r, err := g.respond(t, stream, p)
			if err != nil {
				t.Fatalf("step %d: %v", step, err)
			}
			p.Input.OfInputItemList = nil
			for _, item := range r.Output {
				if item.Type == "function_call" {
					p.Input.OfInputItemList = append(p.Input.OfInputItemList, functionOutput(item.AsFunctionCall().CallID, "mild"))
				}
			}
			p.PreviousResponseID = openai.String(r.ID)
			if step == 0 {
				g.stop()
				g.serve()
			}
		}
		r, err := g.respond(t, stream, p)
		if err != nil || r.OutputText() != "All mild." {
			t.Fatalf("%v %s", err, r.RawJSON())
		}
		up := g.upstream(t, -1)
		for _, i := range []int{1, 3} {
			if s := up.Contents[i].Parts[0].ThoughtSignature; s == "" || s == "skip_thought_signature_validator" {
				t.Errorf("signature of content %d is %q", i, s)
			}
		}
	})
}

func TestStoredItemReferences(t *testing.T) {
	g := launch(t)
	g.script(fakegemini.Answer(fakegemini.Part{Text: "The first answer."}))
	first, err := g.respond(t, false, responses.ResponseNewParams{Model: flash, Input: input("one")})
	if err != nil {
		t.Fatal(err)
	}
	for _, named := range []string{`{"type":"item_reference","id":"ID"}`, `{"id":"ID"}`} {
		p := responses.ResponseNewParams{Model: flash, Input: input("one"), Store: openai.Bool(false)}
		p.Input.OfInputItemList = append(p.Input.OfInputItemList, again(strings.Replace(named, "ID", first.Output[0].ID, 1)),
			responses.ResponseInputItemParamOfMessage("two", responses.EasyInputMessageRoleUser))
		if _, err := g.respond(t, true, p); err != nil || texts(g.upstream(t, -1)) != "user: one; model: The first answer.; user: two; " {
			t.Errorf("%s: %v %s", named, err, texts(g.upstream(t, -1)))
		}
	}
	_, err = g.respond(t, false, responses.ResponseNewParams{Model: flash, Input: responses.ResponseNewParamsInputUnion{
		OfInputItemList: responses.ResponseInputParam{again(`{"type":"item_reference","id":"msg_none"}`)}}})
	gone(t, "an unknown item", err, 400, "previous_response_not_found")
	c := g.openai()
	_, err = c.Responses.New(ctx(t), responses.ResponseNewParams{Model: flash, Input: input("x"),
		Conversation: responses.ResponseNewParamsConversationUnion{OfString: openai.String("conv_elsewhere")}})
	gone(t, "a foreign conversation", err, 400, "conversation")
}

func TestStoredForTheirKeyAlone(t *testing.T) {
	g := launchWith(t, config{accounts: []account{{"first", keyOne}}, settings: [][2]string{{"proxy.auth_mode", "all_except_health"}}})
	var c []openai.Client
	for _, name := range []string{"mine", "theirs"} {
		key := strings.TrimSpace(g.run("", "key", "create", "--name", name))
		g.secrets = append(g.secrets, key)
		c = append(c, g.openai(option.WithAPIKey(key)))
	}
	r, err := c[0].Responses.New(ctx(t), responses.ResponseNewParams{Model: flash, Input: input("secret")})
	if err != nil {
		t.Fatal(err)
	}
	kept, err := c[0].Responses.New(ctx(t), responses.ResponseNewParams{Model: flash, Input: input("not kept"), Store: openai.Bool(false)})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c[0].Responses.Get(ctx(t), kept.ID, responses.ResponseGetParams{})
	gone(t, "store false", err, 404, "response_not_found")
	_, err = c[1].Responses.Get(ctx(t), r.ID, responses.ResponseGetParams{})
	gone(t, "read with another key", err, 404, "response_not_found")
	_, err = c[1].Responses.InputItems.List(ctx(t), r.ID, responses.InputItemListParams{})
	gone(t, "listed with another key", err, 404, "response_not_found")
	gone(t, "deleted with another key", c[1].Responses.Delete(ctx(t), r.ID), 404, "response_not_found")
	_, err = c[1].Responses.New(ctx(t), responses.ResponseNewParams{Model: flash, Input: input("x"), PreviousResponseID: openai.String(r.ID)})
	gone(t, "gone on with another key", err, 400, "previous_response_not_found")
	if _, err = c[0].Responses.Get(ctx(t), r.ID, responses.ResponseGetParams{}); err != nil {
		t.Error(err)
	}
	g.run("", "config", "set", "responses.retention", "0")
	_, err = c[0].Responses.Get(ctx(t), r.ID, responses.ResponseGetParams{})
	gone(t, "after its retention", err, 404, "response_not_found")
}

// TestStoredCounts counts a conversation that is stored.
func TestStoredCounts(t *testing.T) {
	g := launch(t)
	c := g.openai()
	r, err := g.respond(t, false, responses.ResponseNewParams{Model: flash, Input: input(strings.Repeat("many words ", 200))})
	if err != nil {
		t.Fatal(err)
	}
	count := func(p responses.InputTokenCountParams) int64 {
		p.Model = openai.String(flash)
		p.Input = responses.InputTokenCountParamsInputUnion{OfString: openai.String("few words")}
		n, err := c.Responses.InputTokens.Count(ctx(t), p)
		if err != nil {
			t.Fatal(err)
		}
		return n.InputTokens
	}
	few, many := count(responses.InputTokenCountParams{}), count(responses.InputTokenCountParams{PreviousResponseID: openai.String(r.ID)})
	if few < 1 || many < few+100 {
		t.Errorf("%d and with its history %d", few, many)
	}
}

func TestBackgroundResponses(t *testing.T) {
	g := launch(t)
	c := g.openai()
	ask := func(text string) responses.ResponseNewParams {
		return responses.ResponseNewParams{Model: flash, Input: input(text), Background: openai.Bool(true)}
	}
	get := func(id string) *responses.Response {
		r, err := c.Responses.Get(ctx(t), id, responses.ResponseGetParams{})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	slow := fakegemini.Step{Reply: &fakegemini.Reply{Parts: []fakegemini.Part{{Text: "Done in peace."}}}, Delay: 300 * time.Millisecond}
	g.script(slow)
	r, err := c.Responses.New(ctx(t), ask("take your time"))
	if err != nil || r.Status != "queued" || len(r.Output) != 0 {
		t.Fatalf("%v %s", err, r.RawJSON())
	}
	_, err = c.Responses.New(ctx(t), responses.ResponseNewParams{Model: flash, Input: input("x"), PreviousResponseID: openai.String(r.ID)})
	gone(t, "going on from what is not finished", err, 400, "previous_response_not_finished")
	until(t, "the background response", func() bool { return get(r.ID).Status == "completed" })
	if r = get(r.ID); r.OutputText() != "Done in peace." || !r.Background || r.Usage.TotalTokens == 0 {
		t.Errorf("%s", r.RawJSON())
	}

	g.script(slow)
	id, last := "", int64(-1)
	s := c.Responses.NewStreaming(ctx(t), ask("stream it"))
	for s.Next() { // and leave after the first event
		id, last = s.Current().Response.ID, s.Current().SequenceNumber
		break
	}
	s.Close()
	var kinds []string
	s = c.Responses.GetStreaming(ctx(t), id, responses.ResponseGetParams{StartingAfter: openai.Int(last)}, asStream)
	for s.Next() {
		if s.Current().SequenceNumber != last+1 {
			t.Errorf("event %d after %d", s.Current().SequenceNumber, last)
		}
		last = s.Current().SequenceNumber
		kinds = append(kinds, s.Current().Type)
	}
	if s.Err() != nil || len(kinds) < 6 || kinds[0] != "response.queued" || kinds[len(kinds)-1] != "response.completed" || get(id).OutputText() != "Done in peace." {
		t.Errorf("%v %v", s.Err(), kinds)
	}

	g.script(fakegemini.Step{Fault: fakegemini.FaultSilence, Hold: 20 * time.Second})
	r, err = c.Responses.New(ctx(t), ask("never mind"))
	if err != nil {
		t.Fatal(err)
	}
	until(t, "the call upstream", func() bool { return len(g.fake.Generates()) >= 3 })
	for range 2 { // cancelling twice changes nothing
		if r, err = c.Responses.Cancel(ctx(t), r.ID); err != nil || r.Status != "cancelled" {
			t.Fatalf("%v %s", err, r.RawJSON())
		}
	}
	if get(r.ID).Status != "cancelled" {
		t.Error("not kept as cancelled")
	}

	p := ask("not to be stored")
	p.Store = openai.Bool(false)
	_, err = c.Responses.New(ctx(t), p)
	gone(t, "background without store", err, 400, "background_needs_store")
	_, err = c.Responses.New(ctx(t), responses.ResponseNewParams{Model: flash, Background: openai.Bool(true),
		Input: responses.ResponseNewParamsInputUnion{OfInputItemList: responses.ResponseInputParam{again(`{"type":"message","role":"boss","content":"x"}`)}}})
	gone(t, "what is wrong is told at once", err, 400, "")
	r, err = c.Responses.New(ctx(t), responses.ResponseNewParams{Model: "no-such-model", Input: input("x"), Background: openai.Bool(true)})
	if err != nil {
		t.Fatal(err)
	}
	until(t, "the failure", func() bool { return get(r.ID).Status == "failed" })
	if get(r.ID).Error.Message == "" {
		t.Errorf("%s", get(r.ID).RawJSON())
	}
}

// TestBackgroundCutOff kills the program while a response is being made.
func TestBackgroundCutOff(t *testing.T) {
	g := launch(t)
	done, err := g.respond(t, false, responses.ResponseNewParams{Model: flash, Input: input("before the crash")})
	if err != nil {
		t.Fatal(err)
	}
	g.script(fakegemini.Step{Fault: fakegemini.FaultSilence, Hold: 20 * time.Second})
	c := g.openai()
	r, err := c.Responses.New(ctx(t), responses.ResponseNewParams{Model: flash, Input: input("x"), Background: openai.Bool(true)})
	if err != nil {
		t.Fatal(err)
	}
	_ = g.cmd.Process.Signal(syscall.SIGKILL)
	<-g.exited
	g.cmd = nil
	g.serve()
	c = g.openai()
	got, err := c.Responses.Get(ctx(t), r.ID, responses.ResponseGetParams{})
	if err != nil || got.Status != "failed" || !strings.Contains(got.Error.Message, "stopped before") {
		t.Errorf("%v %s", err, got.RawJSON())
	}
	if got, err = c.Responses.Get(ctx(t), done.ID, responses.ResponseGetParams{}); err != nil || got.RawJSON() != done.RawJSON() {
		t.Errorf("lost in the crash: %v", err)
	}
}

// TestStoredOutlivesACrash kills the program at the moment in which an answer has
// come to its end.
func TestStoredOutlivesACrash(t *testing.T) {
	g := launch(t)
	both(t, func(t *testing.T, stream bool) {
		g.script(fakegemini.Answer(fakegemini.Part{Text: "Kept."}))
		r, err := g.respond(t, stream, responses.ResponseNewParams{Model: flash, Input: input("before the crash")})
		if err != nil {
			t.Fatal(err)
		}
		_ = g.cmd.Process.Signal(syscall.SIGKILL)
		<-g.exited
		g.cmd = nil
		g.serve()
		c := g.openai()
		if got, err := c.Responses.Get(ctx(t), r.ID, responses.ResponseGetParams{}); err != nil || got.RawJSON() != r.RawJSON() {
			t.Errorf("lost in the crash: %v", err)
		}
		g.script(fakegemini.Answer(fakegemini.Part{Text: "Yes."}))
		if _, err := g.respond(t, stream, responses.ResponseNewParams{Model: flash, PreviousResponseID: openai.String(r.ID), Input: input("after it")}); err != nil {
			t.Error(err)
		}
		if have := texts(g.upstream(t, -1)); have != "user: before the crash; model: Kept.; user: after it; " {
			t.Errorf("upstream got %s", have)
		}
	})
}
