package clients

// geminiCLI reads variables from a file of its own; the way of signing in stands in its settings.
func geminiCLI() Client {
	dir := Dir{Vars: []Var{{"GEMINI_CLI_HOME", ".gemini"}}, Home: ".gemini"}
	return Client{
		Name: "gemini-cli", Title: "Gemini CLI", Binaries: []string{"gemini"},
		Files: []File{
			{Dir: dir, Names: []string{".env"}, Format: Env, Edits: []Edit{
				{Path: []string{"GOOGLE_GEMINI_BASE_URL"}, Value: "{root}", Role: RoleBase},
				{Path: []string{"GEMINI_API_KEY"}, Value: "{key}", Role: RoleKey},
				{Path: []string{"GEMINI_MODEL"}, Value: "{model}", Role: RoleModel},
			}},
			{Dir: dir, Names: []string{"settings.json"}, Format: JSON, Edits: []Edit{
				{Path: []string{"security", "auth", "selectedType"}, Value: "gemini-api-key"},
			}},
		},
		Conflicts: []Conflict{
			{Env: "GEMINI_API_KEY", Why: "the environment wins over the file"},
			{Env: "GOOGLE_GEMINI_BASE_URL", Why: "the environment wins over the file"},
			{Env: "GEMINI_MODEL", Why: "the environment wins over the file"},
		},
		Notes: []string{
			"Gemini CLI reads this .env in folders that it trusts: it asks at the first start; without a terminal set GEMINI_CLI_TRUST_WORKSPACE=true.",
			"A .env file in a project, or in a folder above it, is read instead of the one in the home directory.",
		},
		Manual: Manual{
			Protocol: Gemini, Base: "{root}",
			Key:    "GEMINI_API_KEY in ~/.gemini/.env",
			Models: "one model does all the work; it picks its own names for side tasks, which a route can send elsewhere",
			Ways: []Way{{"For one shell only", []string{
				"export GOOGLE_GEMINI_BASE_URL='{root}' GEMINI_API_KEY='{key}'",
				"gemini -m {model}",
			}}},
			Troubles: []Trouble{
				{"404 for /v1/v1beta or /v1beta/v1beta", "The base URL must have no version: Gemini CLI adds /v1beta. Enter {root}."},
				{"It asks to sign in with a Google account", "security.auth.selectedType in ~/.gemini/settings.json must be gemini-api-key."},
				{"It asks the vendor and not the gateway", "It did not read ~/.gemini/.env: trust the folder, and look for a .env in the project."},
			},
			Source: "https://github.com/google-gemini/gemini-cli/blob/main/docs/get-started/configuration.md",
		},
		Run: &Run{
			Args:   []string{"--output-format", "json", "-p", "{prompt}"},
			Env:    []string{"GEMINI_CLI_TRUST_WORKSPACE=true"},
			Answer: Reply{Text: TextPath{"response"}},
		},
		Call: geminiCall("/v1beta"),
	}
}

func geminiCall(version string) Call {
	return Call{
		Path: version + "/models/{model}:streamGenerateContent?alt=sse", Header: "x-goog-api-key",
		Text: TextPath{"candidates", "content", "parts", "text"},
		Body: `{"contents":[{"role":"user","parts":[{"text":"Say hello."}]}]}`,
	}
}
