package store

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/usage"
)

func row(i int) usage.Row {
	r := usage.Row{
		At: t0.Add(time.Duration(i) * time.Second), RequestID: fmt.Sprint("req-", i),
		Model: fmt.Sprint("model-", i%3), Served: "s", Provider: "gemini", AccountID: fmt.Sprint("acc", i%2), AccountName: fmt.Sprint("Account ", i%2),
		Client: "Codex", Status: 200, Attempts: 1, Latency: time.Second, TTFT: time.Duration(i%100+1) * time.Millisecond,
		Input: 100, CacheRead: 20, CacheWrite: 3, Output: 10, Reasoning: 5,
	}
	if i%5 == 0 {
		r.ErrorClass, r.Status, r.KeyID, r.KeyName = "overloaded", 503, "k1", "laptop"
	}
	if i%10 == 1 {
		r.ErrorClass, r.Status = "cancelled", 499
	}
	return r
}

func rows(n int) []usage.Row {
	out := make([]usage.Row, n)
	for i := range out {
		out[i] = row(i)
	}
	return out
}

func TestUsageReport(t *testing.T) {
	ctx, s := t.Context(), open(t, t.TempDir())
	for _, n := range []int{0, 1, 60, 239} {
		if err := s.SaveUsage(ctx, rows(300)[0:n]); err != nil {
			t.Fatal(err)
		}
	}
	q := usage.Query{By: usage.ByModel, Since: t0, Until: t0.Add(time.Hour)}
	r, err := s.ReportUsage(ctx, q)
	if err != nil {
		t.Fatal(err)
	}
	want := usage.Totals{Requests: 300, Errors: 61, InputTokens: 300 * 123, CachedTokens: 300 * 20, OutputTokens: 300 * 15,
		ReasoningTokens: 300 * 5, MedianFirstEventMS: r.Totals.MedianFirstEventMS}
	if diff := cmp.Diff(want, r.Totals); diff != "" {
		t.Error(diff)
	}
	if len(r.Rows) != 3 || r.Rows[0].Name != "model-0" || len(r.Series) != 0 {
		t.Errorf("%+v", r.Rows)
	}
	// C40: totals agree between all views.
	for _, by := range []usage.By{usage.ByModel, usage.ByAccount, usage.ByKey, usage.ByClient} {
		q.By, q.Buckets = by, 7
		view, err := s.ReportUsage(ctx, q)
		if err != nil {
			t.Fatal(err)
		}
		var sum, series usage.Totals
		for _, g := range view.Rows {
			add(&sum, g.Totals)
		}
		for _, b := range view.Series {
			add(&series, b.Totals)
		}
		sum.MedianFirstEventMS, series.MedianFirstEventMS = want.MedianFirstEventMS, want.MedianFirstEventMS
		if sum != want || series != want || view.Totals != want {
			t.Errorf("%s: rows %+v, series %+v, totals %+v", by, sum, series, view.Totals)
		}
		if by == usage.ByAccount && view.Rows[0].Name != "Account 0" {
			t.Errorf("%+v", view.Rows)
		}
		if by == usage.ByKey && view.Rows[0].Name != "(no key)" {
			t.Errorf("%+v", view.Rows)
		}
		if len(view.Series) != 7 || !view.Series[0].StartedAt.Equal(t0) {
			t.Errorf("%d points", len(view.Series))
		}
	}
	// The end is exclusive, the start inclusive.
	r, err = s.ReportUsage(ctx, usage.Query{Since: t0.Add(2 * time.Second), Until: t0.Add(4 * time.Second)})
	if err != nil || r.Totals.Requests != 2*3-2 { // rows 2 and 3, written in two of the batches
		t.Errorf("%+v %v", r.Totals, err)
	}
}

func TestUsageNamesFollowAndAreBounded(t *testing.T) {
	ctx, s := t.Context(), open(t, t.TempDir())
	a := row(0)
	b := a
	b.AccountName, b.Model = "Renamed", strings.Repeat("é", 500)
	if err := s.SaveUsage(ctx, []usage.Row{a, b, a, b}); err != nil {
		t.Fatal(err)
	}
	r, err := s.ReportUsage(ctx, usage.Query{By: usage.ByAccount})
	if err != nil || len(r.Rows) != 1 || r.Rows[0].Name != "Renamed" || r.Rows[0].Requests != 4 {
		t.Errorf("%+v %v", r.Rows, err)
	}
	r, _ = s.ReportUsage(ctx, usage.Query{By: usage.ByModel})
	if len(r.Rows) != 2 || len(r.Rows[0].Name) > maxLabel {
		t.Errorf("%+v", r.Rows)
	}
}

