package access

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"antigravity-tools/backend/fault"
)

// Mode is an authentication mode; its texts are those of the setting proxy.auth_mode.
type Mode string

// The modes. Only the first three are effective ones.
const (
	Off             Mode = "off"
	AllExceptHealth Mode = "all_except_health"
	Strict          Mode = "strict"
	Auto            Mode = "auto"
)

// EffectiveMode resolves auto: a key is needed, except for health, while LAN
// access is on or the listener is not on loopback. A mode that is not known
// counts as strict, for a mistake must not open the gateway.
func EffectiveMode(mode Mode, lanOn, listenerLoopback bool) Mode {
	switch mode {
	case Off, AllExceptHealth, Strict:
		return mode
	case Auto:
		if lanOn || !listenerLoopback {
			return AllExceptHealth
		}
		return Off
	default:
		return Strict
	}
}

// NeedsKey says whether a route needs a key in an effective mode.
func NeedsKey(effective Mode, isHealth bool) bool {
	switch effective {
	case Off:
		return false
	case AllExceptHealth:
		return !isHealth
	default:
		return true
	}
}

// Identity says who calls. The zero value is somebody without a known key.
type Identity struct {
	KeyID   string
	KeyName string
}

// Known reports whether the caller showed a valid key.
func (i Identity) Known() bool { return i.KeyID != "" }

// Guard authenticates public requests.
type Guard struct {
	keys *Keyring
	now  func() time.Time
}

// NewGuard returns a guard over a keyring.
func NewGuard(keys *Keyring) *Guard { return &Guard{keys: keys, now: keys.now} }

// Places a key may stand in, as told to callers.
const acceptedPlaces = "`Authorization: Bearer KEY`, `x-api-key: KEY`, `x-goog-api-key: KEY` or `?key=KEY`"

const keyHint = "create or copy a key on the Gateway page, or with `antigravity-tools key create --name NAME`"

// maxCandidates and maxSecret bound the work that one request can cause.
const (
	maxCandidates = 8
	maxSecret     = 512
)

// Authenticate decides whether a request may pass. In an open route an unknown
// key is ignored, since many clients insist on sending one; a known one is
// attributed, and a known one that is disabled or expired is refused. Health
// is not refused while it is open, so that a check keeps working.
func (g *Guard) Authenticate(r *http.Request, effective Mode, isHealth bool) (Identity, *fault.Error) {
	now := g.now()
	secrets := Credentials(r)
	var refused *fault.Error
	for _, secret := range secrets {
		e := g.keys.lookup(secret)
		if e == nil {
			continue
		}
		if why := e.refusal(now); why != nil {
			refused = why
			continue
		}
		e.touch(now)
		return Identity{KeyID: e.key.ID, KeyName: e.key.Name}, nil
	}
	needed := NeedsKey(effective, isHealth)
	switch {
	case !needed && (refused == nil || isHealth):
		return Identity{}, nil
	case refused != nil:
		return Identity{}, refused
	case len(secrets) == 0:
		return Identity{}, unauthenticated("invalid_api_key", "no API key was sent")
	default:
		return Identity{}, unauthenticated("invalid_api_key", "the API key is not known to this gateway")
	}
}

func (e *entry) refusal(now time.Time) *fault.Error {
	switch {
	case !e.key.Enabled:
		return unauthenticated("key_disabled", "this API key is disabled")
	case e.key.expired(now):
		return unauthenticated("key_expired", "this API key has expired")
	default:
		return nil
	}
}

func unauthenticated(code, what string) *fault.Error {
	return fault.New(fault.Unauthenticated, what+"; send a key of this gateway as "+acceptedPlaces).
		WithCode(code).WithHint(keyHint)
}

// Credentials gives the keys that a request carries, in all four places.
func Credentials(r *http.Request) []string {
	var out []string
	add := func(s string) {
		if s = strings.TrimSpace(s); s != "" && len(s) <= maxSecret && len(out) < maxCandidates {
			out = append(out, s)
		}
	}
	for _, h := range r.Header["Authorization"] {
		if scheme, token, ok := strings.Cut(strings.TrimSpace(h), " "); ok && strings.EqualFold(scheme, "Bearer") {
			add(token)
		}
	}
	for _, h := range r.Header["X-Api-Key"] {
		add(h)
	}
	for _, h := range r.Header["X-Goog-Api-Key"] {
		add(h)
	}
	if r.URL != nil && r.URL.RawQuery != "" {
		for part := range strings.SplitSeq(r.URL.RawQuery, "&") {
			if name, value, _ := strings.Cut(part, "="); isKeyParam(name) {
				if secret, err := url.QueryUnescape(value); err == nil {
					add(secret)
				}
			}
		}
	}
	return out
}

func isKeyParam(name string) bool {
	if name == "key" {
		return true
	}
	plain, err := url.QueryUnescape(name)
	return err == nil && plain == "key"
}

// WithoutKey drops key= from a raw query, for logs and for what goes upstream.
// Everything else keeps its bytes and order.
func WithoutKey(rawQuery string) string {
	if !strings.ContainsAny(rawQuery, "k%") {
		return rawQuery
	}
	var kept []string
	for part := range strings.SplitSeq(rawQuery, "&") {
		if name, _, _ := strings.Cut(part, "="); !isKeyParam(name) {
			kept = append(kept, part)
		}
	}
	return strings.Join(kept, "&")
}
