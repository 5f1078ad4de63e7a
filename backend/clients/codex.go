package clients

// codex gets a provider of its own name, so that the user's other providers stay as they are. The key
// stands in the provider: a variable of the environment would not reach a desktop app.
func codex() Client {
	provider := func(key, value string, role Role) Edit {
		return Edit{Path: []string{"model_providers", "antigravity", key}, Value: value, Role: role}
	}
	return Client{
		Name: "codex", Title: "Codex", Binaries: []string{"codex"},
		Files: []File{{
			Dir: Dir{Env: "CODEX_HOME", Home: ".codex"}, Names: []string{"config.toml"}, Format: TOML,
			Edits: []Edit{
				{Path: []string{"model"}, Value: "{model}", Role: RoleModel},
				{Path: []string{"model_provider"}, Value: "antigravity"},
				provider("name", "Antigravity Tools", ""),
				provider("base_url", "{root}/v1", RoleBase),
				provider("wire_api", "responses", ""),
				provider("experimental_bearer_token", "{key}", RoleKey),
			},
		}},
		Conflicts: []Conflict{
			{Path: []string{"profile"}, Why: "a profile may name another model and provider"},
			{Path: []string{"model_providers", "antigravity", "env_key"}, Why: "the variable that it names is sent instead of our key"},
		},
		Call: Call{
			Path: "/responses", Header: "Authorization", Text: TextPath{"delta"}, Event: "response.output_text.delta",
			Body: `{"model":"{model}","stream":true,"store":false,"input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"Say hello."}]}]}`,
		},
	}
}
