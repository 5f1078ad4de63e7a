package gemini

import (
	"slices"

	"antigravity-tools/backend/family"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol/crossing/schema"
	"antigravity-tools/backend/rawjson"
)

// formatPlan is how structured output is asked for.
type formatPlan struct {
	mime   string
	schema []byte
	prompt string // for the system text, where the target has no other way
}

const jsonPrompt = "Answer with one JSON object and nothing else."

func (e *requestEncoder) planFormat() formatPlan {
	f := e.req.Format
	var p formatPlan
	switch f.Kind {
	case llm.FormatText:
		p.mime = "text/plain"
		return p
	case llm.FormatJSON:
		p.mime = "application/json"
	case llm.FormatSchema:
		p.mime, p.schema = "application/json", f.Schema
	case llm.FormatEnum:
		p.mime, p.schema = "text/x.enum", f.Schema
	default:
		return p
	}
	if e.own || e.target.Caps.FormatTools || !e.hasFunctions() {
		return p
	}
	e.losses.Adapt("format.prompt", "response_format", "")
	if f.Kind == llm.FormatEnum {
		return formatPlan{prompt: schema.ChoicePrompt(p.schema)}
	}
	prompt := jsonPrompt
	if p.schema != nil {
		prompt = "Answer with JSON that fits this JSON Schema and nothing else:\n" + string(rawjson.Compact(nil, p.schema))
	}
	return formatPlan{prompt: prompt}
}

func (e *requestEncoder) hasFunctions() bool {
	return slices.ContainsFunc(e.flat.Tools, func(t llm.Tool) bool { return t.Kind != llm.ToolServer })
}

// writeConfig writes generationConfig, if there is anything to write.
func (e *requestEncoder) writeConfig(format formatPlan) error {
	native := member(e.req.Native.For(llm.Gemini), "generationConfig")
	settled := family.Settle(e.req, e.target.Caps, e.losses)
	c := &lazyObject{w: e.w, key: "generationConfig"}
	e.sampling(c, settled)
	e.format(c, format, native)
	if err := e.modalities(c, native); err != nil {
		return err
	}
	ownThinking := e.thinking(c, settled, member(native, "thinkingConfig"))
	for key, raw := range rawjson.Members(native) {
		if key == "responseSchema" && !e.target.Caps.JSONSchema {
			continue // written by format, in fewer words
		}
		if key != "thinkingConfig" || ownThinking {
			c.open().RawField(key, raw)
		}
	}
	c.end()
	return nil
}

// lazyObject is a member of the open object that appears with its first
// member.
type lazyObject struct {
	w     *rawjson.Writer
	key   string
	begun bool
}

func (c *lazyObject) open() *rawjson.Writer {
	if !c.begun {
		c.begun = true
		c.w.Key(c.key)
		c.w.Obj()
	}
	return c.w
}

func (c *lazyObject) end() {
	if c.begun {
		c.w.End()
	}
}

func (c *lazyObject) number(key string, n llm.Number) {
	if n != "" {
		c.open().RawField(key, []byte(n))
	}
}

func (e *requestEncoder) sampling(c *lazyObject, settled family.Settled) {
	s := &e.req.Sampling
	if settled.MaxTokens != nil {
		c.open().IntField("maxOutputTokens", *settled.MaxTokens)
	}
	c.number("temperature", s.Temperature)
	c.number("topP", s.TopP)
	c.number("topK", s.TopK)
	if n, err := rawjson.Int([]byte(s.Seed)); s.Seed != "" && !e.own && (err != nil || n != int64(int32(n))) {
		e.losses.Drop("seed", "seed", "the seed must be an integer of 32 bits")
	} else {
		c.number("seed", s.Seed)
	}
	c.number("presencePenalty", s.PresencePenalty)
	c.number("frequencyPenalty", s.FrequencyPenalty)
	if stop := e.stops(); len(stop) > 0 {
		c.open().Key("stopSequences")
		writeStrings(c.w, stop)
	}
	if s.N != nil {
		c.open().IntField("candidateCount", *s.N)
	}
	if s.Logprobs != nil {
		c.open().BoolField("responseLogprobs", *s.Logprobs)
	}
	if s.TopLogprobs != nil && (e.own || s.Logprobs != nil && *s.Logprobs) {
		c.open().IntField("logprobs", *s.TopLogprobs)
	}
}

// stops gives the stop sequences that the service takes: no empty ones, and
// not too many.
func (e *requestEncoder) stops() []string {
	stop := e.req.Sampling.Stop
	if e.own {
		return stop
	}
	stop = slices.DeleteFunc(slices.Clone(stop), func(s string) bool { return s == "" })
	if limit := e.target.Caps.MaxStops; limit > 0 && len(stop) > limit {
		stop = stop[:limit]
	}
	if len(stop) < len(e.req.Sampling.Stop) {
		e.losses.Drop("stop.extra", "stop", "")
	}
	return stop
}

