package doctor

import (
	"net/http"
	"strings"
)

// client is a program known by its headers, and how it makes URLs of a base URL.
type client struct {
	name string
	// adds says, per protocol, whether the client puts the version in front of the
	// resource itself. A protocol that is absent is not known.
	adds map[Protocol]bool
	// geminiFirst marks Kilo Code, whose OpenAI mode glues paths that nobody
	// serves: its users are led to the Gemini provider with the bare origin.
	geminiFirst bool
}

// sign is a text in a header that gives a client away.
type sign struct {
	header, text string // text in lower case
	client       string
}

// signs in order of trust: the program before the library it is built with, and
// google-genai-sdk/ before ai-sdk/, which its name contains. Never written.
//
//nolint:gochecknoglobals // a read-only table
var signs = [...]sign{
	{"User-Agent", "claude-cli/", "Claude Code"},
	{"User-Agent", "claude-code/", "Claude Code"},
	{"X-App", "cli", "Claude Code"},
	{"Originator", "codex", "Codex"},
	{"User-Agent", "codex", "Codex"},
	{"X-Title", "kilo", "Kilo Code"},
	{"Http-Referer", "kilo", "Kilo Code"},
	{"User-Agent", "kilo", "Kilo Code"},
	{"User-Agent", "opencode/", "OpenCode"},
	{"X-Title", "opencode", "OpenCode"},
	{"User-Agent", "qwencode/", "Qwen Code"},
	{"User-Agent", "geminicli", "Gemini CLI"},
	{"X-Title", "cline", "Cline"},
	{"User-Agent", "cline/", "Cline"},
	{"User-Agent", "crush", "Crush"},
	{"User-Agent", "zed/", "Zed"},
	{"User-Agent", "factory-cli", "Droid"},
	{"User-Agent", "continue", "Continue"},
	{"Http-Referer", "https://pi.dev", "pi"},
	{"User-Agent", "pi-coding-agent", "pi"},
	{"User-Agent", "langchain", "LangChain"},
	{"X-Goog-Api-Client", "langchain", "LangChain"},
	{"X-Goog-Api-Client", "google-genai-sdk/", "Google Gen AI SDK"},
	{"X-Goog-Api-Client", "genai-js/", "Google Gen AI SDK"}, // its predecessor, which LangChain's Google package is built with
	{"User-Agent", "google-genai-sdk/", "Google Gen AI SDK"},
	{"User-Agent", "ai-sdk/", "AI SDK"},
	{"User-Agent", "anthropic/", "Anthropic SDK"},
	{"User-Agent", "asyncanthropic/", "Anthropic SDK"},
	{"User-Agent", "openai/", "OpenAI SDK"},
	{"User-Agent", "asyncopenai/", "OpenAI SDK"},
	{"User-Agent", "curl/", "curl"},
}

// detectClient names the program behind a request's headers; empty if unknown.
func detectClient(h http.Header) client {
	for key := range h {
		if len(key) > len(codexPrefix) && strings.EqualFold(key[:len(codexPrefix)], codexPrefix) {
			return clientNamed("Codex")
		}
	}
	agent := strings.ToLower(h.Get("User-Agent")) // most signs are in it
	for _, s := range signs {
		value := agent
		if s.header != "User-Agent" {
			value = strings.ToLower(h.Get(s.header))
		}
		if value != "" && strings.Contains(value, s.text) {
			if s.client == "OpenAI SDK" && isPi(h) {
				return clientNamed("pi")
			}
			return clientNamed(s.client)
		}
	}
	if isBundledOpenAI(h) {
		return clientNamed("OpenAI SDK")
	}
	return client{}
}

// isBundledOpenAI knows the OpenAI SDK for JavaScript in a program whose bundler has
// renamed its classes: it calls itself after its class ("ls/JS 5.23.2" in Continue's
// command line 1.5.47). The Anthropic SDK is built alike, and names its version.
func isBundledOpenAI(h http.Header) bool {
	return h.Get("X-Stainless-Lang") == "js" && h.Get("Anthropic-Version") == "" && strings.Contains(h.Get("User-Agent"), "/JS ")
}

// codexPrefix begins the names of headers that Codex alone sends.
const codexPrefix = "X-Codex-"

// isPi knows pi by the one thing that it adds to the OpenAI SDK's headers: its
// session's id, twice (seen with 0.73.1, Responses). Over the other protocols it
// sends the vendor SDK's headers and nothing else.
func isPi(h http.Header) bool {
	id := h.Get("Session_id")
	return id != "" && id == h.Get("X-Client-Request-Id")
}

