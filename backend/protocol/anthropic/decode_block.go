package anthropic

import (
	"encoding/json"
	"strings"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
)

func (b *block) textPart(add func(llm.Part)) error {
	part := llm.Part{Kind: llm.KindText, Cache: b.cache, Native: b.rest.Native(llm.Anthropic)}
	if err := b.str("text", &part.Text); err != nil {
		return err
	}
	if b.citations != nil {
		err := wire.At("citations", wire.Each(b.citations, func(_ int, raw []byte) error {
			cite, err := citation(raw)
			part.Citations = append(part.Citations, cite)
			return err
		}))
		if err != nil {
			return err
		}
	}
	add(part)
	return nil
}

// citation reads one citation of a text; the whole block is what it backs.
func citation(raw []byte) (llm.Citation, error) {
	cite := llm.Citation{Native: native(raw)}
	err := wire.Members(raw, func(key string, raw []byte) error {
		switch key {
		case "url":
			return wire.Str(raw, &cite.URL)
		case "title", "document_title":
			return wire.Str(raw, &cite.Title)
		case "cited_text":
			return wire.Str(raw, &cite.Cited)
		}
		return nil
	})
	return cite, err
}

func (b *block) thinkingPart(add func(llm.Part)) error {
	part := llm.Part{Kind: llm.KindReasoning}
	if err := b.str("thinking", &part.Text); err != nil {
		return err
	}
	var signature string
	if err := b.optional("signature", &signature); err != nil {
		return err
	}
	part.Seal = llm.OpenSeal(signature, llm.IssuerAnthropic)
	part.Native = b.rest.Native(llm.Anthropic)
	add(part)
	return nil
}

func (b *block) redactedPart(add func(llm.Part)) error {
	var data string
	if err := b.str("data", &data); err != nil {
		return err
	}
	seal := llm.OpenSeal(data, llm.IssuerAnthropic)
	if seal != nil {
		seal.Redacted = true
	}
	add(llm.Part{Kind: llm.KindReasoning, Seal: seal})
	return nil
}

func (d *requestDecoder) toolUse(b *block, add func(llm.Part)) error {
	call := &llm.Call{Kind: llm.CallFunction}
	if err := b.str("id", &call.ID); err != nil {
		return err
	}
	if err := b.str("name", &call.Name); err != nil {
		return err
	}
	if b.input != nil {
		if rawjson.KindOf(b.input) != rawjson.KindObject {
			return wire.At("input", wire.Wrong("an object", b.input))
		}
		call.Args = string(b.input)
	}
	call.Trained = d.trained[call.Name]
	add(llm.Part{Kind: llm.KindCall, Call: call, Cache: b.cache, Native: b.rest.Native(llm.Anthropic)})
	return nil
}

func (b *block) resultPart(add func(llm.Part)) error {
	result := &llm.Result{Kind: llm.CallFunction}
	if err := b.str("tool_use_id", &result.CallID); err != nil {
		return err
	}
	if b.isError != nil {
		if err := wire.At("is_error", wire.Bool(b.isError, &result.IsError)); err != nil {
			return err
		}
	}
	put := func(p llm.Part) { result.Parts = append(result.Parts, p) }
	if err := wire.At("content", resultContent(b.content, put)); err != nil {
		return err
	}
	add(llm.Part{Kind: llm.KindResult, Result: result, Cache: b.cache, Native: b.rest.Native(llm.Anthropic)})
	return nil
}

func resultContent(raw json.RawMessage, add func(llm.Part)) error {
	switch rawjson.KindOf(raw) {
	case rawjson.KindInvalid: // absent: the tool had nothing to say
		return nil
	case rawjson.KindString:
		var text string
		err := wire.Str(raw, &text)
		if text != "" {
			add(llm.TextPart(text))
		}
		return err
	case rawjson.KindArray:
		return wire.Each(raw, func(_ int, item []byte) error {
			var b block
			if err := b.read(item); err != nil {
				return err
			}
			if b.kind == "text" {
				return b.textPart(add)
			}
			return b.contentPart(add)
		})
	}
	return wire.Wrong("a string or an array of blocks", raw)
}

// contentPart reads the blocks that may stand in a message and in a tool
// result alike; all others are opaque.
func (b *block) contentPart(add func(llm.Part)) error {
	switch b.kind {
	case "image":
		return b.imagePart(add)
	case "document":
		return b.documentPart(add)
	case "search_result":
		return b.searchPart(add)
	}
	part := llm.Part{Kind: llm.KindOpaque, Cache: b.cache}
	if code := codeOf(b.raw); code != nil {
		part.Kind, part.Code = llm.KindCode, code
	}
	if !ours(b.raw) {
		part.Native = native(b.raw)
	}
	add(part)
	return nil
}

