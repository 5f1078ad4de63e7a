package fakegemini

import (
	"crypto/rand"
	"encoding/base64"
	"net/http"
)

// randomID is n random bytes in base64url, the look of response and call ids.
func randomID(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails (crypto/rand)
	return base64.RawURLEncoding.EncodeToString(b)
}

type countRequest struct {
	Contents []content        `json:"contents"`
	Generate *generateRequest `json:"generateContentRequest"`
}

// countTokens takes contents or a whole generateContentRequest, not both and
// not neither (docs).
func (s *Server) countTokens(w *replyWriter, m Model, message string, body []byte) {
	canonical, e := decodeBody(s.cat, body, message)
	if e != nil {
		w.refuse("fields", e)
		return
	}
	req, e := typed[countRequest](canonical)
	if e != nil {
		w.refuse("fields", e)
		return
	}
	gen := req.Generate
	switch {
	case gen != nil && len(req.Contents) > 0:
		w.refuse("contents present", Invalid("* CountTokensRequest: contents and generate_content_request must not both be set.\n"))
		return
	case gen == nil:
		gen = &generateRequest{Contents: req.Contents}
	}
	c := &check{srv: s, model: m, key: w.rec.Key, req: gen}
	for _, f := range []func(*check) *Error{contentsPresent, partsPresent, oneDatum, validRole, mediaTyped} {
		if e := f(c); e != nil {
			w.refuse("count", e)
			return
		}
	}
	if step, ok := s.script.take(w.rec.Key, "countTokens", m.Name); ok && w.preamble(step) {
		return
	}
	n := estimate(gen)
	w.json(http.StatusOK, detail(struct {
		Total   int `json:"totalTokens"`
		Details []struct {
			Modality string `json:"modality"`
			Count    int    `json:"tokenCount"`
		} `json:"promptTokensDetails"`
	}{n, []struct {
		Modality string `json:"modality"`
		Count    int    `json:"tokenCount"`
	}{{"TEXT", n}}}))
}