func (e *requestEncoder) format(c *lazyObject, p formatPlan, native []byte) {
	if p.mime == "" {
		return
	}
	c.open().StrField("responseMimeType", p.mime)
	if p.schema == nil || e.target.Caps.JSONSchema && member(native, "responseSchema") != nil {
		return
	}
	if e.req.Format.Kind == llm.FormatEnum && !e.own {
		c.w.RawField("responseSchema", p.schema)
		return
	}
	key := "responseJsonSchema"
	if !e.target.Caps.JSONSchema {
		key = "responseSchema"
	}
	c.w.RawField(key, e.cleaned(p.schema, e.own, "response_format"))
}

// modalities writes the kinds of output and the voice.
func (e *requestEncoder) modalities(c *lazyObject, native []byte) error {
	kinds := slices.Clone(e.req.Modalities)
	if !e.own {
		var err error
		if kinds, err = e.foreignModalities(kinds); err != nil {
			return err
		}
	}
	if len(kinds) > 0 {
		c.open().Key("responseModalities")
		for i := range kinds {
			kinds[i] = upper(kinds[i])
		}
		writeStrings(c.w, kinds)
	}
	if a := e.req.Audio; a != nil && a.Voice != "" && member(native, "speechConfig") == nil && slices.Contains(kinds, "AUDIO") {
		w := c.open()
		for _, key := range []string{"speechConfig", "voiceConfig", "prebuiltVoiceConfig"} {
			w.Key(key)
			w.Obj()
		}
		w.StrField("voiceName", a.Voice)
		for range 3 {
			w.End()
		}
	}
	if e.req.Image != nil {
		e.picture(c)
	}
	return nil
}

// picture writes the form of the picture that an image operation asks for.
func (e *requestEncoder) picture(c *lazyObject) {
	img := *e.req.Image
	if img.Size != "" && !e.target.Caps.ImageSize {
		e.losses.Drop("image.size", "size", img.Size)
		img.Size = ""
	}
	if img.Aspect == "" && img.Size == "" {
		return
	}
	w := c.open()
	w.Key("imageConfig")
	w.Obj()
	if img.Aspect != "" {
		w.StrField("aspectRatio", img.Aspect)
	}
	if img.Size != "" {
		w.StrField("imageSize", img.Size)
	}
	w.End()
}

// foreignModalities turns what other protocols ask for into Google's terms:
// speech is never beside text there, and images come with text.
func (e *requestEncoder) foreignModalities(kinds []string) ([]string, error) {
	if slices.Contains(kinds, "audio") {
		if !e.target.Caps.AudioOut {
			return nil, refuse("audio.out", "modalities", "this model does not speak")
		}
		if a := e.req.Audio; a != nil && a.Format != "" && a.Format != "wav" && a.Format != "pcm16" {
			return nil, refuse("audio.format", "audio.format", "speech can be had as wav or pcm16 only")
		}
		return []string{"audio"}, nil
	}
	image := slices.Contains(kinds, "image") && e.target.Caps.ImageOut
	for i := range e.flat.Tools {
		image = image || (e.flat.Tools[i].Builtin == llm.BuiltinImage && e.target.Caps.ImageOut)
	}
	if e.req.Image != nil && image {
		return []string{"image"}, nil
	}
	if image {
		return []string{"text", "image"}, nil
	}
	return nil, nil
}

// thinking writes thinkingConfig; it returns true if the client's own may go
// out unchanged instead: its dialect is the target's, and no suffix of the
// model name overrules it.
func (e *requestEncoder) thinking(c *lazyObject, s family.Settled, native []byte) (own bool) {
	if native != nil && !e.req.Reasoning.FromSuffix && s.Fits(dialectOf(native)) {
		return true
	}
	if !s.Sends() {
		return false
	}
	w := c.open()
	w.Key("thinkingConfig")
	w.Obj()
	switch {
	case s.Level != "":
		w.StrField("thinkingLevel", upper(string(s.Level)))
	case s.Budget != nil:
		w.IntField("thinkingBudget", *s.Budget)
	}
	if s.Show {
		w.BoolField("includeThoughts", true)
	}
	w.End()
	return false
}

func dialectOf(native []byte) family.Dialect {
	for key := range rawjson.Members(native) {
		switch camel(key) {
		case "thinkingBudget":
			return family.DialectBudget
		case "thinkingLevel":
			return family.DialectLevel
		}
	}
	return family.DialectNone
}
