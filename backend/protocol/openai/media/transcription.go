package media

import (
	"net/http"
	"path"
	"strings"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
	"antigravity-tools/backend/sse"
)

// Transcriptions is POST /v1/audio/transcriptions.
type Transcriptions struct{ formOperation }

var (
	_ protocol.Operation = Transcriptions{}
	_ protocol.Typed     = Transcriptions{}
	_ protocol.Quiet     = Transcriptions{}
)

// Ask implements protocol.Operation.
func (o Transcriptions) Ask(in protocol.Inbound) (protocol.Asked, error) {
	if !wire.IsForm(in.Header.Get("Content-Type")) {
		return protocol.Asked{}, fault.Invalid("", "A recording is sent as multipart/form-data, in the field file.").
			WithCode("unsupported_media_type").WithStatus(http.StatusUnsupportedMediaType)
	}
	return o.formOperation.Ask(in)
}

// transcriptionDecoder reads one request.
type transcriptionDecoder struct {
	req              *llm.Request
	losses           *llm.Losses
	recording        *llm.Media
	language, prompt string
}

// DecodeRequest implements protocol.Client: the recording, and what to do
// with it.
func (Transcriptions) DecodeRequest(in protocol.Inbound, losses *llm.Losses) (*llm.Request, error) {
	form, err := wire.ParseForm(in.Header.Get("Content-Type"), in.Body)
	if err != nil {
		return nil, err
	}
	d := transcriptionDecoder{req: &llm.Request{}, losses: losses}
	d.req.Reasoning.Visible = llm.VisibleOmit
	for i := range form.Parts {
		if err := d.field(&form.Parts[i]); err != nil {
			return nil, wire.Explain(wire.At(form.Parts[i].Name, err))
		}
	}
	if d.recording == nil {
		return nil, wire.Explain(wire.Missing("file"))
	}
	d.req.Turns = []llm.Turn{{Role: llm.RoleUser, Parts: []llm.Part{
		{Kind: llm.KindMedia, Media: d.recording}, llm.TextPart(d.task()),
	}}}
	return d.req, nil
}

func (d *transcriptionDecoder) field(p *wire.FormPart) (err error) {
	r := d.req
	switch text := p.Text(); p.Name {
	case "file":
		return d.file(p)
	case "model":
		r.Model = text
	case "language":
		d.language = text
	case "prompt":
		d.prompt = text
	case "temperature":
		r.Sampling.Temperature, err = number(text, 0, 1)
	case "stream":
		r.Stream, err = boolean(text)
	case "response_format":
		switch text {
		case "json", "text":
			note(r, p.Name, text)
		case "srt", "vtt", "verbose_json", "diarized_json":
			return fault.Invalid("", "this model tells words without times: choose json or text").WithCode("audio.format")
		default:
			return wire.Unknown(text, "json", "text")
		}
	case "timestamp_granularities[]", "timestamp_granularities":
		return fault.Invalid("", "this model tells words without times").WithCode("audio.times")
	case "include[]", "include":
		return fault.Invalid("", "this model tells no probabilities of words").WithCode("audio.include")
	default: // chunking_strategy and the like: how, not what
		d.losses.Drop("option", p.Name, "")
	}
	return err
}

func (d *transcriptionDecoder) file(p *wire.FormPart) error {
	if len(p.Data) == 0 {
		return fault.Invalid("", "the file is empty")
	}
	mime := recordingType(p)
	if mime == "" {
		return fault.Invalid("", "the recording's format cannot be told: name the file with its extension, as in speech.wav").WithCode("media.mime")
	}
	d.recording = &llm.Media{MIME: mime, Data: p.Base64()}
	return nil
}

// recordingType tells the type of a recording by the name of its file, which
// clients choose with more care than its content type.
func recordingType(p *wire.FormPart) string {
	switch ext := strings.ToLower(strings.TrimPrefix(path.Ext(p.FileName), ".")); ext {
	case "mp3", "mpga", "mpeg":
		return "audio/mp3"
	case "wav", "flac", "aac", "aiff", "webm", "m4a", "opus":
		return "audio/" + ext
	case "ogg", "oga":
		return "audio/ogg"
	case "mp4":
		return "audio/mp4"
	}
	kind, _, _ := strings.Cut(p.Type, ";")
	switch kind = strings.ToLower(strings.TrimSpace(kind)); kind {
	case "audio/mpeg", "audio/mp3":
		return "audio/mp3"
	case "audio/x-wav", "audio/wave", "audio/vnd.wave":
		return "audio/wav"
	}
	if strings.HasPrefix(kind, "audio/") {
		return kind
	}
	return ""
}

