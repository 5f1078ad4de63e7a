package admin

import (
	"cmp"
	"slices"
	"strings"
)

// SuggestModel picks a model for a client that has none: one that is served now, the loopback while
// nothing else answers, empty where a person has to choose.
func SuggestModel(served []Model, pool PoolCounts) string {
	// Beginnings of names that a coding client does well with, the best first; later releases fit them too.
	suggested := []string{"gemini-3.1-pro", "gemini-3-pro", "claude-sonnet", "claude-opus", "gpt-5", "gemini-2.5-pro", "gemini-2.5-flash"}
	for _, begin := range suggested {
		best := ""
		for _, m := range served {
			// Of the same beginning the shortest has no date and no flavour; of those the newest.
			if strings.HasPrefix(m.ID, begin) && (best == "" || len(m.ID) < len(best) || len(m.ID) == len(best) && m.ID > best) {
				best = m.ID
			}
		}
		if best != "" {
			return best
		}
	}
	if pool.Loopback && pool.Ready == 0 {
		return "loopback"
	}
	return ""
}

// SuggestSmall picks the model for the side tasks of a client whose work model does: the small one of the
// same family that is served now, as near to it as there is. Without one it is the same model.
func SuggestSmall(served []Model, model string) string {
	if SmallModelName(model) {
		return model
	}
	var found []string
	for _, m := range served {
		if sameFamily(m.ID, model) && SmallModelName(m.ID) && ChatModelName(m.ID, m.Methods) {
			found = append(found, m.ID)
		}
	}
	if len(found) == 0 {
		return model
	}
	return slices.MinFunc(found, func(a, b string) int {
		return cmp.Or(
			cmp.Compare(smallness(a), smallness(b)),
			cmp.Compare(commonBeginning(b, model), commonBeginning(a, model)), // the same release
			cmp.Compare(len(a), len(b)),                                       // no date, no flavour
			cmp.Compare(b, a),                                                 // the newest
		)
	})
}

// smallness ranks the words that vendors call their small models by: 0 is the size for side tasks, 1 the
// size below it, 2 none of them.
func smallness(id string) int {
	rank := 2
	for _, word := range modelWords(id) {
		switch word {
		case "haiku", "flash", "mini", "small", "air":
			rank = min(rank, 0)
		case "nano", "lite", "tiny":
			rank = min(rank, 1)
		}
	}
	return rank
}

// SmallModelName tells whether a model's name says that it is a small one.
func SmallModelName(id string) bool { return smallness(id) < 2 }

// ChatModelName tells whether a model can be talked to, by its methods where they are announced and by its
// name: others embed, draw, hear or speak.
func ChatModelName(id string, methods []string) bool {
	if len(methods) > 0 && !slices.Contains(methods, "generateContent") {
		return false
	}
	for _, word := range []string{"embed", "whisper", "tts", "dall-e", "moderation", "image", "audio", "realtime", "live", "transcri", "veo", "imagen"} {
		if strings.Contains(id, word) {
			return false
		}
	}
	return true
}

func modelWords(id string) []string {
	return strings.FieldsFunc(strings.ToLower(id), func(r rune) bool { return strings.ContainsRune("-_.:/@ ", r) })
}

// sameFamily compares what stands before the first digit or word behind the vendor's name: gemini, claude,
// gpt, and a server's own folder such as acme/.
func sameFamily(a, b string) bool { return familyName(a) == familyName(b) }

func familyName(id string) string {
	id = strings.ToLower(id)
	folder := strings.LastIndexByte(id, '/') + 1
	rest := id[folder:]
	if i := strings.IndexFunc(rest, func(r rune) bool { return r < 'a' || r > 'z' }); i > 0 {
		rest = rest[:i]
	}
	return id[:folder] + rest
}

func commonBeginning(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}
