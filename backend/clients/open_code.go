package clients

// openCode reads the same form as Kilo Code.
func openCode() Client {
	return Client{
		Name: "opencode", Title: "opencode", Binaries: []string{"opencode"},
		Files: []File{aiSDKFile("opencode", "opencode.jsonc", "opencode.json")},
		Conflicts: []Conflict{
			{Env: "OPENCODE_CONFIG", Why: "the file that it names is read on top of this one"},
			{Env: "OPENCODE_CONFIG_CONTENT", Why: "it is read on top of this file"},
		},
		Notes: []string{"An opencode.json in a project is read on top of this one."},
		Manual: Manual{
			Protocol: Gemini, Base: "{root}/v1beta",
			Key:    "provider.google.options.apiKey in opencode.json",
			Models: "model does the work, small_model writes titles",
			Ways: []Way{{"With another protocol", []string{
				"Under provider.anthropic or provider.openai the baseURL is {root}/v1.",
				"Under a provider of your own name, with npm @ai-sdk/openai-compatible, it is {root}/v1 as well.",
			}}},
			Troubles: []Trouble{
				{"404 for /models/…", "opencode adds no version: the baseURL of the provider google is {root}/v1beta."},
				{"The model is not in its list", "Its name must stand under provider.google.models; `client apply opencode --model NAME` writes it there."},
			},
			Source: "https://opencode.ai/docs/providers",
		},
		Run:  aiSDKRun("OPENCODE_DISABLE_MODELS_FETCH=1"),
		Call: geminiCall(""),
	}
}
