package protocol_test

import (
	"context"
	"time"

	"antigravity-tools/backend/custody"
)

// disk is a repository of seals that outlives the stores on it.
type disk map[custody.Key]custody.Entry

func (d disk) LoadSeals(_ context.Context, keys []custody.Key) (out []custody.Entry, err error) {
	for _, k := range keys {
		if e, ok := d[k]; ok {
			out = append(out, e)
		}
	}
	return out, nil
}

func (d disk) SaveSeals(_ context.Context, entries []custody.Entry) error {
	for _, e := range entries {
		d[e.Key] = e
	}
	return nil
}

func (d disk) DeleteSeals(_ context.Context, keys []custody.Key) error {
	for _, k := range keys {
		delete(d, k)
	}
	return nil
}

func (d disk) PurgeSeals(context.Context, time.Time, int, int64) error { return nil }

// restarted ends a store, which writes what it holds, and opens the next one
// on the same disk.
func restarted(store *custody.Store, d disk) *custody.Store {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	store.Run(ctx)
	return custody.New(d, nil, nil)
}
