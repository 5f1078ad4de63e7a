package clients

// crush gets a provider of its own name. The choice of models lies in the file that Crush writes itself,
// which wins over the one that people write. Facts: internal/config/{config,load}.go of
// github.com/charmbracelet/crush at 37f36e93.
func crush() Client {
	provider := func(key, value string, role Role) Edit {
		return Edit{Path: []string{"providers", "antigravity", key}, Value: value, Role: role}
	}
	// Without can_reason titles are cut after 40 tokens, which thinking uses up.
	model := func(name string, onlySmall bool) Edit {
		return Edit{Path: []string{"providers", "antigravity", "models"}, OnlySmall: onlySmall, Item: &Item{Key: "id", Members: []Member{
			{Name: "id", Value: name}, {Name: "name", Value: name}, {Name: "context_window", Value: 200000}, {Name: "default_max_tokens", Value: 32000},
			{Name: "can_reason", Value: true}, {Name: "supports_attachments", Value: true},
		}}}
	}
	choice := func(size, name string, role Role) []Edit {
		return []Edit{{Path: []string{"models", size, "provider"}, Value: "antigravity"}, {Path: []string{"models", size, "model"}, Value: name, Role: role}}
	}
	return Client{
		Name: "crush", Title: "Crush", Binaries: []string{"crush"},
		Files: []File{
			{
				Dir:   Dir{Vars: []Var{{"CRUSH_GLOBAL_CONFIG", ""}, {"XDG_CONFIG_HOME", "crush"}}, Home: ".config/crush"},
				Names: []string{"crush.json"}, Format: JSON, Plain: true,
				Edits: []Edit{
					provider("name", "Antigravity Tools", ""), provider("type", "openai-compat", ""),
					provider("base_url", "{root}/v1", RoleBase), provider("api_key", "{key}", RoleKey),
					model("{model}", false), model("{small}", true),
				},
			},
			{
				Dir: Dir{
					Vars: []Var{{"CRUSH_GLOBAL_DATA", ""}, {"XDG_DATA_HOME", "crush"}}, Home: ".local/share/crush",
					Windows: &Dir{Vars: []Var{{"CRUSH_GLOBAL_DATA", ""}, {"XDG_DATA_HOME", "crush"}, {"LOCALAPPDATA", "crush"}}, Home: "AppData/Local/crush"},
				},
				Names: []string{"crush.json"}, Format: JSON, Plain: true,
				Edits: append(choice("large", "{model}", RoleModel), choice("small", "{small}", RoleSmall)...),
			},
		},
		Notes: []string{"A crush.json, .crush.json or crushrc in a project, or a crushrc beside this file, is read on top of it."},
		// Its folder of the project's data lies where it stands.
		Run:  &Run{Args: []string{"run", "--quiet", "{prompt}"}},
		Call: chatCall(),
		Manual: Manual{
			Protocol: OpenAI, Base: "{root}/v1", Key: "providers.antigravity.api_key in crush.json",
			Models: "the large one does the work, the small one writes titles and summaries",
			Ways: []Way{{"With another protocol", []string{
				"Under a provider of the type anthropic the base_url is {root}, without /v1.",
				"In Crush, ctrl+l chooses among the models of all providers.",
			}}},
			Troubles: []Trouble{pathsOfV1(), {"Crush says that the JSON is invalid", "It takes no comments and no trailing commas in crush.json."}},
			Source:   "https://github.com/charmbracelet/crush#custom-providers",
		},
	}
}
