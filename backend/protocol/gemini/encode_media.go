package gemini

import (
	"encoding/base64"
	"net/url"
	"strings"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
)

// media writes an image, document, audio or video part.
func (e *requestEncoder) media(p *llm.Part, sig string, i, j int) error {
	form, err := e.mediaForm(p, func() string { return turnPath(i, j) })
	if err != nil {
		return err
	}
	w := e.w
	switch {
	case e.own:
	case p.Media.Context != "":
		e.losses.Adapt("media.document", turnPath(i, j), "its context goes ahead of it")
		w.Obj()
		w.StrField("text", "[document: "+p.Media.Name+"]\n"+p.Media.Context)
		w.End()
	case p.Media.Name != "":
		e.losses.Adapt("media.document", turnPath(i, j), "without its name")
	}
	w.Obj()
	form.write(w)
	if level := levelOf(p.Media.Detail); level != "" {
		if e.target.Caps.PartDetail || e.own {
			w.Key("mediaResolution")
			w.Obj()
			w.StrField("level", level)
			w.End()
		} else {
			e.losses.Drop("media.detail", turnPath(i, j), p.Media.Detail)
		}
	}
	writeTail(w, form.native, sig, form.key)
	w.End()
	return nil
}

// mediaForm is how a media part is written.
type mediaForm struct {
	key        string // inlineData or fileData
	mime, name string
	data       string // base64, or the address
	native     []byte // unknown members of the part
}

// write writes the datum of the part.
func (f mediaForm) write(w *rawjson.Writer) {
	w.Key(f.key)
	w.Obj()
	if f.mime != "" {
		w.StrField("mimeType", f.mime)
	}
	if f.key == "inlineData" {
		w.Key("data")
		w.Str(f.data)
	} else {
		w.StrField("fileUri", f.data)
	}
	if f.name != "" {
		w.StrField("displayName", f.name)
	}
	writeRest(w, member(f.native, f.key))
	w.End()
}

// mediaForm chooses the form, or says why the part cannot be sent.
func (e *requestEncoder) mediaForm(p *llm.Part, at func() string) (mediaForm, error) {
	m := p.Media
	if e.own {
		return ownForm(p), nil
	}
	switch {
	case m.IsPlain:
		e.losses.Adapt("media.document", at(), "")
		return mediaForm{key: "inlineData", mime: "text/plain", data: base64.StdEncoding.EncodeToString([]byte(m.Plain))}, nil
	case m.FileID != "":
		if !ownFile(m.FileID) {
			return mediaForm{}, refuse("media.file_id", at(), "a file id of another vendor's store cannot be used with this model")
		}
		f := mediaForm{key: "fileData", mime: mimeOf(m), data: m.FileID}
		if f.mime == "" {
			f.mime = mimeOf(&llm.Media{Name: m.FileID})
		}
		return f, nil
	case m.URL != "":
		return e.urlForm(m, at)
	}
	f := mediaForm{key: "inlineData", mime: mimeOf(m), data: m.Data}
	switch f.mime {
	case "":
		return f, refuse("media.mime", at(), "the media type is missing and cannot be told from the data")
	case "image/gif":
		return f, refuse("media.kind", at(), "this model takes no GIF images")
	}
	return f, nil
}

// ownForm is the form in which a Gemini client wrote the part. Names go to
// Gemini only if they came from there: the public API may refuse them.
func ownForm(p *llm.Part) mediaForm {
	m := p.Media
	f := mediaForm{key: "inlineData", mime: m.MIME, data: m.Data, name: m.Name, native: p.Native.For(llm.Gemini)}
	if addr := m.FileID + m.URL; addr != "" {
		f.key, f.data = "fileData", addr
	}
	return f
}

func (e *requestEncoder) urlForm(m *llm.Media, at func() string) (mediaForm, error) {
	u, err := url.Parse(m.URL)
	if err != nil {
		return mediaForm{}, refuse("media.fetch", at(), "the address of the media is malformed")
	}
	f := mediaForm{key: "fileData", mime: m.MIME, data: m.URL}
	switch {
	case youtube(u) || ownFile(m.URL):
		return f, nil
	case u.Scheme != "https" || !e.target.Caps.URLMedia:
		return f, refuse("media.fetch", at(), "this model does not fetch media from an address: send the data itself")
	}
	if f.mime == "" {
		f.mime = mimeOf(&llm.Media{Name: u.Path})
	}
	return f, nil
}

func youtube(u *url.URL) bool {
	switch strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.") {
	case "youtube.com", "m.youtube.com", "youtu.be":
		return true
	}
	return false
}

// mimeOf is the media type: as declared, by the file's name, or by the first
// bytes of the data.
func mimeOf(m *llm.Media) string {
	filled := llm.Media{MIME: m.MIME, Name: m.Name, Data: m.Data}
	wire.FillMIME(&filled)
	return filled.MIME
}

// looseMedia is media of a tool result for models that take none inside it.
type looseMedia struct {
	callID string
	form   mediaForm
}

// result writes a tool result and returns media that has to follow it.
func (e *requestEncoder) result(p *llm.Part, sig string, i, j int) (loose []looseMedia, err error) {
	r := p.Result
	e.cacheLoss(p, turnPath(i, j))
	native := p.Native.For(llm.Gemini)
	inner := member(native, "functionResponse")
	w := e.w
	w.Obj()
	w.Key("functionResponse")
	w.Obj()
	if r.CallID != "" && e.target.Caps.CallIDs {
		w.StrField("id", r.CallID)
	}
	w.StrField("name", e.nameOf(r))
	var texts []string
	var inside []mediaForm
	for k := range r.Parts {
		at := func() string { return turnPath(i, j) + ".content" + index(k) }
		switch sub := &r.Parts[k]; sub.Kind {
		case llm.KindText:
			texts = append(texts, sub.Text)
		case llm.KindMedia:
			form, err := e.mediaForm(sub, at)
			if err != nil {
				return nil, err
			}
			if e.target.Caps.ResultMedia || e.own {
				inside = append(inside, form)
				continue
			}
			e.losses.Adapt("result.media", at(), "")
			loose = append(loose, looseMedia{r.CallID, form})
		default:
			e.losses.Drop("opaque", at(), string(sub.Kind))
		}
	}
	if raw := member(inner, "response"); raw == nil {
		e.response(r, strings.Join(texts, "\n"))
	}
	e.resultParts(inside)
	writeRest(w, inner)
	w.End()
	writeTail(w, native, sig, "functionResponse")
	w.End()
	return loose, nil
}

// response writes the text of a result, always as text: what looks like JSON
// may well be a file's content.
func (e *requestEncoder) response(r *llm.Result, text string) {
	key := "output"
	if r.IsError {
		key = "error"
	}
	e.w.Key("response")
	e.w.Obj()
	e.w.StrField(key, text)
	e.w.End()
}

func (e *requestEncoder) resultParts(forms []mediaForm) {
	if len(forms) == 0 {
		return
	}
	e.w.Key("parts")
	e.w.Arr()
	for _, f := range forms {
		e.w.Obj()
		f.write(e.w)
		writeTail(e.w, f.native, "", f.key)
		e.w.End()
	}
	e.w.EndArr()
}

// loose writes media of results behind all responses of the content.
func (e *requestEncoder) loose(list []looseMedia) error {
	for _, m := range list {
		e.w.Obj()
		e.w.StrField("text", "Image from tool call "+m.callID+":")
		e.w.End()
		e.w.Obj()
		m.form.write(e.w)
		e.w.End()
	}
	return nil
}
