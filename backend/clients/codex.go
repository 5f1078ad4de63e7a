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
			Dir: Dir{Vars: []Var{{"CODEX_HOME", ""}}, Home: ".codex"}, Names: []string{"config.toml"}, Format: TOML,
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
		Manual: Manual{
			Protocol: Responses, Base: "{root}/v1",
			Key:    "experimental_bearer_token of our model provider in config.toml; env_key, the name of a variable, may stand there instead",
			Models: "one model does all the work; the small one is not used",
			Ways: []Way{{"For one run only", []string{
				"export OPENAI_API_KEY='{key}'",
				"codex -c model_provider=antigravity -c 'model_providers.antigravity={name=\"Antigravity Tools\",base_url=\"{root}/v1\",wire_api=\"responses\",env_key=\"OPENAI_API_KEY\"}' -m {model}",
			}}},
			Troubles: []Trouble{
				{"404 for /responses", "The base URL must end in /v1: {root}/v1."},
				{"It still talks to its vendor", "A profile or `-c` names another model provider; model_provider must be antigravity."},
				{"It warns that it has no metadata for the model", "Harmless: it does not know the names of others' models."},
			},
			Source: "https://github.com/openai/codex/blob/main/docs/config.md",
		},
		Run: &Run{
			Args:   []string{"exec", "--skip-git-repo-check", "--json", "{prompt}"},
			Answer: Reply{When: [2]string{"item.type", "agent_message"}, Text: TextPath{"item", "text"}},
		},
		Call: Call{
			Path: "/responses", Header: "Authorization", Text: TextPath{"delta"}, Event: "response.output_text.delta",
			Body: `{"model":"{model}","stream":true,"store":false,"input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"Say hello."}]}]}`,
		},
	}
}
