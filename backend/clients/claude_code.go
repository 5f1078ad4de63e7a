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
			Dir: Dir{Vars: []Var{{"CLAUDE_CONFIG_DIR", ""}}, Home: ".claude"}, Names: []string{"settings.json"}, Format: JSON, Plain: true,
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
		Manual: Manual{
			Protocol: Anthropic, Base: "{root}",
			Key:    "env.ANTHROPIC_AUTH_TOKEN in settings.json; it is sent as a bearer token",
			Models: "the large one does the work, the small one side tasks such as titles and summaries",
			Ways: []Way{{"For one shell only", []string{
				"export ANTHROPIC_BASE_URL='{root}' ANTHROPIC_AUTH_TOKEN='{key}'",
				"export ANTHROPIC_MODEL='{model}' ANTHROPIC_DEFAULT_OPUS_MODEL='{model}' ANTHROPIC_DEFAULT_SONNET_MODEL='{model}' ANTHROPIC_DEFAULT_HAIKU_MODEL='{small}'",
				"Run `claude`.",
			}}},
			Troubles: []Trouble{
				{"404 for /v1/v1/messages", "The base URL must not end in /v1: Claude Code adds it. Enter {root}."},
				{"It warns of two ways to sign in", "Run `/logout` in Claude Code, and unset ANTHROPIC_API_KEY: the key of this gateway is enough."},
				{"It asks for names such as claude-opus or claude-haiku", "A model of ours is missing in the settings; `client apply claude-code` sets all of them."},
			},
			Source: "https://docs.anthropic.com/en/docs/claude-code/settings",
		},
		Run: &Run{
			Args:   []string{"-p", "{prompt}", "--output-format", "json"},
			Env:    []string{"CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1", "DISABLE_AUTOUPDATER=1"},
			Answer: Reply{When: [2]string{"type", "result"}, Text: TextPath{"result"}, Failed: "is_error"},
		},
		Call: Call{
			Path: "/v1/messages?beta=true", Header: "Authorization", Text: TextPath{"delta", "text"},
			Extra: [][2]string{{"anthropic-version", "2023-06-01"}},
			Body:  `{"model":"{model}","max_tokens":1024,"stream":true,"messages":[{"role":"user","content":"Say hello."}]}`,
		},
	}
}
