package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"antigravity-tools/backend/admin"
	"antigravity-tools/backend/fault"
)

// maxEvent bounds one event of a running gateway, in bytes.
const maxEvent = 8 << 20

func (p inProcess) watch(_ context.Context, topic admin.Topic, to func(json.RawMessage)) (func(), error) {
	events, _, cancel := p.app.Feed().Subscribe()
	var reading sync.WaitGroup
	reading.Go(func() {
		for e := range events {
			if data, err := json.Marshal(e.Data); err == nil && e.Topic == topic {
				to(data)
			}
		}
	})
	return func() { cancel(); reading.Wait() }, nil
}

func (r *remote) watch(ctx context.Context, topic admin.Topic, to func(json.RawMessage)) (func(), error) {
	ctx, cancel := context.WithCancel(ctx)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.base+"/api/events", nil)
	if err != nil {
		cancel()
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+r.token)
	res, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	if err != nil {
		cancel()
		return nil, fault.Wrap(fault.Internal, "the running gateway does not answer", err).WithCode("not_answering")
	}
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, maxEvent)
	// The first event is the state: from then on nothing is missed.
	if _, ok := nextEvent(lines); res.StatusCode != http.StatusOK || !ok {
		cancel()
		_ = res.Body.Close()
		return nil, fault.New(fault.Internal, fmt.Sprintf("the running gateway sends no events (status %d)", res.StatusCode))
	}
	var reading sync.WaitGroup
	reading.Go(func() {
		defer func() { _ = res.Body.Close() }()
		for e, ok := nextEvent(lines); ok; e, ok = nextEvent(lines) {
			if e.Topic == topic {
				to(e.Data)
			}
		}
	})
	return func() { cancel(); reading.Wait() }, nil
}

// event is admin.Event with its data still to be read.
type event struct {
	Topic admin.Topic     `json:"topic"`
	Data  json.RawMessage `json:"data"`
}

func nextEvent(lines *bufio.Scanner) (event, bool) {
	for lines.Scan() {
		if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			var e event
			err := json.Unmarshal([]byte(data), &e)
			return e, err == nil
		}
	}
	return event{}, false
}
