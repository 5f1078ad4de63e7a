package crossing

import (
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/rawjson"
)

// Search is what the protocols' web searches have in common, as raw JSON; nil
// where nothing was asked for.
type Search struct {
	Domains  []byte // the only ones to search, a list
	Size     []byte // of what a search brings into the context, a word
	Location []byte // of the user: an object with city, country, region and timezone
}

// SearchTakes says which of them a target takes.
type SearchTakes struct{ Domains, Size, Location bool }

// ServerOptions reads the options of a tool that another protocol's vendor runs
// and gives those that the target takes; the others are recorded. Of tools other
// than the web search none has an option in common with another's.
func ServerOptions(tool *llm.Tool, at string, takes SearchTakes, losses *llm.Losses) (out Search) {
	lost := func(key string) { losses.Drop("tool.option", at, key) }
	keep := func(into *[]byte, want bool, kind rawjson.Kind, key string, raw []byte) {
		if want && rawjson.KindOf(raw) == kind {
			*into = raw
		} else {
			lost(key)
		}
	}
	for key, raw := range rawjson.Members(tool.Native.Rest) {
		if rawjson.IsNull(raw) {
			continue
		}
		switch key {
		case "type", "name", "cache_control", "defer_loading", "external_web_access":
		case "allowed_domains":
			keep(&out.Domains, takes.Domains, rawjson.KindArray, key, raw)
		case "filters":
			for inner, raw := range rawjson.Members(raw) {
				keep(&out.Domains, takes.Domains && inner == "allowed_domains", rawjson.KindArray, key+"."+inner, raw)
			}
		case "search_context_size":
			keep(&out.Size, takes.Size, rawjson.KindString, key, raw)
		case "user_location":
			keep(&out.Location, takes.Location, rawjson.KindObject, key, raw)
		case "container":
			if string(rawjson.Compact(nil, raw)) != `{"type":"auto"}` { // which stands for none in particular
				lost(key)
			}
		default:
			if tool.Native.Protocol != llm.Gemini {
				lost(key)
				break
			}
			for inner := range rawjson.Members(raw) {
				lost(key + "." + inner)
			}
		}
	}
	return out
}

// WriteLocation writes where the user is; nested is Chat Completions' form,
// which says it one level deeper.
func (s Search) WriteLocation(w *rawjson.Writer, nested bool) {
	if s.Location == nil {
		return
	}
	raw := s.Location
	if inner, ok := rawjson.Get(raw, "approximate"); ok {
		raw = inner
	}
	w.Key("user_location")
	w.Obj()
	w.StrField("type", "approximate")
	if nested {
		w.Key("approximate")
		w.Obj()
	}
	for key, val := range rawjson.Members(raw) {
		switch key {
		case "city", "country", "region", "timezone":
			if !rawjson.IsNull(val) {
				w.RawField(key, val)
			}
		}
	}
	if nested {
		w.End()
	}
	w.End()
}
