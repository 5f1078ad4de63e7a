package responses

import (
	"encoding/base64"
	"strconv"
	"strings"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol/crossing/oai"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
)

// userTurn writes a turn of the user's: each tool result is an item, all that
// stands between two of them one message.
func (e *requestEncoder) userTurn(i int, turn *llm.Turn) error {
	open := false
	end := func() {
		if open {
			e.endMessage()
		}
		open = false
	}
	for j := range turn.Parts {
		p, path := &turn.Parts[j], oai.TurnPath(i, j)
		switch {
		case p.DropAs != "" && !e.own:
			e.losses.Drop(p.DropAs, path, "")
			continue
		case p.Kind == llm.KindResult:
			end()
			if err := e.result(p, path); err != nil {
				return err
			}
			continue
		case e.item(p):
			end()
			e.w.Raw(p.Native.For(llm.Responses))
			continue
		}
		form, err := e.form(p, path)
		if err != nil {
			return err
		}
		if form == nil {
			continue
		}
		if !open {
			open = true
			e.beginMessage("user", turn.Native.For(llm.Responses))
		}
		e.part(form, p, path)
	}
	end()
	return nil
}

// item tells an opaque part that is a whole item of this protocol, rather than
// a content part: those are approvals and outputs of OpenAI's own tools.
func (e *requestEncoder) item(p *llm.Part) bool {
	raw := p.Native.For(llm.Responses)
	if p.Kind != llm.KindOpaque || raw == nil {
		return false
	}
	kind := wire.WordOf(raw, "type")
	return strings.HasSuffix(kind, "_output") || strings.HasSuffix(kind, "_response")
}

// contentForm writes the members of one content part; whole tells that it
// writes the object itself.
type contentForm struct {
	whole bool
	write func(w *rawjson.Writer)
}

func (e *requestEncoder) part(f *contentForm, p *llm.Part, path string) {
	w := e.w
	if f.whole {
		f.write(w)
		return
	}
	w.Obj()
	f.write(w)
	if e.cache.Marks(p.Cache, path) {
		e.cache.Write(w, p.Cache)
	}
	for key, raw := range rawjson.Members(p.Native.For(llm.Responses)) {
		w.RawField(key, raw)
	}
	w.End()
}

func textForm(text string) *contentForm {
	return &contentForm{write: func(w *rawjson.Writer) {
		w.StrField("type", "input_text")
		w.StrField("text", text)
	}}
}

// form chooses the form of a part; nil means that it is left out.
func (e *requestEncoder) form(p *llm.Part, path string) (*contentForm, error) {
	switch p.Kind {
	case llm.KindText:
		e.foreignSeal(p, path)
		return textForm(p.Text), nil
	case llm.KindMedia:
		return e.mediaForm(p.Media, path)
	case llm.KindCode:
		e.losses.Adapt("code", path, "")
		return textForm(wire.CodeMarkdown(p.Code)), nil
	case llm.KindOpaque:
		if raw := p.Native.For(llm.Responses); raw != nil {
			return &contentForm{whole: true, write: func(w *rawjson.Writer) { w.Raw(raw) }}, nil
		}
		e.losses.Drop("opaque", path, string(p.Native.Protocol))
		return nil, nil
	}
	e.losses.Drop("opaque", path, string(p.Kind))
	return nil, nil
}

// mediaForm writes an image or a document, or says why it cannot go.
func (e *requestEncoder) mediaForm(m *llm.Media, path string) (*contentForm, error) {
	switch {
	case m.IsPlain:
		return e.plainForm(m, path), nil
	case m.FileID != "":
		return e.storedForm(m, path)
	case m.URL != "":
		return e.addressForm(m, path)
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
		return nil, oai.Refuse("media.mime", path, "the media type is missing and cannot be told from the data")
	case kind == "image" && (e.own || oai.TakesImage(sub)) && !(m.Document && e.own):
		return e.imageForm("image_url", oai.Detail(m, e.own, path, e.losses), "data:", mime, ";base64,", m.Data), nil
	case e.own && kind == "audio":
		return audioForm(m, sub), nil
	case e.own, e.target.Caps.Files && (mime == "application/pdf" || isText(mime)):
		return fileForm(m, mime, m.Data), nil
	case isText(mime):
		return e.decodedForm(m, path)
	}
	return nil, oai.Refuse("media.kind", path, "this model takes no %s", mime)
}

