package gemini

import (
	"net/url"
	"strings"

	"antigravity-tools/backend/fault"
	codec "antigravity-tools/backend/protocol/gemini"
)

// DefaultBaseURL is Google's own address.
const DefaultBaseURL = "https://generativelanguage.googleapis.com"

// defaultVersion is what the vendor's Go SDK and CLI ask for.
const defaultVersion = "v1beta"

// resourceURL is the one place where a base URL and a path are joined. A base
// that ends in a version keeps it; no other gets two (pitfall C2).
func resourceURL(base, path string) (string, error) {
	base = strings.TrimSpace(base)
	if base == "" {
		base = DefaultBaseURL
	}
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return "", fault.Invalid("base_url", "the base URL must be an http or https address").
			WithHint("Enter an address such as " + DefaultBaseURL + ".")
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return "", fault.Invalid("base_url", "the base URL must hold no user name, query or fragment").
			WithHint("Enter the address alone; the key has a field of its own.")
	}
	prefix := strings.TrimRight(u.EscapedPath(), "/")
	prefix = strings.TrimSuffix(prefix, "/models")
	if !isVersion(prefix[strings.LastIndexByte(prefix, '/')+1:]) {
		prefix += "/" + defaultVersion
	}
	return u.Scheme + "://" + u.Host + prefix + "/" + path, nil
}

// isVersion recognises v1, v1beta, v1alpha, v1beta2, v4 and the like.
func isVersion(segment string) bool {
	rest, ok := strings.CutPrefix(segment, "v")
	digits := strings.TrimLeft(rest, "0123456789")
	if !ok || len(digits) == len(rest) {
		return false
	}
	digits = strings.TrimRight(digits, "0123456789")
	return digits == "" || digits == "beta" || digits == "alpha" || digits == "internal"
}

func modelURL(base, model, verb string) (string, error) {
	model = codec.BareModel(model)
	if model == "" {
		return "", fault.Invalid("model", "the request names no model")
	}
	return resourceURL(base, "models/"+escapeModel(model)+":"+verb)
}
