package wire

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"
)

func TestVectorForms(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.SliceOf(rapid.Float32Range(-1e30, 1e30)).Draw(t, "v")
		raw, err := json.Marshal(want)
		if err != nil || want == nil {
			raw = []byte("[]")
		}
		data, err := VectorToBase64(raw)
		if err != nil {
			t.Fatal(err)
		}
		back, err := VectorFromBase64(data)
		if err != nil {
			t.Fatal(err)
		}
		var got []float32
		if err := json.Unmarshal(back, &got); err != nil || len(got) != len(want) {
			t.Fatalf("%s: %v", back, err)
		}
		for i := range want {
			if got[i] != want[i] {
				t.Fatalf("%d: %v, want %v", i, got[i], want[i])
			}
		}
		if CheckVector(back) != nil {
			t.Fatalf("%s is no vector", back)
		}
	})
	for _, bad := range []string{`{}`, `["x"]`, `[null]`, `[[1]]`, `1`} {
		if _, err := VectorToBase64([]byte(bad)); err == nil || CheckVector([]byte(bad)) == nil {
			t.Errorf("%s is taken for a vector", bad)
		}
	}
	for _, bad := range []string{"x", "AAA=", "AADAfw=="} { // the last is not a number
		if _, err := VectorFromBase64(bad); err == nil {
			t.Errorf("%s is taken for a vector", bad)
		}
	}
}
