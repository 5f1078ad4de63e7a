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
	if !suspect(text) {
		return text
	}
	return secrets.ReplaceAllString(text, "${1}"+Redacted)
}

// marks are what the forms of secrets begin with or hold, by the byte that they
// begin with, in either case. No two begin alike.
//
//nolint:gochecknoglobals // a read-only table
var marks = byFirst("aiza", "ya29.", "1//", "sk-", "eyj", "bearer", "key=", "@")

func byFirst(words ...string) (table [utf8.RuneSelf]string) {
	for _, word := range words {
		table[word[0]], table[strings.ToUpper(word)[0]] = word, word
	}
	return table
}

// suspect tells whether secrets could match. Every record's path is looked at,
// and next to none holds a mark. What is not ASCII is left to the expression,
// which folds case as Unicode does.
func suspect(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return true
		}
		if mark := marks[text[i]]; mark != "" && len(text)-i >= len(mark) && strings.EqualFold(text[i:i+len(mark)], mark) {
			return true
		}
	}
	return false
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
