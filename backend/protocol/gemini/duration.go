package gemini

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// parseDelay reads the durations that Google's errors hold: "34.07s",
// "510.79ms", "2h21m25.8s". Negative and absurd ones are refused.
func parseDelay(s string) (time.Duration, bool) {
	s = strings.TrimSpace(s)
	if s == "" || s[0] == '-' || s[0] == '+' {
		return 0, false
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		return parseSeconds(strings.TrimSuffix(s, "s"))
	}
	return d, d >= 0
}

// parseSeconds reads a number of seconds, with or without a fraction.
func parseSeconds(s string) (time.Duration, bool) {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(f) || f < 0 || f > maxSeconds {
		return 0, false
	}
	return time.Duration(f * float64(time.Second)), true
}

// maxSeconds is a year: more is a mistake.
const maxSeconds = 366 * 24 * 3600

// messageDelay finds "Please retry in 34.07s" or "…in 510ms." in a message.
func messageDelay(message string) time.Duration {
	lower := strings.ToLower(message)
	for _, lead := range []string{"retry in ", "retry after ", "reset after "} {
		_, after, ok := strings.Cut(lower, lead)
		if !ok {
			continue
		}
		word, _, _ := strings.Cut(strings.TrimSpace(after), " ")
		if d, ok := parseDelay(strings.TrimRight(word, ".,;:!)")); ok {
			return d
		}
	}
	return 0
}
