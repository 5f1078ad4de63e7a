package clients

// continueDev is set up in config.yaml, which its editor extensions and its command line share; config.json
// is read while there is no other. Facts: core/util/paths.ts, packages/config-yaml/src/schemas and
// core/llm/toolSupport.ts of github.com/continuedev/continue at d0a3c0b6: tools are off for names that it
// does not know unless the capabilities say otherwise.
func continueDev() Client {
	dir := Dir{Vars: []Var{{"CONTINUE_GLOBAL_DIR", ""}}, Home: ".continue"}
	frame := func(key, value string) Edit {
		return Edit{Path: []string{key}, Value: value, Keep: true, Stay: true}
	}
	model := func(called, title, name string, role Role, more ...Member) Edit {
		return Edit{Path: []string{"models"}, OnlySmall: role == RoleSmall, Item: &Item{Key: called, Members: append([]Member{
			{Name: called, Value: title}, {Name: "provider", Value: "openai"}, {Name: "model", Value: name, Role: role},
			{Name: "apiBase", Value: "{root}/v1", Role: RoleBase}, {Name: "apiKey", Value: "{key}", Role: RoleKey},
		}, more...)}}
	}
	can := Member{Name: "capabilities", Value: []string{"tool_use", "image_input"}}
	const large, small = "Antigravity Tools", "Antigravity Tools (small)"
	return Client{
		Name: "continue", Title: "Continue", Binaries: []string{"cn"}, Extensions: []string{"continue.continue"},
		Files: []File{{
			Dir: dir, Names: []string{"config.yaml"}, Format: YAML,
			Edits: []Edit{
				frame("name", "Main Config"), frame("version", "1.0.0"), frame("schema", "v1"),
				model("name", small, "{small}", RoleSmall, can), model("name", large, "{model}", RoleModel, can),
			},
			Legacy: &File{
				Dir: dir, Names: []string{"config.json"}, Format: JSON,
				Edits: []Edit{model("title", large, "{model}", RoleModel), model("title", small, "{small}", RoleSmall)},
			},
		}},
		Notes: []string{"The models stand first in the list; where another one is chosen in the editor, choose Antigravity Tools there."},
		Run:   &Run{Args: []string{"-p", "{prompt}"}},
		Call:  chatCall(),
		Manual: Manual{
			Protocol: OpenAI, Base: "{root}/v1", Key: "apiKey of the model in config.yaml",
			Models: "each is an entry of its own to choose from: Antigravity Tools, and Antigravity Tools (small)",
			Ways: []Way{{"In the editor", []string{
				"Open Continue's chat, the list of models, and Add Chat model.",
				"Choose the provider OpenAI, the model {model} and the key {key}; then open config.yaml and add apiBase: {root}/v1 to the new entry.",
			}}},
			Troubles: []Trouble{
				pathsOfV1(),
				{"Agent mode cannot be chosen", "The model's entry lacks capabilities: [tool_use, image_input]."},
				{"It says that the configuration is invalid", "config.yaml needs name, version and schema: v1 at its top."},
			},
			Source: "https://docs.continue.dev/reference",
		},
	}
}
