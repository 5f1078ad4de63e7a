package gemini

import (
	"strings"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol/crossing/schema"
	"antigravity-tools/backend/rawjson"
)

// configDecoder reads generationConfig.
type configDecoder struct {
	req  *llm.Request
	mime string
	rest rest
}

func (d *requestDecoder) config(key string, raw []byte) error {
	ok, err := readObject(key, raw)
	if !ok {
		return err
	}
	c := configDecoder{req: d.req}
	for k, v := range rawjson.Members(raw) {
		known, err := c.sampling(k, v)
		if !known && err == nil {
			err = c.other(k, v)
		}
		if err != nil {
			return within(err, key)
		}
	}
	c.format()
	d.rest.addRest("generationConfig", &c.rest)
	return nil
}

func (c *configDecoder) sampling(key string, raw []byte) (known bool, err error) {
	s := &c.req.Sampling
	switch camel(key) {
	case "maxOutputTokens":
		return true, readIntPtr(&s.MaxTokens, key, raw)
	case "temperature":
		return true, readNumber(&s.Temperature, key, raw)
	case "topP":
		return true, readNumber(&s.TopP, key, raw)
	case "topK":
		return true, readNumber(&s.TopK, key, raw)
	case "seed":
		return true, readNumber(&s.Seed, key, raw)
	case "presencePenalty":
		return true, readNumber(&s.PresencePenalty, key, raw)
	case "frequencyPenalty":
		return true, readNumber(&s.FrequencyPenalty, key, raw)
	case "stopSequences":
		return true, readStrings(&s.Stop, key, raw)
	case "candidateCount":
		return true, readIntPtr(&s.N, key, raw)
	case "responseLogprobs":
		return true, readBoolPtr(&s.Logprobs, key, raw)
	case "logprobs":
		return true, readIntPtr(&s.TopLogprobs, key, raw)
	}
	return false, nil
}

func (c *configDecoder) other(key string, raw []byte) error {
	switch camel(key) {
	case "responseMimeType":
		return readStr(&c.mime, key, raw)
	case "responseJsonSchema":
		ok, err := readObject(key, raw)
		if ok {
			c.req.Format.Schema = raw
		}
		return err
	case "responseSchema":
		ok, err := readObject(key, raw)
		if ok {
			c.req.Format.Schema = schema.FromGemini(raw)
			c.rest.add("responseSchema", raw)
		}
		return err
	case "responseModalities":
		var words []string
		err := readStrings(&words, key, raw)
		for _, w := range words {
			c.req.Modalities = append(c.req.Modalities, strings.ToLower(w))
		}
		return err
	case "thinkingConfig":
		return c.thinking(key, raw)
	case "speechConfig":
		return c.speech(key, raw)
	}
	c.rest.add(key, raw)
	return nil
}

// format makes the output format of MIME type and schema.
func (c *configDecoder) format() {
	f := &c.req.Format
	switch c.mime {
	case "":
		if f.Schema != nil {
			f.Kind = llm.FormatSchema
		}
	case "text/plain":
		f.Kind = llm.FormatText
	case "application/json":
		f.Kind = llm.FormatJSON
		if f.Schema != nil {
			f.Kind = llm.FormatSchema
		}
	case "text/x.enum":
		f.Kind = llm.FormatEnum
	default:
		var w rawjson.Writer
		w.Str(c.mime)
		c.rest.add("responseMimeType", w.Bytes())
	}
}

// thinking reads the reasoning control and keeps it native too, for levels
// and budgets that the model's words do not tell apart.
func (c *configDecoder) thinking(key string, raw []byte) error {
	ok, err := readObject(key, raw)
	if !ok {
		return err
	}
	c.rest.add("thinkingConfig", raw)
	r := &c.req.Reasoning
	for k, v := range rawjson.Members(raw) {
		var err error
		switch camel(k) {
		case "includeThoughts":
			var show bool
			if err = readBool(&show, k, v); err == nil {
				r.Visible = llm.VisibleOmit
				if show {
					r.Visible = llm.VisibleText
				}
			}
		case "thinkingBudget":
			var budget *int64
			if err = readIntPtr(&budget, k, v); err == nil && budget != nil {
				setBudget(r, *budget)
			}
		case "thinkingLevel":
			var level string
			if err = readStr(&level, k, v); err == nil {
				err = setLevel(r, level)
			}
		}
		if err != nil {
			return within(err, key)
		}
	}
	return nil
}

func setBudget(r *llm.Reasoning, budget int64) {
	switch {
	case budget == 0:
		r.Mode = llm.ReasoningOff
	case budget < 0: // dynamic
		r.Mode = llm.ReasoningOn
	default:
		r.Mode, r.Budget = llm.ReasoningOn, &budget
	}
}

func setLevel(r *llm.Reasoning, level string) error {
	word := llm.Effort(strings.ToLower(level))
	switch word {
	case "", "thinking_level_unspecified":
		return nil
	case llm.EffortMinimal, llm.EffortLow, llm.EffortMedium, llm.EffortHigh, llm.EffortXHigh, llm.EffortMax:
		r.Mode, r.Effort = llm.ReasoningOn, word
		return nil
	}
	return fault.Invalid("thinkingLevel", "expected MINIMAL, LOW, MEDIUM or HIGH")
}

// speech takes the voice where it is the plain kind; the whole stays native.
func (c *configDecoder) speech(key string, raw []byte) error {
	ok, err := readObject(key, raw)
	if !ok {
		return err
	}
	c.rest.add("speechConfig", raw)
	c.req.Audio = &llm.AudioOut{Format: "wav"}
	for _, path := range [][]string{
		{"voiceConfig", "prebuiltVoiceConfig", "voiceName"},
		{"voice_config", "prebuilt_voice_config", "voice_name"},
	} {
		if v := member(raw, path...); v != nil {
			if err := readStr(&c.req.Audio.Voice, strings.Join(path, "."), v); err != nil {
				return within(err, key)
			}
		}
	}
	return nil
}
