package responses

import (
	"encoding/json"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol/wire"
)

func (d *requestDecoder) reasoning(raw []byte) error {
	var rest wire.Rest
	lost := false
	r := &d.req.Reasoning
	err := wire.Members(raw, func(key string, raw []byte) error {
		switch key {
		case "effort":
			return d.effort(raw)
		case "summary", "generate_summary":
			// How detailed it is to be (auto, concise, …) is up to the model.
			var word string
			err := wire.Str(raw, &word)
			if word != "none" {
				r.Visible = llm.VisibleText
			}
			return err
		}
		lost = true
		rest.Add(key, raw)
		return nil
	})
	if lost {
		d.losses.Drop("option", "reasoning", "")
		d.rest.Add("reasoning", rest.Native(llm.Responses).Rest)
	}
	return err
}

func (d *requestDecoder) effort(raw []byte) error {
	var word string
	err := wire.Word(raw, &word, "none", "minimal", "low", "medium", "high", "xhigh", "max")
	if err != nil {
		return err
	}
	r := &d.req.Reasoning
	if word == "none" {
		r.Mode, r.Effort = llm.ReasoningOff, llm.EffortUnset
		return nil
	}
	r.Mode, r.Effort = llm.ReasoningOn, llm.Effort(word)
	return nil
}

func (d *requestDecoder) text(raw []byte) error {
	return wire.Members(raw, func(key string, raw []byte) error {
		switch key {
		case "format":
			return d.format(raw)
		case "verbosity":
			return wire.Word(raw, &d.req.Sampling.Verbosity, "low", "medium", "high")
		}
		return nil
	})
}

func (d *requestDecoder) format(raw []byte) error {
	var f llm.Format
	var kind string
	err := wire.Members(raw, func(key string, raw []byte) error {
		switch key {
		case "type":
			return wire.Word(raw, &kind, "text", "json_object", "json_schema")
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
	switch {
	case err != nil:
		return err
	case kind == "":
		return wire.Missing("type")
	case kind == "json_schema" && f.Schema == nil:
		return wire.Missing("schema")
	}
	switch kind {
	case "json_schema":
		f.Kind = llm.FormatSchema
		d.req.Format = f
	case "json_object":
		d.req.Format = llm.Format{Kind: llm.FormatJSON}
	default:
		d.req.Format = llm.Format{Kind: llm.FormatText}
	}
	return nil
}

// include reads the list of extras that the reply shall hold. What a code
// interpreter printed is there unasked, and the media of stored items are kept
// whole; what a search found in detail no other upstream tells.
func (d *requestDecoder) include(raw []byte) error {
	return wire.Each(raw, func(_ int, raw []byte) error {
		var word string
		if err := wire.Str(raw, &word); err != nil {
			return err
		}
		switch word {
		case includeReasoning:
			d.req.SealsInBand = true
		case includeSources:
			d.req.SearchSources = true
		case includeLogprobs:
			d.req.Sampling.Logprobs = llm.Ptr(true)
		case "code_interpreter_call.outputs", "message.input_image.image_url", "computer_call_output.output.image_url":
		default:
			d.losses.Drop("option", "include", word)
		}
		return nil
	})
}

// configuration reads a configuration_update item: it holds for the reply that
// is asked for, the last one of the input counts.
func (d *requestDecoder) configuration(it *item) error {
	if it.reasoning != nil {
		if err := wire.At("reasoning", d.reasoning(it.reasoning)); err != nil {
			return err
		}
	}
	if it.text != nil {
		return wire.At("text", d.text(it.text))
	}
	return nil
}

// cache reads a prompt_cache_breakpoint.
func cache(raw []byte, dst **llm.Cache) error {
	c := &llm.Cache{}
	*dst = c
	return wire.Members(raw, func(key string, raw []byte) error {
		if key == "ttl" {
			return wire.Str(raw, &c.TTL)
		}
		return nil
	})
}

func native(rest json.RawMessage) llm.Native {
	if rest == nil {
		return llm.Native{}
	}
	return llm.Native{Protocol: llm.Responses, Rest: rest}
}
