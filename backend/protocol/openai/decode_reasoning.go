package openai

import (
	"strings"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
)

// reasoning reads the ways in which OpenAI's own and compatible clients ask
// for reasoning.
func (d *requestDecoder) reasoning(key string, raw []byte) (known bool, err error) {
	switch key {
	case "reasoning_effort":
		return true, d.effort(raw)
	case "thinking": // Anthropic's form, also DeepSeek and GLM
		return true, wire.Members(raw, d.thinking)
	case "reasoning": // OpenRouter's form
		return true, wire.Members(raw, d.router)
	case "enable_thinking": // Qwen
		return true, d.enable(raw)
	case "thinking_budget":
		return true, d.budget(raw)
	case "extra_body":
		return true, wire.Members(raw, func(key string, raw []byte) error {
			if key == "google" {
				return d.google(raw)
			}
			_, err := d.reasoning(key, raw)
			return err
		})
	case "google": // extra_body as OpenAI's Python SDK merges it
		return true, d.google(raw)
	}
	return false, nil
}

func (d *requestDecoder) effort(raw []byte) error {
	var word string
	err := wire.Word(raw, &word, "none", "minimal", "low", "medium", "high", "xhigh", "max", "")
	if err != nil {
		return err
	}
	r := &d.req.Reasoning
	switch word {
	case "": // how some clients write "not set"
	case "none":
		r.Mode, r.Effort = llm.ReasoningOff, llm.EffortUnset
	default:
		r.Mode, r.Effort = llm.ReasoningOn, llm.Effort(word)
	}
	return nil
}

func (d *requestDecoder) enable(raw []byte) error {
	var on bool
	if err := wire.Bool(raw, &on); err != nil {
		return err
	}
	d.req.Reasoning.Mode = llm.ReasoningOff
	if on {
		d.req.Reasoning.Mode = llm.ReasoningOn
	}
	return nil
}

// budget reads a number of tokens: 0 is off, a negative one leaves the amount
// to the model.
func (d *requestDecoder) budget(raw []byte) error {
	n, err := rawjson.Int(raw)
	if err != nil {
		return wire.Wrong("an integer", raw)
	}
	r := &d.req.Reasoning
	switch {
	case n == 0:
		r.Mode = llm.ReasoningOff
	case n < 0:
		r.Mode = llm.ReasoningOn
	default:
		r.Mode, r.Budget = llm.ReasoningOn, &n
	}
	return nil
}

func (d *requestDecoder) thinking(key string, raw []byte) error {
	switch key {
	case "type":
		var word string
		err := wire.Word(raw, &word, "enabled", "disabled", "adaptive", "auto")
		d.req.Reasoning.Mode = llm.ReasoningOn
		if word == "disabled" {
			d.req.Reasoning.Mode = llm.ReasoningOff
		}
		return err
	case "budget_tokens":
		return wire.Int(raw, 1, &d.req.Reasoning.Budget)
	}
	return nil
}

func (d *requestDecoder) router(key string, raw []byte) error {
	switch key {
	case "effort":
		return d.effort(raw)
	case "max_tokens":
		return d.budget(raw)
	case "enabled":
		return d.enable(raw)
	case "exclude":
		var hide bool
		err := wire.Bool(raw, &hide)
		if hide {
			d.req.Reasoning.Visible = llm.VisibleOmit
		}
		return err
	}
	return nil
}

// google reads the options of Gemini's OpenAI compatibility, in either
// spelling.
func (d *requestDecoder) google(raw []byte) error {
	return wire.Members(raw, func(key string, raw []byte) error {
		switch key {
		case "thinking_config", "thinkingConfig":
			return wire.Members(raw, d.googleThinking)
		case "cached_content", "cachedContent":
			return fault.Invalid("", "cached content is bound to the native Gemini protocol")
		}
		return nil
	})
}

func (d *requestDecoder) googleThinking(key string, raw []byte) error {
	switch key {
	case "thinking_budget", "thinkingBudget":
		return d.budget(raw)
	case "thinking_level", "thinkingLevel":
		var level string
		if err := wire.Str(raw, &level); err != nil {
			return err
		}
		word := llm.Effort(strings.ToLower(level))
		switch word {
		case llm.EffortMinimal, llm.EffortLow, llm.EffortMedium, llm.EffortHigh:
			d.req.Reasoning.Mode, d.req.Reasoning.Effort = llm.ReasoningOn, word
			return nil
		}
		return wire.Unknown(level, "minimal", "low", "medium", "high")
	case "include_thoughts", "includeThoughts":
		var show bool
		err := wire.Bool(raw, &show)
		d.req.Reasoning.Visible = llm.VisibleOmit
		if show {
			d.req.Reasoning.Visible = llm.VisibleText
		}
		return err
	}
	return nil
}
