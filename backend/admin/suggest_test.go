package admin

import (
	"testing"

	"antigravity-tools/backend/fault"
)

func models(ids ...string) []Model {
	var list []Model
	for _, id := range ids {
		list = append(list, Model{ID: id})
	}
	return list
}

func TestSuggestSmall(t *testing.T) {
	served := append(models("gemini-3-pro-preview", "gemini-3-flash-preview", "gemini-2.5-pro", "gemini-2.5-flash", "gemini-2.5-flash-lite",
		"gemini-2.5-flash-image", "gemini-2.5-flash-preview-tts", "claude-sonnet-4-5", "claude-haiku-4-5-20251001", "claude-haiku-4-5",
		"gpt-5", "gpt-5-mini", "gpt-5-nano", "gpt-4o-mini", "gpt-4o-mini-transcribe", "acme/glm-5", "acme/glm-5-air", "other/glm-5-flash", "loopback"),
		Model{ID: "gemini-2.5-flash-embedder", Methods: []string{"embedContent"}})
	table := map[string]string{
		"gemini-3-pro-preview":  "gemini-3-flash-preview",
		"gemini-2.5-pro":        "gemini-2.5-flash",
		"gemini-2.5-flash":      "gemini-2.5-flash", // is small itself
		"gemini-2.5-flash-lite": "gemini-2.5-flash-lite",
		"claude-sonnet-4-5":     "claude-haiku-4-5",
		"claude-opus-9":         "claude-haiku-4-5",
		"gpt-5":                 "gpt-5-mini",
		"gpt-4o":                "gpt-4o-mini",
		"acme/glm-5":            "acme/glm-5-air",
		"mistral-large":         "mistral-large",
		"loopback":              "loopback",
		"":                      "",
	}
	for model, want := range table {
		if got := SuggestSmall(served, model); got != want {
			t.Errorf("%s: %s, want %s", model, got, want)
		}
	}
	if got := SuggestSmall(models("gemini-2.5-pro", "gemini-2.5-flash-lite"), "gemini-2.5-pro"); got != "gemini-2.5-flash-lite" {
		t.Errorf("the smallest is better than none: %s", got)
	}
}

func TestChooseModels(t *testing.T) {
	served := models("gemini-2.5-pro", "gemini-2.5-flash")
	table := []struct {
		want, before ClientChoice
		model, small string
	}{
		{ClientChoice{}, ClientChoice{}, "gemini-2.5-pro", "gemini-2.5-flash"},
		{ClientChoice{Model: "x"}, ClientChoice{}, "x", "x"},
		{ClientChoice{Model: "x", SmallModel: "y"}, ClientChoice{Model: "a", SmallModel: "b"}, "x", "y"},
		{ClientChoice{}, ClientChoice{Model: "a", SmallModel: "b"}, "a", "b"},
		{ClientChoice{SmallModel: "y"}, ClientChoice{Model: "a", SmallModel: "b"}, "a", "y"},
		{ClientChoice{}, ClientChoice{Model: "gemini-2.5-pro"}, "gemini-2.5-pro", "gemini-2.5-flash"}, // a client with one model alone
	}
	for _, row := range table {
		model, small, err := ChooseModels(row.want, row.before, served, PoolCounts{})
		if err != nil || model != row.model || small != row.small {
			t.Errorf("%+v: %s %s %v", row, model, small, err)
		}
	}
	if _, _, err := ChooseModels(ClientChoice{}, ClientChoice{}, nil, PoolCounts{}); fault.Public(err).Code != "no_model" {
		t.Errorf("%v", err)
	}
	for _, bad := range []string{`a"b`, "a b", "{root}"} {
		if _, _, err := ChooseModels(ClientChoice{Model: bad}, ClientChoice{}, nil, PoolCounts{}); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

func TestChooseKey(t *testing.T) {
	keys := []Key{{ID: "1", Name: "codex", Enabled: true}, {ID: "2", Name: "mine", Enabled: true}, {ID: "3", Name: "old", Enabled: false},
		{ID: "4", Name: "gone", Enabled: true, Expired: true}, {ID: "mine", Name: "by id", Enabled: true}}
	table := []struct {
		client, want, before string
		name, id             string // id empty: to be made
		code                 string
	}{
		{"codex", "", "", "codex", "1", ""},
		{"codex", "", "mine", "mine", "2", ""},
		{"codex", "2", "", "mine", "2", ""},
		{"codex", "mine", "", "by id", "mine", ""},
		{"codex", "", "old", "codex", "1", ""},
		{"zed", "", "", "zed", "", ""},
		{"old", "", "", "old 2", "", ""},
		{"codex", "old", "", "", "", "key_unusable"},
		{"codex", "gone", "", "", "", "key_unusable"},
		{"codex", "nobody", "", "", "", "key_unusable"},
	}
	for _, row := range table {
		name, key, err := ChooseKey(keys, row.client, ClientChoice{Key: row.want}, ClientChoice{Key: row.before})
		id := ""
		if key != nil {
			id = key.ID
		}
		if name != row.name || id != row.id || (err == nil) != (row.code == "") || err != nil && fault.Public(err).Code != row.code {
			t.Errorf("%+v: %s %s %v", row, name, id, err)
		}
	}
}