// clientNamed gives how a client builds its URLs (as seen on the wire).
func clientNamed(name string) client {
	c := client{name: name, adds: map[Protocol]bool{}}
	switch name {
	case "Claude Code", "Anthropic SDK":
		c.adds[Anthropic] = true
	case "Gemini CLI", "Google Gen AI SDK":
		c.adds[Gemini] = true
	case "Codex", "OpenAI SDK", "Qwen Code", "Cline", "Continue":
		c.adds[OpenAI], c.adds[Responses] = false, false
	case "Crush", "Droid", "Zed": // over Anthropic's protocol they put /v1/messages behind it
		c.adds[Anthropic], c.adds[OpenAI], c.adds[Responses] = true, false, false
	case "AI SDK", "OpenCode", "Kilo Code":
		c.adds[OpenAI], c.adds[Responses], c.adds[Anthropic], c.adds[Gemini] = false, false, false, false
		c.geminiFirst = name == "Kilo Code"
	case "pi":
		c.adds[Anthropic], c.adds[OpenAI], c.adds[Responses], c.adds[Gemini] = true, false, false, false
	case "LangChain":
		c.adds[Anthropic], c.adds[OpenAI], c.adds[Responses], c.adds[Gemini] = true, false, false, true
	}
	return c
}

// guideOf is the guide to a client's set-up in the repository; for one that has
// none of its own it is the table of all.
func guideOf(name string) string {
	switch name {
	case "Claude Code", "Codex", "Gemini CLI", "Kilo Code", "OpenCode", "Qwen Code", "Crush", "Cline", "Continue", "Droid", "Zed":
		return "docs/clients/" + strings.ReplaceAll(strings.ToLower(name), " ", "-") + ".md"
	default:
		return "docs/clients/README.md"
	}
}

// ClientName names the client behind a request's headers, e.g. for records; empty
// if it is not known.
func ClientName(h http.Header) string { return detectClient(h).name }

// Setup is one way to reach the gateway: which base URL a kind of client wants.
type Setup struct {
	Client   string   // what the user runs
	Protocol Protocol // what it speaks then
	Base     string   // path behind the origin to enter as base URL: "", /v1 or /v1beta
	Adds     string   // what the client puts behind the base URL
	Note     string   // what else to choose; may be empty
}

// program is the client's name without the protocol that it speaks.
func (s Setup) program() string {
	name, _, _ := strings.Cut(s.Client, " (")
	return name
}

// Setups gives the table of base URLs, for the window, the 404 and the commands.
func Setups() []Setup {
	const gemini = "/models/MODEL:streamGenerateContent"
	return []Setup{
		{"Kilo Code", Gemini, "", gemini, "custom base URL of the Gemini provider: ticked in older releases, options.baseURL in kilo.json in present ones"},
		{"Claude Code", Anthropic, "", "/v1/messages", "ANTHROPIC_BASE_URL"},
		{"Codex", Responses, "/v1", "/responses", "base_url of the model provider in config.toml"},
		{"Gemini CLI", Gemini, "", "/v1beta" + gemini, "GOOGLE_GEMINI_BASE_URL"},
		{"Qwen Code", OpenAI, "/v1", "/chat/completions", "OPENAI_BASE_URL"},
		{"Cline", OpenAI, "/v1", "/chat/completions", "the OpenAI Compatible provider"},
		{"Crush", OpenAI, "/v1", "/chat/completions", "base_url of a provider of the type openai-compat"},
		{"Continue", OpenAI, "/v1", "/chat/completions", "apiBase of a model with provider openai"},
		{"Droid", OpenAI, "/v1", "/chat/completions", "baseUrl of a custom model with provider generic-chat-completion-api"},
		{"Zed", OpenAI, "/v1", "/chat/completions", "api_url of an OpenAI-compatible provider"},
		{"OpenCode (Gemini)", Gemini, "/v1beta", gemini, "baseURL of provider google"},
		{"OpenCode (Anthropic)", Anthropic, "/v1", "/messages", "baseURL of provider anthropic"},
		{"OpenCode (OpenAI)", Responses, "/v1", "/responses", "baseURL of provider openai"},
		{"pi (anthropic-messages)", Anthropic, "", "/v1/messages", "baseUrl of a provider in models.json"},
		{"pi (google-generative-ai)", Gemini, "/v1beta", gemini, "baseUrl of a provider in models.json"},
		{"pi (openai-responses)", Responses, "/v1", "/responses", "baseUrl of a provider in models.json"},
		{"LangChain (OpenAI)", OpenAI, "/v1", "/chat/completions", "baseURL of the configuration"},
		{"LangChain (Anthropic)", Anthropic, "", "/v1/messages", "anthropicApiUrl"},
		{"LangChain (Google)", Gemini, "", "/v1beta" + gemini, "baseUrl"},
		{"OpenAI SDK", OpenAI, "/v1", "/chat/completions", "base_url"},
		{"Anthropic SDK", Anthropic, "", "/v1/messages", "base_url"},
		{"Google Gen AI SDK", Gemini, "", "/v1beta" + gemini, "baseUrl of the HTTP options"},
		{"AI SDK (openai-compatible)", OpenAI, "/v1", "/chat/completions", "baseURL"},
		{"AI SDK (anthropic)", Anthropic, "/v1", "/messages", "baseURL"},
		{"AI SDK (google)", Gemini, "/v1beta", gemini, "baseURL"},
	}
}
