package store

import (
	"cmp"
	"context"
	"database/sql"
	"math"
	"slices"

	"antigravity-tools/backend/usage"
)

// medianRows is how many of the latest rows a median is taken over.
const medianRows = 20_000

// nameless says what stands for rows without a name.
func nameless(by usage.By) string {
	switch by {
	case usage.ByKey:
		return "(no key)"
	case usage.ByAccount:
		return "(no account)"
	default:
		return "(unknown)"
	}
}

// reporter gathers one report.
type reporter struct {
	q            usage.Query
	since, until int64
	width        int64 // of a bucket, in milliseconds
	column       string
	groups       map[int64]*usage.Group
	out          usage.Report
	// First-event times, for the medians.
	all      []int64
	byGroup  map[int64][]int64
	byBucket [][]int64
}

// ReportUsage sums usage in one pass over the rows of the time asked for.
func (s *Store) ReportUsage(ctx context.Context, q usage.Query) (usage.Report, error) {
	const what = "reading the usage"
	// The three queries must see the same rows.
	tx, err := s.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return usage.Report{}, failed(what, err)
	}
	defer func() { _ = tx.Rollback() }()
	r := newReporter(q)
	for _, step := range []func(context.Context, *sql.Tx) error{r.sums, r.names, r.medians} {
		if err := step(ctx, tx); err != nil {
			return usage.Report{}, failed(what, err)
		}
	}
	return r.report(), nil
}

func newReporter(q usage.Query) *reporter {
	r := &reporter{q: q, since: millis(q.Since), until: math.MaxInt64, column: "model",
		groups: map[int64]*usage.Group{}, byGroup: map[int64][]int64{}}
	if !q.Until.IsZero() {
		r.until = millis(q.Until)
	}
	switch q.By {
	case usage.ByAccount, usage.ByKey, usage.ByClient:
		r.column = string(q.By) // a column of the same name
	}
	if q.Buckets > 0 && r.since > 0 && r.until > r.since && r.until != math.MaxInt64 {
		span := r.until - r.since
		r.width = (span + int64(q.Buckets) - 1) / int64(q.Buckets)
		n := int((span + r.width - 1) / r.width)
		r.out.Series = make([]usage.Bucket, n)
		r.byBucket = make([][]int64, n)
		for i := range r.out.Series {
			r.out.Series[i].StartedAt = fromMillis(r.since + int64(i)*r.width)
		}
	}
	return r
}

// bucket is the SQL of a row's place in the series.
func (r *reporter) bucket() string {
	if r.width == 0 {
		return "0"
	}
	return "(at - " + itoa(r.since) + ") / " + itoa(r.width)
}

func (r *reporter) sums(ctx context.Context, tx *sql.Tx) error {
	//nolint:gosec // column and bucket are a fixed word and numbers
	rows, err := tx.QueryContext(ctx, "SELECT "+r.column+", "+r.bucket()+` AS b, count(*), sum(failed),
		sum(input + cache_read + cache_write), sum(cache_read), sum(output + reasoning), sum(reasoning)
		FROM usage WHERE at >= ? AND at < ? GROUP BY 1, 2`, r.since, r.until)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var group, bucket int64
		var t usage.Totals
		if err := rows.Scan(&group, &bucket, &t.Requests, &t.Errors, &t.InputTokens, &t.CachedTokens, &t.OutputTokens, &t.ReasoningTokens); err != nil {
			return err
		}
		g := r.groups[group]
		if g == nil {
			g = &usage.Group{Name: nameless(r.q.By)}
			r.groups[group] = g
		}
		add(&g.Totals, t)
		add(&r.out.Totals, t)
		if r.width > 0 {
			add(&r.out.Series[bucket].Totals, t)
		}
	}
	return rows.Err()
}

func add(sum *usage.Totals, t usage.Totals) {
	sum.Requests += t.Requests
	sum.Errors += t.Errors
	sum.InputTokens += t.InputTokens
	sum.CachedTokens += t.CachedTokens
	sum.OutputTokens += t.OutputTokens
	sum.ReasoningTokens += t.ReasoningTokens
}

func (r *reporter) names(ctx context.Context, tx *sql.Tx) error {
	rows, err := tx.QueryContext(ctx, "SELECT id, value, name FROM labels WHERE kind = ?", r.column)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id int64
		var value, name string
		if err := rows.Scan(&id, &value, &name); err != nil {
			return err
		}
		if g := r.groups[id]; g != nil {
			g.Name = cmp.Or(name, value)
		}
	}
	return rows.Err()
}

func (r *reporter) medians(ctx context.Context, tx *sql.Tx) error {
	//nolint:gosec // column and bucket are a fixed word and numbers
	rows, err := tx.QueryContext(ctx, "SELECT "+r.column+", "+r.bucket()+` AS b, ttft_ms FROM usage
		WHERE at >= ? AND at < ? AND ttft_ms > 0 ORDER BY at DESC LIMIT ?`, r.since, r.until, medianRows)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var group, bucket, ms int64
		if err := rows.Scan(&group, &bucket, &ms); err != nil {
			return err
		}
		r.all = append(r.all, ms)
		r.byGroup[group] = append(r.byGroup[group], ms)
		if r.width > 0 {
			r.byBucket[bucket] = append(r.byBucket[bucket], ms)
		}
	}
	return rows.Err()
}

func (r *reporter) report() usage.Report {
	r.out.Totals.MedianFirstEventMS = median(r.all)
	r.out.Rows = make([]usage.Group, 0, len(r.groups))
	for id, g := range r.groups {
		g.MedianFirstEventMS = median(r.byGroup[id])
		r.out.Rows = append(r.out.Rows, *g)
	}
	slices.SortFunc(r.out.Rows, func(a, b usage.Group) int {
		return cmp.Or(cmp.Compare(b.Requests, a.Requests), cmp.Compare(a.Name, b.Name))
	})
	for i := range r.out.Series {
		r.out.Series[i].MedianFirstEventMS = median(r.byBucket[i])
	}
	if r.out.Series == nil {
		r.out.Series = []usage.Bucket{}
	}
	return r.out
}

func median(list []int64) int64 {
	if len(list) == 0 {
		return 0
	}
	slices.Sort(list)
	mid := len(list) / 2
	if len(list)%2 == 1 {
		return list[mid]
	}
	return (list[mid-1] + list[mid]) / 2
}
