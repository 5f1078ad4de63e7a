package fakegemini

import (
	"slices"
	"strings"
)

func (m Model) draws() bool  { return strings.Contains(m.Name, "image") }
func (m Model) speaks() bool { return strings.HasSuffix(m.Name, "-tts") }

// modalitiesRule: a model answers in the kinds that it makes, a speaking one in
// nothing else. Source: docs (Image generation, Speech generation), the wording
// of the refusal as the service gives it.
func modalitiesRule(c *check) *Error {
	kinds := c.req.config().ResponseModalities
	bad := func(accepts string) *Error {
		return Invalid("* GenerateContentRequest.generation_config.response_modalities: The requested combination of response modalities (%s) is not supported by the model. models/%s accepts the following combination of response modalities:\n* %s\n",
			strings.Join(kinds, ", "), c.model.Name, accepts)
	}
	switch {
	case c.model.speaks():
		if !slices.Equal(kinds, []string{"AUDIO"}) {
			return bad("AUDIO")
		}
	case c.model.draws():
		if slices.Contains(kinds, "AUDIO") || slices.Contains(kinds, "VIDEO") {
			return bad("TEXT, IMAGE")
		}
	case len(kinds) > 0 && !slices.Equal(kinds, []string{"TEXT"}):
		return bad("TEXT")
	}
	if img := c.req.config().Image; img != nil {
		if !c.model.draws() {
			return Invalid("* GenerateContentRequest.generation_config.image_config: image_config is not supported by this model.\n")
		}
		if img.Size != "" && img.Size != "1K" && !c.model.gemini3() { // docs: sizes came with Gemini 3
			return Invalid("* GenerateContentRequest.generation_config.image_config.image_size: image_size is not supported by this model.\n")
		}
	}
	if n := c.req.config().CandidateCount; n != nil && *n > 1 && (c.model.draws() || c.model.speaks()) {
		return Invalid("Multiple candidates is not enabled for this model.")
	}
	return nil
}

// voices are the prebuilt ones. Source: docs (Speech generation, voice options).
func voices() []string {
	return []string{
		"zephyr", "puck", "charon", "kore", "fenrir", "leda", "orus", "aoede", "callirrhoe", "autonoe", "enceladus",
		"iapetus", "umbriel", "algieba", "despina", "erinome", "algenib", "rasalgethi", "laomedeia", "achernar",
		"alnilam", "schedar", "gacrux", "pulcherrima", "achird", "zubenelgenubi", "vindemiatrix", "sadachbia",
		"sadaltager", "sulafat",
	}
}

// speechRule: text alone is spoken, by a voice that exists.
func speechRule(c *check) *Error {
	if !c.model.speaks() {
		return nil
	}
	if c.req.SystemInstruction != nil || len(c.req.Tools) > 0 {
		return Invalid("Developer instruction is not enabled for models/%s", c.model.Name)
	}
	for _, t := range c.req.Contents {
		for _, p := range t.Parts {
			if p.Text == nil {
				return Invalid("Model tried to use an input that is no text; it supports text only.")
			}
		}
	}
	if s := c.req.config().Speech; s != nil && s.Voice != nil && s.Voice.Prebuilt != nil {
		if name := s.Voice.Prebuilt.Name; !slices.Contains(voices(), strings.ToLower(name)) {
			return Invalid("* GenerateContentRequest.generation_config.speech_config: Voice name %s is not supported. Allowed voice names are: %s\n", name, strings.Join(voices(), ", "))
		}
	}
	return nil
}

// recordingsRule: the audio types of the docs (Audio understanding; the last
// ones are those of the enterprise service's page, which this one takes too).
func recordingsRule(c *check) *Error {
	known := []string{"wav", "mp3", "aiff", "aac", "ogg", "flac", "mpeg", "m4a", "mp4", "webm", "opus", "pcm", "l16"}
	for _, t := range c.req.Contents {
		for _, p := range t.Parts {
			if p.InlineData == nil {
				continue
			}
			kind, isAudio := strings.CutPrefix(strings.ToLower(p.InlineData.MIMEType), "audio/")
			kind, _, _ = strings.Cut(kind, ";")
			if isAudio && !slices.Contains(known, kind) {
				return Invalid("Unsupported MIME type: %s", p.InlineData.MIMEType)
			}
		}
	}
	return nil
}
