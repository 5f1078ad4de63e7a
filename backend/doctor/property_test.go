package doctor

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// fill puts names in place of a pattern's variables.
func fill(pattern, model, id, rest string) string {
	p := strings.Replace(pattern, "{model}", model, 1)
	p = strings.Replace(p, "{id}", id, 1)
	return strings.Replace(p, "{rest}", rest, 1)
}

// TestNoFalseAlarm: every route is matched, and never diagnosed as a mistake,
// with and without a trailing slash, for any model name.
func TestNoFalseAlarm(t *testing.T) {
	model := rapid.SampledFrom([]string{"gemini-2.5-pro", "models/gemini-x", "acme/big-model", "tunedModels/my-1", "llama3:8b",
		"claude-opus-5[1m]", "gpt(high)", "publishers/google/models/g", "chat", "v1x", "Über"})
	rapid.Check(t, func(t *rapid.T) {
		r := rapid.SampledFrom(Routes()).Draw(t, "route")
		name := model.Draw(t, "model")
		if name == "chat" && !strings.Contains(r.Pattern, "{model}:") {
			name = "chatty"
		}
		path := fill(r.Pattern, name, "resp_0a", "batch")
		if path != "/" && rapid.Bool().Draw(t, "slash") {
			path += "/"
		}
		got, params, ok := Match(r.Method, path)
		if !ok || got.Operation != r.Operation || got.Method != r.Method {
			t.Fatalf("%s %s matched %+v, want %+v", r.Method, path, got, r)
		}
		if strings.Contains(r.Pattern, "{model}") && strings.HasPrefix(params.Model, "models/") {
			t.Fatalf("prefix left in %q", params.Model)
		}
		if !slices.Contains(Allowed(r.Method, path), r.Method) {
			t.Fatalf("%s not allowed on %s: %v", r.Method, path, Allowed(r.Method, path))
		}
		for _, method := range []string{r.Method, "PUT"} {
			if v := Diagnose(Seen{Method: method, Path: path}, site()); !v.OK() {
				t.Fatalf("%s %s: false alarm %+v", method, path, v)
			}
		}
		if v := DiagnoseURL(path, site()); !v.OK() {
			t.Fatalf("doctor %s: false alarm %+v", path, v)
		}
	})
}

// actor is a client as seen on the wire: its headers, what it appends, and the
// base URL that is right for it.
type actor struct {
	name   string
	header http.Header
	method string
	adds   []string
	right  []string // behind the origin; any of them is a right answer
}

