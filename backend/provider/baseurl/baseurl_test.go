package baseurl

import (
	"testing"

	"antigravity-tools/backend/fault"
)

func TestJoin(t *testing.T) {
	r := Rule{Default: "https://api.example.com", Version: "v1", Tails: []string{"/chat/completions", "/models"}, Behind: "openai"}
	for base, want := range map[string]string{
		"":                                      "https://api.example.com/v1/x",
		"https://api.example.com/":              "https://api.example.com/v1/x",
		"https://api.example.com/v1":            "https://api.example.com/v1/x",
		" https://a.example/api/v1/ ":           "https://a.example/api/v1/x",
		"https://a.example/api/paas/v4":         "https://a.example/api/paas/v4/x",
		"https://a.example/v1/chat/completions": "https://a.example/v1/x",
		"https://a.example/v1beta/openai/":      "https://a.example/v1beta/openai/x",
		"https://a.example/v1/acc/gw/openai":    "https://a.example/v1/acc/gw/openai/x",
		"https://a.example/openai":              "https://a.example/openai/v1/x",
		"http://127.0.0.1:11434":                "http://127.0.0.1:11434/v1/x",
		"https://a.example/v1/proxy":            "https://a.example/v1/proxy/v1/x",
		"https://a.example/a%2Fb":               "https://a.example/a%2Fb/v1/x",
		"localhost:11434":                       "",
		"ftp://a.example":                       "",
		"https://user:secret@a.example":         "",
		"https://a.example/v1?api-version=2024": "",
		"https://a.example/#x":                  "",
	} {
		got, err := r.Join(base, "x")
		if got != want || (want == "") != fault.Is(err, fault.InvalidRequest) {
			t.Errorf("%q: %q %v", base, got, err)
		}
	}
}

func TestOwn(t *testing.T) {
	for _, r := range []Rule{{Default: "https://api.example.com"}, {Default: "https://api.example.com/v1"}} {
		for base, want := range map[string]bool{
			"": true, "https://API.example.com/v1": true, "http://api.example.com:8080": true, " https://api.example.com ": true,
			"https://api.example.com.evil.example": false, "https://other.example": false, "://": false,
			"https://other.example/api.example.com/v1": false,
		} {
			if got := r.Own(base); got != want {
				t.Errorf("%q of %s: %v", base, r.Default, got)
			}
		}
	}
}
