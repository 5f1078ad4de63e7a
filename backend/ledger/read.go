package ledger

import (
	"context"
	"net/url"
	"slices"
	"strconv"

	"antigravity-tools/backend/custody"
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/protocol/responses"
	"antigravity-tools/backend/rawjson"
)

// Get answers GET /v1/responses/{id}: the response object.
func (l *Ledger) Get(ctx context.Context, scope, id string) ([]byte, *fault.Error) {
	s, err := l.stored(ctx, scope, id)
	if err != nil {
		return nil, err
	}
	return s.Body, nil
}

// stored finds a response. One that is not finished although nobody is at work
// on it was cut off by an end of the program.
func (l *Ledger) stored(ctx context.Context, scope, id string) (*custody.Stored, *fault.Error) {
	s, err := l.opts.Store.Get(ctx, scope, id)
	if err != nil {
		return nil, unread(err)
	}
	if s == nil {
		return nil, unknown(id)
	}
	if !responses.Unfinished(responses.Status(s.Body)) {
		return s, nil
	}
	if r := l.run(scope, id); r != nil {
		live := *s
		live.Body = r.current()
		return &live, nil
	}
	// It may have ended since it was read.
	if s, err = l.opts.Store.Get(ctx, scope, id); err != nil {
		return nil, unread(err)
	}
	if s == nil {
		return nil, unknown(id)
	}
	if responses.Unfinished(responses.Status(s.Body)) {
		failed := *s
		failed.Body = responses.Shown{Status: responses.StatusFailed, Failure: messageCutOff}.Apply(s.Body)
		s = &failed
		l.opts.Store.Put(s)
	}
	return s, nil
}

const messageCutOff = "The gateway was stopped before this response was finished."

// Delete answers DELETE /v1/responses/{id}. What runs is cancelled.
func (l *Ledger) Delete(ctx context.Context, scope, id string) ([]byte, *fault.Error) {
	if r := l.run(scope, id); r != nil {
		r.stop()
	}
	found, err := l.opts.Store.Delete(ctx, scope, id)
	if err != nil {
		return nil, unread(err)
	}
	if !found {
		return nil, unknown(id)
	}
	var w rawjson.Writer
	w.Obj()
	w.StrField("id", id)
	w.StrField("object", "response")
	w.BoolField("deleted", true)
	w.End()
	return w.Bytes(), nil
}

// Cancel answers POST /v1/responses/{id}/cancel. Cancelling what has ended
// changes nothing.
func (l *Ledger) Cancel(ctx context.Context, scope, id string) ([]byte, *fault.Error) {
	if r := l.run(scope, id); r != nil {
		r.stop()
	}
	s, err := l.stored(ctx, scope, id)
	if err != nil {
		return nil, err
	}
	if raw, ok := rawjson.Get(s.Body, "background"); !ok || string(raw) != "true" {
		return nil, fault.Invalid("response_id", "Only a response that was made with background set to true can be cancelled.").WithCode("response_not_background")
	}
	return s.Body, nil
}

// page is what a list of input items is asked for with.
type page struct {
	limit int
	asc   bool
	after string
}

// Bounds of a page.
const (
	defaultLimit = 20
	maxLimit     = 100
)

// readPage reads the query of a list.
func readPage(q url.Values) (page, *fault.Error) {
	p := page{limit: defaultLimit, after: q.Get("after")}
	if text := q.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > maxLimit {
			return p, fault.Invalid("limit", "limit: expected an integer from 1 to %d", maxLimit)
		}
		p.limit = n
	}
	switch q.Get("order") {
	case "", "desc":
	case "asc":
		p.asc = true
	default:
		return p, fault.Invalid("order", "order: expected asc or desc")
	}
	return p, nil
}

// InputItems answers GET /v1/responses/{id}/input_items: all that the model was
// shown, the turns before included.
func (l *Ledger) InputItems(ctx context.Context, scope, id string, q url.Values) ([]byte, *fault.Error) {
	p, bad := readPage(q)
	if bad != nil {
		return nil, bad
	}
	chain, cause := l.opts.Store.Chain(ctx, scope, id)
	if cause != nil {
		return nil, unread(cause)
	}
	if len(chain) == 0 {
		return nil, unknown(id)
	}
	var items [][]byte
	for i, s := range chain {
		items = slices.AppendSeq(items, rawjson.Items(s.Input))
		if i < len(chain)-1 {
			items = slices.AppendSeq(items, rawjson.Items(responses.Output(s.Body)))
		}
	}
	if !p.asc {
		slices.Reverse(items)
	}
	if p.after != "" {
		at := slices.IndexFunc(items, func(item []byte) bool { return responses.ID(item) == p.after })
		if at < 0 {
			return nil, fault.Invalid("after", "after: no input item of this response has this id")
		}
		items = items[at+1:]
	}
	return listOf(items, p.limit), nil
}

func listOf(items [][]byte, limit int) []byte {
	more := len(items) > limit
	if more {
		items = items[:limit]
	}
	var w rawjson.Writer
	w.Obj()
	w.StrField("object", "list")
	w.Key("data")
	w.Arr()
	for _, item := range items {
		w.Raw(item)
	}
	w.EndArr()
	for _, end := range []struct {
		key string
		at  int
	}{{"first_id", 0}, {"last_id", len(items) - 1}} {
		w.Key(end.key)
		if len(items) == 0 {
			w.Null()
			continue
		}
		w.Str(responses.ID(items[end.at]))
	}
	w.BoolField("has_more", more)
	w.End()
	return w.Bytes()
}
