package admin

// Setting is one setting with its value as text.
type Setting struct {
	Key         string      `json:"key"`
	Section     string      `json:"section"` // the part before the first dot
	Label       string      `json:"label"`
	Description string      `json:"description"`
	Type        SettingType `json:"type"`
	Value       string      `json:"value"`
	Default     string      `json:"default"`
	Options     []Option    `json:"options"`
	Changed     bool        `json:"changed"` // stored and different from the default
	Locked      bool        `json:"locked"`
	LockedBy    string      `json:"locked_by"` // the flag or environment variable that overrides it
}

// SettingChange is one key and its new value.
type SettingChange struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// SetSettingsRequest changes exactly the keys named: all of them or, on a mistake, none.
type SetSettingsRequest struct {
	Changes []SettingChange `json:"changes"`
}

// UnsetSettingsRequest returns keys to their defaults.
type UnsetSettingsRequest struct {
	Keys []string `json:"keys"`
}

// DatabaseReport answers CheckDatabase and VacuumDatabase.
type DatabaseReport struct {
	OK         bool     `json:"ok"`
	Problems   []string `json:"problems"` // what the integrity check found
	Size       int64    `json:"size"`     // bytes after
	SizeBefore int64    `json:"size_before"`
	Schema     string   `json:"schema"` // the last migration applied
}
