package wire

import (
	"bytes"
	"encoding/base64"
	"mime"
	"net/textproto"
	"strings"
	"unsafe"

	"antigravity-tools/backend/fault"
)

// Bounds of a form. The body as a whole is bounded where it is read.
const (
	maxFormParts  = 128
	maxPartHeader = 8 << 10 // bytes
)

// FormPart is one field or file of a form. Data aliases the body.
type FormPart struct {
	Name     string
	FileName string // "" for a field that is no file
	Type     string // Content-Type of the part, "" if it has none
	Data     []byte
	start    int // of Data in the body
}

// Text is the field's value; it aliases the body.
func (p *FormPart) Text() string {
	return unsafe.String(unsafe.SliceData(p.Data), len(p.Data))
}

// Form is a multipart/form-data body taken apart. Nothing of it is copied, so
// that a large file is held once.
type Form struct {
	Parts []FormPart
	body  []byte
}

// IsForm tells whether a Content-Type announces a form.
func IsForm(contentType string) bool {
	kind, _, err := mime.ParseMediaType(contentType)
	return err == nil && kind == "multipart/form-data"
}

// ParseForm takes a form apart (RFC 7578). Its errors quote nothing of the
// body.
func ParseForm(contentType string, body []byte) (*Form, error) {
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil || kind != "multipart/form-data" {
		return nil, badForm("the content type is not multipart/form-data")
	}
	boundary := params["boundary"]
	if boundary == "" || len(boundary) > 70 { // RFC 2046
		return nil, badForm("the content type names no boundary")
	}
	f := &Form{body: body}
	mark := []byte("--" + boundary)
	at, ok := firstMark(body, mark)
	if !ok {
		return nil, badForm("the body does not begin with the boundary of its content type")
	}
	mark = append([]byte("\r\n"), mark...)
	for {
		rest, last, ok := afterMark(body[at:])
		if !ok {
			return nil, badForm("a boundary is not followed by a line end")
		}
		if last {
			return f, nil
		}
		at = len(body) - len(rest)
		if len(f.Parts) == maxFormParts {
			return nil, badForm("the form has too many fields")
		}
		part, length, err := readPart(rest, mark)
		if err != nil {
			return nil, err
		}
		part.start = at + length - len(part.Data)
		f.Parts = append(f.Parts, part)
		at += length + len(mark)
	}
}

func badForm(why string) error {
	return fault.Invalid("", "The form cannot be read: %s.", why).WithCode("invalid_form")
}

// firstMark gives the index behind the first boundary, before which a preamble
// may stand.
func firstMark(body, mark []byte) (int, bool) {
	if bytes.HasPrefix(body, mark) {
		return len(mark), true
	}
	i := bytes.Index(body, append([]byte("\r\n"), mark...))
	return i + 2 + len(mark), i >= 0
}

// afterMark reads what follows a boundary: the end of its line, or the dashes
// that end the form.
func afterMark(body []byte) (rest []byte, last, ok bool) {
	if bytes.HasPrefix(body, []byte("--")) {
		return nil, true, true
	}
	body = bytes.TrimLeft(body, " \t")
	rest, ok = bytes.CutPrefix(body, []byte("\r\n"))
	return rest, false, ok
}

// readPart reads the header and the data of the part at the beginning of body;
// length is up to the boundary behind it.
func readPart(body, mark []byte) (p FormPart, length int, err error) {
	head := body[:min(len(body), maxPartHeader)]
	end := bytes.Index(head, []byte("\r\n\r\n"))
	if end < 0 {
		return p, 0, badForm("the header of a field is incomplete or too long")
	}
	for line := range strings.SplitSeq(string(head[:end]), "\r\n") {
		name, value, ok := strings.Cut(line, ":")
		if !ok || name == "" || strings.ContainsFunc(line, func(r rune) bool { return r < ' ' && r != '\t' }) {
			return p, 0, badForm("the header of a field is malformed")
		}
		switch textproto.CanonicalMIMEHeaderKey(strings.TrimSpace(name)) {
		case "Content-Disposition":
			if p.Name, p.FileName, err = disposition(value); err != nil {
				return p, 0, err
			}
		case "Content-Type":
			p.Type = strings.TrimSpace(value)
		case "Content-Transfer-Encoding":
			if enc := strings.ToLower(strings.TrimSpace(value)); enc != "binary" && enc != "8bit" && enc != "7bit" {
				return p, 0, badForm("a field has a transfer encoding, which forms do not use")
			}
		}
	}
	if p.Name == "" {
		return p, 0, badForm("a field has no name")
	}
	start := end + len("\r\n\r\n")
	n := bytes.Index(body[start:], mark)
	if n < 0 || bytes.HasPrefix(body[start:], mark[len("\r\n"):]) {
		return p, 0, badForm("a field has no boundary behind it")
	}
	p.Data = body[start : start+n : start+n]
	return p, start + n, nil
}

func disposition(value string) (name, file string, err error) {
	kind, params, err := mime.ParseMediaType(value)
	if err != nil || kind != "form-data" {
		return "", "", badForm("a field has no form-data disposition")
	}
	file = params["filename"]
	// Some clients send a path; only its last element is a name (RFC 7578, 4.2).
	file = file[strings.LastIndexAny(file, `/\`)+1:]
	return params["name"], file, nil
}

// Get gives the first field of that name.
func (f *Form) Get(name string) (*FormPart, bool) {
	for i := range f.Parts {
		if f.Parts[i].Name == name {
			return &f.Parts[i], true
		}
	}
	return nil, false
}

// With returns the body with another value of a field, all else as it was.
func (f *Form) With(name, value string) []byte {
	p, ok := f.Get(name)
	if !ok {
		return f.body
	}
	out := make([]byte, 0, len(f.body)-len(p.Data)+len(value))
	out = append(out, f.body[:p.start]...)
	out = append(out, value...)
	return append(out, f.body[p.start+len(p.Data):]...)
}

// Base64 gives the data in base64, with one copy of it.
func (p *FormPart) Base64() string {
	text := make([]byte, base64.StdEncoding.EncodedLen(len(p.Data)))
	base64.StdEncoding.Encode(text, p.Data)
	return unsafe.String(unsafe.SliceData(text), len(text))
}
