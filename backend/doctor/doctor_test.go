package doctor

import (
	"net/http"
	"strings"
	"testing"
)

const origin = "http://127.0.0.1:8045"

func site() Site { return Site{Origin: origin} }

func header(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(pairs); i += 2 {
		h.Set(pairs[i], pairs[i+1])
	}
	return h
}

// TestContractTable holds every row of the contract's table of mistaken paths.
func TestContractTable(t *testing.T) {
	const (
		root = origin
		v1   = origin + "/v1"
	)
	table := []struct {
		method, path, code, base string
		protocol                 Protocol
		canonical                string
	}{
		{"POST", "/v1/v1/chat/completions", CodeDuplicatedVersion, root, OpenAI, "/v1/chat/completions"},
		{"POST", "/v1/v1/messages", CodeDuplicatedVersion, root, Anthropic, "/v1/messages"},
		{"POST", "/v1/v1/responses", CodeDuplicatedVersion, root, Responses, "/v1/responses"},
		{"GET", "/v1/v1/models", CodeDuplicatedVersion, root, OpenAI, "/v1/models"},
		{"GET", "/v1/v1/models/acme/x", CodeDuplicatedVersion, root, OpenAI, "/v1/models/acme/x"},
		{"POST", "/v1/v1/v1/messages", CodeDuplicatedVersion, root, Anthropic, "/v1/messages"},
		{"POST", "/v1beta/v1beta/models/g:generateContent", CodeDuplicatedVersion, root, Gemini, "/v1beta/models/g:generateContent"},
		{"POST", "/v1/v1beta/models/g:streamGenerateContent", CodeDuplicatedVersion, root, Gemini, "/v1beta/models/g:streamGenerateContent"},
		{"POST", "/v1beta/v1/models/g:countTokens", CodeDuplicatedVersion, root, Gemini, "/v1/models/g:countTokens"},
		{"GET", "/v1/v1beta/models", CodeDuplicatedVersion, root, Gemini, "/v1beta/models"},
		{"POST", "/v1beta/v1/messages", CodeDuplicatedVersion, root, Anthropic, "/v1/messages"},
		{"POST", "/v1/v1", CodeDuplicatedVersion, v1, OpenAI, ""},

		{"POST", "/v1/chat/completions/responses", CodeNestedResource, v1, Responses, "/v1/responses"},
		{"POST", "/v1/chat/completions/chat/completions", CodeNestedResource, v1, OpenAI, "/v1/chat/completions"},
		{"POST", "/v1/messages/v1/messages", CodeNestedResource, root, Anthropic, "/v1/messages"},
		{"POST", "/v1/messages/v1/messages/count_tokens", CodeNestedResource, root, Anthropic, "/v1/messages/count_tokens"},
		{"POST", "/v1/responses/responses", CodeNestedResource, v1, Responses, "/v1/responses"},
		{"GET", "/v1/chat/completions/models", CodeNestedResource, v1, OpenAI, "/v1/models"},
		{"GET", "/v1/models/models", CodeNestedResource, v1, OpenAI, "/v1/models"},
		{"POST", "/v1/models/chat/completions", CodeNestedResource, v1, OpenAI, "/v1/chat/completions"},
		{"POST", "/v1beta/models/g:generateContent/v1beta/models/h:generateContent", CodeNestedResource, root, Gemini, "/v1beta/models/h:generateContent"},
		{"POST", "/v1beta/models/g:generateContent/chat/completions", CodeNestedResource, v1, OpenAI, "/v1/chat/completions"},
		{"POST", "/chat/completions/responses", CodeNestedResource, v1, Responses, "/v1/responses"},

		{"POST", "/chat/completions", CodeMissingVersion, v1, OpenAI, "/v1/chat/completions"},
		{"POST", "/responses", CodeMissingVersion, v1, Responses, "/v1/responses"},
		{"GET", "/responses/resp_1", CodeMissingVersion, v1, Responses, "/v1/responses/resp_1"},
		{"POST", "/messages", CodeMissingVersion, v1, Anthropic, "/v1/messages"},
		{"POST", "/embeddings", CodeMissingVersion, v1, OpenAI, "/v1/embeddings"},
		{"GET", "/models", CodeMissingVersion, v1, OpenAI, "/v1/models"},
		{"GET", "/models/x", CodeMissingVersion, v1, OpenAI, "/v1/models/x"},

		{"POST", "/v1beta/chat/completions", CodeWrongVersion, v1, OpenAI, "/v1/chat/completions"},
		{"POST", "/v1beta/responses", CodeWrongVersion, v1, Responses, "/v1/responses"},
		{"POST", "/v1beta/messages", CodeWrongVersion, v1, Anthropic, "/v1/messages"},
		{"POST", "/v2/chat/completions", CodeWrongVersion, v1, OpenAI, "/v1/chat/completions"},

		{"POST", "/openai/chat/completions", CodeForeignPrefix, v1, OpenAI, "/v1/chat/completions"},
		{"POST", "/openai/v1/chat/completions", CodeForeignPrefix, v1, OpenAI, "/v1/chat/completions"},
		{"POST", "/openai/deployments/gpt/chat/completions", CodeForeignPrefix, v1, OpenAI, ""},
		{"POST", "/api/v1/chat/completions", CodeForeignPrefix, v1, OpenAI, "/v1/chat/completions"},
		{"POST", "/anthropic/v1/messages", CodeForeignPrefix, root, Anthropic, "/v1/messages"},
		{"POST", "/anthropic/messages", CodeForeignPrefix, v1, Anthropic, "/v1/messages"},
		{"POST", "/gemini/v1beta/models/g:generateContent", CodeForeignPrefix, root, Gemini, "/v1beta/models/g:generateContent"},
		{"POST", "/gemini/models/g:generateContent", CodeForeignPrefix, root, Gemini, "/v1beta/models/g:generateContent"},
		{"POST", "/v1beta/openai/chat/completions", CodeForeignPrefix, v1, OpenAI, "/v1/chat/completions"},
		{"GET", "/openai/v1", CodeForeignPrefix, v1, OpenAI, ""},
		{"POST", "/my/proxy/v1/messages", CodeForeignPrefix, root, Anthropic, "/v1/messages"},

		{"POST", "//v1/chat/completions", CodeMalformedPath, v1, OpenAI, "/v1/chat/completions"},
		{"POST", "/v1//chat/completions", CodeMalformedPath, v1, OpenAI, "/v1/chat/completions"},
		{"POST", "/V1/chat/completions", CodeMalformedPath, v1, OpenAI, "/v1/chat/completions"},
		{"POST", "/v1/Chat/Completions", CodeMalformedPath, v1, OpenAI, "/v1/chat/completions"},
		{"POST", "/v1 /chat/completions", CodeMalformedPath, v1, OpenAI, "/v1/chat/completions"},
		{"POST", "/ /v1/messages", CodeMalformedPath, root, Anthropic, "/v1/messages"},
		{"POST", "/v1/messages ", CodeMalformedPath, root, Anthropic, "/v1/messages"},
		{"POST", "/V1BETA/models/Gem:generateContent", CodeMalformedPath, root, Gemini, "/v1beta/models/Gem:generateContent"},
		{"GET", "/HEALTHZ", CodeMalformedPath, v1, OpenAI, "/healthz"},
		{"POST", "/http://127.0.0.1:8045/v1/messages", CodeMalformedPath, root, Anthropic, "/v1/messages"},

		{"POST", "/v1/chat/completion", CodeUnknownRoute, v1, OpenAI, "/v1/chat/completions"},
		{"POST", "/v1/chatcompletions", CodeUnknownRoute, v1, OpenAI, "/v1/chat/completions"},
		{"POST", "/v1/mesages", CodeUnknownRoute, root, Anthropic, "/v1/messages"},
		{"POST", "/vl/chat/completions", CodeUnknownRoute, v1, OpenAI, "/v1/chat/completions"},
		{"POST", "/v1beta/models/g:generateContents", CodeUnknownRoute, root, Gemini, "/v1beta/models/g:generateContent"},
		{"POST", "/v1bet/models/g:generateContent", CodeUnknownRoute, root, Gemini, "/v1beta/models/g:generateContent"},
		{"GET", "/helthz", CodeUnknownRoute, v1, OpenAI, "/healthz"},
		{"POST", "/v1/v1/chat/completion", CodeDuplicatedVersion, v1, OpenAI, "/v1/chat/completions"},
		{"POST", "/v1/files", CodeUnknownRoute, v1, OpenAI, ""},
		{"GET", "/favicon.ico", CodeUnknownRoute, v1, OpenAI, ""},
		{"POST", "/v1/messages/batches", CodeUnknownRoute, root, Anthropic, ""},
		{"POST", "/v1beta/models/g:predict", CodeUnknownRoute, root, Gemini, ""},
	}
	for _, row := range table {
		v := Diagnose(Seen{Method: row.method, Path: row.path}, site())
		if v.Code != row.code || v.Protocol != row.protocol || v.Canonical != row.canonical {
			t.Errorf("%s %s: %s %s %q, want %s %s %q", row.method, row.path, v.Code, v.Protocol, v.Canonical, row.code, row.protocol, row.canonical)
		}
		if row.code == CodeUnknownRoute && v.Suggestion != row.canonical {
			t.Errorf("%s %s: suggestion %q, want %q", row.method, row.path, v.Suggestion, row.canonical)
		}
		if !names(v, row.base) {
			t.Errorf("%s %s: base %s, want %s: %s", row.method, row.path, v.BaseURL, row.base, v.Message)
		}
	}
}

