package fakegemini

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// maxDepth bounds the nesting of a body, as protobuf's JSON parser does.
const maxDepth = 100

type member struct {
	name  string
	value json.RawMessage
}

// members lists an object's members in their order; an error means that raw
// is not an object.
func members(raw json.RawMessage) ([]member, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	tok, err := dec.Token()
	if err != nil {
		return nil, err
	}
	if tok != json.Delim('{') {
		return nil, errors.New("not an object")
	}
	var out []member
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return nil, err
		}
		name, ok := key.(string)
		if !ok {
			return nil, errors.New("key is not text")
		}
		var v json.RawMessage
		if err := dec.Decode(&v); err != nil {
			return nil, err
		}
		out = append(out, member{name, v})
	}
	return out, nil
}

func first(raw json.RawMessage) byte {
	t := bytes.TrimLeft(raw, " \t\r\n")
	if len(t) == 0 {
		return 0
	}
	return t[0]
}

func isNull(raw json.RawMessage) bool { return first(raw) == 'n' }

// decoder walks a body along the field tables, collects what the service would
// refuse and rewrites the body to camelCase names for the typed rules.
type decoder struct {
	cat        *catalogue
	violations []fieldViolation
}

// decodeBody checks body as message msg and returns it with camelCase names.
func decodeBody(cat *catalogue, body []byte, msg string) (json.RawMessage, *Error) {
	if err := wellFormed(body); err != nil {
		return nil, err
	}
	if first(body) != '{' {
		return nil, invalidFields("Invalid JSON payload received. Root element must be a message.",
			[]fieldViolation{{Description: "Invalid JSON payload received. Root element must be a message."}})
	}
	d := &decoder{cat: cat}
	out := d.message(body, msg, "", 0)
	if len(d.violations) > 0 {
		var lines []string
		for _, v := range d.violations {
			lines = append(lines, v.Description)
		}
		return nil, invalidFields(strings.Join(lines, "\n"), d.violations)
	}
	return out, nil
}

func wellFormed(body []byte) *Error {
	dec := json.NewDecoder(bytes.NewReader(body))
	var v json.RawMessage
	err := dec.Decode(&v)
	if err == nil {
		_, err = dec.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
	}
	msg := "Invalid JSON payload received. Unexpected token."
	if len(bytes.TrimSpace(body)) == 0 || errors.Is(err, io.ErrUnexpectedEOF) {
		msg = "Invalid JSON payload received. Unexpected end of string."
	}
	return invalidFields(msg, []fieldViolation{{Description: msg}})
}

func (d *decoder) refuse(path, format string, args ...any) {
	d.violations = append(d.violations, fieldViolation{Field: path, Description: fmt.Sprintf(format, args...)})
}

// unknownName: a name that no field has (types; the wording is seen).
func (d *decoder) unknownName(path, name string) {
	if path == "" {
		d.refuse(path, "Invalid JSON payload received. Unknown name %q: Cannot find field.", name)
		return
	}
	d.refuse(path, "Invalid JSON payload received. Unknown name %q at '%s': Cannot find field.", name, path)
}

