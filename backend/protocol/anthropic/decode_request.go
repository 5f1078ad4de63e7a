package anthropic

import (
	"encoding/json"
	"strings"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
)

// DecodeRequest reads the body of a message or of a token count.
func (Client) DecodeRequest(in protocol.Inbound, losses *llm.Losses) (*llm.Request, error) {
	d := requestDecoder{req: &llm.Request{StreamUsage: true}, losses: losses}
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
	rest     wire.Rest
	between  bool // thinking between tool calls only
	trained  map[string]string
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
	if d.tools != nil {
		if err := wire.At("tools", wire.Each(d.tools, d.tool)); err != nil {
			return err
		}
	}
	if d.between && d.req.Reasoning.Effort == llm.EffortUnset {
		d.req.Reasoning.Effort = llm.EffortMinimal
	}
	err := wire.Each(d.messages, d.message)
	if err == nil && len(d.req.Turns) == 0 && len(d.req.System) == 0 {
		err = fault.Invalid("", "expected at least one message")
	}
	d.req.Native = llm.Native{Protocol: llm.Anthropic, Rest: d.rest.Native(llm.Anthropic).Rest}
	return wire.At("messages", err)
}

func (d *requestDecoder) member(key string, raw []byte) error {
	r := d.req
	switch key {
	case "model":
		return wire.Str(raw, &r.Model)
	case "messages":
		d.messages = raw
		return nil
	case "system":
		return d.system(raw)
	case "tools":
		d.tools = raw
		return nil
	case "tool_choice":
		return d.toolChoice(raw)
	case "max_tokens":
		return wire.Int(raw, 0, &r.Sampling.MaxTokens)
	case "stream":
		return wire.Bool(raw, &r.Stream)
	case "stop_sequences":
		return wire.Strs(raw, &r.Sampling.Stop)
	case "temperature":
		return wire.Num(raw, &r.Sampling.Temperature)
	case "top_p":
		return wire.Num(raw, &r.Sampling.TopP)
	case "top_k":
		return wire.Num(raw, &r.Sampling.TopK)
	case "thinking":
		return d.thinking(raw)
	case "output_config":
		return d.outputConfig(raw)
	case "output_format": // the beta's name of output_config.format
		return d.format(raw)
	case "metadata":
		return d.metadata(raw)
	case "cache_control":
		return wire.Cache(raw, &r.CacheAuto)
	case "service_tier":
		return d.tier(raw)
	}
	return d.other(key, raw)
}

// other keeps what only Anthropic's own service understands.
func (d *requestDecoder) other(key string, raw []byte) error {
	code := "option"
	switch key {
	case "mcp_servers": // a third party's credentials go to nobody else
		code = "tool.builtin"
	case "speed": // a tier by another name
		code = "service_tier"
	}
	d.losses.Drop(code, key, "")
	d.rest.Add(key, raw)
	return nil
}

// system reads the prompt, a string or text blocks.
func (d *requestDecoder) system(raw []byte) error {
	d.req.System = nil
	return textBlocks(raw, func(part llm.Part) {
		if len(d.req.System) == 0 && isBilling(part.Text) {
			part.DropAs = dropBilling
		}
		d.req.System = append(d.req.System, part)
	})
}

func (d *requestDecoder) thinking(raw []byte) error {
	r := &d.req.Reasoning
	var kind, display string
	err := wire.Members(raw, func(key string, raw []byte) error {
		switch key {
		case "type":
			return wire.Str(raw, &kind)
		case "budget_tokens":
			return wire.Int(raw, 1, &r.Budget)
		case "display":
			return wire.Str(raw, &display)
		}
		return nil
	})
	switch {
	case err != nil:
		return err
	case kind == "":
		return wire.Missing("type")
	case kind == "enabled" && r.Budget == nil:
		return wire.Missing("budget_tokens")
	case kind == "disabled":
		r.Mode, r.Budget = llm.ReasoningOff, nil
		return nil
	case kind != "enabled" && kind != "adaptive" && kind != "between_tools":
		// A form of a newer client: thinking is what all of them have in common.
		d.losses.Drop("option", "thinking.type", "")
	}
	r.Mode = llm.ReasoningOn
	d.req.SealsInBand = true
	d.between = kind == "between_tools"
	switch display {
	case "omitted":
		r.Visible = llm.VisibleOmit
	case "", "summarized":
		r.Visible = llm.VisibleText
	}
	return nil
}

func (d *requestDecoder) outputConfig(raw []byte) error {
	var rest wire.Rest
	err := wire.Members(raw, func(key string, raw []byte) error {
		switch key {
		case "effort":
			var word string
			err := wire.Word(raw, &word, "low", "medium", "high", "xhigh", "max")
			d.req.Reasoning.Effort = llm.Effort(word)
			return err
		case "format":
			return d.format(raw)
		}
		d.losses.Drop("option", "output_config."+key, "")
		rest.Add(key, raw)
		return nil
	})
	if n := rest.Native(llm.Anthropic); n.Rest != nil {
		d.rest.Add("output_config", n.Rest)
	}
	return err
}

func (d *requestDecoder) format(raw []byte) error {
	f := &d.req.Format
	var kind string
	err := wire.Members(raw, func(key string, raw []byte) error {
		switch key {
		case "type":
			return wire.Word(raw, &kind, "json_schema")
		case "schema":
			return wire.Obj(raw, &f.Schema)
		case "name":
			return wire.Str(raw, &f.Name)
		}
		return nil
	})
	switch {
	case err != nil:
		return err
	case kind == "":
		return wire.Missing("type")
	case f.Schema == nil:
		return wire.Missing("schema")
	}
	f.Kind = llm.FormatSchema
	return nil
}

func (d *requestDecoder) metadata(raw []byte) error {
	return wire.Members(raw, func(key string, raw []byte) error {
		if key != "user_id" {
			return nil
		}
		if err := wire.Str(raw, &d.req.EndUser); err != nil {
			return err
		}
		d.req.Affinity = session(d.req.EndUser)
		return nil
	})
}

// session finds the conversation in a user id of Claude Code: a JSON object
// with session_id, or in older versions a text that ends in _session_ID.
func session(userID string) string {
	if val, ok := rawjson.Get([]byte(userID), "session_id"); ok {
		s, _ := rawjson.String(val)
		return s
	}
	if _, id, ok := strings.Cut(userID, "_session_"); ok {
		return id
	}
	return ""
}

func (d *requestDecoder) tier(raw []byte) error {
	err := wire.Str(raw, &d.req.ServiceTier)
	if d.req.ServiceTier == "standard_only" {
		d.req.ServiceTier = "default"
	}
	return err
}
