package ledger

import (
	"net/url"
	"testing"
)

// FuzzPage: whatever the query, a page is within its bounds or refused.
func FuzzPage(f *testing.F) {
	f.Add("limit=3&order=asc&after=msg_1")
	f.Add("limit=-1")
	f.Add("limit=99999999999999999999&order=x")
	f.Fuzz(func(t *testing.T, query string) {
		q, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		p, bad := readPage(q)
		if bad == nil && (p.limit < 1 || p.limit > maxLimit || p.after != q.Get("after")) {
			t.Fatalf("%+v", p)
		}
	})
}
