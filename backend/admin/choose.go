package admin

import (
	"slices"
	"strings"

	"antigravity-tools/backend/fault"
)

// NewKeyText stands in a plan for a key that applying makes.
const NewKeyText = "sk-agt-NEW-KEY-TO-BE-MADE"

// ClientChoice is what a client shall get, or got at an earlier set-up. Empty members are not chosen.
type ClientChoice struct {
	Key               string // name or id
	Model, SmallModel string
}

// ChooseModels takes the models that were asked for, else those of an earlier set-up, else what fits of
// the served ones: for side tasks the small model of the family.
func ChooseModels(want, before ClientChoice, served []Model, pool PoolCounts) (model, small string, err error) {
	model, small = want.Model, want.SmallModel
	if model == "" && before.Model != "" {
		model = before.Model
		if small == "" {
			small = before.SmallModel
		}
	}
	if model == "" {
		model = SuggestModel(served, pool)
	}
	if model == "" {
		return "", "", fault.Invalid("model", "no model was chosen").WithCode("no_model").WithHint("choose one that the client shall use")
	}
	if small == "" {
		small = SuggestSmall(served, model)
	}
	if strings.ContainsAny(model+small, "\"'\\{}\r\n\t ") {
		return "", "", fault.Invalid("model", "a model's name has no quotes, braces or blanks in it")
	}
	return model, small, nil
}

// ChooseKey takes the key that was asked for, else that of an earlier set-up, else the one that is named
// after the client; of these one that cannot be used any more makes room for a new one. A nil key has yet to
// be made under the name.
func ChooseKey(keys []Key, client string, want, before ClientChoice) (name string, key *Key, err error) {
	usable := func(match func(Key) bool) *Key {
		if i := slices.IndexFunc(keys, func(k Key) bool { return match(k) && k.Enabled && !k.Expired }); i >= 0 {
			return &keys[i]
		}
		return nil
	}
	if want.Key != "" {
		key = usable(func(k Key) bool { return k.ID == want.Key })
		if key == nil {
			key = usable(func(k Key) bool { return k.Name == want.Key })
		}
		if key == nil {
			return "", nil, fault.Invalid("key_id", "the key that was chosen is gone, disabled or expired").WithCode("key_unusable").WithHint("choose another key")
		}
		return key.Name, key, nil
	}
	for _, name := range []string{before.Key, client} {
		if name == "" {
			continue
		}
		if key = usable(func(k Key) bool { return k.Name == name }); key != nil {
			return name, key, nil
		}
	}
	return unusedName(client, keys), nil, nil
}

// IsServed tells whether an account serves a model now.
func IsServed(list []Model, id string) bool {
	return slices.ContainsFunc(list, func(m Model) bool { return m.ID == id })
}
