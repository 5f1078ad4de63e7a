package settings

import (
	"errors"
	"fmt"
	"math"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// maxText bounds the length of any value, in bytes.
const maxText = 8192

func boolText(on bool) string { return strconv.FormatBool(on) }
func intText(n int64) string  { return strconv.FormatInt(n, 10) }

func onOffText(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

func parseBool(text string) (string, error) {
	switch strings.ToLower(text) {
	case "true", "on", "yes", "1":
		return "true", nil
	case "false", "off", "no", "0":
		return "false", nil
	default:
		return "", errors.New("must be true or false")
	}
}

func parseOnOff(text string) (string, error) {
	b, err := parseBool(text)
	if err != nil {
		return "", errors.New("must be on or off")
	}
	return onOffText(b == "true"), nil
}

func parseInt(low, high int64) func(string) (string, error) {
	return func(text string) (string, error) {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < low || n > high {
			return "", fmt.Errorf("must be a whole number from %d to %d", low, high)
		}
		return intText(n), nil
	}
}

// parseBytes takes a number of bytes, or one with a unit: 100MiB, 100 MB, 2g.
func parseBytes(low, high int64) func(string) (string, error) {
	return func(text string) (string, error) {
		digits := strings.TrimRight(text, " kKmMgGiIbB")
		n, err := strconv.ParseInt(digits, 10, 64)
		factor, known := int64(1), true
		switch strings.ToLower(strings.TrimSpace(text[len(digits):])) {
		case "", "b":
		case "k", "kb":
			factor = 1000
		case "kib":
			factor = 1 << 10
		case "m", "mb":
			factor = 1000 * 1000
		case "mib":
			factor = 1 << 20
		case "g", "gb":
			factor = 1000 * 1000 * 1000
		case "gib":
			factor = 1 << 30
		default:
			known = false
		}
		if err != nil || !known || n < 0 || n > high/factor || n*factor < low {
			return "", fmt.Errorf("must be a size from %d to %d bytes, such as 104857600 or 100MiB", low, high)
		}
		return intText(n * factor), nil
	}
}

// maxDuration bounds every wait that can be set.
const maxDuration = 7 * 24 * time.Hour

// parseDuration takes Go's form (1m30s) or seconds (90, 1.5). Whole seconds are
// stored as such, for they are read more easily than 1m30s.
func parseDuration(zero bool) func(string) (string, error) {
	return func(text string) (string, error) {
		d, err := time.ParseDuration(text)
		if err != nil {
			var seconds float64
			seconds, err = strconv.ParseFloat(text, 64)
			if math.IsNaN(seconds) || math.Abs(seconds) > maxDuration.Seconds() {
				err = strconv.ErrRange
			}
			d = time.Duration(seconds * float64(time.Second))
		}
		if err != nil || d < 0 || d > maxDuration || d == 0 && !zero {
			low := "more than 0"
			if zero {
				low = "0"
			}
			return "", fmt.Errorf("must be a duration from %s to 168h, such as 90, 90s or 1m30s", low)
		}
		if d%time.Second == 0 {
			return intText(int64(d/time.Second)) + "s", nil
		}
		return d.String(), nil
	}
}

func parseEnum(choices []string) func(string) (string, error) {
	return func(text string) (string, error) {
		lower := strings.ToLower(text)
		if !slices.Contains(choices, lower) {
			return "", errors.New("must be one of " + strings.Join(choices, ", "))
		}
		return lower, nil
	}
}

// splitList splits a canonical list. An empty one is nil.
func splitList(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, ",")
}

// parseList takes values separated by commas, blanks or lines, checks each, and
// drops the second of two equal ones.
func parseList(text string, one func(string) (string, error)) (string, error) {
	var out []string
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(", \t\r\n;", r) }) {
		got, err := one(word)
		if err != nil {
			return "", err
		}
		if !slices.Contains(out, got) {
			out = append(out, got)
		}
	}
	return strings.Join(out, ","), nil
}

