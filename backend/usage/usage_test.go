package usage

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"antigravity-tools/backend/llm"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type memRepo struct {
	mu      sync.Mutex
	batches []int
	rows    int
	fail    error
	block   chan struct{} // if set, SaveUsage waits for it
	purges  []time.Time
	old     int64
}

func (r *memRepo) SaveUsage(ctx context.Context, rows []Row) error {
	if r.block != nil {
		select {
		case <-r.block:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fail != nil {
		return r.fail
	}
	r.batches = append(r.batches, len(rows))
	r.rows += len(rows)
	return nil
}

func (r *memRepo) ReportUsage(context.Context, Query) (Report, error) { return Report{}, nil }

func (r *memRepo) PurgeUsage(_ context.Context, before time.Time) (int64, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.purges = append(r.purges, before)
	n := r.old
	r.old = 0
	return n, nil
}

func (r *memRepo) written() int { r.mu.Lock(); defer r.mu.Unlock(); return r.rows }

func (r *memRepo) set(err error) { r.mu.Lock(); defer r.mu.Unlock(); r.fail = err }

// run starts a recorder in a bubble; the returned function ends it.
func run(t *testing.T, r *Recorder) func() {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { r.Run(ctx); close(done) }()
	return func() { cancel(); <-done }
}

func TestBatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		repo := &memRepo{}
		r := NewRecorder(repo, nil, nil)
		end := run(t, r)
		r.Add(Row{})
		time.Sleep(batchEvery - time.Millisecond)
		if repo.written() != 0 {
			t.Error("written one by one")
		}
		time.Sleep(2 * time.Millisecond)
		if repo.written() != 1 {
			t.Error("a row waits for more than a second")
		}
		for range batchSize {
			r.Add(Row{})
		}
		synctest.Wait()
		if repo.written() != batchSize+1 {
			t.Error("a full batch waits")
		}
		for range 450 {
			r.Add(Row{})
		}
		end()
		if repo.written() != batchSize+451 || r.Stats().Saved != int64(repo.written()) {
			t.Errorf("%d rows at the end", repo.written())
		}
	})
}

func TestFailingDiskIsRetriedAndNothingIsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		repo := &memRepo{fail: errors.New("database is locked")}
		r := NewRecorder(repo, nil, nil)
		end := run(t, r)
		for range 1000 {
			r.Add(Row{})
		}
		time.Sleep(time.Minute)
		if s := r.Stats(); s.Retries < 5 || s.Retries > 20 || s.Dropped != 0 {
			t.Errorf("%+v", s)
		}
		repo.set(nil)
		time.Sleep(maxBackoff + 2*batchEvery)
		if repo.written() != 1000 {
			t.Errorf("%d rows", repo.written())
		}
		end()
	})
}

// C38: a full queue drops with a counter and never blocks.
func TestFullQueueDrops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		repo := &memRepo{block: make(chan struct{})}
		r := NewRecorder(repo, nil, nil)
		end := run(t, r)
		start := time.Now()
		for range queueSize + batchSize + 500 {
			r.Add(Row{})
			if len(r.queue) < batchSize {
				synctest.Wait() // the writer takes its first batch, then hangs
			}
		}
		if d := r.Stats().Dropped; d != 500 || time.Since(start) != 0 {
			t.Errorf("dropped %d in %v", d, time.Since(start))
		}
		close(repo.block)
		time.Sleep(2 * batchEvery)
		end()
		if repo.written() != queueSize+batchSize {
			t.Errorf("%d rows", repo.written())
		}
	})
}

func TestEndOnADeadDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		repo := &memRepo{block: make(chan struct{})}
		r := NewRecorder(repo, nil, nil)
		end := run(t, r)
		for range 10 {
			r.Add(Row{})
		}
		start := time.Now()
		end()
		if time.Since(start) > writeDeadline || r.Stats().Dropped != 10 {
			t.Errorf("%v, %+v", time.Since(start), r.Stats())
		}
	})
}

func TestRetention(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		repo := &memRepo{old: 7}
		var days atomic.Int64
		days.Store(30)
		end := run(t, NewRecorder(repo, nil, func() int { return int(days.Load()) }))
		synctest.Wait()
		if len(repo.purges) != 2 || time.Since(repo.purges[0]) != 30*day {
			t.Errorf("%v", repo.purges)
		}
		days.Store(0)
		time.Sleep(3 * purgeEvery)
		if len(repo.purges) != 2 {
			t.Error("purged though rows are kept for ever")
		}
		end()
	})
}

func TestParseQuery(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for since, want := range map[string]time.Time{
		"":                     now.Add(-7 * day),
		"24h":                  now.Add(-day),
		"7d":                   now.Add(-7 * day),
		"2w":                   now.Add(-14 * day),
		"2026-11-01":           time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC),
		"2026-11-01T10:00:00Z": time.Date(2026, 11, 1, 10, 0, 0, 0, time.UTC),
	} {
		q, err := ParseQuery("", since, "", 0, now)
		if err != nil || !q.Since.Equal(want) || q.By != ByModel || !q.Until.Equal(now) {
			t.Errorf("%q: %+v %v", since, q, err)
		}
	}
	for _, bad := range [][3]string{{"day", "", ""}, {"", "x", ""}, {"", "-3h", ""}, {"", "0d", ""}, {"", "99999d", ""},
		{"", "", "yesterday"}, {"", "2027-01-01", ""}, {"", "d", ""}, {"", "-1d", ""}} {
		if q, err := ParseQuery(bad[0], bad[1], bad[2], 0, now); err == nil {
			t.Errorf("%v: %+v", bad, q)
		}
	}
	if _, err := ParseQuery("", "", "", 201, now); err == nil {
		t.Error("201 buckets")
	}
}

func FuzzParseQuery(f *testing.F) {
	f.Add("model", "7d", "2026-11-01T10:00:00Z", 3)
	f.Add("", "9223372036854775807h", "", 0)
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, by, since, until string, buckets int) {
		q, err := ParseQuery(by, since, until, buckets, now)
		if err == nil && (!q.Since.Before(q.Until) || q.Buckets < 0 || q.Buckets > MaxBuckets) {
			t.Fatalf("%+v", q)
		}
	})
}

func TestShapes(t *testing.T) {
	raw, _ := json.Marshal(Report{Rows: []Group{{Name: "m", Totals: Totals{Requests: 1}}}, Series: []Bucket{}})
	want := `{"totals":{"requests":0,"errors":0,"input_tokens":0,"cached_tokens":0,"output_tokens":0,"reasoning_tokens":0,"median_first_event_ms":0},` +
		`"rows":[{"name":"m","requests":1,"errors":0,"input_tokens":0,"cached_tokens":0,"output_tokens":0,"reasoning_tokens":0,"median_first_event_ms":0}],"series":[]}`
	if string(raw) != want {
		t.Errorf("%s", raw)
	}
	r := Row{ErrorClass: "cancelled"}
	r.Count(nil)
	r.Count(&llm.Usage{Input: 1, CacheRead: 2, CacheWrite: 3, Output: 4, Reasoning: 5})
	if r.Failed() || r.Input+r.CacheRead+r.CacheWrite+r.Output+r.Reasoning != 15 {
		t.Errorf("%+v", r)
	}
}
