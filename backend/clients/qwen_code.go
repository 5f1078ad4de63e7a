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
		Call: Call{
			Path: "/chat/completions", Header: "Authorization", Text: TextPath{"choices", "delta", "content"},
			Body: `{"model":"{model}","stream":true,"messages":[{"role":"user","content":"Say hello."}]}`,
		},
	}
}
