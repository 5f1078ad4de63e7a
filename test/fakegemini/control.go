package fakegemini

import (
	"encoding/json"
	"io"
	"net/http"
)

// control serves the endpoints for programs in other languages:
//
//	POST /__script    {"key": "AIza-fake-one", "steps": [Step, …]}
//	GET  /__requests  the record, as JSON
//	POST /__reset     forgets requests and scripts
func (s *Server) control(w http.ResponseWriter, r *http.Request) {
	switch r.Method + " " + r.URL.Path {
	case "POST /__script":
		var in struct {
			Key   string `json:"key"`
			Steps []Step `json:"steps"`
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 16<<20))
		if err == nil {
			err = json.Unmarshal(body, &in)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		s.Script(in.Key, in.Steps...)
		w.WriteHeader(http.StatusNoContent)
	case "GET /__requests":
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(detail(s.Requests()))
	case "POST /__reset":
		s.Reset()
		w.WriteHeader(http.StatusNoContent)
	default:
		http.NotFound(w, r)
	}
}
