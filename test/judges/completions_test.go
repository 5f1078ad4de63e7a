package judges

import (
	"strings"
	"testing"

	"github.com/openai/openai-go/v3"

	"antigravity-tools/test/fakeanthropic"
	"antigravity-tools/test/fakegemini"
	"antigravity-tools/test/fakeopenai"
)

const continued = " upon a time"

// scriptAll makes every upstream continue the text.
func (u *upstreams) scriptAll(n int) {
	var g []fakegemini.Step
	var o []fakeopenai.Reply
	var a []fakeanthropic.Reply
	for range n {
		g = append(g, fakegemini.Answer(fakegemini.Part{Text: continued}))
		o = append(o, fakeopenai.Reply{Text: continued})
		a = append(a, fakeanthropic.Reply{Text: continued})
	}
	u.script(g...)
	u.chat.Script(o...)
	u.claude.Script(a...)
}

func completionModels() []string {
	return []string{flash, pro3, fakeopenai.Model, fakeopenai.Completer, fakeanthropic.Adaptive}
}

func TestCompletions(t *testing.T) {
	u := launchOperations(t)
	c := u.openai()
	for _, model := range completionModels() {
		u.scriptAll(1)
		p := openai.CompletionNewParams{Model: openai.CompletionNewParamsModel(model), MaxTokens: openai.Int(2000),
			Prompt: openai.CompletionNewParamsPromptUnion{OfString: openai.String(mark + " Once")}}
		r, err := c.Completions.New(ctx(t), p)
		if err != nil {
			t.Fatalf("%s: %v", model, err)
		}
		if len(r.Choices) != 1 || r.Choices[0].Text != continued || r.Choices[0].FinishReason != "stop" || r.Object != "text_completion" ||
			!strings.HasPrefix(r.ID, "cmpl-") || r.Usage.TotalTokens == 0 {
			t.Errorf("%s: %s", model, r.RawJSON())
		}
		u.scriptAll(1)
		p.StreamOptions.IncludeUsage = openai.Bool(true)
		s := c.Completions.NewStreaming(ctx(t), p)
		text, finish, total, chunks := "", "", int64(0), 0
		for s.Next() {
			chunk := s.Current()
			chunks++
			total += chunk.Usage.TotalTokens
			for _, choice := range chunk.Choices {
				text += choice.Text
				finish += string(choice.FinishReason)
			}
		}
		if err := s.Err(); err != nil || text != continued || finish != "stop" || total == 0 || chunks < 3 {
			t.Errorf("%s: %q %q %d %d %v", model, text, finish, total, chunks, err)
		}
	}
}

func TestCompletionsSeveral(t *testing.T) {
	u := launchOperations(t)
	c := u.openai()
	for _, model := range []string{flash, fakeopenai.Model, fakeanthropic.Adaptive} {
		u.scriptAll(3)
		r, err := c.Completions.New(ctx(t), openai.CompletionNewParams{Model: openai.CompletionNewParamsModel(model), Echo: openai.Bool(true), MaxTokens: openai.Int(2000),
			Prompt: openai.CompletionNewParamsPromptUnion{OfArrayOfStrings: []string{mark + "a", "b", "c"}}})
		if err != nil {
			t.Fatalf("%s: %v", model, err)
		}
		if len(r.Choices) != 3 || r.Choices[0].Text != mark+"a"+continued || r.Choices[2].Text != "c"+continued || r.Choices[2].Index != 2 {
			t.Errorf("%s: %s", model, r.RawJSON())
		}
	}
	u.scriptAll(1)
	r := u.ask(t, "POST", "/v1/completions", `{"model":"`+flash+`","prompt":"`+mark+`","echo":true,"stream":true}`)
	if first, _, _ := strings.Cut(r.body, "\n\n"); r.status != 200 || !strings.Contains(first, `"text":"`+mark+`"`) || !strings.HasSuffix(r.body, "data: [DONE]\n\n") {
		t.Errorf("%d %s", r.status, r.body)
	}
	if n := u.requests(t); n != 4 {
		t.Errorf("%d usage rows for four requests", n)
	}
}

func TestCompletionsRefusals(t *testing.T) {
	u := launchOperations(t)
	const path = "/v1/completions"
	for body, param := range map[string]string{
		`"n":1`: "prompt", `"prompt":[]`: "prompt", `"prompt":[1,2]`: "prompt", `"prompt":[[1]]`: "prompt", `"prompt":["a",""]`: "prompt[1]", `"prompt":7`: "prompt",
		`"prompt":"a","suffix":"z"`: "suffix", `"prompt":"a","best_of":3`: "best_of", `"prompt":"a","echo":true,"logprobs":1`: "echo",
		`"prompt":"a","n":1000`: "n", `"prompt":["a","b"],"stream":true`: "prompt", `"prompt":"a","max_tokens":"many"`: "max_tokens",
		`"prompt":"a","logprobs":true`: "logprobs",
	} {
		u.refusedAs(t, path, `{"model":"`+flash+`",`+body+`}`, 400, param, "")
	}
	for _, model := range []string{geminiEmbedder, painter} {
		u.refusedAs(t, path, `{"model":"`+model+`","prompt":"x"}`, 400, "model", "operation_not_supported")
	}
}
