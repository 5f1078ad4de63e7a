package clients

import (
	"embed"
	"path"
	"slices"
	"strings"
)

// The snippets as files; {root}, {key} and {model} stand in them as everywhere.
//
//go:embed snippets
var snippetFiles embed.FS

// Snippet is a short program, a command or a few variables that call the gateway.
type Snippet struct {
	Protocol  string `json:"protocol"`  // openai, responses, anthropic or gemini
	Title     string `json:"title"`     // the protocol as people know it
	Language  string `json:"language"`  // curl, python, typescript, go or env
	Highlight string `json:"highlight"` // the name that a Markdown fence takes
	BaseURL   string `json:"base_url"`  // as it stands in the text
	Text      string `json:"text"`
}

// snippetKinds are the languages with the ends of their files, in the order of a page. Variables of the
// environment serve both of OpenAI's protocols: they are listed with the first.
func snippetKinds() [][3]string {
	return [][3]string{
		{"curl", ".sh", "sh"}, {"python", ".py", "python"}, {"typescript", ".ts", "ts"}, {"go", ".go.txt", "go"}, {"env", ".env", "sh"},
	}
}

// Snippets returns the snippets of all protocols and languages with a live address, key and model in
// them. Whoever shows them to a person passes the key that this person may see, or a text that stands
// for it.
func Snippets(v Values) []Snippet {
	var list []Snippet
	for _, p := range []Protocol{OpenAI, Responses, Anthropic, Gemini} {
		for _, kind := range snippetKinds() {
			raw, err := snippetFiles.ReadFile(path.Join("snippets", string(p)+kind[1]))
			if err != nil {
				continue
			}
			list = append(list, Snippet{
				Protocol: string(p), Title: p.Title(), Language: kind[0], Highlight: kind[2], BaseURL: v.Root + p.version(),
				Text: v.quoted(kind[2] == "sh").fill(string(raw)),
			})
		}
	}
	return list
}

// quoted makes the values fit to stand between quotes: single ones in a shell, double ones elsewhere.
func (v Values) quoted(shell bool) Values {
	for _, field := range []*string{&v.Root, &v.Key, &v.Model, &v.Small} {
		text, _ := encodeJSON(*field) // a string always encodes
		*field = text[1 : len(text)-1]
		if shell {
			*field = strings.ReplaceAll(*field, "'", `'\''`)
		}
	}
	return v
}

// snippetsOf returns the snippets of one protocol.
func snippetsOf(p Protocol, v Values) []Snippet {
	return slices.DeleteFunc(Snippets(v), func(s Snippet) bool { return s.Protocol != string(p) })
}
