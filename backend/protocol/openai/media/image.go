package media

import (
	"strings"
	"unicode/utf8"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
)

// Images is POST /v1/images/generations, and with Edit /v1/images/edits.
type Images struct {
	formOperation
	Edit bool
}

var (
	_ protocol.Operation = Images{}
	_ protocol.Splitter  = Images{}
)

const (
	maxImages = 10     // made by one request
	maxPrompt = 32_000 // characters
	maxInputs = 16     // pictures to edit
)

// imageDecoder reads one request.
type imageDecoder struct {
	req      *llm.Request
	losses   *llm.Losses
	edit     bool
	prompt   string
	size     string
	quality  string
	pictures []llm.Part
}

// DecodeRequest implements protocol.Client: what the user says is the
// pictures, if there are any, and then the prompt.
func (o Images) DecodeRequest(in protocol.Inbound, losses *llm.Losses) (*llm.Request, error) {
	d := imageDecoder{req: &llm.Request{Modalities: []string{"image"}, Image: &llm.ImageOut{}}, losses: losses, edit: o.Edit}
	d.req.Reasoning.Visible = llm.VisibleOmit
	var err error
	if contentType := in.Header.Get("Content-Type"); o.Edit && wire.IsForm(contentType) {
		err = d.form(contentType, in.Body)
	} else {
		err = d.object(in.Body)
	}
	if err == nil {
		err = d.settle()
	}
	return d.req, wire.Explain(err)
}

func (d *imageDecoder) form(contentType string, body []byte) error {
	form, err := wire.ParseForm(contentType, body)
	if err != nil {
		return err
	}
	for i := range form.Parts {
		p := &form.Parts[i]
		switch p.Name {
		case "image", "image[]":
			err = d.picture(p)
		case "mask":
			err = errMask()
		default:
			err = d.option(p.Name, p.Text())
		}
		if err != nil {
			return wire.At(p.Name, err)
		}
	}
	return nil
}

// picture keeps a picture of a form, in base64: the one copy that is made of
// it before it is written into the request.
func (d *imageDecoder) picture(p *wire.FormPart) error {
	if len(p.Data) == 0 {
		return fault.Invalid("", "the file is empty")
	}
	m := &llm.Media{Data: p.Base64(), Name: p.FileName}
	if strings.HasPrefix(p.Type, "image/") {
		m.MIME = p.Type
	}
	wire.FillMIME(m)
	m.Name = "" // it served its purpose
	if !strings.HasPrefix(m.MIME, "image/") {
		return fault.Invalid("", "the file is no picture of a known type").WithCode("media.mime")
	}
	return d.add(m)
}

func (d *imageDecoder) add(m *llm.Media) error {
	if len(d.pictures) == maxInputs {
		return fault.Invalid("", "expected at most %d pictures", maxInputs)
	}
	d.pictures = append(d.pictures, llm.Part{Kind: llm.KindMedia, Media: m})
	return nil
}

func errMask() error {
	return fault.Invalid("", "this model edits without a mask: say in the prompt what to change").WithCode("image.mask")
}

// object reads a JSON body; an edit's pictures stand in it as addresses.
func (d *imageDecoder) object(body []byte) error {
	return wire.Members(body, func(key string, raw []byte) error {
		switch key {
		case "images":
			return wire.Each(raw, func(_ int, item []byte) error { return d.reference(item) })
		case "image":
			if rawjson.KindOf(raw) == rawjson.KindArray {
				return wire.Each(raw, func(_ int, item []byte) error { return d.reference(item) })
			}
			return d.reference(raw)
		case "mask":
			return errMask()
		}
		text, err := scalar(raw)
		if err != nil {
			return err
		}
		return d.option(key, text)
	})
}

// reference reads {image_url} or {file_id}, or the address itself.
func (d *imageDecoder) reference(raw []byte) error {
	m := &llm.Media{}
	read := func(raw []byte) error {
		var url string
		if err := wire.Str(raw, &url); err != nil {
			return err
		}
		return wire.MediaURL(url, m)
	}
	if rawjson.KindOf(raw) == rawjson.KindString {
		if err := read(raw); err != nil {
			return err
		}
		return d.add(m)
	}
	err := wire.Members(raw, func(key string, raw []byte) error {
		switch key {
		case "image_url":
			return read(raw)
		case "file_id":
			return fault.Invalid("", "a file id of another vendor's store cannot be used with this model").WithCode("media.file_id")
		}
		return nil
	})
	if err == nil && m.Data == "" && m.URL == "" && m.FileID == "" {
		err = wire.Missing("image_url")
	}
	if err != nil {
		return err
	}
	return d.add(m)
}

// option reads a field that is the same in both forms.
func (d *imageDecoder) option(key, text string) (err error) {
	r := d.req
	switch key {
	case "model":
		r.Model = text
	case "prompt":
		d.prompt = text
	case "n":
		r.Sampling.N, err = integer(text, 1, maxImages)
	case "size":
		d.size = text
	case "quality":
		d.quality = strings.ToLower(text)
	case "stream":
		r.Stream, err = boolean(text)
	case "partial_images":
		var n *int64
		if n, err = integer(text, 0, 3); err == nil && *n > 0 {
			err = fault.Invalid("", "this model shows no pictures in the making: leave it out").WithCode("image.partial")
		}
	case "response_format":
		if err = word(text, "url", "b64_json"); err == nil {
			note(r, key, text)
		}
	case "output_format":
		if err = word(text, "png", "jpeg", "webp"); err == nil && text != "png" {
			d.losses.Drop("image.format", key, text)
		}
	case "background":
		if err = word(text, "auto", "transparent", "opaque"); err == nil && text == "transparent" {
			d.losses.Drop("image.background", key, text)
		}
	case "user":
		r.EndUser = text
	default:
		d.losses.Drop("option", key, "")
	}
	return err
}

// settle checks what depends on more than one field and makes the turn.
func (d *imageDecoder) settle() error {
	r := d.req
	switch {
	case d.prompt == "":
		return wire.Missing("prompt")
	case utf8.RuneCountInString(d.prompt) > maxPrompt:
		return fault.Invalid("prompt", "expected at most %d characters", maxPrompt)
	case d.edit && len(d.pictures) == 0:
		return wire.Missing("image")
	case !d.edit && len(d.pictures) > 0:
		return fault.Invalid("image", "pictures to change are sent to /v1/images/edits")
	case r.Stream && r.Sampling.N != nil && *r.Sampling.N > 1:
		return fault.Invalid("n", "a stream brings one picture: send a request for each").WithCode("image.n")
	}
	if err := d.form2D(); err != nil {
		return err
	}
	parts := append(d.pictures, llm.TextPart(d.prompt))
	r.Turns = []llm.Turn{{Role: llm.RoleUser, Parts: parts}}
	return nil
}

// Split implements protocol.Splitter: a model that draws in conversation makes
// one picture a time, others some.
func (Images) Split(req *llm.Request, most int) []*llm.Request {
	left := int64(1)
	if req.Sampling.N != nil {
		left = *req.Sampling.N
	}
	var out []*llm.Request
	for ; left > 0; left -= int64(most) {
		one := *req
		one.Sampling.N = nil
		if n := min(left, int64(most)); n > 1 {
			one.Sampling.N = &n
		}
		out = append(out, &one)
	}
	return out
}
