package clients

// claudeCode is set up by the environment that its settings file holds. Without models of ours it would
// ask for its vendor's.
func claudeCode() Client {
	env := func(name, value string, role Role) Edit {
		return Edit{Path: []string{"env", name}, Value: value, Role: role}
	}
	return Client{
		Name: "claude-code", Title: "Claude Code", Binaries: []string{"claude"},
		Files: []File{{
			Dir: Dir{Env: "CLAUDE_CONFIG_DIR", Home: ".claude"}, Names: []string{"settings.json"}, Format: JSON,
			Edits: []Edit{
				env("ANTHROPIC_BASE_URL", "{root}", RoleBase),
				env("ANTHROPIC_AUTH_TOKEN", "{key}", RoleKey),
				env("ANTHROPIC_MODEL", "{model}", RoleModel),
				env("ANTHROPIC_DEFAULT_OPUS_MODEL", "{model}", ""),
				env("ANTHROPIC_DEFAULT_SONNET_MODEL", "{model}", ""),
				env("ANTHROPIC_DEFAULT_HAIKU_MODEL", "{small}", RoleSmall),
			},
		}},
		Conflicts: []Conflict{
			{Path: []string{"env", "ANTHROPIC_API_KEY"}, Why: "it is sent beside our key"},
			{Path: []string{"apiKeyHelper"}, Why: "its key is sent instead of ours"},
			{Path: []string{"env", "CLAUDE_CODE_USE_BEDROCK"}, Why: "Claude Code then ignores the base URL"},
			{Path: []string{"env", "CLAUDE_CODE_USE_VERTEX"}, Why: "Claude Code then ignores the base URL"},
			{Env: "ANTHROPIC_API_KEY", Why: "it is sent beside our key"},
			{Env: "CLAUDE_CODE_USE_BEDROCK", Why: "Claude Code then ignores the base URL"},
			{Env: "CLAUDE_CODE_USE_VERTEX", Why: "Claude Code then ignores the base URL"},
		},
		Call: Call{
			Path: "/v1/messages?beta=true", Header: "Authorization", Text: TextPath{"delta", "text"},
			Extra: [][2]string{{"anthropic-version", "2023-06-01"}},
			Body:  `{"model":"{model}","max_tokens":1024,"stream":true,"messages":[{"role":"user","content":"Say hello."}]}`,
		},
	}
}
