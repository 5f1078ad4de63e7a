package openai

import (
	"encoding/base64"
	"strconv"
	"strings"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol/crossing/oai"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
)

func codeText(c *llm.Code) string { return wire.CodeMarkdown(c) }

// userMessage writes one message of the user's: the media that waited for it,
// then parts, whose places in turn i are at.
func (e *requestEncoder) userMessage(i int, parts []llm.Part, at []int, native []byte) error {
	waiting := e.pending
	e.pending = nil
	path := func(k int) string {
		if k < len(waiting) || k-len(waiting) >= len(at) {
			return "turns[" + strconv.Itoa(i) + "]"
		}
		return oai.TurnPath(i, at[k-len(waiting)])
	}
	all := append(append(make([]llm.Part, 0, len(waiting)+len(parts)), waiting...), parts...)
	forms := make([]userForm, 0, len(all))
	for k := range all {
		form, err := e.userForm(&all[k], path(k))
		if err != nil {
			return err
		}
		if form.write != nil || form.text != nil {
			form.mark = e.cache.Marks(all[k].Cache, path(k))
			form.cache = all[k].Cache
			forms = append(forms, form)
		}
	}
	if len(forms) == 0 {
		return nil
	}
	e.beginMessage("user", native)
	e.w.Key("content")
	if f := forms[0]; len(forms) == 1 && f.text != nil && !f.mark && f.native == nil {
		e.w.Str(*f.text)
	} else {
		e.w.Arr()
		for _, f := range forms {
			e.writeForm(f)
		}
		e.w.EndArr()
	}
	e.w.End()
	return nil
}

// userForm is one content part: text, or what write makes of it.
type userForm struct {
	text   *string
	write  func(w *rawjson.Writer)
	whole  bool // write makes the object itself
	native []byte
	mark   bool
	cache  *llm.Cache
}

func (e *requestEncoder) writeForm(f userForm) {
	w := e.w
	if f.whole {
		f.write(w)
		return
	}
	w.Obj()
	if f.text != nil {
		w.StrField("type", "text")
		w.StrField("text", *f.text)
	} else {
		f.write(w)
	}
	if f.mark {
		e.cache.Write(e.w, f.cache)
	}
	for key, raw := range rawjson.Members(f.native) {
		w.RawField(key, raw)
	}
	w.End()
}

// userForm chooses the form of a part; an empty one means that it is left out.
func (e *requestEncoder) userForm(p *llm.Part, path string) (userForm, error) {
	f := userForm{native: p.Native.For(llm.OpenAIChat)}
	switch p.Kind {
	case llm.KindText:
		f.text = &p.Text
	case llm.KindMedia:
		return e.mediaForm(p, path, f)
	case llm.KindCode:
		e.losses.Adapt("code", path, "")
		text := codeText(p.Code)
		f.text = &text
	case llm.KindOpaque:
		if f.native == nil {
			e.losses.Drop("opaque", path, string(p.Native.Protocol))
			return userForm{}, nil
		}
		raw := f.native
		return userForm{whole: true, write: func(w *rawjson.Writer) { w.Raw(raw) }}, nil
	default:
		e.losses.Drop("opaque", path, string(p.Kind))
		return userForm{}, nil
	}
	return f, nil
}

// mediaForm writes an image, a document or audio, or says why it cannot go.
func (e *requestEncoder) mediaForm(p *llm.Part, path string, f userForm) (userForm, error) {
	m := p.Media
	if m.IsPlain {
		e.losses.Adapt("media.document", path, "")
		text := oai.DocumentText(m, m.Plain)
		f.text = &text
		return f, nil
	}
	if m.FileID != "" {
		return e.fileForm(m, path, f)
	}
	if m.URL != "" {
		return e.addressForm(m, path, f)
	}
	mime := m.MIME
	if mime == "" {
		filled := *m
		wire.FillMIME(&filled)
		mime = filled.MIME
	}
	kind, sub, _ := strings.Cut(mime, "/")
	switch {
	case mime == "":
		return f, oai.Refuse("media.mime", path, "the media type is missing and cannot be told from the data")
	case kind == "image" && (e.own || oai.TakesImage(sub)) && !(m.Document && e.own):
		f.write = e.imageWriter([]string{"data:", mime, ";base64,", m.Data}, oai.Detail(m, e.own, path, e.losses))
	case kind == "audio" && audioFormat(sub) != "" && !m.Document:
		f.write = audioWriter(m.Data, audioFormat(sub))
	case e.own || mime == "application/pdf" && e.target.Caps.Files:
		f.write = fileWriter(m, mime)
	case kind == "text" || mime == "application/json":
		return e.decodedText(m, path, f)
	default:
		return f, oai.Refuse("media.kind", path, "this model takes no %s", mime)
	}
	return f, nil
}

// imageWriter takes the URL in pieces: the last may be a whole picture.
func (e *requestEncoder) imageWriter(url []string, detail string) func(w *rawjson.Writer) {
	return func(w *rawjson.Writer) {
		w.StrField("type", "image_url")
		w.Key("image_url")
		w.Obj()
		w.Key("url")
		w.StrOf(url...)
		if detail != "" {
			w.StrField("detail", detail)
		}
		w.End()
	}
}

// audioFormat is the service's word for an audio type, "" for one that it does
// not take.
func audioFormat(sub string) string {
	switch sub {
	case "wav", "x-wav", "wave", "vnd.wave":
		return "wav"
	case "mp3", "mpeg":
		return "mp3"
	}
	return ""
}

