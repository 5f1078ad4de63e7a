package clients

import (
	"strings"
)

// mainFile is a file of the client in each of the formats that it has, relative to the home directory.
func mainFiles(c Client) map[string]Format {
	out := map[string]Format{}
	for _, f := range c.Files {
		out[f.Dir.Home+"/"+f.Names[len(f.Names)-1]] = f.Format
	}
	return out
}

// hostile is one odd but legal file per format and trait.
func hostile() map[string]map[Format]string {
	huge := strings.Repeat("x", 512<<10)
	return map[string]map[Format]string{
		"absent": {},
		"empty":  {JSON: "", TOML: "", Env: "", YAML: ""},
		"bare":   {JSON: "{}", TOML: "# nothing", Env: "# nothing", YAML: "# nothing"},
		"comments": {
			JSON: "// head\n{\n  /* a */ \"z\": [1, /* two */ 2], // tail\n  \"env\": { \"X\": \"1\" /* x */ }, // env\n  \"provider\": {\n    // mine\n    \"google\": { \"options\": { \"timeout\": 1 } },\n  },\n}\n// end\n",
			TOML: "# head\n\nz = 1 # tail\n\n[mcp_servers.x] # x\ncommand = 'y'\n# end",
			YAML: "# head\nname: Mine # mine\nmodels: # all\n  # the best\n  - name: theirs # x\n    model: &m m-0\n\n  # other\n  - {name: second, model: *m}\n# end",
			Env:  "# head\nZ=1 # tail\n\n# GEMINI_API_KEY=commented\n# end",
		},
		"crlf": {
			JSON: "{\r\n\t\"a\": 1,\r\n\t\"env\": {\r\n\t\t\"b\": \"2\"\r\n\t}\r\n}\r\n",
			TOML: "a = 1\r\n\r\n[t]\r\nmodel = \"theirs\"\r\n", Env: "A=1\r\nexport B='2'\r\n",
			YAML: "# c\r\nschema: v1\r\nmodels:\r\n- name: theirs\r\n  prompt: |\r\n    two\r\n    lines\r\nz: 1\r\n",
		},
		"bom":  {JSON: bom + "{\n  \"a\": 1\n}\n", TOML: bom + "[t]\na = 1\n", Env: bom + "A=1\n", YAML: bom + "name: x\nmodels: []\n"},
		"huge": {JSON: "{\"a\": \"" + huge + "\"}", TOML: "a = \"" + huge + "\"\n[t]\n", Env: "A=" + huge, YAML: "name: " + huge + "\n"},
		"ours": {
			JSON: `{"env":{"ANTHROPIC_BASE_URL":"https://example.org","ANTHROPIC_AUTH_TOKEN":"sk-theirs-0123456789"},"model":"theirs","security":{"auth":{"selectedType":"oauth-personal","x":1}},"provider":{"google":{"options":{"apiKey":"sk-theirs-0123456789"},"models":{"gemini-2.5-pro":{"name":"mine"}}}}}`,
			TOML: "model = 'theirs'\nmodel_provider = \"openai\"\n[model_providers.antigravity]\nbase_url = 'https://example.org'\n",
			YAML: "name: Mine\nmodels:\n  - name: Antigravity Tools\n    provider: openai\n    model: theirs\n    apiKey: sk-theirs-0123456789 # mine\n  - name: theirs\n",
			Env:  "GEMINI_API_KEY=\"sk-theirs-0123456789\" # mine\nOPENAI_API_KEY='sk-theirs-0123456789'\nGEMINI_MODEL=theirs",
		},
		"scopes": {
			JSON: "{\n  \"profiles\": { \"env\": { \"ANTHROPIC_BASE_URL\": \"x\" }, \"provider\": { \"google\": 1 } },\n  \"projects\": [ { \"env\": { \"ANTHROPIC_MODEL\": \"y\" } } ]\n}",
			TOML: "[profiles.x]\nmodel = \"a\"\nmodel_provider = \"b\"\n[[list]]\nmodel = 1\n[list.model_providers.antigravity]\nname = 'no'\n",
			YAML: "agents:\n  - models:\n      - name: Antigravity Tools\n        apiKey: not-ours\ncontext:\n  models:\n    - name: Antigravity Tools\n",
			Env:  "MY_GEMINI_API_KEY=x\nTEXT='\nGEMINI_API_KEY=inside\n'\n",
		},
	}
}
