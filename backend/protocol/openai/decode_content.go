package openai

import (
	"encoding/json"
	"strings"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol/crossing/oai"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
)

// allowed says which content parts a message may hold.
type allowed uint8

const (
	textOnly allowed = iota
	assistantPart
	anyPart
)

// contentParts reads content, a string or an array of parts; its errors name
// "content".
func contentParts(raw json.RawMessage, allow allowed) (parts []llm.Part, err error) {
	switch rawjson.KindOf(raw) {
	case rawjson.KindString:
		var text string
		err = wire.Str(raw, &text)
		if text != "" {
			parts = []llm.Part{llm.TextPart(text)}
		}
	case rawjson.KindArray:
		err = wire.Each(raw, func(_ int, item []byte) error {
			part, err := contentPart(item, allow)
			parts = append(parts, part)
			return err
		})
	case rawjson.KindInvalid:
		return nil, wire.Missing("content")
	default:
		err = wire.Wrong("a string or an array of content parts", raw)
	}
	return parts, wire.At("content", err)
}

// contentPart reads one part. Parts of an unknown type are opaque.
func contentPart(raw []byte, allow allowed) (llm.Part, error) {
	var part llm.Part
	var kind string
	var datum json.RawMessage
	var rest wire.Rest
	err := wire.Members(raw, func(key string, raw []byte) error {
		switch key {
		case "type":
			return wire.Str(raw, &kind)
		case "text", "refusal", "image_url", "input_audio", "file":
			datum = raw
		case "prompt_cache_breakpoint":
			return wire.Cache(raw, &part.Cache)
		default:
			rest.Add(key, raw)
		}
		return nil
	})
	switch {
	case err != nil:
		return part, err
	case kind == "":
		return part, wire.Missing("type")
	}
	read, ok := partReader(kind)
	switch {
	case !ok:
		return llm.Part{Kind: llm.KindOpaque, Native: native(raw), Cache: part.Cache}, nil
	case datum == nil:
		return part, wire.Missing(kind)
	case allow == textOnly && kind != "text", allow == anyPart && kind == "refusal":
		return part, fault.Invalid("type", "a %s part cannot stand in a message of this role", kind)
	}
	part.Native = rest.Native(llm.OpenAIChat)
	return part, wire.At(kind, read(datum, &part))
}

func partReader(kind string) (read func([]byte, *llm.Part) error, ok bool) {
	switch kind {
	case "text":
		return textPart, true
	case "refusal":
		return refusalPart, true
	case "image_url":
		return imagePart, true
	case "input_audio":
		return oai.Audio, true
	case "file":
		return filePart, true
	}
	return nil, false
}

func textPart(raw []byte, part *llm.Part) error {
	part.Kind = llm.KindText
	return wire.Str(raw, &part.Text)
}

func refusalPart(raw []byte, part *llm.Part) error {
	part.Refusal = true
	return textPart(raw, part)
}

func imagePart(raw []byte, part *llm.Part) error {
	m := &llm.Media{}
	part.Kind, part.Media = llm.KindMedia, m
	if rawjson.KindOf(raw) == rawjson.KindString { // a common shorthand
		var url string
		if err := wire.Str(raw, &url); err != nil {
			return err
		}
		return wire.MediaURL(url, m)
	}
	found := false
	err := wire.Members(raw, func(key string, raw []byte) error {
		switch key {
		case "url":
			found = true
			var url string
			if err := wire.Str(raw, &url); err != nil {
				return err
			}
			return wire.MediaURL(url, m)
		case "detail":
			return wire.Str(raw, &m.Detail)
		}
		return nil
	})
	if err == nil && !found {
		err = wire.Missing("url")
	}
	return err
}

func filePart(raw []byte, part *llm.Part) error {
	m := &llm.Media{Document: true}
	part.Kind, part.Media = llm.KindMedia, m
	var data string
	err := wire.Members(raw, func(key string, raw []byte) error {
		switch key {
		case "file_data":
			return wire.Str(raw, &data)
		case "file_id":
			return wire.Str(raw, &m.FileID)
		case "filename":
			return wire.Str(raw, &m.Name)
		}
		return nil
	})
	switch {
	case err != nil:
		return err
	case data == "" && m.FileID == "":
		return wire.Missing("file_data")
	case data == "":
		return nil
	}
	m.FileID = ""
	switch {
	case wire.IsDataURL(data), strings.Contains(data[:min(len(data), 10)], "://"):
		return wire.At("file_data", wire.MediaURL(data, m))
	}
	m.Data = data
	wire.FillMIME(m)
	return nil
}

// assistantReasoning reads the reasoning that compatible servers send with a
// reply and clients send back, from the first of three places that has text.
func assistantReasoning(m *message, turn *llm.Turn) error {
	part := llm.Part{Kind: llm.KindReasoning}
	if m.thought != nil {
		if err := wire.At("reasoning_content", wire.Str(m.thought, &part.Text)); err != nil {
			return err
		}
	}
	if part.Text == "" && rawjson.KindOf(m.router) == rawjson.KindString {
		if err := wire.At("reasoning", wire.Str(m.router, &part.Text)); err != nil {
			return err
		}
	}
	if m.details != nil {
		if err := wire.At("reasoning_details", reasoningDetails(m.details, &part)); err != nil {
			return err
		}
	}
	if part.Text != "" || part.Seal != nil {
		turn.Parts = append(turn.Parts, part)
	}
	return nil
}

// reasoningDetails reads OpenRouter's list of reasoning pieces.
func reasoningDetails(raw []byte, part *llm.Part) error {
	given := part.Text != ""
	return wire.Each(raw, func(_ int, raw []byte) error {
		var text, summary, seal, format string
		err := wire.Members(raw, func(key string, raw []byte) error {
			switch key {
			case "text":
				return wire.Str(raw, &text)
			case "summary":
				return wire.Str(raw, &summary)
			case "signature", "data":
				return wire.Str(raw, &seal)
			case "format":
				return wire.Str(raw, &format)
			}
			return nil
		})
		if err != nil {
			return err
		}
		if text == "" {
			text = summary
		}
		if !given && text != "" {
			part.Text += text
		}
		if issuer := issuerOfFormat(format); issuer != "" && seal != "" {
			part.Seal = llm.OpenSeal(seal, issuer)
		} else if s, ok := llm.ParseEnvelope(seal); ok {
			part.Seal = s
		}
		return nil
	})
}

// issuerOfFormat tells who signed a reasoning piece, "" if its format word
// does not say: a seal of an unknown issuer is of no use to anybody.
func issuerOfFormat(format string) llm.Issuer {
	vendor, _, _ := strings.Cut(format, "-")
	switch vendor {
	case "google":
		return llm.IssuerGoogle
	case "anthropic":
		return llm.IssuerAnthropic
	case "openai":
		return llm.IssuerOpenAI
	}
	return ""
}
