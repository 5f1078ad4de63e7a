package clients

// kiloCode is set up through its Google provider, which speaks Gemini's own protocol.
func kiloCode() Client {
	return Client{
		Name: "kilo-code", Title: "Kilo Code", Binaries: []string{"kilo", "kilocode"},
		Files: []File{aiSDKFile("kilo", "kilo.jsonc", "kilo.json")},
		Notes: []string{"This is the command line's file. In the editor's extension choose the provider Google Gemini and switch the custom base URL on."},
		Call:  geminiCall(""),
	}
}

// aiSDKFile is the settings file that Kilo Code and opencode have in common.
func aiSDKFile(dir string, names ...string) File {
	google := func(value any, role Role, path ...string) Edit {
		return Edit{Path: append([]string{"provider", "google"}, path...), Value: value, Role: role}
	}
	model := func(name, key string, value any) Edit {
		e := google(value, "", "models", name, key)
		e.Keep = true
		return e
	}
	return File{
		Dir: Dir{Env: "XDG_CONFIG_HOME", Below: dir, Home: ".config/" + dir}, Names: names, Format: JSON,
		Edits: []Edit{
			google("{root}/v1beta", RoleBase, "options", "baseURL"),
			google("{key}", RoleKey, "options", "apiKey"),
			model("{model}", "name", "{model}"), model("{model}", "tool_call", true), model("{model}", "reasoning", true),
			model("{small}", "name", "{small}"), model("{small}", "tool_call", true), model("{small}", "reasoning", true),
			{Path: []string{"model"}, Value: "google/{model}", Role: RoleModel},
			{Path: []string{"small_model"}, Value: "google/{small}", Role: RoleSmall},
		},
	}
}
