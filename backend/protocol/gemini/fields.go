package gemini

import (
	"encoding/json"
	"errors"
	"strings"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/rawjson"
)

// camel gives the camelCase spelling of a snake_case member name.
func camel(key string) string {
	if strings.IndexByte(key, '_') < 0 {
		return key
	}
	out := make([]byte, 0, len(key))
	up := false
	for i := range len(key) {
		c := key[i]
		switch {
		case c == '_':
			up = len(out) > 0
			continue
		case up && 'a' <= c && c <= 'z':
			c -= 'a' - 'A'
		}
		up = false
		out = append(out, c)
	}
	return string(out)
}

// within puts a member's name in front of the field that an error names.
func within(err error, key string) error {
	fe, ok := errors.AsType[*fault.Error](err)
	if !ok {
		return err
	}
	switch {
	case fe.Param == "":
		return fe.WithParam(key)
	case fe.Param[0] == '[':
		return fe.WithParam(key + fe.Param)
	}
	return fe.WithParam(key + "." + fe.Param)
}

// wrong reports a member of the wrong type.
func wrong(key string, err error) error {
	return fault.Invalid(key, "%s", err.Error())
}

// wantKind fails unless raw is of the kind; the error names no field yet.
func wantKind(raw []byte, kind rawjson.Kind) error {
	if have := rawjson.KindOf(raw); have != kind {
		return wrong("", &rawjson.KindError{Want: kind, Have: have})
	}
	return nil
}

// readStr, readBool, readInt and readNumber read a member; null counts as
// absent. Numbers may be written as strings, as in proto3 JSON.
func readStr(dst *string, key string, raw []byte) error {
	if rawjson.IsNull(raw) {
		return nil
	}
	s, err := rawjson.String(raw)
	if err != nil {
		return wrong(key, err)
	}
	*dst = s
	return nil
}

func readBool(dst *bool, key string, raw []byte) error {
	if rawjson.IsNull(raw) {
		return nil
	}
	b, err := rawjson.Bool(raw)
	if err != nil {
		return wrong(key, err)
	}
	*dst = b
	return nil
}

func readBoolPtr(dst **bool, key string, raw []byte) error {
	if rawjson.IsNull(raw) {
		return nil
	}
	b, err := rawjson.Bool(raw)
	if err != nil {
		return wrong(key, err)
	}
	*dst = &b
	return nil
}

func readInt(dst *int64, key string, raw []byte) error {
	if rawjson.IsNull(raw) {
		return nil
	}
	n, err := rawjson.Int(raw)
	if err != nil && rawjson.KindOf(raw) == rawjson.KindString {
		if s, serr := rawjson.String(raw); serr == nil {
			if m, nerr := rawjson.Int([]byte(s)); nerr == nil {
				n, err = m, nil
			}
		}
	}
	if err != nil {
		return wrong(key, err)
	}
	*dst = n
	return nil
}

func readIntPtr(dst **int64, key string, raw []byte) error {
	if rawjson.IsNull(raw) {
		return nil
	}
	var n int64
	if err := readInt(&n, key, raw); err != nil {
		return err
	}
	*dst = &n
	return nil
}

func readNumber(dst *llm.Number, key string, raw []byte) error {
	switch rawjson.KindOf(raw) {
	case rawjson.KindNull:
		return nil
	case rawjson.KindNumber:
		*dst = llm.Number(raw)
		return nil
	}
	return wrong(key, &rawjson.KindError{Want: rawjson.KindNumber, Have: rawjson.KindOf(raw)})
}

func readStrings(dst *[]string, key string, raw []byte) error {
	if rawjson.IsNull(raw) {
		return nil
	}
	if err := wantKind(raw, rawjson.KindArray); err != nil {
		return within(err, key)
	}
	i := 0
	for item := range rawjson.Items(raw) {
		s, err := rawjson.String(item)
		if err != nil {
			return wrong(key+index(i), err)
		}
		*dst = append(*dst, s)
		i++
	}
	return nil
}

// readObject fails unless raw is an object; ok is false for null.
func readObject(key string, raw []byte) (ok bool, err error) {
	if rawjson.IsNull(raw) {
		return false, nil
	}
	if err := wantKind(raw, rawjson.KindObject); err != nil {
		return false, within(err, key)
	}
	return true, nil
}

// eachItem calls read for every item of an array; null has none.
func eachItem(key string, raw []byte, read func(i int, item []byte) error) error {
	if rawjson.IsNull(raw) {
		return nil
	}
	if err := wantKind(raw, rawjson.KindArray); err != nil {
		return within(err, key)
	}
	i := 0
	for item := range rawjson.Items(raw) {
		if err := read(i, item); err != nil {
			return within(err, key+index(i))
		}
		i++
	}
	return nil
}

// rest gathers members that the model does not hold.
type rest struct{ buf []byte }

func (r *rest) add(key string, raw []byte) {
	if r.buf == nil {
		r.buf = append(make([]byte, 0, len(key)+len(raw)+5), '{')
	} else {
		r.buf = append(r.buf, ',')
	}
	r.buf = rawjson.AppendKey(r.buf, key)
	r.buf = append(r.buf, raw...)
}

// addRest adds the members gathered in inner under key, if there are any.
func (r *rest) addRest(key string, inner *rest) {
	if inner.buf != nil {
		r.add(key, inner.json())
	}
}

func (r *rest) json() json.RawMessage {
	if r.buf == nil {
		return nil
	}
	return append(r.buf, '}')
}

// native wraps the gathered members, the zero Native if there are none.
func (r *rest) native() llm.Native {
	if r.buf == nil {
		return llm.Native{}
	}
	return llm.Native{Protocol: llm.Gemini, Rest: r.json()}
}

// member returns a member of an object of native data, nil if absent.
func member(obj []byte, path ...string) []byte {
	if len(obj) == 0 {
		return nil
	}
	v, ok := rawjson.Get(obj, path...)
	if !ok {
		return nil
	}
	return v
}

// writeRest writes the members of native data into the open object, save
// those named.
func writeRest(w *rawjson.Writer, obj []byte, except ...string) {
	for key, raw := range rawjson.Members(obj) {
		if !contains(except, key) {
			w.RawField(key, raw)
		}
	}
}

func contains(list []string, s string) bool {
	for _, have := range list {
		if have == s {
			return true
		}
	}
	return false
}