func isText(mime string) bool { return strings.HasPrefix(mime, "text/") || mime == "application/json" }

// imageForm takes the value in pieces: the last may be a whole picture.
func (e *requestEncoder) imageForm(key, detail string, val ...string) *contentForm {
	return &contentForm{write: func(w *rawjson.Writer) {
		w.StrField("type", "input_image")
		w.Key(key)
		w.StrOf(val...)
		if detail != "" {
			w.StrField("detail", detail)
		}
	}}
}

// audioForm repeats what a client of this protocol sent.
func audioForm(m *llm.Media, format string) *contentForm {
	return &contentForm{write: func(w *rawjson.Writer) {
		w.StrField("type", "input_audio")
		w.Key("input_audio")
		w.Obj()
		w.StrField("data", m.Data)
		w.StrField("format", format)
		w.End()
	}}
}

// fileForm writes a document with its data; the service wants a name, by whose
// ending it goes too.
func fileForm(m *llm.Media, mime, data string) *contentForm {
	name := m.Name
	if name == "" {
		name = "document"
	}
	if !strings.Contains(name, ".") {
		name += extension(mime)
	}
	return &contentForm{write: func(w *rawjson.Writer) {
		w.StrField("type", "input_file")
		w.StrField("filename", name)
		w.Key("file_data")
		w.StrOf("data:", mime, ";base64,", data)
	}}
}

func extension(mime string) string {
	switch mime {
	case "application/pdf":
		return ".pdf"
	case "application/json":
		return ".json"
	case "text/markdown":
		return ".md"
	case "text/csv":
		return ".csv"
	case "text/html":
		return ".html"
	}
	return ".txt"
}

// plainForm writes a document that came as text.
func (e *requestEncoder) plainForm(m *llm.Media, path string) *contentForm {
	e.losses.Adapt("media.document", path, "")
	if !e.target.Caps.Files || m.Context != "" {
		return textForm(oai.DocumentText(m, m.Plain))
	}
	return fileForm(m, "text/plain", base64.StdEncoding.EncodeToString([]byte(m.Plain)))
}

// decodedForm shows a text file as text, which every model reads.
func (e *requestEncoder) decodedForm(m *llm.Media, path string) (*contentForm, error) {
	raw, err := base64.StdEncoding.DecodeString(m.Data)
	if err != nil {
		return nil, oai.Refuse("media.kind", path, "the data of this document is not base64")
	}
	e.losses.Adapt("media.document", path, "")
	return textForm(oai.DocumentText(m, strings.ToValidUTF8(string(raw), "\uFFFD"))), nil
}

// storedForm refers to a file in OpenAI's own store.
func (e *requestEncoder) storedForm(m *llm.Media, path string) (*contentForm, error) {
	kin := e.req.Native.Protocol == llm.OpenAIChat && e.target.Caps.VendorOptions && strings.HasPrefix(m.FileID, "file-")
	if !e.own && !kin {
		return nil, oai.Refuse("media.file_id", path, "a file id of another vendor's store cannot be used with this model")
	}
	if !m.Document {
		return e.imageForm("file_id", oai.Detail(m, e.own, path, e.losses), m.FileID), nil
	}
	return &contentForm{write: func(w *rawjson.Writer) {
		w.StrField("type", "input_file")
		w.StrField("file_id", m.FileID)
		if m.Name != "" {
			w.StrField("filename", m.Name)
		}
	}}, nil
}

