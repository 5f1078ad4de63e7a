package server_test

import (
	"testing"

	"antigravity-tools/backend/provider"
)

// TestModelShapes: a model that is known in full, and one of which only the name
// is known, in the three shapes, as lists and alone (golden case 60).
func TestModelShapes(t *testing.T) {
	b := newBench(t)
	b.models = []provider.Model{
		{
			ID: "known", DisplayName: "Known", Description: "All of it", Version: "2", InputLimit: 1000, OutputLimit: 64, Methods: []string{"generateContent"},
			Thinking: true, Temperature: 1, MaxTemp: 2, TopP: 0.95, TopK: 64, OwnedBy: "maker", CreatedUnix: 1_767_312_000, ProviderKind: "openai",
		},
		{ID: "bare/name", ProviderKind: "openai"},
	}
	const (
		knownC = `{"id":"known","object":"model","created":1767312000,"owned_by":"maker"}`
		bareC  = `{"id":"bare/name","object":"model","created":0,"owned_by":"openai"}`
		knownA = `{"type":"model","id":"known","display_name":"Known","created_at":"2026-01-02T00:00:00Z","max_input_tokens":1000,"max_tokens":64}`
		bareA  = `{"type":"model","id":"bare/name","display_name":"bare/name","created_at":"1970-01-01T00:00:00Z","max_input_tokens":null,"max_tokens":null}`
		knownG = `{"name":"models/known","version":"2","displayName":"Known","description":"All of it","inputTokenLimit":1000,"outputTokenLimit":64,` +
			`"supportedGenerationMethods":["generateContent"],"temperature":1,"maxTemperature":2,"topP":0.95,"topK":64,"thinking":true}`
		bareG = `{"name":"models/bare/name","displayName":"bare/name","supportedGenerationMethods":["generateContent","countTokens"]}`
	)
	claude, google := []string{"Anthropic-Version", "2026-10-21"}, []string{"X-Goog-Api-Key", "k"}
	for _, tc := range []struct {
		path    string
		headers []string
		want    string
	}{
		{"/v1/models", nil, `{"object":"list","data":[` + bareC + `,` + knownC + `]}`},
		{"/v1/models/known", nil, knownC},
		{"/v1/models/bare/name", nil, bareC},
		{"/v1/models", claude, `{"data":[` + bareA + `,` + knownA + `],"first_id":"bare/name","last_id":"known","has_more":false}`},
		{"/v1/models?limit=1", claude, `{"data":[` + bareA + `],"first_id":"bare/name","last_id":"bare/name","has_more":true}`},
		{"/v1/models?limit=1&after_id=bare%2Fname", claude, `{"data":[` + knownA + `],"first_id":"known","last_id":"known","has_more":false}`},
		{"/v1/models?before_id=bare%2Fname", claude, `{"data":[],"first_id":null,"last_id":null,"has_more":false}`},
		{"/v1/models/known", claude, knownA},
		{"/v1beta/models", nil, `{"models":[` + bareG + `,` + knownG + `]}`},
		{"/v1/models?pageSize=1", google, `{"models":[` + bareG + `],"nextPageToken":"bare/name"}`},
		{"/v1beta/models/models/known", nil, knownG},
		{"/v1beta/models/bare/name", nil, bareG},
	} {
		if w := b.do("GET", tc.path, nil, tc.headers...); w.Code != 200 || w.Body.String() != tc.want {
			t.Errorf("%s %v: %d\ngot  %s\nwant %s", tc.path, tc.headers, w.Code, w.Body, tc.want)
		}
	}
	b.models = nil
	for path, want := range map[string]string{"/v1/models": `{"object":"list","data":[]}`, "/v1beta/models": `{"models":[]}`} {
		if w := b.do("GET", path, nil); w.Body.String() != want {
			t.Errorf("%s: %s", path, w.Body)
		}
	}
}
