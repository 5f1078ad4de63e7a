package anthropic

import (
	"encoding/base64"
	"strings"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
)

func codeText(c *llm.Code) string { return wire.CodeMarkdown(c) }

// source is where the data of an image or a document is.
type mediaSource struct{ kind, mime, key, value string }

func (s mediaSource) write(w *rawjson.Writer) {
	w.Key("source")
	w.Obj()
	w.StrField("type", s.kind)
	if s.mime != "" {
		w.StrField("media_type", s.mime)
	}
	w.StrField(s.key, s.value)
	w.End()
}

// media writes an image or a document, or says why it cannot go.
func (e *requestEncoder) media(p *llm.Part, path string) error {
	m := p.Media
	block, src, err := e.mediaSource(m, path)
	if err != nil {
		return err
	}
	if block == "image" && e.target.Caps.NoImages {
		return refuse("media.kind", path, "this model looks at no pictures")
	}
	if block == "document" && e.target.Caps.NoPDF && (src.mime == "application/pdf" || src.kind == "url") {
		return refuse("media.kind", path, "this model reads no PDF documents")
	}
	if m.Detail != "" && m.Detail != "auto" && !e.own {
		e.losses.Drop("media.detail", path, m.Detail)
	}
	w := e.w
	w.Obj()
	w.StrField("type", block)
	src.write(w)
	if block == "document" {
		if m.Name != "" {
			w.StrField("title", m.Name)
		}
		if m.Context != "" {
			w.StrField("context", m.Context)
		}
	}
	e.cache(p.Cache, path)
	e.members(p.Native.For(llm.Anthropic))
	w.End()
	return nil
}

func (e *requestEncoder) mediaSource(m *llm.Media, path string) (block string, src mediaSource, err error) {
	if m.IsPlain {
		return "document", mediaSource{"text", "text/plain", "data", m.Plain}, nil
	}
	block = "image"
	if m.Document {
		block = "document"
	}
	if m.FileID != "" {
		if !e.own {
			return "", src, refuse("media.file_id", path, "a file id of another vendor's store cannot be used with this model")
		}
		return block, mediaSource{"file", "", "file_id", m.FileID}, nil
	}
	mime := m.MIME
	if mime == "" {
		filled := *m
		wire.FillMIME(&filled)
		mime = filled.MIME
	}
	kind, sub, _ := strings.Cut(mime, "/")
	if m.URL != "" {
		if kind == "audio" || kind == "video" || strings.Contains(m.URL, "://www.youtube.com/") || strings.Contains(m.URL, "://youtu.be/") {
			return "", src, refuse("media.kind", path, "this model takes no video and no audio")
		}
		if kind == "application" || kind == "text" {
			block = "document"
		}
		return block, mediaSource{"url", "", "url", m.URL}, nil
	}
	switch {
	case mime == "":
		return "", src, refuse("media.mime", path, "the media type is missing and cannot be told from the data")
	case mime == "application/pdf", e.own && block == "document":
		return "document", mediaSource{"base64", mime, "data", m.Data}, nil
	case kind == "image" && (sub == "png" || sub == "jpeg" || sub == "gif" || sub == "webp" || e.own):
		return "image", mediaSource{"base64", mime, "data", m.Data}, nil
	case mime == "image/jpg":
		return "image", mediaSource{"base64", "image/jpeg", "data", m.Data}, nil
	case kind == "text" || mime == "application/json":
		return e.decodedText(m, path)
	}
	return "", src, refuse("media.kind", path, "this model takes no %s", mime)
}

// decodedText sends a text file as the plain text that documents may be.
func (e *requestEncoder) decodedText(m *llm.Media, path string) (string, mediaSource, error) {
	raw, err := base64.StdEncoding.DecodeString(m.Data)
	if err != nil {
		return "", mediaSource{}, refuse("media.kind", path, "the data of this document is not base64")
	}
	e.losses.Adapt("media.document", path, "")
	return "document", mediaSource{"text", "text/plain", "data", strings.ToValidUTF8(string(raw), "\uFFFD")}, nil
}