// addressForm refers to media by its address, which OpenAI's own service
// fetches.
func (e *requestEncoder) addressForm(m *llm.Media, path string) (*contentForm, error) {
	kind, _, _ := strings.Cut(m.MIME, "/")
	document := m.Document || kind == "application" || kind == "text"
	switch {
	case document && !e.own && !e.target.Caps.Files:
		return nil, oai.Refuse("media.fetch", path, "this model does not fetch documents from an address: send the data itself")
	case document:
		return &contentForm{write: func(w *rawjson.Writer) {
			w.StrField("type", "input_file")
			if m.Name != "" && e.own {
				w.StrField("filename", m.Name)
			}
			w.StrField("file_url", m.URL)
		}}, nil
	case !e.own && oai.IsMovieURL(m):
		return nil, oai.Refuse("media.kind", path, "this model takes no video and no audio from an address")
	case !e.own && !strings.HasPrefix(m.URL, "https://") && !strings.HasPrefix(m.URL, "http://"):
		return nil, oai.Refuse("media.file_id", path, "a file of another vendor's store cannot be used with this model")
	}
	return e.imageForm("image_url", oai.Detail(m, e.own, path, e.losses), m.URL), nil
}

// modelMedia places media that the model made in a message of the user's: an
// answer of the model's holds text alone. An own image is the item it was.
func (e *requestEncoder) modelMedia(p *llm.Part, path string) error {
	m := p.Media
	switch {
	case m.FileID != "":
		return oai.Refuse("media.file_id", path, "an earlier answer is known to its own vendor only")
	case !strings.HasPrefix(m.MIME, "image/") && m.MIME != "":
		return oai.Refuse("media.kind", path, "an earlier answer of %s cannot be shown to this model", m.MIME)
	}
	e.foreignSeal(p, path)
	e.losses.Adapt("media.assistant", path, "")
	form, err := e.mediaForm(m, path)
	if err != nil {
		return err
	}
	e.beginMessage("user", nil)
	shown := llm.Part{Kind: llm.KindMedia, Media: m, Cache: p.Cache}
	e.part(form, &shown, path)
	e.endMessage()
	return nil
}

// result writes what a tool answered: a string if it is one text, else the list
// of its parts.
func (e *requestEncoder) result(p *llm.Part, path string) error {
	r, w := p.Result, e.w
	kind := "function_call_output"
	if r.Kind == llm.CallCustom && (e.own || e.target.Caps.CustomTools) {
		kind = "custom_tool_call_output"
	}
	failed := r.IsError && !e.own
	if failed {
		e.losses.Adapt("result.error", path, "")
	}
	forms, parts, err := e.resultForms(r, path, failed)
	if err != nil {
		return err
	}
	w.Obj()
	w.StrField("type", kind)
	w.StrField("call_id", r.CallID)
	w.Key("output")
	if plain := onlyText(parts); plain != nil && (p.Cache == nil || !e.cache.Takes()) {
		e.cache.Marks(p.Cache, path)
		w.Str(*plain)
	} else {
		if n := len(parts); n > 0 && p.Cache != nil {
			parts[n-1].Cache = p.Cache
		}
		w.Arr()
		for k := range forms {
			e.part(forms[k], &parts[k], path)
		}
		w.EndArr()
	}
	for key, raw := range rawjson.Members(p.Native.For(llm.Responses)) {
		w.RawField(key, raw)
	}
	w.End()
	return nil
}

// resultForms are the forms of a result's parts. There is at least one.
func (e *requestEncoder) resultForms(r *llm.Result, path string, failed bool) (forms []*contentForm, parts []llm.Part, err error) {
	for k := range r.Parts {
		p := r.Parts[k]
		if p.Kind == llm.KindText && failed {
			p.Text, failed = oai.ErrorText(p.Text), false
		}
		form, err := e.form(&p, path+".content["+strconv.Itoa(k)+"]")
		if err != nil {
			return nil, nil, err
		}
		if form != nil {
			p.Cache = nil
			forms, parts = append(forms, form), append(parts, p)
		}
	}
	if len(forms) == 0 || failed {
		text := ""
		if failed {
			text = oai.ErrorText("")
		}
		forms = append([]*contentForm{textForm(text)}, forms...)
		parts = append([]llm.Part{llm.TextPart(text)}, parts...)
	}
	return forms, parts, nil
}

// onlyText is the text of parts that are one text without marks, nil if they
// are more.
func onlyText(parts []llm.Part) *string {
	if len(parts) != 1 || parts[0].Kind != llm.KindText || parts[0].Native.For(llm.Responses) != nil {
		return nil
	}
	return &parts[0].Text
}
