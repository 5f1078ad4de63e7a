package clients

import (
	"strings"
)

// Protocol is what a client speaks to the gateway.
type Protocol string

// The protocols.
const (
	OpenAI    Protocol = "openai" // Chat Completions
	Responses Protocol = "responses"
	Anthropic Protocol = "anthropic"
	Gemini    Protocol = "gemini"
)

// Title is the protocol's name as people know it.
func (p Protocol) Title() string {
	switch p {
	case OpenAI:
		return "OpenAI Chat Completions"
	case Responses:
		return "OpenAI Responses"
	case Anthropic:
		return "Anthropic Messages"
	default:
		return "Gemini"
	}
}

// version is what the SDKs of a protocol want behind the gateway's address.
func (p Protocol) version() string {
	if p == OpenAI || p == Responses {
		return "/v1"
	}
	return ""
}

// Manual is what a person needs to know of a client to set it up without us.
type Manual struct {
	Protocol Protocol
	// Base is the base URL to enter, with {root} in it.
	Base string
	// Key says where the key stands.
	Key string
	// Models says what the client does with the large and the small model.
	Models string
	// Ways are lists of steps besides `client apply`; {root} and the like stand in them.
	Ways []Way
	// Troubles are what goes wrong, and its cure.
	Troubles []Trouble
	// Source is where the facts about its files come from.
	Source string
}

// Way is one way to set a client up.
type Way struct {
	Title string   `json:"title"`
	Steps []string `json:"steps"`
}

// Trouble is what a person sees, and what to do about it.
type Trouble struct {
	Sign string `json:"sign"`
	Cure string `json:"cure"`
}

// Guide is all that a person needs to set one client up, with live values in it.
type Guide struct {
	Name  string `json:"name"`
	Title string `json:"title"`
	// Doc is the path of the same guide in the repository: docs/clients/NAME.md.
	Doc      string `json:"doc"`
	Protocol string `json:"protocol"` // in words
	BaseURL  string `json:"base_url"` // what to enter
	// Request is what the client then asks for, to tell a right base URL by.
	Request string `json:"request"`
	Key     string `json:"key"`    // where it stands, in words
	Models  string `json:"models"` // in words
	// Command sets the client up; empty where no file of the client can be edited.
	Command  string      `json:"command"`
	Ways     []Way       `json:"ways"`
	Files    []GuideFile `json:"files"`
	Troubles []Trouble   `json:"troubles"`
	Notes    []string    `json:"notes"`
	Snippets []Snippet   `json:"snippets"` // of the same protocol
}

// GuideFile is a settings file that holds our keys and nothing else: what to put in by hand.
type GuideFile struct {
	Linux     string `json:"linux"`
	MacOS     string `json:"macos"`
	Windows   string `json:"windows"`
	Highlight string `json:"highlight"` // the name that a Markdown fence takes
	Text      string `json:"text"`
}

// GuideDoc is the path of a client's guide in the repository; it needs no look-up, so that a verdict about
// a client can name it.
func GuideDoc(name string) string { return "docs/clients/" + name + ".md" }

// GuideOf returns the guide of one client, by its name as in Catalog. The values are shown as they are:
// pass a key only where its owner sees the guide.
func GuideOf(name string, v Values) (Guide, error) {
	c, err := find(name)
	if err != nil {
		return Guide{}, err
	}
	return c.guide(v)
}

// Guides returns the guides of all clients, in the order of Catalog.
func Guides(v Values) ([]Guide, error) {
	var list []Guide
	for _, c := range Catalog() {
		g, err := c.guide(v)
		if err != nil {
			return nil, err
		}
		list = append(list, g)
	}
	return list, nil
}

func (c Client) guide(v Values) (Guide, error) {
	m := c.Manual
	g := Guide{
		Name: c.Name, Title: c.Title, Doc: GuideDoc(c.Name), Protocol: m.Protocol.Title(), BaseURL: v.fill(m.Base),
		Request: "POST " + strings.TrimRight(v.fill(c.base()), "/") + v.fill(c.Call.Path), Key: m.Key, Models: m.Models,
		Ways: []Way{}, Files: []GuideFile{}, Troubles: []Trouble{}, Notes: append([]string{}, c.Notes...), Snippets: snippetsOf(m.Protocol, v),
	}
	if len(c.Files) > 0 {
		g.Command = "antigravity-tools client apply " + c.Name
	}
	for _, w := range m.Ways {
		one := Way{Title: w.Title, Steps: []string{}}
		for _, step := range w.Steps {
			one.Steps = append(one.Steps, v.fill(step))
		}
		g.Ways = append(g.Ways, one)
	}
	for _, t := range append(m.Troubles, commonTroubles(c)...) {
		g.Troubles = append(g.Troubles, Trouble{v.fill(t.Sign), v.fill(t.Cure)})
	}
	for _, f := range c.Files {
		one, err := f.guide(v)
		if err != nil {
			return g, err
		}
		g.Files = append(g.Files, one)
	}
	if c.KeyEnv != "" { // what the client's own file cannot hold
		g.Files = append(g.Files, GuideFile{
			Linux: "~/.profile", MacOS: "~/.zprofile", Windows: "the environment variables of your account", Highlight: "sh",
			Text: "export " + c.KeyEnv + "='" + v.quoted(true).Key + "'\n",
		})
	}
	return g, nil
}

// base is the base URL in the client's own file, else the one to enter.
func (c Client) base() string {
	for _, f := range c.Files {
		if base := f.base(); base != "" {
			return base
		}
	}
	return c.Manual.Base
}

// base is the base URL that goes into a file, with {root} in it.
func (f File) base() string {
	for _, e := range f.Edits {
		for _, m := range e.values() {
			if text, ok := m.Value.(string); ok && m.Role == RoleBase {
				return text
			}
		}
	}
	return ""
}

// guide puts our keys into an empty file.
func (f File) guide(v Values) (GuideFile, error) {
	text, _, err := setAll(editorOf(f.Format), nil, v.settings(f.Edits))
	out := GuideFile{Highlight: string(f.Format), Text: string(text)}
	switch f.Format {
	case JSON:
		out.Highlight = "json"
	case Env:
		out.Highlight = "sh"
	}
	at := func(system, home string) string {
		s := System{OS: system, Home: home, Getenv: func(string) string { return "" }}
		paths := s.paths(f)
		return paths[len(paths)-1]
	}
	out.Linux, out.MacOS, out.Windows = at("linux", "~"), at("darwin", "~"), at("windows", "%USERPROFILE%")
	return out, err
}

// commonTroubles are those that every client can have.
func commonTroubles(c Client) []Trouble {
	list := []Trouble{
		{"404, with a message that names a base URL", "Enter the base URL that the message names; `antigravity-tools doctor URL` explains any base URL or path."},
		{"Connection refused, or no answer at all", "The gateway does not run, or listens on another port: `antigravity-tools status` tells. The address begins with http, not https."},
		{"401", "The key is missing, disabled or expired: `antigravity-tools key list` shows them."},
		{"The model is not found", "Choose a name of GET {root}/v1/models; a name may end in an effort, such as (high)."},
	}
	if len(c.Files) > 0 {
		list = append(list, Trouble{"It worked before and does not any more",
			"`antigravity-tools client show " + c.Name + "` tells what has changed, `client apply " + c.Name + "` sets it up again, `client verify " + c.Name + "` asks it one question."})
	}
	return list
}