func actors() []actor {
	const verb = "/models/gemini-2.5-pro:streamGenerateContent"
	oai := []string{"/chat/completions", "/responses"}
	return []actor{
		{"Claude Code", header("User-Agent", "claude-cli/2.1.330 (external, cli)", "Anthropic-Version", "2023-06-01"), "POST", []string{"/v1/messages"}, []string{""}},
		{"Anthropic SDK", header("User-Agent", "Anthropic/JS 1.12.0", "Anthropic-Version", "2023-06-01"), "POST", []string{"/v1/messages", "/v1/messages/count_tokens"}, []string{""}},
		{"", header("User-Agent", "ls/JS 1.12.0", "X-Stainless-Lang", "js", "Anthropic-Version", "2023-06-01"), "POST", []string{"/v1/messages"}, []string{""}},
		{"Codex", header("User-Agent", "codex_exec/0.169.0", "Originator", "codex_exec"), "POST", []string{"/responses"}, []string{"/v1"}},
		{"OpenAI SDK", header("User-Agent", "OpenAI/JS 7.57.0"), "POST", append(oai, "/embeddings"), []string{"/v1"}},
		{"OpenAI SDK", header("User-Agent", "ls/JS 5.23.2", "X-Stainless-Lang", "js"), "POST", oai, []string{"/v1"}},
		{"Qwen Code", header("User-Agent", "QwenCode/0.24.4 (linux; x64)"), "POST", oai, []string{"/v1"}},
		{"Cline", header("User-Agent", "OpenAI/JS 5", "X-Title", "Cline"), "POST", oai, []string{"/v1"}},
		{"Crush", header("User-Agent", "Charm-Crush/0.96.1"), "POST", []string{"/chat/completions"}, []string{"/v1"}},
		{"Continue", header("User-Agent", "continue/1.5.47"), "POST", []string{"/chat/completions"}, []string{"/v1"}},
		{"Droid", header("User-Agent", "factory-cli/0.30"), "POST", oai, []string{"/v1"}},
		{"Zed", header("User-Agent", "Zed/0.200 (linux; x86_64)"), "POST", []string{"/chat/completions"}, []string{"/v1"}},
		{"Gemini CLI", header("User-Agent", "GeminiCLI/0.61.0/gemini (linux; x64)", "X-Goog-Api-Key", "AIza-fake"), "POST", []string{"/v1beta" + verb}, []string{""}},
		{"Google Gen AI SDK", header("User-Agent", "google-genai-sdk/3.1.0 gl-node/24", "X-Goog-Api-Key", "AIza-fake"), "POST", []string{"/v1" + verb, "/v1beta" + verb}, []string{""}},
		{"Kilo Code", header("User-Agent", "kilo/7.7.9 ai-sdk/google/4.0", "X-Goog-Api-Key", "AIza-fake"), "POST", []string{verb}, []string{""}},
		{"Kilo Code", header("User-Agent", "Kilo-Code/7.7.9 ai-sdk/openai/4.0"), "POST", append(oai, "/messages"), []string{""}},
		{"OpenCode", header("User-Agent", "opencode/1.18.33 ai-sdk/google/4.0"), "POST", []string{verb}, []string{"/v1beta"}},
		{"OpenCode", header("User-Agent", "opencode/1.18.33 ai-sdk/anthropic/4.0", "Anthropic-Version", "2023-06-01"), "POST", []string{"/messages"}, []string{"/v1"}},
		{"AI SDK", header("User-Agent", "ai-sdk/openai/4.0 runtime/node"), "POST", oai, []string{"/v1"}},
		{"pi", header("User-Agent", "OpenAI/JS 6.26.0", "Session_id", "01a2", "X-Client-Request-Id", "01a2"), "POST", oai, []string{"/v1"}},
		// Over these two pi is what its vendor SDK says; what it enters is right all the same.
		{"Anthropic SDK", header("User-Agent", "Anthropic/JS 0.91.1", "Anthropic-Version", "2023-06-01", "Anthropic-Beta", "interleaved-thinking-2025-05-14"), "POST", []string{"/v1/messages"}, []string{""}},
		{"Google Gen AI SDK", header("User-Agent", "google-genai-sdk/1.52.0 gl-node/v24.21.0", "X-Goog-Api-Key", "AIza-fake"), "POST", []string{verb}, []string{""}},
		{"LangChain", header("User-Agent", "langchainjs-openai/1.0.0 ((node/v24.21.0; linux; x64))"), "POST", append(oai, "/embeddings"), []string{"/v1"}},
		{"Google Gen AI SDK", header("User-Agent", "node", "X-Goog-Api-Client", "genai-js/0.24.1", "X-Goog-Api-Key", "AIza-fake"), "POST", []string{"/v1beta" + verb}, []string{""}},
		{"", nil, "POST", []string{"/v1/messages"}, []string{""}},
		{"", nil, "POST", append(oai, "/messages"), []string{"/v1"}},
		{"", nil, "POST", []string{"/v1/chat/completions"}, []string{"", "/v1"}},
		{"", nil, "POST", []string{"/v1beta" + verb}, []string{""}},
		{"", header("X-Goog-Api-Key", "AIza-fake"), "POST", []string{verb}, []string{"", "/v1beta"}},
	}
}

func baseMistakes() []string {
	return []string{"", "/", "/v1", "/v1/", "/v1beta", "/v1/v1", "/v1beta/v1beta", "/openai", "/openai/v1", "/api", "/api/v1", "/anthropic", "/gemini",
		"/v1beta/openai", "/V1", "/V1BETA", "/OpenAI/v1", "/v1 ", "/v1beta ", " ", "//v1", "/v1//", "/v1/chat/completions", "/v1/messages", "/v1/responses",
		"/v1/embeddings", "/v1/models", "/v1beta/models", "/v1beta/models/gemini-2.5-pro:generateContent", "/V1/Chat/Completions", "/v1/responses/",
		"/v2", "/vl", "/my/proxy", "/openai/V1/", "/v1/v1/chat/completions"}
}

// TestEveryClientEveryMistake: whatever base URL is typed into whatever client,
// the request is served or the verdict names the right base URL.
func TestEveryClientEveryMistake(t *testing.T) {
	for _, a := range actors() {
		for _, base := range baseMistakes() {
			for _, adds := range a.adds {
				path := base + adds
				s := Seen{Method: a.method, Path: path, Header: a.header}
				v := Diagnose(s, site())
				if v.Client != a.name {
					t.Errorf("%s taken for %q", a.name, v.Client)
				}
				if _, _, ok := Match(a.method, path); ok {
					if !v.OK() {
						t.Errorf("%s %s: false alarm %+v", a.name, path, v)
					}
					continue
				}
				if v.OK() || v.Why == "" || v.Message == "" {
					t.Errorf("%s %s: not diagnosed: %+v", a.name, path, v)
				}
				if !namesAny(v, a.right, a.name == "") {
					t.Errorf("%s %s: base %q, want one of %q: %s", a.name, path, v.BaseURL, a.right, v.Message)
				}
				checkCanonical(t, s, v)
				for _, right := range a.right {
					if _, _, ok := Match(a.method, right+adds); !ok && a.name != "Kilo Code" && a.name != "" {
						t.Errorf("%s: the right base %q does not work with %s", a.name, right, adds)
					}
				}
			}
		}
	}
}

