package gemini

import (
	"strconv"
	"strings"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/rawjson"
)

func index(i int) string { return "[" + strconv.Itoa(i) + "]" }

// partDecoder reads one part of a content.
type partDecoder struct {
	part    llm.Part
	data    int // how many of the mutually exclusive members were seen
	thought bool
	opaque  bool
	sig     string
	level   string // of mediaResolution
	rest    rest
}

// decodePart reads one part. Parts that hold no datum known here, or more
// than one, become opaque.
func decodePart(raw []byte) (llm.Part, error) {
	if err := wantKind(raw, rawjson.KindObject); err != nil {
		return llm.Part{}, err
	}
	var d partDecoder
	for key, v := range rawjson.Members(raw) {
		if err := d.member(key, v); err != nil {
			return llm.Part{}, err
		}
	}
	if d.data == 0 && d.sig != "" && len(d.rest.json()) == 0 {
		// A signature behind the text: Google's Go SDK leaves the empty text out.
		d.data, d.part.Kind = 1, llm.KindText
	}
	if d.data != 1 || d.opaque || (d.thought && d.part.Kind != llm.KindText) {
		return llm.Part{Kind: llm.KindOpaque, Native: llm.Native{Protocol: llm.Gemini, Rest: raw}}, nil
	}
	p := d.part
	if d.thought {
		p.Kind = llm.KindReasoning
	}
	p.Seal = openSeal(d.sig)
	p.Native = llm.Native{Protocol: llm.Gemini, Rest: d.rest.json()}
	return p, nil
}

// openSeal reads a signature. Google types it as bytes, so an SDK may write an
// envelope of ours back in the other alphabet of base64.
func openSeal(sig string) *llm.Seal {
	if strings.HasPrefix(sig, llm.EnvelopePrefix) && strings.ContainsAny(sig, "-_") {
		if s, ok := llm.ParseEnvelope(strings.NewReplacer("-", "+", "_", "/").Replace(sig)); ok {
			return s
		}
	}
	return llm.OpenSeal(sig, llm.IssuerGoogle)
}

func (d *partDecoder) member(key string, raw []byte) error {
	name := camel(key)
	switch name {
	case "thought":
		if err := readBool(&d.thought, key, raw); err != nil {
			return err
		}
		if !d.thought {
			d.rest.add(key, raw)
		}
		return nil
	case "thoughtSignature":
		return readStr(&d.sig, key, raw)
	case "mediaResolution":
		return d.resolution(key, raw)
	}
	if rawjson.IsNull(raw) {
		return nil
	}
	if !isDatum(name) {
		if name == "toolCall" || name == "toolResponse" || name == "audioTranscription" {
			d.opaque = true
		}
		d.rest.add(key, raw)
		return nil
	}
	d.data++
	if d.data > 1 {
		d.opaque = true
		return nil
	}
	if name != "text" {
		if err := wantKind(raw, rawjson.KindObject); err != nil {
			return within(err, key)
		}
	}
	return within(d.datum(name, raw), key)
}

// isDatum tells the members of which a part has exactly one.
func isDatum(name string) bool {
	switch name {
	case "text", "inlineData", "fileData", "functionCall", "functionResponse", "executableCode", "codeExecutionResult":
		return true
	}
	return false
}

// datum reads the member that a part is.
func (d *partDecoder) datum(name string, raw []byte) error {
	switch name {
	case "text":
		return d.text(raw)
	case "inlineData":
		return d.inlineData(raw)
	case "fileData":
		return d.fileData(raw)
	case "functionCall":
		return d.functionCall(raw)
	case "functionResponse":
		return d.functionResponse(raw)
	case "executableCode":
		return d.executableCode(raw)
	default:
		return d.codeResult(raw)
	}
}

func (d *partDecoder) text(raw []byte) error {
	d.part.Kind = llm.KindText
	return readStr(&d.part.Text, "", raw)
}

