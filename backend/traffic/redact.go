package traffic

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// secrets are the forms of keys, tokens and addresses that turn up in
// upstreams' messages. Each is replaced as a whole.
var secrets = regexp.MustCompile(`(?i)` + strings.Join([]string{
	`\bAIza[0-9A-Za-z_-]{10,}`,   // Google API key
	`\bya29\.[0-9A-Za-z_-]{10,}`, // Google access token
	`\b1//[0-9A-Za-z_-]{20,}`,    // Google refresh token
	`\bsk-[0-9A-Za-z_-]{8,}`,     // OpenAI, Anthropic, ours
	`\beyJ[0-9A-Za-z_-]{10,}\.[0-9A-Za-z_-]{5,}(?:\.[0-9A-Za-z_-]*)?`,       // JWT
	`\bBearer\s+[^\s"',;]{8,}`,                                              // HTTP authentication
	`([?&](?:api_?)?key=)[^\s&"']+`,                                         // query form
	`\b[0-9A-Za-z._%+-]+@[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*\.[A-Za-z]{2,}\b`, // e-mail address
}, "|"))

// Redacted stands in the place of a secret.
const Redacted = "[redacted]"

// Redact replaces whatever looks like a key, a token or an e-mail address.
func Redact(text string) string {
	if text == "" {
		return ""
	}
	return secrets.ReplaceAllString(text, "${1}"+Redacted)
}

// clip bounds and redacts a message for a record.
func clip(text string) string {
	if len(text) > maxText {
		cut := maxText
		for cut > 0 && !utf8.RuneStart(text[cut]) {
			cut--
		}
		text = text[:cut] + "…"
	}
	return strings.Clone(Redact(text))
}
