package clients

import (
	"strconv"
	"strings"

	"antigravity-tools/backend/fault"
)

// Role says what one of our values is for, so that it can be read back.
type Role string

// The roles. The empty one is a value that only has to be there.
const (
	RoleBase  Role = "base_url"
	RoleKey   Role = "key"
	RoleModel Role = "model"
	RoleSmall Role = "small_model"
)

// Client is one coding client: where its settings live and what we put there.
type Client struct {
	Name     string   // as commands take it
	Title    string   // as people know it
	Binaries []string // names to look for in PATH
	Files    []File
	Call     Call
	// Conflicts are things of the user's that would make the client ignore what we set.
	Conflicts []Conflict
	// Notes tell what else there is to know once it is set up.
	Notes []string
	// Manual is how to do it by hand.
	Manual Manual
}

// File is one settings file.
type File struct {
	Dir Dir
	// Names are the names that the client reads; the first one that exists is edited, else the last is made.
	Names  []string
	Format Format
	Edits  []Edit
}

// Dir is a directory of settings.
type Dir struct {
	// Env names a variable that moves it; Below is the path under that variable's directory.
	Env, Below string
	// Home is the path under the home directory otherwise. Both are written with slashes.
	Home string
}

// Edit is one key of ours. {root}, {key}, {model} and {small} stand for the gateway's address without a
// version, the client key and the two models, in paths as in values.
type Edit struct {
	Path  []string
	Value any // string or bool
	Role  Role
	// Keep leaves a value that the user has.
	Keep bool
}

// Conflict is a key of the user's, or an environment variable, that gets in the way.
type Conflict struct {
	File int // index of the file that Path is in
	Path []string
	Env  string
	Why  string
}

// Call is a request as the client would make it. {base} is the base URL that the client's own file holds.
type Call struct {
	Path   string // after {base}
	Header string // takes the key: Authorization (with Bearer) or another
	Body   string // JSON
	Extra  [][2]string
	Text   TextPath
	Event  string // the type of the events that hold text; empty: all
}

// TextPath leads to the text in an event of the answer; arrays on the way are gone through.
type TextPath []string

// Values fill the placeholders.
type Values struct {
	Root  string // http://host:port
	Key   string
	Model string
	Small string // the model for side tasks; empty: Model
}

func (v Values) fill(template string) string {
	small := v.Small
	if small == "" {
		small = v.Model
	}
	return strings.NewReplacer("{root}", v.Root, "{key}", v.Key, "{model}", v.Model, "{small}", small).Replace(template)
}

func (v Values) settings(edits []Edit) []setting {
	out := make([]setting, 0, len(edits))
	for _, e := range edits {
		s := setting{value: e.Value, keep: e.Keep, secret: e.Role == RoleKey}
		for _, p := range e.Path {
			s.path = append(s.path, v.fill(p))
		}
		if text, ok := e.Value.(string); ok {
			s.value = v.fill(text)
		}
		out = append(out, s)
	}
	return out
}

// unfill takes the value of the one placeholder back out of a text.
func unfill(template, value string) string {
	open, shut := strings.IndexByte(template, '{'), strings.IndexByte(template, '}')
	if open < 0 || shut < open {
		return value
	}
	return strings.TrimSuffix(strings.TrimPrefix(value, template[:open]), template[shut+1:])
}

// Catalog lists the clients that can be set up.
func Catalog() []Client {
	return []Client{claudeCode(), codex(), geminiCLI(), kiloCode(), openCode(), qwenCode()}
}

// find looks a client up by name.
func find(name string) (Client, error) {
	var names []string
	for _, c := range Catalog() {
		if c.Name == name {
			return c, nil
		}
		names = append(names, c.Name)
	}
	return Client{}, fault.New(fault.NotFound, "there is no client "+strconv.Quote(name)).WithCode("unknown_client").
		WithHint("the names are: " + strings.Join(names, ", "))
}
