package family

import "testing"

// What a server announces comes before what its address promises: one that only
// speaks Anthropic's protocol may run tools, but no others than it names.
func TestAnnouncedTools(t *testing.T) {
	yes, no := true, false
	for name, row := range map[string]struct {
		caps                          Caps
		search, code                  *bool
		server, noSearch, noCode, own bool
	}{
		"own, says nothing":   {Anthropic("claude-opus-5"), nil, nil, true, false, false, true},
		"own, both":           {Anthropic("claude-opus-5"), &yes, &yes, true, false, false, true},
		"own, neither":        {Anthropic("claude-opus-5"), &no, &no, false, true, true, true},
		"other, says nothing": {Messages("claude-opus-5"), nil, nil, false, false, false, true},
		"other, both":         {Messages("claude-opus-5"), &yes, &yes, true, false, false, false},
		"other, search":       {Messages("claude-opus-5"), &yes, &no, true, false, true, false},
		"other, neither":      {Messages("glm-5"), &no, &no, false, true, true, false},
		"of no Claude":        {OpenAI("gpt-5"), &yes, &yes, false, false, false, true},
	} {
		c := row.caps.With(Announced{WebSearch: row.search, CodeExecution: row.code})
		if c.ServerTools != row.server || c.NoSearch != row.noSearch || c.NoCode != row.noCode || c.AnnouncedTools == row.own {
			t.Errorf("%s: %+v", name, c)
		}
	}
}
