package clients

// geminiCLI reads variables from a file of its own; the way of signing in stands in its settings.
func geminiCLI() Client {
	dir := Dir{Env: "GEMINI_CLI_HOME", Below: ".gemini", Home: ".gemini"}
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