// TestCanonicalTakesTheMethod: a path is rewritten only if the route it means
// takes the request's method; the suggestion is for people and stays.
func TestCanonicalTakesTheMethod(t *testing.T) {
	v := Diagnose(Seen{Method: "GET", Path: "/v1/chat/completion"}, site())
	if v.Canonical != "" || v.Suggestion != "/v1/chat/completions" {
		t.Errorf("%+v", v)
	}
	if v := Diagnose(Seen{Method: "DELETE", Path: "/v1/v1/messages"}, site()); v.Canonical != "" || v.Code != CodeDuplicatedVersion {
		t.Errorf("%+v", v)
	}
}

// TestMessageIsSafe: a caller's path is repeated short and printable.
func TestMessageIsSafe(t *testing.T) {
	v := Diagnose(Seen{Method: "GET", Path: "/x\x1b[31m\n" + strings.Repeat("y", 9000), Query: "key=sk-agt-fake"}, site())
	if strings.ContainsAny(v.Message, "\x1b\n") || len(v.Message) > 1000 || strings.Contains(v.Message, "fake") {
		t.Errorf("%d bytes: %q", len(v.Message), v.Message)
	}
}

// names says whether a verdict leads to a base URL: as its own, or in words.
func names(v Verdict, base string) bool {
	if v.BaseURL == base {
		return true
	}
	for word := range strings.FieldsSeq(v.Message) {
		if strings.Trim(word, ".,()") == base {
			return true
		}
	}
	return false
}

// A misspelt path before an operation that there is must not be blamed on the
// operation.
func TestMisspeltBeforeAnOperation(t *testing.T) {
	site := Site{Origin: "http://127.0.0.1:8045"}
	v := Diagnose(Seen{Method: "POST", Path: "/v1beta/model/m:generateContent"}, site)
	if v.Code != CodeUnknownRoute || !strings.Contains(v.Message+v.Why, "did you mean /v1beta/models/MODEL:generateContent") {
		t.Errorf("%+v", v)
	}
	v = Diagnose(Seen{Method: "POST", Path: "/v1beta/models/m:predict"}, site)
	if !strings.Contains(v.Message+v.Why, "not offered") {
		t.Errorf("%+v", v)
	}
}
