package app

import (
	"context"
	"strings"

	"antigravity-tools/backend/admin"
	"antigravity-tools/backend/settings"
)

// settingsPort is the settings as the service sees them.
type settingsPort struct {
	service *settings.Service
	// relocate moves the listener before a change of its place is stored.
	relocate func(changes map[string]*string) (undo func(), err error)
}

func (p settingsPort) List() []admin.Setting {
	items := p.service.List()
	out := make([]admin.Setting, 0, len(items))
	for _, item := range items {
		out = append(out, settingDTO(item))
	}
	return out
}

func settingDTO(item settings.Item) admin.Setting {
	section, _, _ := strings.Cut(item.Key, ".")
	s := admin.Setting{
		Key: item.Key, Section: section, Label: settingLabel(item.Key), Description: item.Description,
		Type: settingType(item.Type), Value: item.Value, Default: item.Default, Options: []admin.Option{},
		Changed: item.Source == settings.SourceStored && item.Value != item.Default,
		Locked:  item.Locked, LockedBy: item.LockedBy,
	}
	if item.Problem != "" {
		s.Description += " " + item.Problem
	}
	for _, c := range item.Choices {
		s.Options = append(s.Options, admin.Option{Value: c, Label: strings.ReplaceAll(c, "_", " ")})
	}
	return s
}

// settingLabel makes words of the last part of a key.
func settingLabel(key string) string {
	last := key[strings.LastIndexByte(key, '.')+1:]
	words := strings.ReplaceAll(last, "_", " ")
	for from, to := range map[string]string{"lan": "LAN", "url": "URL", "cors": "CORS"} {
		words = replaceWord(words, from, to)
	}
	return strings.ToUpper(words[:1]) + words[1:]
}

func replaceWord(text, from, to string) string {
	words := strings.Fields(text)
	for i, w := range words {
		if w == from {
			words[i] = to
		}
	}
	return strings.Join(words, " ")
}

func settingType(t settings.Type) admin.SettingType {
	switch t {
	case settings.TypeEnum:
		return admin.SettingChoice
	case settings.TypeText, settings.TypeURL:
		return admin.SettingString
	default:
		return admin.SettingType(t)
	}
}

func (p settingsPort) Get(key string) (admin.Setting, error) {
	item, err := p.service.Get(key)
	if err != nil {
		return admin.Setting{}, err
	}
	return settingDTO(item), nil
}

func (p settingsPort) Set(ctx context.Context, changes []admin.SettingChange) ([]admin.Setting, error) {
	values, keys := map[string]string{}, make([]string, 0, len(changes))
	moves := map[string]*string{}
	for _, c := range changes {
		values[c.Key] = c.Value
		moves[c.Key] = &c.Value
		keys = append(keys, c.Key)
	}
	return p.change(keys, moves, func() error { return p.service.Set(ctx, values) })
}

func (p settingsPort) Unset(ctx context.Context, keys []string) ([]admin.Setting, error) {
	moves := map[string]*string{}
	for _, key := range keys {
		moves[key] = nil
	}
	return p.change(keys, moves, func() error { return p.service.Unset(ctx, keys...) })
}

func (p settingsPort) change(keys []string, moves map[string]*string, store func() error) ([]admin.Setting, error) {
	undo, err := p.relocate(moves)
	if err != nil {
		return nil, err
	}
	if err := store(); err != nil {
		undo()
		return nil, err
	}
	return p.items(keys)
}

func (p settingsPort) items(keys []string) ([]admin.Setting, error) {
	out := make([]admin.Setting, 0, len(keys))
	for _, key := range keys {
		s, err := p.Get(key)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}