func parseOrigins(text string) (string, error) { return parseList(text, parseOrigin) }

func parseOrigin(word string) (string, error) {
	if word == "*" {
		return word, nil
	}
	u, err := url.Parse(strings.TrimSuffix(word, "/"))
	if err != nil || u.Scheme == "" || u.Host == "" || u.Path != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return "", fmt.Errorf("%q is no origin; write scheme://host or scheme://host:port, or *", word)
	}
	return strings.ToLower(u.Scheme + "://" + u.Host), nil
}

func parseHosts(text string) (string, error) {
	return parseList(text, func(word string) (string, error) {
		if host, _, err := net.SplitHostPort(word); err == nil {
			word = host
		}
		return parseHost(word)
	})
}

// parseHost takes a host name or an address without a port; empty is none.
func parseHost(text string) (string, error) {
	host := strings.ToLower(strings.Trim(text, "[]"))
	if _, err := netip.ParseAddr(host); err == nil || host == "" {
		return host, nil
	}
	valid := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' || r == '.' || r == '_'
	}
	if len(host) > 253 || strings.IndexFunc(host, func(r rune) bool { return !valid(r) }) >= 0 {
		return "", fmt.Errorf("%q is no host name or address (no port, no scheme)", text)
	}
	return strings.TrimSuffix(host, "."), nil
}

func parsePrefixes(text string) (string, error) {
	return parseList(text, func(word string) (string, error) {
		p, err := parsePrefix(word)
		if err != nil {
			return "", fmt.Errorf("%q is no address or network, such as 10.0.0.1 or 10.0.0.0/8", word)
		}
		return p.String(), nil
	})
}

func parsePrefix(word string) (netip.Prefix, error) {
	if addr, err := netip.ParseAddr(word); err == nil {
		addr = addr.Unmap().WithZone("")
		return netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	p, err := netip.ParsePrefix(word)
	return p.Masked(), err
}

func prefixes(canonical string) []netip.Prefix {
	var out []netip.Prefix
	for _, word := range splitList(canonical) {
		if p, err := parsePrefix(word); err == nil {
			out = append(out, p)
		}
	}
	return out
}

// hiddenPassword is what stands for a password in what is shown.
const hiddenPassword = "xxxxx"

func parseProxyURL(text string) (string, error) {
	if text == "" || strings.EqualFold(text, ProxyDirect) {
		return strings.ToLower(text), nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || !slices.Contains([]string{"http", "https", "socks5", "socks5h"}, u.Scheme) || strings.Trim(u.Path, "/") != "" {
		return "", errors.New("must be empty, direct, or a URL such as http://host:port or socks5://host:port")
	}
	if p, ok := u.User.Password(); ok && p == hiddenPassword {
		return "", errors.New("holds the placeholder of the password; enter the password itself")
	}
	u.Path = ""
	return u.String(), nil
}

// redact hides a password in a URL for display.
func redact(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return text
	}
	if _, ok := u.User.Password(); !ok {
		return text
	}
	return u.Redacted()
}

func parsePublicURL(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return "", errors.New("must be empty or a URL such as https://gateway.example")
	}
	return strings.TrimRight(u.String(), "/"), nil
}

// The must functions read canonical texts, which cannot fail.

func mustInt(s string) int64 {
	n, _ := strconv.ParseInt(s, 10, 64)
	return n
}

func mustDuration(s string) time.Duration {
	d, _ := time.ParseDuration(s)
	return d
}

// parseWord takes one word without spaces, such as an id; empty for none.
func parseWord(text string) (string, error) {
	if strings.ContainsFunc(text, unicode.IsSpace) {
		return "", errors.New("must be one word")
	}
	return text, nil
}

// parseTokenURL takes an address that a credential may be sent to: https, or
// this machine.
func parseTokenURL(text string) (string, error) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" {
		return "", errors.New("must be an https address")
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !isLoopbackHost(u.Hostname())) {
		return "", errors.New("must be an https address")
	}
	return text, nil
}