// task words what the model has to do.
func (d *transcriptionDecoder) task() string {
	var b strings.Builder
	b.WriteString("Transcribe this recording word for word. Answer with the words that are spoken and with nothing else.")
	if d.language != "" {
		b.WriteString(" The language is " + d.language + " (ISO 639).")
	}
	if d.prompt != "" {
		b.WriteString("\nWhat was said before, or how words are written:\n" + d.prompt)
	}
	return b.String()
}

// ResponseType implements protocol.Typed.
func (Transcriptions) ResponseType(reply protocol.Reply) string {
	if echoed(reply, "response_format") == "text" {
		return "text/plain; charset=utf-8"
	}
	return "application/json"
}

// MayBeSilent implements protocol.Quiet.
func (Transcriptions) MayBeSilent() bool { return true }

// EncodeResponse implements protocol.Client.
func (Transcriptions) EncodeResponse(resp *llm.Response, reply protocol.Reply, _ *llm.Losses) ([]byte, error) {
	text, err := spokenText(resp)
	if err != nil {
		return nil, err
	}
	if echoed(reply, "response_format") == "text" {
		return []byte(text + "\n"), nil
	}
	w := rawjson.NewWriter(len(text) + 128)
	w.Obj()
	w.StrField("text", text)
	writeUsage(w, resp.Usage, "tokens")
	w.End()
	return w.Bytes(), nil
}

// spokenText joins the words; a recording without any is no error unless the
// provider refused it.
func spokenText(resp *llm.Response) (string, error) {
	var text wire.Text
	for i := range resp.Choices {
		c := &resp.Choices[i]
		for j := range c.Parts {
			if p := &c.Parts[j]; p.Kind == llm.KindText {
				text.Add(p.Text)
			}
		}
		switch c.Close.Reason {
		case llm.ReasonFilter, llm.ReasonRecitation:
			return "", unsaid(resp, "a transcription")
		}
	}
	return strings.TrimSpace(text.String()), nil
}

// NewStreamEncoder implements protocol.Client.
func (Transcriptions) NewStreamEncoder(protocol.Reply, *llm.Losses) protocol.StreamEncoder {
	return &transcriptionStream{all: llm.NewCollector(), words: map[int]bool{}}
}

type transcriptionStream struct {
	frames
	all   *llm.Collector
	words map[int]bool // parts of text, by index
	w     rawjson.Writer
}

// Encode implements protocol.StreamEncoder.
func (s *transcriptionStream) Encode(dst []byte, ev llm.Event) ([]byte, error) {
	s.all.Add(ev)
	text := ""
	switch {
	case ev.Choice != 0:
	case ev.Kind == llm.EventPartOpen && ev.Part.Kind == llm.KindText:
		s.words[ev.Index] = true
		text = ev.Part.Text
	case ev.Kind == llm.EventDelta && s.words[ev.Index]:
		text = ev.Text
	}
	if text == "" {
		return dst, nil
	}
	s.w.Reset()
	s.w.Obj()
	s.w.StrField("type", "transcript.text.delta")
	s.w.StrField("delta", text)
	s.w.End()
	return sse.AppendEvent(dst, "transcript.text.delta", s.w.Bytes()), nil
}

// End implements protocol.StreamEncoder.
func (s *transcriptionStream) End(dst []byte) []byte {
	resp := s.all.Response()
	text, err := spokenText(resp)
	if err != nil {
		return s.Error(dst, fault.From(err))
	}
	s.w.Reset()
	s.w.Obj()
	s.w.StrField("type", "transcript.text.done")
	s.w.StrField("text", text)
	writeUsage(&s.w, resp.Usage, "tokens")
	s.w.End()
	return sse.AppendEvent(dst, "transcript.text.done", s.w.Bytes())
}
