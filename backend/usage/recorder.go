package usage

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"antigravity-tools/backend/fault"
)

const (
	queueSize     = 10_000
	batchSize     = 200
	batchEvery    = time.Second
	writeDeadline = 10 * time.Second
	firstBackoff  = 250 * time.Millisecond
	maxBackoff    = 30 * time.Second
	purgeEvery    = time.Hour
	day           = 24 * time.Hour
)

// Recorder writes rows behind the requests. Add may be called from anywhere;
// Run must be running.
type Recorder struct {
	repo Repository
	log  *slog.Logger
	// keepDays is asked before each purge: 0 keeps rows for ever.
	keepDays func() int
	queue    chan *Row // pointers: an empty queue of this length takes little memory
	dropped  atomic.Int64
	retries  atomic.Int64
	saved    atomic.Int64
	stuck    atomic.Bool // the last write failed
}

// NewRecorder returns a Recorder. A nil keepDays keeps rows for ever.
func NewRecorder(repo Repository, log *slog.Logger, keepDays func() int) *Recorder {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	if keepDays == nil {
		keepDays = func() int { return 0 }
	}
	return &Recorder{repo: repo, log: log, keepDays: keepDays, queue: make(chan *Row, queueSize)}
}

// Add hands a row over without waiting; a full queue drops it.
func (r *Recorder) Add(row Row) {
	select {
	case r.queue <- &row:
	default:
		if r.dropped.Add(1) == 1 {
			r.log.Warn("usage rows are dropped: the database does not keep up; answers are not affected")
		}
	}
}

// Stats counts what became of the rows.
type Stats struct {
	Saved   int64
	Dropped int64
	Retries int64 // writes that failed and were tried again
	Queued  int
	Stuck   bool // the last write failed; the rows wait
}

// Stats gives the counters.
func (r *Recorder) Stats() Stats {
	return Stats{Saved: r.saved.Load(), Dropped: r.dropped.Load(), Retries: r.retries.Load(), Queued: len(r.queue), Stuck: r.stuck.Load()}
}

// Run writes rows until ctx ends; then it writes what is left.
func (r *Recorder) Run(ctx context.Context) {
	flush := time.NewTimer(batchEvery)
	flush.Stop()
	defer flush.Stop()
	purge := time.NewTicker(purgeEvery)
	defer purge.Stop()
	batch := make([]Row, 0, batchSize)
	r.purge(ctx)
	for {
		select {
		case <-ctx.Done():
			r.last(ctx, batch)
			return
		case <-purge.C:
			r.purge(ctx)
			continue
		case row := <-r.queue:
			if batch = append(batch, *row); len(batch) == 1 {
				flush.Reset(batchEvery)
			}
			if len(batch) < batchSize {
				continue
			}
		case <-flush.C:
		}
		flush.Stop()
		if !r.write(ctx, batch) {
			r.last(ctx, batch)
			return
		}
		batch = batch[:0]
	}
}

// write saves a batch, however often it takes; false if ctx ended before.
// Meanwhile the queue takes rows as long as it has room.
func (r *Recorder) write(ctx context.Context, batch []Row) bool {
	for pause := firstBackoff; len(batch) > 0; pause = min(pause*2, maxBackoff) {
		err := r.save(ctx, batch)
		if err == nil {
			break
		}
		if ctx.Err() != nil {
			return false
		}
		if r.retries.Add(1); pause == firstBackoff {
			r.log.Warn("usage rows not saved, trying again", "rows", len(batch), "error", fault.From(err))
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return false
		case <-timer.C:
		}
	}
	return true
}

func (r *Recorder) save(ctx context.Context, batch []Row) error {
	ctx, cancel := context.WithTimeout(ctx, writeDeadline)
	defer cancel()
	err := r.repo.SaveUsage(ctx, batch)
	r.stuck.Store(err != nil)
	if err == nil {
		r.saved.Add(int64(len(batch)))
	}
	return err
}

// last writes what is left when the program ends.
func (r *Recorder) last(ctx context.Context, batch []Row) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeDeadline)
	defer cancel()
	for {
		for len(batch) < batchSize && len(r.queue) > 0 {
			batch = append(batch, *<-r.queue)
		}
		if len(batch) == 0 {
			return
		}
		if err := r.save(ctx, batch); err != nil {
			left := int64(len(batch) + len(r.queue))
			r.dropped.Add(left)
			r.log.Error("usage rows lost at the end", "rows", left, "error", fault.From(err))
			return
		}
		batch = batch[:0]
	}
}

// purge deletes old rows in bounded steps, so that other writers get in between.
func (r *Recorder) purge(ctx context.Context) {
	days := r.keepDays()
	if days <= 0 {
		return
	}
	before := time.Now().Add(-time.Duration(days) * day)
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		n, err := r.repo.PurgeUsage(ctx, before)
		if err != nil {
			if ctx.Err() == nil {
				r.log.Warn("old usage rows not purged", "error", fault.From(err))
			}
			return
		}
		if n == 0 {
			return
		}
	}
}
