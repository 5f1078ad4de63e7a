package clients

// qwenCode is a relative of the Gemini CLI that speaks OpenAI's chat protocol.
func qwenCode() Client {
	dir := Dir{Home: ".qwen"}
	return Client{
		Name: "qwen-code", Title: "Qwen Code", Binaries: []string{"qwen"},
		Files: []File{
			{Dir: dir, Names: []string{".env"}, Format: Env, Edits: []Edit{
				{Path: []string{"OPENAI_BASE_URL"}, Value: "{root}/v1", Role: RoleBase},
				{Path: []string{"OPENAI_API_KEY"}, Value: "{key}", Role: RoleKey},
				{Path: []string{"OPENAI_MODEL"}, Value: "{model}", Role: RoleModel},
			}},
			{Dir: dir, Names: []string{"settings.json"}, Format: JSON, Edits: []Edit{
				{Path: []string{"security", "auth", "selectedType"}, Value: "openai"},
			}},
		},
		Conflicts: []Conflict{
			{Env: "OPENAI_API_KEY", Why: "the environment wins over the file"},
			{Env: "OPENAI_BASE_URL", Why: "the environment wins over the file"},
			{Env: "OPENAI_MODEL", Why: "the environment wins over the file"},
		},
		Notes: []string{"A .env file in a project, or in a folder above it, is read instead of the one in the home directory."},
		Manual: Manual{
			Protocol: OpenAI, Base: "{root}/v1",
			Key:    "OPENAI_API_KEY in ~/.qwen/.env",
			Models: "one model does all the work; the small one is not used",
			Ways: []Way{{"For one shell only", []string{
				"export OPENAI_BASE_URL='{root}/v1' OPENAI_API_KEY='{key}' OPENAI_MODEL='{model}'",
				"qwen --auth-type openai",
			}}},
			Troubles: []Trouble{
				{"404 for /chat/completions", "The base URL must end in /v1: {root}/v1."},
				{"It asks to sign in", "security.auth.selectedType in ~/.qwen/settings.json must be openai."},
			},
			Source: "https://github.com/QwenLM/qwen-code/blob/main/docs/users/configuration/auth.md",
		},
		Run: &Run{
			Args:   []string{"--output-format", "json", "-p", "{prompt}"},
			Answer: Reply{When: [2]string{"type", "result"}, Text: TextPath{"result"}, Failed: "is_error"},
		},
		Call: Call{
			Path: "/chat/completions", Header: "Authorization", Text: TextPath{"choices", "delta", "content"},
			Body: `{"model":"{model}","stream":true,"messages":[{"role":"user","content":"Say hello."}]}`,
		},
	}
}
