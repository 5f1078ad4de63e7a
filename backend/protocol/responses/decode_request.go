package responses

import (
	"encoding/json"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
)

// DecodeRequest reads the body of POST /responses or /responses/input_tokens.
func (Client) DecodeRequest(in protocol.Inbound, losses *llm.Losses) (*llm.Request, error) {
	d := requestDecoder{req: &llm.Request{}, losses: losses}
	// Reasoning text is shown to those who ask for a summary of it.
	d.req.Reasoning.Visible = llm.VisibleOmit
	if err := d.decode(in.Body); err != nil {
		return nil, wire.Explain(err)
	}
	if d.req.Affinity == "" {
		d.req.Affinity = wire.Session(in.Header)
	}
	return d.req, nil
}

// requestDecoder reads one request.
type requestDecoder struct {
	req          *llm.Request
	losses       *llm.Losses
	input        json.RawMessage
	tools        json.RawMessage
	instructions string
	user         string // user, which safety_identifier outranks
	rest         wire.Rest
	echo         wire.Rest

	shells []shellCall // local shell calls, whose outputs name them by item id
}

func (d *requestDecoder) decode(body []byte) error {
	if err := wire.Members(body, d.member); err != nil {
		return err
	}
	r := d.req
	if r.Model == "" {
		return wire.Missing("model")
	}
	if d.input == nil && d.instructions == "" {
		return wire.Missing("input")
	}
	if d.instructions != "" {
		r.System = append(r.System, llm.TextPart(d.instructions))
	}
	if d.tools != nil {
		if err := wire.At("tools", d.toolList(d.tools, "tools", false)); err != nil {
			return err
		}
	}
	if err := wire.At("input", d.readInput()); err != nil {
		return err
	}
	if r.EndUser == "" {
		r.EndUser = d.user
	}
	r.Echo = d.echo.Native(llm.Responses).Rest
	r.Native = llm.Native{Protocol: llm.Responses, Rest: d.rest.Native(llm.Responses).Rest}
	return nil
}

func (d *requestDecoder) readInput() error {
	switch rawjson.KindOf(d.input) {
	case rawjson.KindInvalid: // instructions alone
		return nil
	case rawjson.KindString:
		var text string
		err := wire.Str(d.input, &text)
		d.add(llm.RoleUser, llm.TextPart(text))
		return err
	case rawjson.KindArray:
	default:
		return wire.Wrong("a string or an array of items", d.input)
	}
	err := wire.Each(d.input, d.readItem)
	if err == nil && len(d.req.Turns) == 0 && len(d.req.System) == 0 {
		err = fault.Invalid("", "expected at least one item")
	}
	return err
}

// echoed tells the members that the reply repeats.
func echoed(key string) bool { return echoIndex(key) >= 0 }

// member reads one top-level member; the rarer ones stand in the functions
// that it ends with.
func (d *requestDecoder) member(key string, raw []byte) error {
	if echoed(key) {
		d.echo.Add(key, raw)
	}
	r := d.req
	switch key {
	case "model":
		return wire.Str(raw, &r.Model)
	case "input":
		d.input = raw
		return nil
	case "instructions":
		return wire.Str(raw, &d.instructions)
	case "stream":
		return wire.Bool(raw, &r.Stream)
	case "tools":
		d.tools = raw
		return nil
	case "tool_choice":
		return d.toolChoice(raw)
	case "parallel_tool_calls":
		return wire.BoolPtr(raw, &r.ToolChoice.Parallel)
	case "reasoning":
		return d.reasoning(raw)
	case "text":
		return d.text(raw)
	case "include":
		return d.include(raw)
	}
	if known, err := d.knob(key, raw); known {
		return err
	}
	if known, err := d.stored(key, raw); known {
		return err
	}
	return d.other(key, raw)
}

func (d *requestDecoder) knob(key string, raw []byte) (known bool, err error) {
	r := d.req
	switch key {
	case "max_output_tokens":
		return true, wire.Int(raw, 1, &r.Sampling.MaxTokens)
	case "temperature":
		return true, wire.Num(raw, &r.Sampling.Temperature)
	case "top_p":
		return true, wire.Num(raw, &r.Sampling.TopP)
	case "top_logprobs":
		return true, wire.Int(raw, 0, &r.Sampling.TopLogprobs)
	case "metadata":
		return true, wire.Obj(raw, &r.Metadata)
	case "user":
		return true, wire.Str(raw, &d.user)
	case "safety_identifier":
		return true, wire.Str(raw, &r.EndUser)
	case "service_tier":
		return true, wire.Str(raw, &r.ServiceTier)
	case "prompt_cache_key":
		return true, wire.Str(raw, &r.Affinity)
	}
	return false, nil
}

// stored reads what leans on responses or prompts that some server keeps.
func (d *requestDecoder) stored(key string, raw []byte) (known bool, err error) {
	switch key {
	case "previous_response_id":
		var id string
		if err := wire.Str(raw, &id); err != nil {
			return true, err
		}
		return true, fault.Invalid("", "no response with this id is stored here; send the whole conversation in input").
			WithCode(codeUnknownResponse)
	case "conversation":
		return true, fault.Invalid("", "conversations are not stored here; send the whole conversation in input").
			WithCode("conversation")
	case "prompt":
		return true, fault.Invalid("", "prompt templates are stored with OpenAI only; send the prompt itself in input").
			WithCode("prompt")
	case "background":
		var on bool
		err := wire.Bool(raw, &on)
		if err == nil && on {
			err = fault.Invalid("", "background responses are not supported").WithCode("unsupported_value")
		}
		return true, err
	}
	return false, nil
}

// codeUnknownResponse is OpenAI's code for a reference to a response that is
// not, or no longer, stored.
const codeUnknownResponse = "previous_response_not_found"

// other keeps the members that the model does not hold.
func (d *requestDecoder) other(key string, raw []byte) error {
	var err error
	switch key {
	case "store":
		var b bool
		err = wire.Bool(raw, &b)
	case "truncation":
		var word string
		err = wire.Word(raw, &word, "auto", "disabled")
		d.req.Truncate = word == "auto"
	case "stream_options":
		// include_obfuscation: nothing is padded here.
		return wire.Members(raw, func(string, []byte) error { return nil })
	case "max_tool_calls":
		var n *int64
		err = wire.Int(raw, 1, &n)
		d.losses.Drop("option", key, "")
	case "context_management": // who stands in front of the relay sees to it
		_, err = contextManagement(raw)
	case "client_metadata": // Codex's own notes; no upstream needs them
	default:
		d.losses.Drop("option", key, "")
	}
	d.rest.Add(key, raw)
	return err
}