func TestMedian(t *testing.T) {
	for want, list := range map[int64][]int64{0: nil, 5: {5}, 6: {9, 3}, 4: {9, 4, 1}} {
		if got := median(list); got != want {
			t.Errorf("%v: %d", list, got)
		}
	}
}

func TestPurgeUsage(t *testing.T) {
	ctx, s := t.Context(), open(t, t.TempDir())
	if err := s.SaveUsage(ctx, rows(purgeRows+700)); err != nil {
		t.Fatal(err)
	}
	var gone []int64
	for {
		n, err := s.PurgeUsage(ctx, t0.Add((purgeRows+500)*time.Second))
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			break
		}
		gone = append(gone, n)
	}
	if diff := cmp.Diff([]int64{purgeRows, 500}, gone); diff != "" {
		t.Error(diff)
	}
	if got := pragma(t, s.batch, "freelist_count"); got != "0" {
		t.Errorf("%s pages were not given back", got)
	}
}

// A failed transaction must not leave numbers of names behind.
func TestLabelsOfAFailedWriteAreForgotten(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.SaveUsage(cancelled, rows(3)); err == nil {
		t.Fatal("written with a cancelled context")
	}
	if err := s.SaveUsage(t.Context(), rows(3)); err != nil {
		t.Fatal(err)
	}
	r, err := s.ReportUsage(t.Context(), usage.Query{By: usage.ByModel})
	if err != nil || len(r.Rows) != 3 || r.Rows[0].Name == nameless(usage.ByModel) {
		t.Errorf("%+v %v", r.Rows, err)
	}
}

func TestReport100kRows(t *testing.T) {
	if testing.Short() {
		t.Skip("writes 100,000 rows")
	}
	s := open(t, t.TempDir())
	for i := range 100 {
		batch := make([]usage.Row, 1000)
		for j := range batch {
			batch[j] = row(i*1000 + j)
		}
		if err := s.SaveUsage(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
	}
	r, err := s.ReportUsage(t.Context(), usage.Query{By: usage.ByModel, Since: t0, Until: t0.Add(100_000 * time.Second), Buckets: 200})
	if err != nil || r.Totals.Requests != 100_000 || len(r.Series) != 200 {
		t.Fatalf("%+v %v", r.Totals, err)
	}
}

// A database that another program has locked delays no reader and no answer;
// what was recorded meanwhile is written once the lock is gone.
func TestLockedDatabase(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(t.Context(), Options{Dir: dir, Box: clearBox{}, Busy: 20 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if err := s.SaveAccount(t.Context(), testAccount("a")); err != nil {
		t.Fatal(err)
	}
	db := rawDB(t, dir)
	tx, err := db.BeginTx(t.Context(), nil) // _txlock=immediate takes the write lock
	if err != nil {
		t.Fatal(err)
	}
	rec := usage.NewRecorder(s, nil, nil)
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { rec.Run(ctx) })
	for i := range 500 {
		rec.Add(row(i))
	}
	if list, err := s.LoadAccounts(t.Context()); err != nil || len(list) != 1 {
		t.Errorf("readers wait for the lock: %v", err)
	}
	err = s.SaveAccount(t.Context(), testAccount("b"))
	if e := fault.From(err); e == nil || e.Code != "database_busy" {
		t.Errorf("%v", err)
	}
	for rec.Stats().Retries == 0 {
		time.Sleep(time.Millisecond) // the writer's own clock is real here
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	cancel()
	wg.Wait()
	r, err := s.ReportUsage(t.Context(), usage.Query{By: usage.ByModel})
	if err != nil || r.Totals.Requests != 500 || rec.Stats().Dropped != 0 {
		t.Errorf("%+v %v %+v", r.Totals, err, rec.Stats())
	}
}

func BenchmarkSaveUsage(b *testing.B) {
	s, err := Open(context.Background(), Options{Dir: b.TempDir(), Box: clearBox{}})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	batch := rows(200)
	b.ReportAllocs()
	for b.Loop() {
		if err := s.SaveUsage(context.Background(), batch); err != nil {
			b.Fatal(err)
		}
	}
}
