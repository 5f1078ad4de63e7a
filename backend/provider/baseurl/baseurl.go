// Package baseurl joins an account's base URL and the path of an operation:
// the one rule for all providers.
package baseurl

import (
	"net/url"
	"slices"
	"strings"

	"antigravity-tools/backend/fault"
)

// Rule says what a provider's addresses look like.
type Rule struct {
	Default string // the vendor's own address, taken for an empty base
	Version string // appended to a base without one: "v1"
	// Tails are ends that people paste along with the base, and that go:
	// "/chat/completions".
	Tails []string
	// Behind names a last segment in front of which a version may stand
	// ("/v1beta/openai" is complete); "" if there is none.
	Behind string
	// Colon: an operation follows the version after a colon ("/v1internal:do").
	Colon bool
}

// Join makes an address of base and path. A base that ends in a version keeps
// it; no other gets two (pitfall C2).
func (r Rule) Join(base, path string) (string, error) {
	base = strings.TrimSpace(base)
	if base == "" {
		base = r.Default
	}
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return "", fault.Invalid("base_url", "the base URL must be an http or https address").
			WithHint("Enter an address such as " + r.Default + ".")
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return "", fault.Invalid("base_url", "the base URL must hold no user name, query or fragment").
			WithHint("Enter the address alone; the key has a field of its own.")
	}
	prefix := strings.TrimRight(u.EscapedPath(), "/")
	for _, tail := range r.Tails {
		if bare, ok := strings.CutSuffix(prefix, tail); ok {
			prefix = bare
			break
		}
	}
	if !r.versioned(prefix) {
		prefix += "/" + r.Version
	}
	between := "/"
	if r.Colon {
		between = ":"
	}
	return u.Scheme + "://" + u.Host + prefix + between + path, nil
}

func (r Rule) versioned(prefix string) bool {
	segments := strings.Split(prefix, "/")
	last := segments[len(segments)-1]
	if r.Behind != "" && last == r.Behind {
		return slices.ContainsFunc(segments, IsVersion)
	}
	return IsVersion(last)
}

// Own tells whether base is the vendor's own address.
func (r Rule) Own(base string) bool {
	if base = strings.TrimSpace(base); base == "" {
		return true
	}
	// Asked several times a request: most addresses do not even hold the name.
	_, name, _ := strings.Cut(r.Default, "://")
	name, _, _ = strings.Cut(name, "/")
	if !strings.Contains(strings.ToLower(base), name) {
		return false
	}
	have, err := url.Parse(base)
	own, ownErr := url.Parse(r.Default)
	return err == nil && ownErr == nil && strings.EqualFold(have.Hostname(), own.Hostname())
}

// Host is the host name of base in lower case, "" if it has none.
func Host(base string) string {
	u, err := url.Parse(strings.TrimSpace(base))
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Hostname())
}

// IsVersion recognises v1, v1beta, v1alpha, v1beta2, v4 and the like.
func IsVersion(segment string) bool {
	rest, ok := strings.CutPrefix(segment, "v")
	digits := strings.TrimLeft(rest, "0123456789")
	if !ok || len(digits) == len(rest) {
		return false
	}
	digits = strings.TrimRight(digits, "0123456789")
	return digits == "" || digits == "beta" || digits == "alpha" || digits == "internal"
}
