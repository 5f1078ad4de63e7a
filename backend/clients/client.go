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
	// Extensions are the names of editor extensions that are this client, without the version.
	Extensions []string
	Files      []File
	Call       Call
	// Run starts the client itself; nil where that takes a window or an account of its vendor's, or
	// leaves something running.
	Run *Run
	// KeyEnv names the variable that holds the key of a client whose file cannot.
	KeyEnv string
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
	// Plain tells that the client refuses comments and trailing commas in JSON.
	Plain bool
	Edits []Edit
	// Legacy is an older file that the client still reads while there is none of Names; it is never made.
	Legacy *File
}

// Dir is a directory of settings.
type Dir struct {
	// Vars are environment variables that move it, the strongest first.
	Vars []Var
	// Home is the path under the home directory otherwise, written with slashes.
	Home string
	// Windows and MacOS are told where they differ.
	Windows, MacOS *Dir
}

// Var is a variable that holds a directory; Below is the path under it, written with slashes.
type Var struct{ Name, Below string }

// Edit is one key of ours. {root}, {key}, {model} and {small} stand for the gateway's address without a
// version, the client key and the two models, in paths as in values.
type Edit struct {
	Path  []string
	Value any // string, bool, int or []string
	Role  Role
	// Item is an object that is ours as a whole, in the place of a value.
	Item *Item
	// Keep leaves a value that the user has. Stay leaves ours on restore as long as anything else is in
	// the file: the client refuses a file without it.
	Keep, Stay bool
	// OnlySmall leaves the edit out where both models are the same.
	OnlySmall bool
}

// Item is an object that makes no sense in part. With a Key it is an element of the list that the path
// leads to, and the member of that name tells it from the user's own.
type Item struct {
	Key     string
	Members []Member
	// Sign are the members (with dots where they lie deeper) by which it is ours: the client may change the
	// others by itself. Empty: all.
	Sign []string
}

// Member is one member of an item.
type Member struct {
	Name  string
	Value any // string, bool, int, []string or []Member
	Role  Role
}

// values lists the edit's value, or those in its item by names with dots.
func (e Edit) values() []Member {
	if e.Item == nil {
		return []Member{{Value: e.Value, Role: e.Role}}
	}
	var list []Member
	var walk func(prefix string, members []Member)
	walk = func(prefix string, members []Member) {
		for _, m := range members {
			if inner, ok := m.Value.([]Member); ok {
				walk(prefix+m.Name+".", inner)
				continue
			}
			list = append(list, Member{prefix + m.Name, m.Value, m.Role})
		}
	}
	walk("", e.Item.Members)
	return list
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

// small is the model for side tasks.
func (v Values) small() string {
	if v.Small == "" {
		return v.Model
	}
	return v.Small
}

func (v Values) fill(template string) string {
	return strings.NewReplacer("{root}", v.Root, "{key}", v.Key, "{model}", v.Model, "{small}", v.small()).Replace(template)
}

// filled fills the placeholders in a value of any kind.
func (v Values) filled(value any) any {
	switch value := value.(type) {
	case string:
		return v.fill(value)
	case []string:
		out := make([]string, len(value))
		for i := range value {
			out[i] = v.fill(value[i])
		}
		return out
	case []Member:
		var out []member
		for _, m := range value {
			out = append(out, member{m.Name, v.filled(m.Value)})
		}
		return out
	}
	return value
}

func (v Values) settings(edits []Edit) []setting {
	out := make([]setting, 0, len(edits))
	for _, e := range edits {
		if e.OnlySmall && v.small() == v.Model {
			continue
		}
		s := setting{value: v.filled(e.Value), keep: e.Keep, stay: e.Stay, secret: e.Role == RoleKey}
		for _, p := range e.Path {
			s.path = append(s.path, v.fill(p))
		}
		if e.Item != nil {
			members, _ := v.filled(e.Item.Members).([]member)
			s.value = element{e.Item.Key, members, e.Item.Sign}
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
	return []Client{claudeCode(), codex(), geminiCLI(), kiloCode(), openCode(), qwenCode(), crush(), cline(), continueDev(), droid(), zed()}
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
