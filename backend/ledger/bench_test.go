package ledger_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// nowhere is a client that only counts.
type nowhere struct{ header http.Header }

func (n nowhere) Header() http.Header         { return n.header }
func (n nowhere) Write(p []byte) (int, error) { return len(p), nil }
func (n nowhere) WriteHeader(int)             {}

// BenchmarkTurn is what a turn costs, the relay's part and the database's
// included, when it is stored and when it is not.
func BenchmarkTurn(b *testing.B) {
	for _, size := range []int{1_000, 20_000, 500_000} {
		for _, stored := range []bool{false, true} {
			b.Run(fmt.Sprintf("%dkB/stored=%v", size/1000, stored), func(b *testing.B) {
				bed := newBed(b)
				var items []string
				for n := 0; n < size; n += 2000 {
					items = append(items, `{"role":"user","content":"`+strings.Repeat("some words <here> and there. ", min(size, 2000)/29)+`"}`)
				}
				body := `{"model":"m","stream":true,"store":` + strconv.FormatBool(stored) + `,"input":[` + strings.Join(items, ",") + `]}`
				b.SetBytes(int64(len(body)))
				b.ReportAllocs()
				for b.Loop() {
					c := call(body)
					if err := bed.Create(b.Context(), nowhere{http.Header{}}, c); err != nil {
						b.Fatal(err)
					}
					b.StopTimer()
					bed.settle() // turns do not come as fast as this loop: the writer is done before the next
					b.StartTimer()
				}
				b.StopTimer()
				if n := bed.store.Dropped(); n > 0 {
					b.Errorf("%d dropped", n)
				}
			})
		}
	}
}
