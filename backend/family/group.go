package family

import "strings"

// Group is the word under which models that share a quota are shown: a provider
// counts by line of models, not by version. "" for a name of no known line.
func Group(model string) string {
	n := Parse(model)
	switch {
	case n.Series == "gemini" && n.Has("flash", "lite"):
		return "Gemini Flash-Lite"
	case n.Series == "gemini" && n.Has("flash"):
		return "Gemini Flash"
	case n.Series == "gemini" && n.Has("pro"):
		return "Gemini Pro"
	case n.Series == "gemini":
		return "Gemini"
	case IsClaude(model):
		return "Claude"
	case strings.HasPrefix(model, "gpt-oss"):
		return "GPT-OSS"
	}
	return ""
}