func audioWriter(data, format string) func(w *rawjson.Writer) {
	return func(w *rawjson.Writer) {
		w.StrField("type", "input_audio")
		w.Key("input_audio")
		w.Obj()
		w.StrField("data", data)
		w.StrField("format", format)
		w.End()
	}
}

func fileWriter(m *llm.Media, mime string) func(w *rawjson.Writer) {
	return func(w *rawjson.Writer) {
		w.StrField("type", "file")
		w.Key("file")
		w.Obj()
		if m.Name != "" {
			w.StrField("filename", m.Name)
		} else {
			w.StrField("filename", "document.pdf") // the service wants a name
		}
		w.Key("file_data")
		w.StrOf("data:", mime, ";base64,", m.Data)
		w.End()
	}
}

// decodedText shows a text file as text, which every model reads.
func (e *requestEncoder) decodedText(m *llm.Media, path string, f userForm) (userForm, error) {
	raw, err := base64.StdEncoding.DecodeString(m.Data)
	if err != nil {
		return f, oai.Refuse("media.kind", path, "the data of this document is not base64")
	}
	e.losses.Adapt("media.document", path, "")
	text := oai.DocumentText(m, strings.ToValidUTF8(string(raw), "\uFFFD"))
	f.text = &text
	return f, nil
}

// fileForm refers to a file in OpenAI's own store.
func (e *requestEncoder) fileForm(m *llm.Media, path string, f userForm) (userForm, error) {
	known := e.own || e.req.Native.Protocol == llm.Responses && e.target.Caps.VendorOptions && m.Document
	if !known || !e.own && !strings.HasPrefix(m.FileID, "file-") {
		return f, oai.Refuse("media.file_id", path, "a file id of another vendor's store cannot be used with this model")
	}
	f.write = func(w *rawjson.Writer) {
		w.StrField("type", "file")
		w.Key("file")
		w.Obj()
		w.StrField("file_id", m.FileID)
		if m.Name != "" {
			w.StrField("filename", m.Name)
		}
		w.End()
	}
	return f, nil
}

// addressForm refers to media by its address: images only, the protocol has no
// other.
func (e *requestEncoder) addressForm(m *llm.Media, path string, f userForm) (userForm, error) {
	kind, _, _ := strings.Cut(m.MIME, "/")
	switch {
	case m.Document || kind == "application" || kind == "text":
		return f, oai.Refuse("media.fetch", path, "this model does not fetch documents from an address: send the data itself")
	case oai.IsMovieURL(m):
		return f, oai.Refuse("media.kind", path, "this model takes no video and no audio from an address")
	}
	f.write = e.imageWriter([]string{m.URL}, oai.Detail(m, e.own, path, e.losses))
	return f, nil
}

// assistantMedia places media that the model made: images go to the user's
// next message, since an answer of the model's holds text alone.
func (e *requestEncoder) assistantMedia(a *assistant, i, j int, p *llm.Part) error {
	m := p.Media
	switch {
	case e.own && m.FileID != "":
		a.audio = m.FileID
		return nil
	case e.own && strings.HasPrefix(m.MIME, "image/"):
		text := wire.MediaMarkdown(m)
		if n := len(a.content); n > 0 {
			a.content[n-1].Text += text
		} else {
			a.content = append(a.content, llm.TextPart(text))
		}
		a.last = j
		return nil
	case m.FileID != "":
		return oai.Refuse("media.file_id", oai.TurnPath(i, j), "an earlier answer is known to its own vendor only")
	case !strings.HasPrefix(m.MIME, "image/") && m.MIME != "":
		return oai.Refuse("media.kind", oai.TurnPath(i, j), "an earlier answer of %s cannot be shown to this model", m.MIME)
	}
	e.losses.Adapt("media.assistant", oai.TurnPath(i, j), "")
	e.pending = append(e.pending, *p)
	return nil
}

// toolMessage writes one tool result and returns its media, for which a tool
// message has no place.
func (e *requestEncoder) toolMessage(i, j int, p *llm.Part) (media []llm.Part, err error) {
	r := p.Result
	var texts []string
	for k := range r.Parts {
		sub := &r.Parts[k]
		path := oai.TurnPath(i, j) + ".content[" + strconv.Itoa(k) + "]"
		switch {
		case sub.Kind == llm.KindText:
			texts = append(texts, sub.Text)
		case sub.Kind == llm.KindMedia && sub.Media.IsPlain:
			e.losses.Adapt("media.document", path, "")
			texts = append(texts, oai.DocumentText(sub.Media, sub.Media.Plain))
		case sub.Kind == llm.KindMedia:
			e.images++
			e.losses.Adapt("result.media", path, "")
			texts = append(texts, "[image "+strconv.Itoa(e.images)+" below]")
			media = append(media, *sub)
		default:
			e.losses.Drop("opaque", path, string(sub.Kind))
		}
	}
	text := strings.Join(texts, "\n")
	if r.IsError && !e.own {
		e.losses.Adapt("result.error", oai.TurnPath(i, j), "")
		text = oai.ErrorText(text)
	}
	e.beginMessage("tool", p.Native.For(llm.OpenAIChat))
	e.w.StrField("tool_call_id", r.CallID)
	e.content([]llm.Part{{Kind: llm.KindText, Text: text, Cache: p.Cache}}, func(int) string { return oai.TurnPath(i, j) })
	e.w.End()
	return media, nil
}