// namesAny is strict for a client that is known: the base URL field itself.
func namesAny(v Verdict, right []string, inWords bool) bool {
	for _, r := range right {
		if v.BaseURL == origin+r || inWords && names(v, origin+r) {
			return true
		}
	}
	return false
}

type failer interface{ Errorf(string, ...any) }

// checkCanonical: rewriting leads to a route of the same method.
func checkCanonical(t failer, s Seen, v Verdict) {
	if v.Canonical == "" {
		return
	}
	if _, _, ok := Match(s.Method, v.Canonical); !ok && !v.OK() {
		t.Errorf("%s %q: canonical %q is no route", s.Method, s.Path, v.Canonical)
	}
	if again := Diagnose(Seen{Method: s.Method, Path: v.Canonical, Header: s.Header}, site()); !again.OK() {
		t.Errorf("%q: canonical %q is diagnosed as %s", s.Path, v.Canonical, again.Code)
	}
}

// TestTypos: one edit in a fixed route still finds a suggestion or the right cure.
func TestTypos(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rapid.SampledFrom(resourceList).Draw(t, "resource")
		want := "/v1/" + r.path
		at := rapid.IntRange(4, len(want)-1).Draw(t, "at")
		path := want[:at] + rapid.SampledFrom([]string{"", "x", "q"}).Draw(t, "by") + want[at+1:]
		v := Diagnose(Seen{Method: "POST", Path: path}, site())
		if _, _, ok := Match("POST", path); ok || len(Allowed("POST", path)) > 0 {
			return
		}
		if v.Code == "" || v.BaseURL == "" {
			t.Fatalf("%s: %+v", path, v)
		}
		if v.Code == CodeUnknownRoute && v.Suggestion == "" {
			t.Fatalf("%s: no suggestion (%s)", path, v.Message)
		}
	})
}

func FuzzDiagnose(f *testing.F) {
	for _, a := range actors() {
		f.Add(a.method, "/v1/v1"+a.adds[0], "", "User-Agent", a.header.Get("User-Agent"))
	}
	for _, base := range baseMistakes() {
		f.Add("GET", base+"/models", "key=AIza-fake", "Anthropic-Version", "x")
	}
	f.Add("", "", "", "", "")
	f.Add("POST", "/v1/\xff\x00\u200b//%20/HTTP:/x", "", "X-Codex-A", "")
	f.Fuzz(func(t *testing.T, method, path, query, key, value string) {
		h := http.Header{}
		if key != "" {
			h.Set(key, value)
		}
		s := Seen{Method: method, Path: path, Query: query, Header: h}
		v := Diagnose(s, site())
		if _, _, ok := Match(method, path); ok && !v.OK() {
			t.Errorf("false alarm for %q: %+v", path, v)
		}
		if !v.OK() && (!strings.HasPrefix(v.BaseURL, origin) || v.Message == "" || v.Why == "") {
			t.Errorf("empty verdict for %q: %+v", path, v)
		}
		if !utf8.ValidString(path) {
			v.Canonical = ""
		}
		if len(v.Message) > 4096 {
			t.Errorf("message of %d bytes", len(v.Message))
		}
		if len(query) > 8 && !strings.Contains(path+method, query) && strings.Contains(v.Message, query) {
			t.Errorf("query shown: %s", v.Message)
		}
		if s.Method == "" {
			s.Method = "GET"
		}
		checkCanonical(t, s, v)
		DiagnoseURL(path, site())
	})
}

// TestOneVerdict: what `doctor /path` says is what the server answers there.
func TestOneVerdict(t *testing.T) {
	word := rapid.SampledFrom([]string{"v1", "v1beta", "chat", "completions", "messages", "responses", "models", "m:generateContent",
		"openai", "api", "somewhere", "else", "Chat", "mesages", "x"})
	rapid.Check(t, func(t *rapid.T) {
		path := "/" + strings.Join(rapid.SliceOfN(word, 1, 5).Draw(t, "words"), "/")
		post, get := Diagnose(Seen{Method: http.MethodPost, Path: path}, site()), Diagnose(Seen{Method: http.MethodGet, Path: path}, site())
		if isBasePath(path) {
			return // a good base URL, and no route
		}
		if got := DiagnoseURL(path, site()); got.Code != post.Code && got.Code != get.Code {
			t.Fatalf("%s: doctor says %q, the server %q and %q", path, got.Code, post.Code, get.Code)
		}
	})
}
