package responses

import (
	"encoding/json"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol/crossing/oai"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
)

// contentParts reads content, a string or an array of parts.
func contentParts(raw json.RawMessage) (parts []llm.Part, err error) {
	switch rawjson.KindOf(raw) {
	case rawjson.KindString:
		var text string
		err = wire.Str(raw, &text)
		if text != "" {
			parts = []llm.Part{llm.TextPart(text)}
		}
	case rawjson.KindArray:
		err = wire.Each(raw, func(_ int, raw []byte) error {
			part, err := contentPart(raw)
			parts = append(parts, part)
			return err
		})
	default:
		err = wire.Wrong("a string or an array of content parts", raw)
	}
	return parts, err
}

// content holds the members of one content part.
type content struct {
	kind                      string
	text, refusal, imageURL   json.RawMessage
	fileData, fileURL, fileID json.RawMessage
	filename, audio, notes    json.RawMessage
	detail                    string
	cache                     *llm.Cache
	rest                      wire.Rest
}

func (c *content) member(key string, raw []byte) error {
	switch key {
	case "type":
		return wire.Str(raw, &c.kind)
	case "text":
		c.text = raw
	case "refusal":
		c.refusal = raw
	case "image_url":
		c.imageURL = raw
	case "file_data":
		c.fileData = raw
	case "file_url":
		c.fileURL = raw
	case "file_id":
		c.fileID = raw
	case "filename":
		c.filename = raw
	case "input_audio":
		c.audio = raw
	case "annotations":
		c.notes = raw
	case "detail":
		return wire.Str(raw, &c.detail)
	case "logprobs": // of a reply: nobody takes them back
	case "prompt_cache_breakpoint":
		return cache(raw, &c.cache)
	default:
		c.rest.Add(key, raw)
	}
	return nil
}

// contentPart reads one part. Parts of an unknown type are opaque.
func contentPart(raw []byte) (llm.Part, error) {
	var c content
	if err := wire.Members(raw, c.member); err != nil {
		return llm.Part{}, err
	}
	part := llm.Part{Cache: c.cache, Native: c.rest.Native(llm.Responses)}
	var err error
	switch c.kind {
	case "":
		err = wire.Missing("type")
	case "input_text", "output_text", "text", "summary_text":
		part.Kind = llm.KindText
		if err = required("text", c.text, &part.Text); err == nil && c.notes != nil {
			part.Citations, err = annotations(c.notes)
		}
	case "refusal":
		part.Kind, part.Refusal = llm.KindText, true
		err = required("refusal", c.refusal, &part.Text)
	case "input_image":
		err = c.image(&part)
	case "input_file":
		err = c.file(&part)
	case "input_audio":
		err = c.sound(&part)
	default:
		part.Kind, part.Native = llm.KindOpaque, native(raw)
	}
	return part, err
}

// required reads a string that must be there.
func required(key string, raw json.RawMessage, dst *string) error {
	if raw == nil {
		return wire.Missing(key)
	}
	return wire.At(key, wire.Str(raw, dst))
}

// optional reads a string that may be absent.
func optional(key string, raw json.RawMessage, dst *string) error {
	if raw == nil {
		return nil
	}
	return wire.At(key, wire.Str(raw, dst))
}

func (c *content) image(part *llm.Part) error {
	m := &llm.Media{Detail: c.detail}
	part.Kind, part.Media = llm.KindMedia, m
	if err := optional("file_id", c.fileID, &m.FileID); err != nil {
		return err
	}
	if c.imageURL == nil {
		if m.FileID == "" {
			return wire.Missing("image_url")
		}
		return nil
	}
	m.FileID = ""
	raw, path := c.imageURL, "image_url"
	if rawjson.KindOf(raw) == rawjson.KindObject { // the form of Chat Completions
		val, ok := rawjson.Get(raw, "url")
		if !ok {
			return wire.Missing("image_url.url")
		}
		raw, path = val, "image_url.url"
	}
	var url string
	err := wire.Str(raw, &url)
	if err == nil {
		err = wire.MediaURL(url, m)
	}
	return wire.At(path, err)
}

func (c *content) file(part *llm.Part) error {
	m := &llm.Media{Document: true, Detail: c.detail}
	part.Kind, part.Media = llm.KindMedia, m
	if err := optional("filename", c.filename, &m.Name); err != nil {
		return err
	}
	var data string
	if err := optional("file_data", c.fileData, &data); err != nil {
		return err
	}
	if data != "" {
		if wire.IsDataURL(data) {
			return wire.At("file_data", wire.MediaURL(data, m))
		}
		m.Data = data
		wire.FillMIME(m)
		return nil
	}
	if c.fileURL != nil {
		var url string
		err := wire.Str(c.fileURL, &url)
		if err == nil {
			err = wire.MediaURL(url, m)
		}
		return wire.At("file_url", err)
	}
	if c.fileID == nil {
		return wire.Missing("file_data")
	}
	return required("file_id", c.fileID, &m.FileID)
}

func (c *content) sound(part *llm.Part) error {
	if c.audio == nil {
		return wire.Missing("input_audio")
	}
	return wire.At("input_audio", oai.Audio(c.audio, part))
}

// annotations reads what backs a text of the history. Those that point into
// OpenAI's file store mean nothing elsewhere.
func annotations(raw []byte) (out []llm.Citation, err error) {
	err = wire.Each(raw, func(_ int, raw []byte) error {
		var kind string
		var start, end *int64
		var cite llm.Citation
		err := wire.Members(raw, func(key string, raw []byte) error {
			switch key {
			case "type":
				return wire.Str(raw, &kind)
			case "url":
				return wire.Str(raw, &cite.URL)
			case "title":
				return wire.Str(raw, &cite.Title)
			case "start_index":
				return wire.Int(raw, 0, &start)
			case "end_index":
				return wire.Int(raw, 0, &end)
			}
			return nil
		})
		if err != nil || kind != "url_citation" {
			return err
		}
		if start != nil && end != nil {
			cite.Start, cite.End = int(*start), int(*end)
		}
		out = append(out, cite)
		return nil
	})
	return out, wire.At("annotations", err)
}

func quoted(s string) []byte { return rawjson.AppendString(nil, s) }
