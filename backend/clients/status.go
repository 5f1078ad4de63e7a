package clients

import (
	"context"
	"strings"
	"time"

	"antigravity-tools/backend/fault"
)

// State is how a client stands to this gateway.
type State string

// The states.
const (
	StateNone      State = "not_set_up" // no base URL of its own
	StateSetUp     State = "set_up"     // as we left it
	StateChanged   State = "changed"    // set up, then changed by hand
	StateOutdated  State = "outdated"   // set up for another address of this gateway
	StateByHand    State = "by_hand"    // points here, and we have not set it up
	StateElsewhere State = "elsewhere"  // points to another base URL
	StateBroken    State = "broken"     // a settings file cannot be read
)

// Status is what is known of one client.
type Status struct {
	Name       string       `json:"name"`
	Title      string       `json:"title"`
	Installed  bool         `json:"installed"`
	Binary     string       `json:"binary"`
	Version    string       `json:"version"` // only where it was asked for
	State      State        `json:"state"`
	BaseURL    string       `json:"base_url"`
	Model      string       `json:"model"`
	SmallModel string       `json:"small_model"`
	KeyName    string       `json:"key_name"` // the key chosen at apply
	SetUpAt    *string      `json:"set_up_at"`
	Files      []FileStatus `json:"files"`
	Warnings   []string     `json:"warnings"`
	Notes      []string     `json:"notes"`
	Backups    string       `json:"backups"` // the folder that backups go to
}

// FileStatus is one settings file.
type FileStatus struct {
	Path   string `json:"path"`
	Exists bool   `json:"exists"`
	Error  string `json:"error"` // path:line:column and why, if it cannot be read
}

// List tells the status of every client against the gateway's address.
func (s *Setup) List(root string) ([]Status, error) {
	list := []Status{}
	for _, c := range Catalog() {
		one, _, err := s.status(c, root)
		if err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, nil
}

// Status tells the status of one client.
func (s *Setup) Status(name, root string) (Status, error) {
	c, err := find(name)
	if err != nil {
		return Status{}, err
	}
	one, _, err := s.status(c, root)
	return one, err
}

// Show is Status with the version, which is asked of the client's program itself.
func (s *Setup) Show(ctx context.Context, name, root string) (Status, error) {
	one, err := s.Status(name, root)
	if err == nil && one.Installed {
		one.Version = version(ctx, one.Binary)
	}
	return one, err
}

// found is what a client's files hold in the places of our values.
type found struct {
	values map[Role]string
	// intact tells whether all that we wrote still stands.
	intact bool
}

func (s *Setup) status(c Client, root string) (Status, found, error) {
	st := Status{
		Name: c.Name, Title: c.Title, Binary: s.system.binary(c), Files: []FileStatus{},
		Notes: append([]string{}, c.Notes...), Backups: s.backupDir(c.Name),
	}
	st.Installed = st.Binary != "" || s.system.hasExtension(c)
	rec, err := s.readRecord(c.Name)
	if err != nil {
		return st, found{}, err
	}
	f := found{values: map[Role]string{}, intact: true}
	broken := false
	for _, file := range c.Files {
		one := s.readFile(file, rec, &f)
		broken = broken || one.Error != ""
		st.Files = append(st.Files, one)
	}
	st.BaseURL, st.Model, st.SmallModel = f.values[RoleBase], f.values[RoleModel], f.values[RoleSmall]
	st.State = judge(c, f, rec, root)
	if broken {
		st.State = StateBroken
	}
	if rec != nil {
		at := rec.At.UTC().Format(time.RFC3339)
		st.SetUpAt, st.KeyName = &at, rec.Key
	}
	st.Warnings = s.conflicts(c)
	return st, f, nil
}

// readFile notes what one file holds.
func (s *Setup) readFile(file File, rec *record, f *found) FileStatus {
	file, old, err := s.open(file, rec)
	one := FileStatus{Path: old.path, Exists: old.exists}
	var tree map[string]any
	if err == nil {
		if tree, err = editorOf(file.Format).tree(old.body()); err != nil {
			err = describe(old.path, err)
		}
	}
	if err != nil {
		one.Error = fault.Public(err).Message
		return one
	}
	for _, e := range file.Edits {
		f.gather(tree, e)
	}
	if part := rec.file([]string{old.path}); part != nil {
		for _, m := range part.Marks {
			value, ok := held(tree, m.Path, m.Element)
			f.intact = f.intact && ok && printOf(value, m.Element) == m.Set
		}
	}
	return one
}

// gather reads back what stands in the places of one edit.
func (f *found) gather(tree map[string]any, e Edit) {
	at, ok := held(tree, e.Path, e.sample())
	if !ok {
		return
	}
	for _, m := range e.values() {
		value := at
		if e.Item != nil {
			value = leaf(at, m.Name)
		}
		template, _ := m.Value.(string)
		if text, ok := value.(string); ok && m.Role != "" {
			f.values[m.Role] = unfillRole(m.Role, template, text)
		}
	}
}

// sample names the element that an edit puts into a list. Names with a placeholder are not known here.
func (e Edit) sample() *Element {
	if e.Item == nil {
		return nil
	}
	return Values{}.settings([]Edit{{Path: e.Path, Item: e.Item}})[0].ref()
}

// unfillRole takes what a client puts around a model's name away; a base URL is told as it stands.
func unfillRole(role Role, template, text string) string {
	if role == RoleBase {
		return text
	}
	return unfill(template, text)
}

func judge(c Client, f found, rec *record, root string) State {
	base := f.values[RoleBase]
	here := false
	for _, file := range c.Files {
		for _, one := range file.generations() {
			here = here || base != "" && base == Values{Root: root}.fill(one.base())
		}
	}
	switch {
	case rec != nil && !f.intact:
		return StateChanged
	case rec != nil && rec.Root != root:
		return StateOutdated
	case rec != nil:
		return StateSetUp
	case here:
		return StateByHand
	case base != "":
		return StateElsewhere
	}
	return StateNone
}

// conflicts tells what of the user's would make the client ignore our settings.
func (s *Setup) conflicts(c Client) []string {
	list := []string{}
	for _, one := range c.Conflicts {
		if one.Env != "" {
			if s.system.Getenv(one.Env) != "" {
				list = append(list, "the environment variable "+one.Env+" is set: "+one.Why)
			}
			continue
		}
		f, old, err := s.open(c.Files[one.File], nil)
		if err != nil {
			continue
		}
		tree, err := editorOf(f.Format).tree(old.body())
		if err != nil {
			continue
		}
		if value, ok := lookup(tree, one.Path); ok && value != "" && value != nil {
			list = append(list, strings.Join(one.Path, ".")+" is set in "+old.path+": "+one.Why)
		}
	}
	return list
}
