package clients

// kiloCode is set up through its Google provider, which speaks Gemini's own protocol.
func kiloCode() Client {
	return Client{
		Name: "kilo-code", Title: "Kilo Code", Binaries: []string{"kilo", "kilocode"}, Extensions: []string{"kilocode.kilo-code"},
		Files: []File{aiSDKFile("kilo", "kilo.jsonc", "kilo.json")},
		Notes: []string{"This is the command line's file. In the editor's extension choose the provider Google Gemini and switch the custom base URL on."},
		Manual: Manual{
			Protocol: Gemini, Base: "{root}",
			Key:    "the field Gemini API key in the editor; provider.google.options.apiKey in the command line's file",
			Models: "the large one does the work, the small one writes titles",
			Ways: []Way{
				{"In the editor", []string{
					"Open Kilo Code's settings and its page Providers.",
					"Choose the provider Google Gemini.",
					"Enter the key {key} as the Gemini API key.",
					"Tick the custom base URL and enter {root} - no /v1 and no /v1beta behind it. Its present releases and its older ones reach the gateway so.",
					"Choose the model {model}, or type its name, and save.",
				}},
				{"As an OpenAI-compatible provider, where Gemini cannot be chosen", []string{
					"Choose the provider OpenAI Compatible, enter {root}/v1 as the base URL and {key} as the key.",
					"Choose the model {model}.",
				}},
			},
			Troubles: []Trouble{
				{"404 for /v1/chat/completions/responses, or another path with two ends", "The base URL held a whole path. Choose the Gemini provider and enter {root}."},
				{"404 for /models/…", "The command line's provider adds no version: its baseURL is {root}/v1beta. In the editor enter {root}."},
				{"It asks the vendor and not the gateway", "The custom base URL is not ticked: the field counts only while it is."},
			},
			Source: "https://kilo.ai/docs/providers/gemini",
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