// source holds the members of the source of an image or a document.
type source struct {
	kind, mime, data, url, file string
	content                     json.RawMessage
}

func (b *block) readSource() (s source, err error) {
	if b.source == nil {
		return s, wire.Missing("source")
	}
	err = wire.Members(b.source, func(key string, raw []byte) error {
		switch key {
		case "type":
			return wire.Word(raw, &s.kind, "base64", "url", "file", "text", "content")
		case "media_type":
			return wire.Str(raw, &s.mime)
		case "data":
			return wire.Str(raw, &s.data)
		case "url":
			return wire.Str(raw, &s.url)
		case "file_id":
			return wire.Str(raw, &s.file)
		case "content":
			s.content = raw
		}
		return nil
	})
	if err == nil && s.kind == "" {
		err = wire.Missing("type")
	}
	return s, wire.At("source", err)
}

// media makes the Media of a source that has one.
func (s *source) media(m *llm.Media) error {
	var err error
	switch s.kind {
	case "base64":
		if s.data == "" {
			err = wire.Missing("data")
		}
		m.MIME, m.Data = s.mime, s.data
		wire.FillMIME(m)
		if err == nil && m.MIME == "" {
			err = wire.Missing("media_type")
		}
	case "url":
		if s.url == "" {
			err = wire.Missing("url")
		} else {
			err = wire.At("url", wire.MediaURL(s.url, m))
		}
	case "file":
		m.FileID = s.file
		if s.file == "" {
			err = wire.Missing("file_id")
		}
	default:
		err = wire.At("type", wire.Unknown(s.kind, "base64", "url", "file"))
	}
	return wire.At("source", err)
}

func (b *block) imagePart(add func(llm.Part)) error {
	s, err := b.readSource()
	if err != nil {
		return err
	}
	m := &llm.Media{}
	if err := s.media(m); err != nil {
		return err
	}
	add(llm.Part{Kind: llm.KindMedia, Media: m, Cache: b.cache, Native: b.rest.Native(llm.Anthropic)})
	return nil
}

func (b *block) documentPart(add func(llm.Part)) error {
	s, err := b.readSource()
	if err != nil {
		return err
	}
	m := &llm.Media{Document: true}
	if err := b.optional("title", &m.Name); err != nil {
		return err
	}
	if err := b.optional("context", &m.Context); err != nil {
		return err
	}
	if b.citations != nil {
		b.rest.Add("citations", b.citations)
	}
	part := llm.Part{Kind: llm.KindMedia, Media: m, Cache: b.cache}
	var images []llm.Part
	switch s.kind {
	case "text":
		m.MIME, m.Plain, m.IsPlain = "text/plain", s.data, true
	case "content":
		m.MIME, m.IsPlain = "text/plain", true
		m.Plain, images, err = documentContent(s.content)
		err = wire.At("source", wire.At("content", err))
	default:
		err = s.media(m)
	}
	if err != nil {
		return err
	}
	part.Native = b.rest.Native(llm.Anthropic)
	add(part)
	for _, image := range images {
		add(image)
	}
	return nil
}

// documentContent reads a document made of blocks: its text, and its images,
// which follow it as parts of their own.
func documentContent(raw json.RawMessage) (plain string, images []llm.Part, err error) {
	var texts []string
	err = resultContent(raw, func(p llm.Part) {
		if p.Kind == llm.KindText {
			texts = append(texts, p.Text)
			return
		}
		images = append(images, p)
	})
	return strings.Join(texts, "\n"), images, err
}

// searchPart shows a search result as text with its title and source; the
// block itself is kept for its own vendor.
func (b *block) searchPart(add func(llm.Part)) error {
	var from, title string
	if err := b.str("source", &from); err != nil {
		return err
	}
	if err := b.str("title", &title); err != nil {
		return err
	}
	if b.content == nil {
		return wire.Missing("content")
	}
	texts := []string{title, from}
	err := wire.At("content", textBlocks(b.content, func(p llm.Part) { texts = append(texts, p.Text) }))
	if err != nil {
		return err
	}
	add(llm.Part{Kind: llm.KindText, Text: strings.Join(texts, "\n"), Cache: b.cache, Native: native(b.raw)})
	return nil
}
