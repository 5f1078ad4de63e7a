package relay

import (
	"context"
	"encoding/base64"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"antigravity-tools/backend/family"
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
)

const (
	maxFetches = 16 // URLs of one request
	fetchers   = 4  // at once
)

// inlineMedia returns the request with the media that its https URLs point to
// in place of the URLs, for a target that does not fetch them itself. What was
// fetched serves all attempts of the exchange.
func (x *exchange) inlineMedia(ctx context.Context, req *llm.Request, caps family.Caps) (*llm.Request, error) {
	if caps.URLMedia || x.relay.opts.Fetcher == nil {
		return req, nil
	}
	wanted := mediaURLs(req, caps.URLImages)
	if len(wanted) == 0 {
		return req, nil
	}
	if len(wanted) > maxFetches {
		return nil, fault.Invalid(wanted[maxFetches].path, "a request may name at most %d URLs to fetch", maxFetches).WithCode("media.fetch")
	}
	if err := x.fetch(ctx, wanted); err != nil {
		return nil, err
	}
	out := *req
	out.Turns = slices.Clone(req.Turns)
	for i := range out.Turns {
		out.Turns[i].Parts = x.withMedia(out.Turns[i].Parts)
	}
	for _, w := range wanted {
		x.losses.Adapt("media.fetched", w.path, "")
	}
	return &out, nil
}

// refuseLocal refuses a request that names a file of some machine: it is never
// read here, and no provider could mean it (contract.md section 5).
func refuseLocal(req *llm.Request) *fault.Error {
	for i := range req.Turns {
		for j := range req.Turns[i].Parts {
			p := &req.Turns[i].Parts[j]
			if m := p.Media; m != nil && len(m.URL) >= 5 && strings.EqualFold(m.URL[:5], "file:") {
				return fault.Invalid(fmt.Sprintf("turns[%d].parts[%d]", i, j), "a file: address is never read: send the data itself").WithCode("url_not_allowed")
			}
		}
	}
	return nil
}

// wantedURL is one URL to fetch and where it stands.
type wantedURL struct{ url, path string }

// mediaURLs lists them; images are left out for a target that fetches those.
func mediaURLs(req *llm.Request, ownImages bool) []wantedURL {
	var out []wantedURL
	for i := range req.Turns {
		for j := range req.Turns[i].Parts {
			path := fmt.Sprintf("turns[%d].parts[%d]", i, j)
			p := &req.Turns[i].Parts[j]
			out = appendURL(out, p.Media, path, ownImages)
			if p.Result == nil {
				continue
			}
			for k := range p.Result.Parts {
				out = appendURL(out, p.Result.Parts[k].Media, fmt.Sprintf("%s.parts[%d]", path, k), ownImages)
			}
		}
	}
	return out
}

func appendURL(list []wantedURL, m *llm.Media, path string, ownImages bool) []wantedURL {
	if m != nil && ownImages && !m.Document && (m.MIME == "" || strings.HasPrefix(m.MIME, "image/")) {
		return list
	}
	if m == nil || !strings.HasPrefix(m.URL, "https://") || isYouTube(m.URL) {
		return list
	}
	return append(list, wantedURL{m.URL, path})
}

// isYouTube: the Gemini API takes the address of a video there as it is.
func isYouTube(raw string) bool {
	u, err := url.Parse(raw)
	if err != nil {
		return false
	}
	host := strings.TrimPrefix(u.Hostname(), "www.")
	return host == "youtube.com" || host == "youtu.be" || host == "m.youtube.com"
}

func (x *exchange) fetch(ctx context.Context, wanted []wantedURL) error {
	if x.fetched == nil {
		x.fetched = map[string]llm.Media{}
	}
	results := make([]llm.Media, len(wanted))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(fetchers)
	for i, w := range wanted {
		if have, ok := x.fetched[w.url]; ok {
			results[i] = have
			continue
		}
		group.Go(func() error {
			got, err := x.relay.opts.Fetcher.Fetch(ctx, w.url, w.path)
			if err == nil {
				results[i] = llm.Media{MIME: mediaType(got.MIME, got.Body), Data: base64.StdEncoding.EncodeToString(got.Body)}
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for i, w := range wanted {
		x.fetched[w.url] = results[i]
	}
	return nil
}

// mediaType prefers what the server says, unless that says nothing.
func mediaType(header string, body []byte) string {
	media, _, err := mime.ParseMediaType(header)
	if err == nil && media != "application/octet-stream" && media != "binary/octet-stream" {
		return media
	}
	media, _, _ = mime.ParseMediaType(http.DetectContentType(body))
	return media
}

// withMedia copies parts with the fetched media in place; parts without any
// are returned as they are.
func (x *exchange) withMedia(parts []llm.Part) []llm.Part {
	var out []llm.Part
	for i := range parts {
		p := parts[i]
		changed := false
		if p.Media != nil {
			p.Media, changed = x.replaced(p.Media)
		}
		if p.Result != nil {
			result := *p.Result
			if inner := x.withMedia(result.Parts); len(inner) > 0 && &inner[0] != &result.Parts[0] {
				result.Parts, changed = inner, true
				p.Result = &result
			}
		}
		if !changed {
			continue
		}
		if out == nil {
			out = slices.Clone(parts)
		}
		out[i] = p
	}
	if out == nil {
		return parts
	}
	return out
}

func (x *exchange) replaced(m *llm.Media) (*llm.Media, bool) {
	got, ok := x.fetched[m.URL]
	if m.URL == "" || !ok {
		return m, false
	}
	out := *m
	out.URL, out.Data = "", got.Data
	if out.MIME == "" {
		out.MIME = got.MIME
	}
	return &out, true
}
