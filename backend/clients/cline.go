package clients

// cline is set up in the file that its command line and its newer editor releases share. Its provider is
// the built-in openai-compatible: a name of our own is refused. Seen with the command line 3.0.65 (`cline
// auth` writes the same); the form is in sdk/packages/core/src/types/provider-settings.ts of
// github.com/cline/cline at 21cb8d25. A part of an entry would make it drop the whole file.
// Started as it is it leaves a daemon behind that outlives it; with the variable in Run it does not (seen with 3.0.65).
func cline() Client {
	return Client{
		Name: "cline", Title: "Cline", Binaries: []string{"cline"}, Extensions: []string{"saoudrizwan.claude-dev"},
		Files: []File{{
			Dir:   Dir{Vars: []Var{{"CLINE_DATA_DIR", "settings"}, {"CLINE_DIR", "data/settings"}}, Home: ".cline/data/settings"},
			Names: []string{"providers.json"}, Format: JSON,
			Edits: []Edit{
				{Path: []string{"version"}, Value: 1, Keep: true, Stay: true},
				{Path: []string{"lastUsedProvider"}, Value: "openai-compatible"},
				{Path: []string{"providers", "openai-compatible"}, Item: &Item{
					Members: []Member{
						{Name: "settings", Value: []Member{
							{"provider", "openai-compatible", ""}, {"apiKey", "{key}", RoleKey}, {"model", "{model}", RoleModel}, {"baseUrl", "{root}/v1", RoleBase},
						}},
						{Name: "tokenSource", Value: "manual"},
						{Name: "updatedAt", Value: clineTime},
					},
					Sign: []string{"settings.apiKey", "settings.baseUrl"},
				}},
			},
		}},
		Conflicts: []Conflict{{Env: "CLINE_PROVIDER_SETTINGS_PATH", Why: "Cline then reads the file that it names"}},
		Notes:     []string{"Older releases of the editor's extension keep their settings inside the editor: set those up in its own settings page."},
		Run: &Run{
			Args: []string{"--json", "{prompt}"}, Env: []string{"CLINE_SESSION_BACKEND_MODE=local"},
			Answer: Reply{When: [2]string{"finishReason", "completed"}, Text: TextPath{"text"}},
		},
		Call: chatCall(),
		Manual: Manual{
			Protocol: OpenAI, Base: "{root}/v1", Key: "providers.openai-compatible.settings.apiKey in providers.json, or the field API Key in the editor",
			Models: "one model does all the work; the small one is not used",
			Ways: []Way{
				{"With Cline's own command", []string{"cline auth -p openai -k '{key}' -m '{model}' -b '{root}/v1'"}},
				{"In the editor", []string{
					"Open Cline's settings and choose the API provider OpenAI Compatible.",
					"Enter {root}/v1 as the base URL and {key} as the API key.",
					"Enter {model} as the model ID.",
				}},
			},
			Troubles: []Trouble{pathsOfV1()},
			Source:   "https://docs.cline.bot/provider-config/openai-compatible",
		},
	}
}

// clineTime stands where Cline wants a time; it writes its own at the next change.
const clineTime = "2026-01-01T00:00:00.000Z"
