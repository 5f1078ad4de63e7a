// Package wire holds what the codecs of several protocols share: reading
// members of a request with errors that name the field, media in data URLs and
// Markdown, and putting parts that overlap in time one after another.
package wire

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/rawjson"
)

// The functions below read one member each. Errors are *fault.Error of class
// invalid_request whose Param is relative to the value read; At and AtIndex
// add the way to it while the error travels up, so that a request without an
// error pays nothing for paths.

// At puts an object key in front of the error's path.
func At(key string, err error) error { return prefix(key, err) }

// AtIndex puts an array index in front of the error's path.
func AtIndex(i int, err error) error {
	if err == nil {
		return nil
	}
	return prefix("["+strconv.Itoa(i)+"]", err)
}

func prefix(step string, err error) error {
	e, ok := errors.AsType[*fault.Error](err)
	if !ok {
		return err
	}
	switch {
	case e.Param == "":
		return e.WithParam(step)
	case strings.HasPrefix(e.Param, "["):
		return e.WithParam(step + e.Param)
	}
	return e.WithParam(step + "." + e.Param)
}

// Explain makes the error of a decoder ready for the caller: the message
// begins with the path of the field, since many clients show nothing else.
func Explain(err error) error {
	if err == nil {
		return nil
	}
	e := *fault.From(err)
	if e.Param != "" {
		e.Message = e.Param + ": " + e.Message
	}
	return &e
}

// Wrong is the error for a value of another kind than the wanted one, which is
// named with its article: "a string".
func Wrong(want string, raw []byte) error {
	return fault.Invalid("", "expected %s, but got %s", want, kindName(raw))
}

// Missing is the error for a required member that is absent or null.
func Missing(key string) error { return fault.Invalid(key, "this field is required") }

// Unknown is the error for a word outside a closed list.
func Unknown(value string, allowed ...string) error {
	if len(value) > maxQuoted {
		value = value[:maxQuoted]
	}
	words := strings.TrimSuffix(strings.Join(allowed, ", "), ", ")
	return fault.Invalid("", "%q is not one of %s", value, words)
}

// maxQuoted bounds how much of a caller's own word an error repeats.
const maxQuoted = 40

func kindName(raw []byte) string {
	switch k := rawjson.KindOf(raw); k {
	case rawjson.KindArray, rawjson.KindObject:
		return "an " + k.String()
	case rawjson.KindNull:
		return "null"
	default:
		return "a " + k.String()
	}
}

// Members calls f for each member of the object raw that is not null: in all
// four protocols null means the same as leaving an optional member out.
func Members(raw []byte, f func(key string, val []byte) error) error {
	if rawjson.KindOf(raw) != rawjson.KindObject {
		return Wrong("an object", raw)
	}
	for key, val := range rawjson.Members(raw) {
		if rawjson.IsNull(val) {
			continue
		}
		if err := f(key, val); err != nil {
			return At(key, err)
		}
	}
	return nil
}

// Each calls f for each item of the array raw.
func Each(raw []byte, f func(i int, item []byte) error) error {
	if rawjson.KindOf(raw) != rawjson.KindArray {
		return Wrong("an array", raw)
	}
	i := 0
	for item := range rawjson.Items(raw) {
		if err := f(i, item); err != nil {
			return AtIndex(i, err)
		}
		i++
	}
	return nil
}

// Str reads a string, which aliases raw where it can.
func Str(raw []byte, dst *string) error {
	s, err := rawjson.String(raw)
	if err != nil {
		return Wrong("a string", raw)
	}
	*dst = s
	return nil
}

// Word reads a string that must be one of allowed.
func Word(raw []byte, dst *string, allowed ...string) error {
	var s string
	if err := Str(raw, &s); err != nil {
		return err
	}
	for _, a := range allowed {
		if s == a {
			*dst = a
			return nil
		}
	}
	return Unknown(s, allowed...)
}

// Bool reads true or false.
func Bool(raw []byte, dst *bool) error {
	b, err := rawjson.Bool(raw)
	if err != nil {
		return Wrong("a boolean", raw)
	}
	*dst = b
	return nil
}

// BoolPtr reads an optional true or false.
func BoolPtr(raw []byte, dst **bool) error {
	var b bool
	if err := Bool(raw, &b); err != nil {
		return err
	}
	*dst = &b
	return nil
}

// Int reads an integer of at least low.
func Int(raw []byte, low int64, dst **int64) error {
	n, err := rawjson.Int(raw)
	if errors.Is(err, rawjson.ErrNotInteger) {
		return fault.Invalid("", "expected an integer")
	}
	if err != nil {
		return Wrong("an integer", raw)
	}
	if n < low {
		return fault.Invalid("", "expected an integer of at least %d, but got %d", low, n)
	}
	*dst = &n
	return nil
}

// Num reads a number and keeps its literal.
func Num(raw []byte, dst *llm.Number) error {
	if rawjson.KindOf(raw) != rawjson.KindNumber {
		return Wrong("a number", raw)
	}
	*dst = llm.Number(raw)
	return nil
}

// Strs reads an array of strings.
func Strs(raw []byte, dst *[]string) error {
	var out []string
	err := Each(raw, func(_ int, item []byte) error {
		var s string
		err := Str(item, &s)
		out = append(out, s)
		return err
	})
	*dst = out
	return err
}

// Obj reads an object as raw JSON.
func Obj(raw []byte, dst *json.RawMessage) error {
	if rawjson.KindOf(raw) != rawjson.KindObject {
		return Wrong("an object", raw)
	}
	*dst = raw
	return nil
}

// Cache reads a prompt-cache breakpoint, of which all protocols that have one
// know the lifetime "ttl".
func Cache(raw []byte, dst **llm.Cache) error {
	c := &llm.Cache{}
	*dst = c
	return Members(raw, func(key string, raw []byte) error {
		if key == "ttl" {
			return Str(raw, &c.TTL)
		}
		return nil
	})
}

// Rest gathers the members that the model does not know, in their order.
type Rest struct{ buf []byte }

// Add puts a member in.
func (r *Rest) Add(key string, val []byte) {
	sep := byte(',')
	if r.buf == nil {
		sep = '{'
	}
	r.buf = rawjson.AppendKey(append(r.buf, sep), key)
	r.buf = append(r.buf, val...)
}

// Native returns what was gathered as native data of protocol p; nothing
// gathered gives the zero value.
func (r *Rest) Native(p llm.Protocol) llm.Native {
	if r.buf == nil {
		return llm.Native{}
	}
	return llm.Native{Protocol: p, Rest: append(r.buf, '}')}
}
