package clients

// droid is Factory's command line. Its own models come first in its list; ours are chosen by /model. Facts:
// https://docs.factory.ai/cli/byok/overview and docs/cli/configuration/settings.mdx of
// github.com/Factory-AI/factory at a80aa7c5. That `droid exec` answers without an account was seen with 0.225.2.
func droid() Client {
	dir := Dir{Home: ".factory"}
	model := func(title, name string, role Role) Edit {
		return Edit{Path: []string{"customModels"}, OnlySmall: role == RoleSmall, Item: &Item{Key: "displayName", Members: []Member{
			{"model", name, role}, {Name: "displayName", Value: title}, {"baseUrl", "{root}/v1", RoleBase}, {"apiKey", "{key}", RoleKey},
			{Name: "provider", Value: "generic-chat-completion-api"},
		}}}
	}
	return Client{
		Name: "droid", Title: "Droid", Binaries: []string{"droid"},
		Files: []File{{
			Dir: dir, Names: []string{"settings.json"}, Format: JSON,
			Edits: []Edit{model("Antigravity Tools", "{model}", RoleModel), model("Antigravity Tools (small)", "{small}", RoleSmall)},
		}},
		Notes: []string{
			"Choose the model with /model in Droid: it stands there as Antigravity Tools. `droid exec -m custom:MODEL PROMPT` answers without a Factory account; the window of Droid may ask for one.",
			"A settings.local.json beside this file, or a .factory/settings.json in a project, is read on top of it.",
		},
		// Within its air gap it waits for nobody but us. The window's own words on a failure stand in its stream alone.
		Run: &Run{
			Args: []string{"exec", "-o", "stream-json", "-m", "custom:{model}", "{prompt}"}, Env: []string{"FACTORY_AIRGAP_ENABLED=true"},
			Answer: Reply{When: [2]string{"type", "completion"}, Text: TextPath{"finalText"}, Vague: "Exec failed"},
		},
		Call: chatCall(),
		Manual: Manual{
			Protocol: OpenAI, Base: "{root}/v1", Key: "apiKey of the entry in customModels",
			Models: "each is an entry of its own to choose by /model",
			Ways: []Way{{"With another protocol", []string{
				"With provider anthropic the baseUrl is {root}, without /v1.",
				"With provider openai, which is OpenAI's Responses, it is {root}/v1.",
			}}},
			Troubles: []Trouble{pathsOfV1(), {"The model is not in the list of /model", "It stands below Factory's own; an organisation can forbid custom models."}},
			Source:   "https://docs.factory.ai/cli/byok/overview",
		},
	}
}
