package openai

import (
	"encoding/json"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
)

// DecodeRequest reads the body of a chat completion.
func (Client) DecodeRequest(in protocol.Inbound, losses *llm.Losses) (*llm.Request, error) {
	d := requestDecoder{req: &llm.Request{}, losses: losses, customCalls: map[string]bool{}}
	// Chat clients have no way to ask for reasoning text, and most show it.
	d.req.Reasoning.Visible = llm.VisibleText
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
	req      *llm.Request
	losses   *llm.Losses
	messages json.RawMessage
	tools    json.RawMessage
	search   json.RawMessage // web_search_options
	rest     wire.Rest

	maxTokens *int64 // max_tokens, which max_completion_tokens outranks
	user      string // user, which safety_identifier outranks
	functions json.RawMessage

	customCalls map[string]bool // ids of the calls of freeform tools
	pending     []pendingCall   // deprecated function calls without a result
}

func (d *requestDecoder) decode(body []byte) error {
	if err := wire.Members(body, d.member); err != nil {
		return err
	}
	if d.req.Model == "" {
		return wire.Missing("model")
	}
	if d.messages == nil {
		return wire.Missing("messages")
	}
	if err := d.allTools(); err != nil {
		return err
	}
	if d.req.Sampling.MaxTokens == nil {
		d.req.Sampling.MaxTokens = d.maxTokens
	}
	if d.req.EndUser == "" {
		d.req.EndUser = d.user
	}
	err := wire.Each(d.messages, d.message)
	if err == nil && len(d.req.Turns) == 0 && len(d.req.System) == 0 {
		err = fault.Invalid("", "expected at least one message")
	}
	d.req.Native = llm.Native{Protocol: llm.OpenAIChat, Rest: d.rest.Native(llm.OpenAIChat).Rest}
	return wire.At("messages", err)
}

// member reads one top-level member; the rarer ones stand in the functions
// that it ends with.
func (d *requestDecoder) member(key string, raw []byte) error {
	r := d.req
	switch key {
	case "model":
		return wire.Str(raw, &r.Model)
	case "messages":
		d.messages = raw
		return nil
	case "stream":
		return wire.Bool(raw, &r.Stream)
	case "stream_options":
		return wire.Members(raw, func(key string, raw []byte) error {
			if key == "include_usage" {
				return wire.Bool(raw, &r.StreamUsage)
			}
			return nil // include_obfuscation: nothing is padded here
		})
	case "tools":
		d.tools = raw
		return nil
	case "tool_choice":
		return d.toolChoice(raw)
	case "parallel_tool_calls":
		return wire.BoolPtr(raw, &r.ToolChoice.Parallel)
	case "functions":
		d.functions = raw
		d.rest.Add(key, raw)
		// The old form has room for one call in a reply.
		r.ToolChoice.Parallel = llm.Ptr(false)
		return nil
	case "function_call":
		return d.oldChoice(raw)
	case "response_format":
		return d.format(raw)
	case "web_search_options":
		return wire.Obj(raw, &d.search)
	}
	if known, err := d.sampling(key, raw); known {
		return err
	}
	if known, err := d.reasoning(key, raw); known {
		return err
	}
	return d.other(key, raw)
}

func (d *requestDecoder) sampling(key string, raw []byte) (known bool, err error) {
	s := &d.req.Sampling
	switch key {
	case "max_completion_tokens":
		return true, wire.Int(raw, 1, &s.MaxTokens)
	case "max_tokens":
		return true, wire.Int(raw, 1, &d.maxTokens)
	case "temperature":
		return true, wire.Num(raw, &s.Temperature)
	case "top_p":
		return true, wire.Num(raw, &s.TopP)
	case "top_k": // compatible servers
		return true, wire.Num(raw, &s.TopK)
	case "seed":
		return true, wire.Num(raw, &s.Seed)
	case "presence_penalty":
		return true, wire.Num(raw, &s.PresencePenalty)
	case "frequency_penalty":
		return true, wire.Num(raw, &s.FrequencyPenalty)
	case "stop":
		return true, stopSequences(raw, s)
	case "n":
		return true, wire.Int(raw, 1, &s.N)
	case "logprobs":
		return true, wire.BoolPtr(raw, &s.Logprobs)
	case "top_logprobs":
		return true, wire.Int(raw, 0, &s.TopLogprobs)
	case "logit_bias":
		return true, wire.Obj(raw, &s.LogitBias)
	case "verbosity":
		return true, wire.Str(raw, &s.Verbosity)
	}
	return false, nil
}

// stopSequences reads one or several.
func stopSequences(raw []byte, s *llm.Sampling) error {
	switch rawjson.KindOf(raw) {
	case rawjson.KindString:
		s.Stop = make([]string, 1)
		return wire.Str(raw, &s.Stop[0])
	case rawjson.KindArray:
		return wire.Strs(raw, &s.Stop)
	}
	return wire.Wrong("a string or an array of strings", raw)
}

func (d *requestDecoder) other(key string, raw []byte) error {
	r := d.req
	switch key {
	case "modalities":
		return wire.Strs(raw, &r.Modalities)
	case "audio":
		return d.audio(raw)
	case "user":
		return wire.Str(raw, &d.user)
	case "safety_identifier":
		return wire.Str(raw, &r.EndUser)
	case "metadata":
		return wire.Obj(raw, &r.Metadata)
	case "service_tier":
		return wire.Str(raw, &r.ServiceTier)
	case "prompt_cache_key":
		return wire.Str(raw, &r.Affinity)
	case "prediction":
		d.losses.Drop("prediction", key, "")
	case "prompt_cache_options", "prompt_cache_retention":
		d.losses.Drop("cache", key, "")
	case "store": // never passed on, so nothing is lost
	default:
		d.losses.Drop("option", key, "")
	}
	d.rest.Add(key, raw)
	return nil
}

func (d *requestDecoder) audio(raw []byte) error {
	out := &llm.AudioOut{}
	d.req.Audio = out
	return wire.Members(raw, func(key string, raw []byte) error {
		switch key {
		case "voice":
			if rawjson.KindOf(raw) == rawjson.KindObject {
				return wire.Members(raw, func(key string, raw []byte) error {
					if key == "id" {
						return wire.Str(raw, &out.Voice)
					}
					return nil
				})
			}
			return wire.Str(raw, &out.Voice)
		case "format":
			return wire.Str(raw, &out.Format)
		}
		return nil
	})
}

func (d *requestDecoder) format(raw []byte) error {
	f := &d.req.Format
	var kind string
	var schema json.RawMessage
	err := wire.Members(raw, func(key string, raw []byte) error {
		switch key {
		case "type":
			return wire.Word(raw, &kind, "text", "json_object", "json_schema")
		case "json_schema":
			schema = raw
			return wire.Members(raw, func(key string, raw []byte) error {
				switch key {
				case "name":
					return wire.Str(raw, &f.Name)
				case "description":
					return wire.Str(raw, &f.Description)
				case "strict":
					return wire.BoolPtr(raw, &f.Strict)
				case "schema":
					return wire.Obj(raw, &f.Schema)
				}
				return nil
			})
		}
		return nil
	})
	if err != nil {
		return err
	}
	switch kind {
	case "":
		return wire.Missing("type")
	case "text":
		f.Kind = llm.FormatText
	case "json_object":
		f.Kind = llm.FormatJSON
	case "json_schema":
		if schema == nil {
			return wire.Missing("json_schema")
		}
		f.Kind = llm.FormatSchema
		if f.Schema == nil { // any JSON object will do
			f.Kind = llm.FormatJSON
		}
	}
	return nil
}