// resolution keeps a level that has a word in the model; anything else stays
// native.
func (d *partDecoder) resolution(key string, raw []byte) error {
	ok, err := readObject(key, raw)
	if !ok {
		return err
	}
	var level string
	plain := true
	for k, v := range rawjson.Members(raw) {
		if k == "level" {
			if err := readStr(&level, k, v); err != nil {
				return within(err, key)
			}
			continue
		}
		plain = false
	}
	d.level = detailOf(level)
	if d.level == "" || !plain {
		d.rest.add(key, raw)
		d.level = ""
	}
	if d.part.Media != nil {
		d.part.Media.Detail = d.level
	}
	return nil
}

func (d *partDecoder) media() *llm.Media {
	m := &llm.Media{Detail: d.level}
	d.part.Kind, d.part.Media = llm.KindMedia, m
	return m
}

func (d *partDecoder) inlineData(raw []byte) error {
	m := d.media()
	var inner rest
	for key, v := range rawjson.Members(raw) {
		var err error
		switch camel(key) {
		case "mimeType":
			err = readStr(&m.MIME, key, v)
		case "data":
			err = readStr(&m.Data, key, v)
		case "displayName":
			err = readStr(&m.Name, key, v)
		default:
			inner.add(key, v)
		}
		if err != nil {
			return err
		}
	}
	d.rest.addRest("inlineData", &inner)
	return nil
}

func (d *partDecoder) fileData(raw []byte) error {
	m := d.media()
	var inner rest
	var uri string
	for key, v := range rawjson.Members(raw) {
		var err error
		switch camel(key) {
		case "mimeType":
			err = readStr(&m.MIME, key, v)
		case "fileUri":
			err = readStr(&uri, key, v)
		case "displayName":
			err = readStr(&m.Name, key, v)
		default:
			inner.add(key, v)
		}
		if err != nil {
			return err
		}
	}
	if ownFile(uri) {
		m.FileID = uri
	} else {
		m.URL = uri
	}
	d.rest.addRest("fileData", &inner)
	return nil
}

// ownFile tells an address that only Google can resolve.
func ownFile(uri string) bool {
	return strings.HasPrefix(uri, "gs://") || strings.HasPrefix(uri, "files/") ||
		strings.HasPrefix(uri, "https://generativelanguage.googleapis.com/")
}

func (d *partDecoder) functionCall(raw []byte) error {
	c := &llm.Call{Kind: llm.CallFunction}
	d.part.Kind, d.part.Call = llm.KindCall, c
	var inner rest
	for key, v := range rawjson.Members(raw) {
		var err error
		switch camel(key) {
		case "name":
			err = readStr(&c.Name, key, v)
		case "id":
			err = readStr(&c.ID, key, v)
		case "args":
			var ok bool
			if ok, err = readObject(key, v); ok {
				c.Args = string(v)
			}
		default:
			inner.add(key, v)
		}
		if err != nil {
			return err
		}
	}
	d.rest.addRest("functionCall", &inner)
	return nil
}

func (d *partDecoder) executableCode(raw []byte) error {
	c := &llm.Code{}
	d.part.Kind, d.part.Code = llm.KindCode, c
	var inner rest
	for key, v := range rawjson.Members(raw) {
		var err error
		switch camel(key) {
		case "code":
			err = readStr(&c.Text, key, v)
		case "language":
			err = readStr(&c.Language, key, v)
			if c.Language = strings.ToLower(c.Language); c.Language == "language_unspecified" {
				c.Language = "bash" // which a Gemini client was shown by that word, see codeLanguage
			}
		case "id":
			err = readStr(&c.ID, key, v)
		default:
			inner.add(key, v)
		}
		if err != nil {
			return err
		}
	}
	d.rest.addRest("executableCode", &inner)
	return nil
}

func (d *partDecoder) codeResult(raw []byte) error {
	c := &llm.Code{Output: true}
	d.part.Kind, d.part.Code = llm.KindCode, c
	var inner rest
	for key, v := range rawjson.Members(raw) {
		var err error
		switch camel(key) {
		case "output":
			err = readStr(&c.Text, key, v)
		case "outcome":
			err = readStr(&c.Outcome, key, v)
		case "id":
			err = readStr(&c.ID, key, v)
		default:
			inner.add(key, v)
		}
		if err != nil {
			return err
		}
	}
	d.rest.addRest("codeExecutionResult", &inner)
	return nil
}
