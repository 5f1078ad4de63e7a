package gemini

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"antigravity-tools/backend/rawjson"
)

// parseError reads an error body, leniently: also within an array, also as
// JSON text in the message, also with the defects seen on the wire.
func parseError(body []byte) *rpcError {
	e := &rpcError{}
	const deepest = 4 // how often an error may be wrapped in a message
	for range deepest {
		obj := errorObject(body)
		if obj == nil {
			break
		}
		e.object(obj)
		inner := strings.TrimSpace(strings.ReplaceAll(e.message, "\u00a0", " "))
		if inner == "" || (inner[0] != '{' && inner[0] != '[') || rawjson.Check([]byte(inner), maxDepth) != nil {
			break
		}
		body = []byte(inner)
	}
	if e.delay == 0 { // RetryInfo counts more
		e.delay = e.reset
	}
	if d := messageDelay(e.message); e.delay == 0 {
		e.delay = d
	}
	e.message = scrub(e.message)
	return e
}

// maxDepth bounds the nesting of answers.
const maxDepth = 512

// errorObject finds the object {"code","message","status","details"}.
func errorObject(body []byte) []byte {
	if rawjson.Check(body, maxDepth) != nil {
		body = repairCommas(body)
		if rawjson.Check(body, maxDepth) != nil {
			return nil
		}
	}
	if rawjson.KindOf(body) == rawjson.KindArray {
		for item := range rawjson.Items(body) {
			if obj := errorObject(item); obj != nil {
				return obj
			}
		}
		return nil
	}
	if inner, ok := rawjson.Get(body, "error"); ok && rawjson.KindOf(inner) == rawjson.KindObject {
		return inner
	}
	return nil
}

// repairCommas takes out commas that separate nothing, which the service has
// sent within streams. White space between tokens goes too.
func repairCommas(body []byte) []byte {
	out := make([]byte, 0, len(body))
	inString, escaped := false, false
	for _, c := range body {
		if inString {
			inString = escaped || c != '"'
			escaped = c == '\\' && !escaped
			out = append(out, c)
			continue
		}
		last := byte('{')
		if len(out) > 0 {
			last = out[len(out)-1]
		}
		switch c {
		case ' ', '\n', '\r', '\t':
			continue
		case ',':
			if last == ',' || last == '{' || last == '[' {
				continue
			}
		case '}', ']':
			if last == ',' {
				out = out[:len(out)-1]
			}
		case '"':
			inString = true
		}
		out = append(out, c)
	}
	return out
}

func (e *rpcError) object(obj []byte) {
	var message string
	for key, v := range rawjson.Members(obj) {
		switch key {
		case "code":
			_ = readInt(&e.code, key, v)
		case "message":
			_ = readStr(&message, key, v)
		case "status":
			_ = readStr(&e.status, key, v)
		case "details":
			for item := range rawjson.Items(v) {
				e.detail(item)
			}
		}
	}
	if message != "" {
		e.message = message
	}
}

// scrub takes what looks like a key, an e-mail address or the account's project
// out of a message.
func scrub(message string) string {
	if !slices.ContainsFunc(privateMarks(), func(mark string) bool { return strings.Contains(message, mark) }) {
		return strings.Clone(message)
	}
	words := strings.Split(message, " ")
	for i, w := range words {
		if slices.ContainsFunc(privateMarks(), func(mark string) bool { return isPrivate(w, mark) }) {
			words[i] = "[removed]"
		}
	}
	return strings.Join(words, " ")
}

// privateMarks stand in what tells whose account it is: a key, the project
// (Vertex AI names resources by it), an address.
func privateMarks() []string { return []string{"AIza", "project_number:", "projects/", "@"} }

func isPrivate(word, mark string) bool {
	at := strings.Index(word, mark)
	if mark == "@" {
		return at > 0 && strings.Contains(word[at:], ".")
	}
	return at >= 0
}

// anonymous takes the project of the account out of a detail.
func anonymous(raw json.RawMessage) json.RawMessage {
	for _, key := range []string{"consumer", "containerInfo"} {
		if out, err := rawjson.Delete(raw, "metadata", key); err == nil {
			raw = out
		}
	}
	return raw
}

func (e *rpcError) detail(raw []byte) {
	if rawjson.KindOf(raw) != rawjson.KindObject {
		return
	}
	e.details = append(e.details, anonymous(slices.Clone(raw)))
	switch detailType(raw) {
	case "ErrorInfo":
		e.errorInfo(raw)
	case "RetryInfo":
		if d, ok := parseDelay(text(raw, "retryDelay")); ok {
			e.delay = d
		}
	case "QuotaFailure":
		for v := range rawjson.Items(member(raw, "violations")) {
			e.quotaIDs = append(e.quotaIDs, text(v, "quotaId")+" "+text(v, "quotaMetric"))
		}
	}
}

func (e *rpcError) errorInfo(raw []byte) {
	e.reasons = append(e.reasons, text(raw, "reason"))
	e.domains = append(e.domains, text(raw, "domain"))
	meta := member(raw, "metadata")
	if id := text(meta, "quota_limit"); id != "" {
		e.quotaIDs = append(e.quotaIDs, id)
	}
	if d, ok := parseDelay(text(meta, "quotaResetDelay")); ok {
		e.reset = d
	}
	if at, err := time.Parse(time.RFC3339, text(meta, "quotaResetTimeStamp")); err == nil {
		if d := time.Until(at); d > e.reset && d < maxSeconds*time.Second {
			e.reset = d
		}
	}
}

// text is a member that is a string, "" otherwise.
func text(obj []byte, key string) string {
	s, err := rawjson.String(member(obj, key))
	if err != nil {
		return ""
	}
	return strings.Clone(s)
}
