package admin

import (
	"net"
	"strconv"
)

// keyPlaceholder stands where a guide needs a key and none was chosen.
const keyPlaceholder = "sk-agt-YOUR-KEY"

// guideFacts is what every guide is filled with.
type guideFacts struct {
	root  string // http://host:port
	key   string
	model string
}

// connectGuides tells what to enter in each client; the facts about clients are those that their
// wire behaviour showed (docs/clients).
func connectGuides(s ServerStatus, pool PoolCounts, key string, req ConnectGuidesRequest) []ConnectGuide {
	host := req.Host
	if host == "" {
		host = "127.0.0.1"
	}
	f := guideFacts{
		root:  "http://" + net.JoinHostPort(host, strconv.Itoa(s.Port)),
		key:   key,
		model: req.Model,
	}
	switch {
	case f.model != "":
	case pool.Loopback && pool.Ready == 0:
		f.model = "loopback" // what answers before any account exists
	default:
		f.model = "gemini-2.5-flash"
	}
	list := []ConnectGuide{
		f.kiloCode(), f.claudeCode(), f.codex(), f.geminiCLI(), f.openCode(),
		f.openAISDK(), f.anthropicSDK(), f.geminiSDK(), f.curl(),
	}
	if s.Effective == "off" {
		for i := range list {
			list[i].Notes = append(list[i].Notes, "No key is asked for now: any text will do where the client insists on one.")
		}
	}
	return list
}

func (f guideFacts) keyStep() ConnectStep {
	return ConnectStep{Label: "API key", Value: f.key, Secret: f.key != keyPlaceholder}
}

func (f guideFacts) urlStep(url string) ConnectStep {
	return ConnectStep{Label: "Base URL", Value: url, Help: "Enter it exactly like this."}
}

func (f guideFacts) modelStep() ConnectStep { return ConnectStep{Label: "Model", Value: f.model} }

func (f guideFacts) kiloCode() ConnectGuide {
	return ConnectGuide{
		ID: "kilo-code", Name: "Kilo Code", Kind: "client", Protocol: "gemini", BaseURL: f.root,
		Summary: "Choose the provider Google Gemini and the base URL without a version.",
		Steps: []ConnectStep{
			{Label: "API provider", Value: "Google Gemini", Help: "In the settings of the extension, under Providers."},
			{Label: "Use custom base URL", Help: "Switch it on."},
			f.urlStep(f.root), f.keyStep(), f.modelStep(),
		},
		Snippets: []Snippet{{Title: "Kilo Code CLI: ~/.config/kilo/kilo.json", Language: "json", Code: f.kiloConfig()}},
		Notes:    []string{f.root + "/v1beta works as well. With an OpenAI provider enter " + f.root + "/v1, never a whole endpoint."},
	}
}

// kiloConfig serves opencode too: both read the same form.
func (f guideFacts) kiloConfig() string {
	return `{
  "provider": {
    "google": {
      "options": { "baseURL": "` + f.root + `/v1beta", "apiKey": "` + f.key + `" },
      "models": { "` + f.model + `": { "name": "` + f.model + `", "tool_call": true, "reasoning": true } }
    }
  },
  "model": "google/` + f.model + `",
  "small_model": "google/` + f.model + `"
}`
}

func (f guideFacts) openCode() ConnectGuide {
	return ConnectGuide{
		ID: "opencode", Name: "opencode", Kind: "client", Protocol: "gemini", BaseURL: f.root + "/v1beta",
		Summary:  "A provider in the settings file, with a base URL that ends in v1beta.",
		Steps:    []ConnectStep{f.urlStep(f.root + "/v1beta"), f.keyStep(), f.modelStep()},
		Snippets: []Snippet{{Title: "~/.config/opencode/opencode.json", Language: "json", Code: f.kiloConfig()}},
		Notes:    []string{},
	}
}

func (f guideFacts) claudeCode() ConnectGuide {
	return ConnectGuide{
		ID: "claude-code", Name: "Claude Code", Kind: "client", Protocol: "anthropic", BaseURL: f.root,
		Summary: "Three environment variables; the base URL has no version.",
		Steps: []ConnectStep{
			{Label: "ANTHROPIC_BASE_URL", Value: f.root},
			{Label: "ANTHROPIC_API_KEY", Value: f.key, Secret: f.key != keyPlaceholder},
			{Label: "ANTHROPIC_MODEL", Value: f.model},
		},
		Snippets: []Snippet{{Title: "In the shell", Language: "sh", Code: "export ANTHROPIC_BASE_URL=" + f.root +
			"\nexport ANTHROPIC_API_KEY=" + f.key +
			"\nexport ANTHROPIC_MODEL=" + f.model +
			"\nexport ANTHROPIC_DEFAULT_HAIKU_MODEL=" + f.model +
			"\nclaude"}},
		Notes: []string{"The variable for the small model keeps side tasks on a model that exists here."},
	}
}

func (f guideFacts) codex() ConnectGuide {
	return ConnectGuide{
		ID: "codex", Name: "Codex", Kind: "client", Protocol: "responses", BaseURL: f.root + "/v1",
		Summary: "An own provider in the settings file; the base URL ends in v1.",
		Steps:   []ConnectStep{f.urlStep(f.root + "/v1"), {Label: "GATEWAY_API_KEY", Value: f.key, Help: "The environment variable that env_key names.", Secret: f.key != keyPlaceholder}, f.modelStep()},
		Snippets: []Snippet{
			{Title: "~/.codex/config.toml", Language: "toml", Code: `model = "` + f.model + `"
model_provider = "gateway"

[model_providers.gateway]
name = "Gateway"
base_url = "` + f.root + `/v1"
env_key = "GATEWAY_API_KEY"
wire_api = "responses"`},
			{Title: "In the shell", Language: "sh", Code: "export GATEWAY_API_KEY=" + f.key + "\ncodex"},
		},
		Notes: []string{},
	}
}

func (f guideFacts) geminiCLI() ConnectGuide {
	return ConnectGuide{
		ID: "gemini-cli", Name: "Gemini CLI", Kind: "client", Protocol: "gemini", BaseURL: f.root,
		Summary: "Two environment variables; the base URL has no version.",
		Steps: []ConnectStep{
			{Label: "GOOGLE_GEMINI_BASE_URL", Value: f.root},
			{Label: "GEMINI_API_KEY", Value: f.key, Secret: f.key != keyPlaceholder},
		},
		Snippets: []Snippet{{Title: "In the shell", Language: "sh", Code: "export GOOGLE_GEMINI_BASE_URL=" + f.root +
			"\nexport GEMINI_API_KEY=" + f.key + "\ngemini -m " + f.model}},
		Notes: []string{"When it asks how to sign in, choose the Gemini API key."},
	}
}
