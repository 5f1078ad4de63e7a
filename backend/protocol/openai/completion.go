package openai

import (
	"fmt"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
)

// Completions is POST /v1/completions, OpenAI's operation of old. For a model
// that only converses, the prompt becomes what the user says.
type Completions struct{ JSONOperation }

var (
	_ protocol.Operation = Completions{}
	_ protocol.Splitter  = Completions{}
)

// maxPrompts bounds the texts of one request: each is a call of its own.
const maxPrompts = 32

// NewObserver implements protocol.Operation: the answer has the choices of the
// chat protocol.
func (Completions) NewObserver() protocol.Observer { return Upstream{}.NewObserver() }

// completionDecoder reads one request.
type completionDecoder struct {
	req    *llm.Request
	losses *llm.Losses
	bestOf *int64
	top    *int64 // logprobs
	echo   bool
}

// DecodeRequest implements protocol.Client. The prompts are the parts of one
// turn, which Split takes apart.
func (Completions) DecodeRequest(in protocol.Inbound, losses *llm.Losses) (*llm.Request, error) {
	d := completionDecoder{req: &llm.Request{}, losses: losses}
	d.req.Reasoning.Visible = llm.VisibleOmit
	err := wire.Members(in.Body, d.member)
	if err == nil {
		err = d.settle()
	}
	return d.req, wire.Explain(err)
}

func (d *completionDecoder) member(key string, raw []byte) error {
	r, s := d.req, &d.req.Sampling
	switch key {
	case "model":
		return wire.Str(raw, &r.Model)
	case "prompt":
		return d.prompt(raw)
	case "stream":
		return wire.Bool(raw, &r.Stream)
	case "stream_options":
		return wire.Members(raw, func(key string, raw []byte) error {
			if key == "include_usage" {
				return wire.Bool(raw, &r.StreamUsage)
			}
			return nil
		})
	case "echo":
		return wire.Bool(raw, &d.echo)
	case "best_of":
		return wire.Int(raw, 1, &d.bestOf)
	case "logprobs":
		return wire.Int(raw, 0, &d.top)
	case "suffix":
		var suffix string
		if err := wire.Str(raw, &suffix); err != nil || suffix == "" {
			return err
		}
		return fault.Invalid("", "a model that converses cannot fill in a text before a given end").WithCode("completion.suffix")
	case "max_tokens":
		return wire.Int(raw, 1, &s.MaxTokens)
	case "temperature":
		return wire.Num(raw, &s.Temperature)
	case "top_p":
		return wire.Num(raw, &s.TopP)
	case "seed":
		return wire.Num(raw, &s.Seed)
	case "presence_penalty":
		return wire.Num(raw, &s.PresencePenalty)
	case "frequency_penalty":
		return wire.Num(raw, &s.FrequencyPenalty)
	case "stop":
		return stopSequences(raw, s)
	case "n":
		return wire.Int(raw, 1, &s.N)
	case "logit_bias":
		return wire.Obj(raw, &s.LogitBias)
	case "user":
		return wire.Str(raw, &r.EndUser)
	}
	d.losses.Drop("option", key, "")
	return nil
}

// prompt reads a text or several; token numbers mean nothing to another
// model's tokenizer.
func (d *completionDecoder) prompt(raw []byte) error {
	var texts []string
	switch rawjson.KindOf(raw) {
	case rawjson.KindString:
		texts = make([]string, 1)
		if err := wire.Str(raw, &texts[0]); err != nil {
			return err
		}
	case rawjson.KindArray:
		for item := range rawjson.Items(raw) {
			if k := rawjson.KindOf(item); k == rawjson.KindNumber || k == rawjson.KindArray {
				return fault.Invalid("", "token numbers belong to one model's tokenizer: send the text itself").WithCode("completion.tokens")
			}
			break
		}
		if err := wire.Strs(raw, &texts); err != nil {
			return err
		}
	default:
		return wire.Wrong("a string or an array of strings", raw)
	}
	if len(texts) == 0 || len(texts) > maxPrompts {
		return fault.Invalid("", "expected 1 to %d texts", maxPrompts)
	}
	turn := llm.Turn{Role: llm.RoleUser}
	for i, text := range texts {
		if text == "" {
			return wire.AtIndex(i, fault.Invalid("", "expected a text that is not empty"))
		}
		turn.Parts = append(turn.Parts, llm.TextPart(text))
	}
	d.req.Turns = []llm.Turn{turn}
	return nil
}

// settle checks what depends on more than one member.
func (d *completionDecoder) settle() error {
	r := d.req
	switch {
	case r.Model == "":
		return wire.Missing("model")
	case len(r.Turns) == 0:
		return wire.Missing("prompt")
	}
	n, prompts := int64(1), len(r.Turns[0].Parts)
	if r.Sampling.N != nil {
		n = *r.Sampling.N
	}
	switch {
	case n > maxChoices || n*int64(prompts) > maxChoices:
		return fault.Invalid("n", "expected at most %d answers in all", maxChoices)
	case d.bestOf != nil && *d.bestOf > n:
		return fault.Invalid("best_of", "a model that converses does not rank its answers: leave it out, or make it the same as n").WithCode("completion.best_of")
	case r.Stream && prompts > 1:
		return fault.Invalid("prompt", "a stream takes one text: send a request for each").WithCode("completion.prompts")
	case d.echo && d.top != nil:
		return fault.Invalid("echo", "the probabilities of the prompt's own tokens cannot be had from a model that converses").WithCode("completion.echo")
	}
	if d.top != nil {
		r.Sampling.Logprobs = llm.Ptr(true)
		if *d.top > 0 {
			r.Sampling.TopLogprobs = d.top
		}
	}
	if d.echo {
		r.Echo = []byte(`{"echo":true}`)
	}
	return nil
}

// Split implements protocol.Splitter: a conversation for each prompt, whose
// answers are one call's.
func (Completions) Split(req *llm.Request, _ int) []*llm.Request {
	prompts := promptsOf(req)
	out := make([]*llm.Request, 0, len(prompts))
	for i := range prompts {
		one := *req
		one.Turns = []llm.Turn{{Role: llm.RoleUser, Parts: prompts[i : i+1 : i+1]}}
		out = append(out, &one)
	}
	if len(out) == 0 { // prompts of white space alone
		return []*llm.Request{req}
	}
	return out
}

func promptsOf(req *llm.Request) []llm.Part {
	if req == nil || len(req.Turns) == 0 {
		return nil
	}
	return req.Turns[0].Parts
}

// echoOf gives the prompt that a choice begins with, "" if it was not asked
// for. Choices come in the order of the prompts, as many for each.
func echoOf(req *llm.Request, choice, choices int) string {
	prompts := promptsOf(req)
	if req == nil || req.Echo == nil || len(prompts) == 0 {
		return ""
	}
	each := max(choices/len(prompts), 1)
	return prompts[min(choice/each, len(prompts)-1)].Text
}

func completionID(reply protocol.Reply) string {
	return fmt.Sprintf("cmpl-%s", reply.Mint(29, wire.Base62))
}
