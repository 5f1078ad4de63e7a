package adminhttp

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"reflect"
	"runtime/debug"

	"antigravity-tools/backend/fault"
)

// Dispatcher calls listed methods of a service by name, with a JSON array of arguments, and
// answers with JSON. Commands that find no running gateway use it in their own process, so that
// both ways run the same code.
type Dispatcher struct {
	methods map[string]reflect.Value
}

// NewDispatcher checks that every listed verb is a method of the service that the rules allow:
// at most one argument, and an error as the last of at most two results.
func NewDispatcher(service any, verbs []string) (*Dispatcher, error) {
	d := &Dispatcher{methods: make(map[string]reflect.Value, len(verbs))}
	v := reflect.ValueOf(service)
	for _, name := range verbs {
		m := v.MethodByName(name)
		if !m.IsValid() {
			return nil, fmt.Errorf("adminhttp: %T has no method %s", service, name)
		}
		t := m.Type()
		errType := reflect.TypeFor[error]()
		if t.NumIn() > 1 || t.NumOut() < 1 || t.NumOut() > 2 || t.Out(t.NumOut()-1) != errType {
			return nil, fmt.Errorf("adminhttp: %s has an unusable signature %s", name, t)
		}
		d.methods[name] = m
	}
	return d, nil
}

// Call runs one verb. Unknown verbs, arguments and members are refused, so that a typo in a page or
// a command is an error and not a default.
func (d *Dispatcher) Call(verb string, args []byte) (result json.RawMessage, err error) {
	m, ok := d.methods[verb]
	if !ok {
		return nil, fault.New(fault.NotFound, "there is no such verb").WithCode("unknown_verb")
	}
	in, err := arguments(m.Type(), args)
	if err != nil {
		return nil, err
	}
	defer func() {
		if p := recover(); p != nil {
			slog.Error("a verb panicked", "verb", verb, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = fault.New(fault.Internal, "an internal error occurred")
		}
	}()
	out := m.Call(in)
	if e, _ := out[len(out)-1].Interface().(error); e != nil {
		return nil, e
	}
	if len(out) == 1 {
		return json.RawMessage("null"), nil
	}
	return json.Marshal(out[0].Interface())
}

func arguments(t reflect.Type, raw []byte) ([]reflect.Value, error) {
	list := []json.RawMessage{}
	if len(bytes.TrimSpace(raw)) > 0 {
		if err := json.Unmarshal(raw, &list); err != nil {
			return nil, fault.Invalid("", "the body must be a JSON array of arguments")
		}
	}
	if len(list) != t.NumIn() {
		return nil, fault.Invalid("", "the verb takes %d arguments, the body has %d", t.NumIn(), len(list))
	}
	in := make([]reflect.Value, len(list))
	for i, arg := range list {
		p := reflect.New(t.In(i))
		dec := json.NewDecoder(bytes.NewReader(arg))
		dec.DisallowUnknownFields()
		if err := dec.Decode(p.Interface()); err != nil {
			return nil, fault.Invalid("", "the argument does not fit: %s", decodeReason(err))
		}
		if _, err := dec.Token(); err != io.EOF {
			return nil, fault.Invalid("", "the argument does not fit: something follows it")
		}
		in[i] = p.Elem()
	}
	return in, nil
}

// decodeReason names the field at fault without repeating its value, which may be a secret.
func decodeReason(err error) string {
	if te, ok := err.(*json.UnmarshalTypeError); ok { //nolint:errorlint // the decoder returns it unwrapped
		return fmt.Sprintf("%s must be %s", te.Field, te.Type)
	}
	if _, ok := err.(*json.SyntaxError); ok { //nolint:errorlint // the decoder returns it unwrapped
		return "it is not valid JSON"
	}
	return err.Error() // unknown field "name"
}
