package admin

import (
	"context"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"
)

// The rules that the generator of the TypeScript client and the RPC handler need (doc.go).
func TestVerbsAndDTOsKeepTheRules(t *testing.T) {
	api := reflect.TypeFor[*API]()
	if api.NumMethod() < 40 {
		t.Fatalf("only %d verbs: the test looks at the wrong type", api.NumMethod())
	}
	seen := map[reflect.Type]bool{}
	for m := range api.Methods() {
		in, out := m.Type.NumIn()-1, m.Type.NumOut()
		if in > 1 {
			t.Errorf("%s takes %d arguments; put them into one request struct", m.Name, in)
		}
		if in == 1 && m.Type.In(1).Kind() != reflect.Struct {
			t.Errorf("%s takes a %s; use a request struct", m.Name, m.Type.In(1))
		}
		if out == 0 || out > 2 || m.Type.Out(out-1) != reflect.TypeFor[error]() {
			t.Errorf("%s must return an error last and at most one result", m.Name)
		}
		for i := 1; i <= in; i++ {
			checkType(t, m.Name, m.Type.In(i), seen)
		}
		for i := range out - 1 {
			checkType(t, m.Name, m.Type.Out(i), seen)
		}
	}
	for _, e := range []any{Event{}, Toast{}} {
		checkType(t, "event", reflect.TypeOf(e), seen)
	}
}

var snake = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)

func checkType(t *testing.T, where string, typ reflect.Type, seen map[reflect.Type]bool) {
	t.Helper()
	switch {
	case typ == reflect.TypeFor[time.Time](), typ == reflect.TypeFor[time.Duration]():
		t.Errorf("%s: times are RFC 3339 strings, spans numbers of ms", where)
	case typ == reflect.TypeFor[context.Context]():
		t.Errorf("%s: no context in a verb", where)
	case typ == reflect.TypeFor[[]byte]():
		t.Errorf("%s: bytes become numbers in TypeScript; use a string", where)
	case strings.Contains(typ.Name(), "["):
		t.Errorf("%s: %s is generic", where, typ)
	case typ.Kind() == reflect.Map, typ.Kind() == reflect.Func, typ.Kind() == reflect.Chan:
		t.Errorf("%s: a %s cannot be typed for the pages", where, typ)
	case typ.Kind() == reflect.Interface:
		if where != "Event.Data" {
			t.Errorf("%s: any cannot be typed for the pages", where)
		}
	case typ.Kind() == reflect.Pointer, typ.Kind() == reflect.Slice:
		checkType(t, where, typ.Elem(), seen)
	case typ.Kind() == reflect.Struct:
		checkStruct(t, typ, seen)
	}
}

func checkStruct(t *testing.T, typ reflect.Type, seen map[reflect.Type]bool) {
	t.Helper()
	if seen[typ] {
		return
	}
	seen[typ] = true
	for f := range typ.Fields() {
		tag := f.Tag.Get("json")
		if !f.IsExported() || f.Anonymous || !snake.MatchString(tag) {
			t.Errorf("%s.%s: every member is exported, named and tagged in snake_case without options (tag %q)", typ, f.Name, tag)
		}
		checkType(t, typ.Name()+"."+f.Name, f.Type, seen)
	}
}

// A program built without a part answers instead of crashing.
func TestVerbsWithoutParts(t *testing.T) {
	api := reflect.ValueOf(New(t.Context(), Deps{}))
	for i := range api.NumMethod() {
		m := api.Method(i)
		args := []reflect.Value{}
		for j := range m.Type().NumIn() {
			args = append(args, reflect.Zero(m.Type().In(j)))
		}
		m.Call(args) // must not panic
	}
}
