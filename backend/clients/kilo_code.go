package clients

// kiloCode is set up through its Google provider, which speaks Gemini's own protocol. The editor's extension reads
// the command line's file since it is built on it; the extension before that ("legacy") keeps its settings to itself.
// Facts: packages/kilo-docs/pages/ai-providers/{gemini,openai-compatible}.md of github.com/Kilo-Org/kilocode.
func kiloCode() Client {
	return Client{
		Name: "kilo-code", Title: "Kilo Code", Binaries: []string{"kilo", "kilocode"}, Extensions: []string{"kilocode.kilo-code"},
		Files: []File{aiSDKFile("kilo", "kilo.jsonc", "kilo.json")},
		Notes: []string{"The command line and the editor's present extension share this file. An older extension, with a list called API Provider, does not read it: there choose Google Gemini and tick Use custom base URL."},
		Manual: Manual{
			Protocol: Gemini, Base: "{root}",
			Key:    "provider.google.options.apiKey in kilo.json; in an older extension the field Gemini API Key",
			Models: "the large one does the work, the small one writes titles",
			Ways: []Way{
				{"In an older extension, and in JetBrains (settings with a list called API Provider)", []string{
					"Click the gear in Kilo Code's panel.",
					"API Provider: choose Google Gemini.",
					"Gemini API Key: enter {key}.",
					"Tick Use custom base URL and enter {root} in the field that appears - no /v1 and no /v1beta behind it.",
					"Model: choose {model}, or type its name, and save.",
				}},
				{"In the present extension (settings with a tab called Providers)", []string{
					"Its page asks for a key of the Google provider and for no base URL: that stands in kilo.json, which `client apply kilo-code` writes (provider.google.options.baseURL, where {root} and {root}/v1beta both work). Then choose {model} of Google as the model.",
					"Or, on the page alone: click the gear, open the tab Providers, scroll to its end and click Custom provider.",
					"Provider ID: antigravity. Display name: Antigravity Tools. Provider API: OpenAI Compatible.",
					"Base URL: {root}/v1. API key: {key}.",
					"Models: tick {model} in the list that it fetches from there, or add it by hand. Submit.",
				}},
			},
			Troubles: []Trouble{
				{"404 for /v1/chat/completions/responses, or another path with two ends", "The base URL held a whole path. Choose the Gemini provider and enter {root}, or shorten a custom provider's to {root}/v1."},
				{"It asks the vendor and not the gateway", "In an older extension Use custom base URL is not ticked: the field counts only while it is. In the present one provider.google.options.baseURL is missing in kilo.json."},
			},
			Source: "https://kilo.ai/docs/ai-providers/gemini",
		},
		Run:  aiSDKRun("KILO_DISABLE_MODELS_FETCH=1"),
		Call: geminiCall(""),
	}
}

// aiSDKFile is the settings file that Kilo Code and opencode have in common.
func aiSDKFile(dir string, names ...string) File {
	google := func(value any, role Role, path ...string) Edit {
		return Edit{Path: append([]string{"provider", "google"}, path...), Value: value, Role: role}
	}
	model := func(name, key string, value any) Edit {
		e := google(value, "", "models", name, key)
		e.Keep = true
		return e
	}
	return File{
		Dir: Dir{Vars: []Var{{"XDG_CONFIG_HOME", dir}}, Home: ".config/" + dir}, Names: names, Format: JSON,
		Edits: []Edit{
			google("{root}/v1beta", RoleBase, "options", "baseURL"),
			google("{key}", RoleKey, "options", "apiKey"),
			model("{model}", "name", "{model}"), model("{model}", "tool_call", true), model("{model}", "reasoning", true),
			model("{small}", "name", "{small}"), model("{small}", "tool_call", true), model("{small}", "reasoning", true),
			{Path: []string{"model"}, Value: "google/{model}", Role: RoleModel},
			{Path: []string{"small_model"}, Value: "google/{small}", Role: RoleSmall},
		},
	}
}

// aiSDKRun is how both answer one prompt; variable keeps them from fetching a list of all models first.
func aiSDKRun(variable string) *Run {
	return &Run{
		Args: []string{"run", "--format", "json", "{prompt}"}, Env: []string{variable},
		Answer: Reply{When: [2]string{"type", "text"}, Text: TextPath{"part", "text"}},
	}
}
