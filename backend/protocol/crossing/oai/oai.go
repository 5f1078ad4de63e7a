// Package oai holds what OpenAI's two protocols have in common: in the requests
// of their clients, and in those that go up to them (names and ids, prompt
// caching, structured output, the choice among tools, and the options of the
// service itself).
package oai

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"

	"antigravity-tools/backend/family"
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol/crossing"
	"antigravity-tools/backend/rawjson"
)

// MaxCallID is the longest id of a call, in bytes.
const MaxCallID = 64

// LegalCallID tells whether the services take id as that of a call.
func LegalCallID(id string) bool { return len(id) <= MaxCallID }

// NameRule is OpenAI's rule for function names; custom tells whether the
// target has freeform tools.
func NameRule(custom bool) crossing.NameRule {
	word := func(r rune) bool {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '_' || r == '-'
	}
	return crossing.NameRule{First: word, Rest: word, Max: 64, Custom: custom}
}

// Refuse is the error of content that cannot cross: a 400 that names the
// field, with the loss's code.
func Refuse(code, path, format string, args ...any) error {
	return fault.Invalid(path, format, args...).WithCode(code)
}

// TurnPath and SystemPath name a part of the conversation in losses.
func TurnPath(turn, part int) string {
	return "turns[" + strconv.Itoa(turn) + "].parts[" + strconv.Itoa(part) + "]"
}

// SystemPath names a leading system part.
func SystemPath(i int) string { return "system[" + strconv.Itoa(i) + "]" }

// maxUser is the longest safety_identifier, maxCacheKey the longest
// prompt_cache_key, in bytes.
const (
	maxUser     = 128
	maxCacheKey = 64
)

// UserID is a caller's identifier of its user, hashed if the service would not
// take it.
func UserID(id string) string {
	if len(id) <= maxUser && !strings.HasPrefix(id, "{") {
		return id
	}
	sum := sha256.Sum256([]byte(id))
	return hex.EncodeToString(sum[:])
}

// CacheKey is the client's own prompt_cache_key, or one that tells its
// conversation.
func CacheKey(req *llm.Request) string {
	given := req.Native.Protocol == llm.OpenAIChat || req.Native.Protocol == llm.Responses
	if given && len(req.Affinity) <= maxCacheKey {
		return req.Affinity
	}
	sum := sha256.Sum256([]byte(req.Affinity))
	return hex.EncodeToString(sum[:16])
}

// Tier is the service's word for a tier that was asked for, "" if it has none;
// what has none is recorded.
func Tier(req *llm.Request, own, vendor bool, losses *llm.Losses) string {
	tier := req.ServiceTier
	switch {
	case tier == "" || own:
		return tier
	case tier == "auto":
	case vendor && (tier == "flex" || tier == "priority" || tier == "default"):
		return tier
	case vendor && (tier == "standard_only" || tier == "standard"):
		return "default"
	default:
		losses.Drop("service_tier", "service_tier", tier)
	}
	return ""
}

// SystemRole is the role of instructions: what the client wrote, or what the
// model's generation calls it.
func SystemRole(own bool, native []byte, caps family.Caps) string {
	developer := caps.DeveloperRole
	if own {
		raw, ok := rawjson.Get(native, "role")
		developer = ok && string(raw) == `"developer"`
	}
	if developer {
		return "developer"
	}
	return "system"
}

// TakesSampling tells whether the target takes temperature and the like.
func TakesSampling(own bool, caps family.Caps, settled family.Settled) bool {
	switch caps.Sampling {
	case family.SamplingNever:
		return own
	case family.SamplingWhenOff:
		return own || settled.Off
	}
	return true
}

// DropSampling records the knobs that a reasoning model refuses.
func DropSampling(s *llm.Sampling, losses *llm.Losses) {
	drop := func(given bool, path string) {
		if given {
			losses.Drop("sampling", path, "")
		}
	}
	drop(s.Temperature != "", "temperature")
	drop(s.TopP != "", "top_p")
	drop(s.PresencePenalty != "", "presence_penalty")
	drop(s.FrequencyPenalty != "", "frequency_penalty")
	drop(s.Logprobs != nil && *s.Logprobs || s.TopLogprobs != nil, "logprobs")
	drop(s.LogitBias != nil, "logit_bias")
}

// DocumentText shows a text document as text, which every model reads.
func DocumentText(m *llm.Media, text string) string {
	title := m.Name
	if title == "" {
		title = "untitled"
	}
	head := "[document: " + title + "]\n"
	if m.Context != "" {
		head += m.Context + "\n"
	}
	return head + text
}

// Detail is the resolution of an image that the service knows, "" for none.
func Detail(m *llm.Media, own bool, path string, losses *llm.Losses) string {
	switch m.Detail {
	case "", "low", "high", "auto", "original":
		return m.Detail
	}
	if own {
		return m.Detail
	}
	losses.Drop("media.detail", path, m.Detail)
	return ""
}

// TakesImage tells whether the services take images of that subtype.
func TakesImage(sub string) bool {
	switch sub {
	case "png", "jpeg", "jpg", "gif", "webp":
		return true
	}
	return false
}

// IsMovieURL tells an address that leads to a video rather than to a picture.
func IsMovieURL(m *llm.Media) bool {
	kind, _, _ := strings.Cut(m.MIME, "/")
	return kind == "audio" || kind == "video" || strings.Contains(m.URL, "://www.youtube.com/") || strings.Contains(m.URL, "://youtu.be/")
}

// ErrorText is the text of a failed tool call: neither protocol has a mark for
// that.
func ErrorText(text string) string {
	if strings.HasPrefix(strings.ToLower(text), "error") {
		return text
	}
	return "Error: " + text
}

// Arguments is the text that stands for a call's arguments. Where the client has
// an object, laid out as it likes, they are compact.
func Arguments(req *llm.Request, c *llm.Call) string {
	switch {
	case c.Kind == llm.CallCustom:
		return llm.WrapCustom(c.Args)
	case c.Args == "":
		return "{}"
	case req.Native.Protocol == llm.Anthropic || req.Native.Protocol == llm.Gemini:
		return string(rawjson.Compact(nil, []byte(c.Args)))
	}
	return c.Args
}
