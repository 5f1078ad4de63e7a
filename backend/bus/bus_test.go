package bus_test

import (
	"sync"
	"testing"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"antigravity-tools/backend/bus"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func drain(s *bus.Subscription[int]) (out []int) {
	for {
		select {
		case v, ok := <-s.C():
			if !ok {
				return out
			}
			out = append(out, v)
		default:
			return out
		}
	}
}

func TestOldestAreDropped(t *testing.T) {
	var topic bus.Topic[int]
	slow, wide := topic.Subscribe(2), topic.Subscribe(10)
	for i := range 5 {
		topic.Publish(i)
	}
	if got := drain(slow); len(got) != 2 || got[0] != 3 || got[1] != 4 || slow.Dropped() != 3 {
		t.Errorf("slow: %v, %d dropped", got, slow.Dropped())
	}
	if got := drain(wide); len(got) != 5 || wide.Dropped() != 0 {
		t.Errorf("wide: %v, %d dropped", got, wide.Dropped())
	}
}

func TestClose(t *testing.T) {
	var topic bus.Topic[int]
	a, b := topic.Subscribe(0), topic.Subscribe(1)
	topic.Publish(1)
	a.Close()
	a.Close()
	topic.Publish(2)
	if topic.Subscribers() != 1 {
		t.Error("a is still counted")
	}
	if got := drain(a); len(got) != 1 || got[0] != 1 {
		t.Errorf("a got %v", got)
	}
	topic.Close()
	topic.Close()
	topic.Publish(3)
	b.Close()
	if got := drain(b); len(got) != 1 || got[0] != 2 || b.Dropped() != 1 {
		t.Errorf("b got %v", got)
	}
	if _, open := <-b.C(); open {
		t.Error("b is open after the topic was closed")
	}
	if _, open := <-topic.Subscribe(1).C(); open {
		t.Error("a closed topic takes subscribers")
	}
}

// Whatever the interleaving, a subscriber gets values in order, and those it got
// and those it lost are all there were.
func TestConcurrent(t *testing.T) {
	var topic bus.Topic[int]
	const n, readers = 5000, 4
	var wg sync.WaitGroup
	for i := range readers {
		s := topic.Subscribe(1 + i*100)
		wg.Go(func() {
			last, got := -1, uint64(0)
			for v := range s.C() {
				if v <= last {
					t.Errorf("%d after %d", v, last)
				}
				last = v
				got++
			}
			if got+s.Dropped() != n || last != n-1 {
				t.Errorf("%d received, %d dropped, the last is %d", got, s.Dropped(), last)
			}
		})
	}
	// Others come and go meanwhile.
	wg.Go(func() {
		for range 500 {
			s := topic.Subscribe(1)
			drain(s)
			s.Close()
		}
	})
	for i := range n {
		topic.Publish(i)
	}
	topic.Close()
	wg.Wait()
}

// The queue behaves like a list that is cut from the front.
func TestModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var topic bus.Topic[int]
		size := rapid.IntRange(1, 4).Draw(t, "size")
		s := topic.Subscribe(size)
		var model []int
		dropped := uint64(0)
		for i, publish := range rapid.SliceOf(rapid.Bool()).Draw(t, "steps") {
			if publish {
				topic.Publish(i)
				if model = append(model, i); len(model) > size {
					model = model[1:]
					dropped++
				}
			} else if len(model) > 0 {
				if v := <-s.C(); v != model[0] {
					t.Fatalf("got %d, want %d", v, model[0])
				}
				model = model[1:]
			}
			if s.Dropped() != dropped {
				t.Fatalf("%d dropped, want %d", s.Dropped(), dropped)
			}
		}
	})
}
