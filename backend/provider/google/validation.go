package google

import (
	"net/url"
	"strings"

	"antigravity-tools/backend/provider/listing"
	"antigravity-tools/backend/rawjson"
)

// validationLink finds the page on which an account is verified: ErrorInfo's
// metadata names it, or the first link of Help (wire.md (a)).
func validationLink(body []byte) string {
	details, _ := rawjson.Get(body, "error", "details")
	for d := range rawjson.Items(details) {
		meta, _ := rawjson.Get(d, "metadata")
		for _, key := range []string{"validation_url", "validation_link"} {
			if link := ofGoogle(listing.Str(meta, key)); link != "" {
				return link
			}
		}
	}
	for d := range rawjson.Items(details) {
		links, _ := rawjson.Get(d, "links")
		for l := range rawjson.Items(links) {
			if link := ofGoogle(listing.Str(l, "url")); link != "" {
				return link
			}
		}
	}
	return ""
}

// ofGoogle lets an address pass that a person can be sent to.
func ofGoogle(link string) string {
	u, err := url.Parse(link)
	if err != nil || u.Scheme != "https" || u.User != nil || len(link) > 2048 {
		return ""
	}
	if host := strings.ToLower(u.Hostname()); host == "google.com" || strings.HasSuffix(host, ".google.com") {
		return link
	}
	return ""
}