func (d *decoder) badValue(path, typ string, raw json.RawMessage) {
	shown := string(bytes.TrimSpace(raw))
	if len(shown) > 40 {
		shown = shown[:40] + "…"
	}
	d.refuse(path, "Invalid value at '%s' (%s), %s", path, typ, shown)
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func (d *decoder) message(raw json.RawMessage, msg, path string, depth int) json.RawMessage {
	ms, err := members(raw)
	if err != nil {
		d.badValue(path, "type.googleapis.com/google.ai.generativelanguage.v1beta."+msg, raw)
		return json.RawMessage(`{}`)
	}
	if depth > maxDepth {
		d.refuse(path, "Invalid JSON payload received. Message too deep. Max recursion depth reached for key '%s'", path)
		return json.RawMessage(`{}`)
	}
	fields := d.cat.messages[msg]
	seen := map[string]bool{}
	var out bytes.Buffer
	out.WriteByte('{')
	for _, m := range ms {
		f, ok := fields[m.name]
		if !ok {
			d.unknownName(path, m.name)
			continue
		}
		if isNull(m.value) && f.typ != "value" {
			continue
		}
		if seen[f.name] {
			d.refuse(path, "Invalid value at '%s' (oneof), field '%s' is already set.", join(path, snake(f.name)), f.name)
			continue
		}
		seen[f.name] = true
		v := d.fieldValue(m.value, f, join(path, snake(f.name)), depth+1)
		if out.Len() > 1 {
			out.WriteByte(',')
		}
		fmt.Fprintf(&out, "%q:%s", f.name, v)
	}
	out.WriteByte('}')
	return out.Bytes()
}

func (d *decoder) fieldValue(raw json.RawMessage, f field, path string, depth int) json.RawMessage {
	switch {
	case f.isMap:
		return d.mapValue(raw, f, path, depth)
	case !f.repeated:
		return d.value(raw, f.typ, path, depth)
	case first(raw) != '[':
		// One bare value is taken for a list of one: the service's own
		// examples write `"parts": {"text": …}` (docs).
		return json.RawMessage("[" + string(d.value(raw, f.typ, path, depth)) + "]")
	}
	var items []json.RawMessage
	if err := json.Unmarshal(raw, &items); err != nil {
		d.badValue(path, f.typ, raw)
		return json.RawMessage(`[]`)
	}
	var out bytes.Buffer
	out.WriteByte('[')
	for i, it := range items {
		if i > 0 {
			out.WriteByte(',')
		}
		out.Write(d.value(it, f.typ, fmt.Sprintf("%s[%d]", path, i), depth))
	}
	out.WriteByte(']')
	return out.Bytes()
}

// mapValue walks a map field; the service numbers its entries in paths and
// calls each one's content `value` (seen).
func (d *decoder) mapValue(raw json.RawMessage, f field, path string, depth int) json.RawMessage {
	ms, err := members(raw)
	if err != nil {
		d.badValue(path, "Map", raw)
		return json.RawMessage(`{}`)
	}
	var out bytes.Buffer
	out.WriteByte('{')
	for i, m := range ms {
		if i > 0 {
			out.WriteByte(',')
		}
		fmt.Fprintf(&out, "%s:%s", detail(m.name), d.value(m.value, f.typ, fmt.Sprintf("%s[%d].value", path, i), depth))
	}
	out.WriteByte('}')
	return out.Bytes()
}

func (d *decoder) value(raw json.RawMessage, typ, path string, depth int) json.RawMessage {
	if name, ok := strings.CutPrefix(typ, "enum."); ok {
		return d.enum(raw, name, path)
	}
	if _, ok := d.cat.messages[typ]; ok {
		return d.message(raw, typ, path, depth)
	}
	if !scalarOK(raw, typ) {
		if typ == "bytes" && first(raw) == '"' {
			d.refuse(path, "Invalid value at '%s' (TYPE_BYTES), Base64 decoding failed for %s", path, clip(raw))
		} else {
			d.badValue(path, "TYPE_"+strings.ToUpper(typ), raw)
		}
		return json.RawMessage(`null`)
	}
	switch typ {
	case "float":
		return json.RawMessage(strings.Trim(string(raw), `"`))
	case "int32", "int64":
		return integer(strings.Trim(string(raw), `" `))
	}
	return raw
}

// integer writes 1.0 and 1e2, which the service takes for whole numbers, as
// such.
func integer(s string) json.RawMessage {
	if f, err := strconv.ParseFloat(s, 64); err == nil && strings.ContainsAny(s, ".eE") {
		return strconv.AppendInt(nil, int64(f), 10)
	}
	return json.RawMessage(s)
}

func clip(raw json.RawMessage) string {
	if len(raw) > 40 {
		return string(raw[:40]) + "…"
	}
	return string(raw)
}

func (d *decoder) enum(raw json.RawMessage, name, path string) json.RawMessage {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		up := s
		if lowerEnums(name) {
			up = strings.ToUpper(s)
		}
		if d.cat.enums[name][up] {
			return detail(up)
		}
	}
	d.badValue(path, "type.googleapis.com/google.ai.generativelanguage.v1beta."+name, raw)
	return json.RawMessage(`null`)
}

// scalarOK tells whether raw is a legal JSON form of a protobuf scalar:
// numbers may be text, bytes are base64 in either alphabet, durations "3.5s".
func scalarOK(raw json.RawMessage, typ string) bool {
	var s string
	isText := json.Unmarshal(raw, &s) == nil && first(raw) == '"'
	number := string(bytes.TrimSpace(raw))
	if isText {
		number = s
	}
	switch typ {
	case "value":
		return true
	case "struct":
		return first(raw) == '{'
	case "bool":
		return first(raw) == 't' || first(raw) == 'f'
	case "string":
		return isText
	case "bytes":
		return isText && base64OK(s)
	case "duration":
		n, ok := strings.CutSuffix(s, "s")
		_, err := strconv.ParseFloat(n, 64)
		return isText && ok && err == nil
	case "timestamp":
		_, err := time.Parse(time.RFC3339Nano, s)
		return isText && err == nil
	case "int32":
		return isInteger(number, 32)
	case "int64":
		return isInteger(number, 64)
	case "float":
		_, err := strconv.ParseFloat(number, 64)
		return err == nil && first(raw) != 't' && first(raw) != 'f'
	}
	return false
}

func isInteger(s string, bits int) bool {
	if _, err := strconv.ParseInt(s, 10, bits); err == nil {
		return true
	}
	f, err := strconv.ParseFloat(s, 64)
	limit := float64(int64(1) << (bits - 2) * 2)
	return err == nil && f == float64(int64(f)) && f < limit && f >= -limit
}

func base64OK(s string) bool {
	_, ok := unbase64(s)
	return ok
}

func unbase64(s string) ([]byte, bool) {
	for _, enc := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
		if b, err := enc.DecodeString(s); err == nil {
			return b, true
		}
	}
	return nil, false
}
