package clients

// openCode reads the same form as Kilo Code.
func openCode() Client {
	return Client{
		Name: "opencode", Title: "opencode", Binaries: []string{"opencode"},
		Files: []File{aiSDKFile("opencode", "opencode.jsonc", "opencode.json")},
		Conflicts: []Conflict{
			{Env: "OPENCODE_CONFIG", Why: "the file that it names is read on top of this one"},
			{Env: "OPENCODE_CONFIG_CONTENT", Why: "it is read on top of this file"},
		},
		Notes: []string{"An opencode.json in a project is read on top of this one."},
		Call:  geminiCall(""),
	}
}
