package clients

// zed keeps keys in the system's keychain or in a variable, never in its settings: the key is the one thing
// that a person has to enter. Facts: docs/src/ai/use-api-access.md, crates/paths/src/paths.rs and
// crates/language_models/src/provider/open_ai_compatible.rs of github.com/zed-industries/zed.
func zed() Client {
	const name = "antigravity-tools" // its variable is this in upper case with _API_KEY
	provider := []string{"language_models", "openai_compatible", name}
	model := func(id string, onlySmall bool) Edit {
		return Edit{Path: append(provider[:3:3], "available_models"), OnlySmall: onlySmall, Item: &Item{Key: "name", Members: []Member{
			{Name: "name", Value: id}, {Name: "display_name", Value: id}, {Name: "max_tokens", Value: 200000},
			{Name: "capabilities", Value: []Member{
				{"tools", true, ""}, {"images", true, ""}, {"parallel_tool_calls", false, ""}, {"prompt_cache_key", false, ""},
			}},
		}}}
	}
	choice := func(task, id string, role Role) []Edit {
		return []Edit{{Path: []string{"agent", task, "provider"}, Value: name}, {Path: []string{"agent", task, "model"}, Value: id, Role: role}}
	}
	edits := []Edit{{Path: append(provider[:3:3], "api_url"), Value: "{root}/v1", Role: RoleBase}, model("{model}", false), model("{small}", true)}
	edits = append(edits, choice("default_model", "{model}", RoleModel)...)
	edits = append(edits, choice("thread_summary_model", "{small}", RoleSmall)...)
	edits = append(edits, choice("commit_message_model", "{small}", "")...)
	const enter = "Zed keeps the key out of its settings: open the agent settings (agent: open settings), LLM Providers, antigravity-tools, and enter it there; or start Zed with ANTIGRAVITY_TOOLS_API_KEY set."
	return Client{
		Name: "zed", Title: "Zed", Binaries: []string{"zed", "zeditor", "zedit"}, KeyEnv: "ANTIGRAVITY_TOOLS_API_KEY",
		Files: []File{{
			Dir: Dir{
				Vars: []Var{{"FLATPAK_XDG_CONFIG_HOME", "zed"}, {"XDG_CONFIG_HOME", "zed"}}, Home: ".config/zed",
				MacOS: &Dir{Home: ".config/zed"}, Windows: &Dir{Vars: []Var{{"APPDATA", "Zed"}}, Home: "AppData/Roaming/Zed"},
			},
			Names: []string{"settings.json"}, Format: JSON, Edits: edits,
		}},
		Notes: []string{enter},
		Call:  chatCall(),
		Manual: Manual{
			Protocol: OpenAI, Base: "{root}/v1", Key: "the system's keychain, entered in Zed, or the variable ANTIGRAVITY_TOOLS_API_KEY; never the settings",
			Models: "the large one is the agent's, the small one writes summaries and commit messages",
			Ways: []Way{{"In the editor", []string{
				"Open the agent settings and, under LLM Providers, Add Provider and OpenAI.",
				"Enter antigravity-tools as the name, {root}/v1 as the API URL, {key} as the key and {model} as the model, with 200000 tokens.",
			}}},
			Troubles: []Trouble{pathsOfV1(), {"…'s API returned an unexpected error", "Zed shows the words of a wrong base URL, and hides those of other errors, such as a model that is not there: the window's traffic list tells them."}, {"The models do not show, or Zed asks for a key", enter}},
			Source:   "https://zed.dev/docs/ai/use-api-access",
		},
	}
}
