package clients

import (
	"bytes"
	"encoding/json"
	"runtime"
	"slices"
	"strings"
	"time"

	"antigravity-tools/backend/fault"
)

// Bounds of waiting for another command that changes clients.
const (
	lockWait  = 5 * time.Second
	lockRetry = 50 * time.Millisecond
)

// Setup sets clients up for one user and one data directory. It is safe for use by several processes.
type Setup struct {
	dir    string // in the data directory
	system System
	now    func() time.Time

	runWait time.Duration // how long a client's program may take
}

// New returns the set-up whose records lie in a directory of their own, dir.
func New(dir string, system System) *Setup {
	return &Setup{dir: dir, system: system, now: time.Now, runWait: runWait}
}

// Action is what happens to a file.
type Action string

// The actions.
const (
	ActionNone   Action = "none"
	ActionCreate Action = "create"
	ActionChange Action = "change"
	ActionRemove Action = "remove"
)

// Plan is what apply or restore would do; nothing is written before it is carried out.
type Plan struct {
	Client   string     `json:"client"`
	Title    string     `json:"title"`
	Changed  bool       `json:"changed"`
	Files    []FilePlan `json:"files"`
	Warnings []string   `json:"warnings"`
	Notes    []string   `json:"notes"`

	steps   []step
	next    *record // nil: none is left
	earlier *record
}

// FilePlan is one file's part.
type FilePlan struct {
	Path   string `json:"path"`
	Action Action `json:"action"`
	// Diff is unified; keys and the values that they replace are masked in it.
	Diff string `json:"diff"`
}

// step is one file to write or remove.
type step struct {
	old    content
	raw    []byte
	remove bool
	part   *fileRecord // takes the directories made; nil on restore
	made   []string    // directories to remove after the file
}

// Plan works out what apply would do. keyName is recorded, the key itself is not.
func (s *Setup) Plan(name string, v Values, keyName string) (*Plan, error) {
	c, err := find(name)
	if err != nil {
		return nil, err
	}
	earlier, err := s.readRecord(name)
	if err != nil {
		return nil, err
	}
	p := &Plan{Client: c.Name, Title: c.Title, Files: []FilePlan{}, Warnings: []string{}, Notes: append([]string{}, c.Notes...), earlier: earlier}
	p.next = &record{Client: c.Name, At: s.now().UTC(), Root: v.Root, Model: v.Model, Small: v.small(), Key: keyName,
		Files: make([]fileRecord, 0, len(c.Files))} // room for all: steps point into it
	if err := s.moved(c, earlier); err != nil {
		return nil, err
	}
	for _, f := range c.Files {
		if err := s.planFile(p, f, v); err != nil {
			return nil, err
		}
	}
	p.Warnings = append(p.Warnings, s.conflicts(c)...)
	return p, nil
}

// moved refuses to set up a second place while a first one is still set up.
func (s *Setup) moved(c Client, earlier *record) error {
	if earlier == nil {
		return nil
	}
	var paths []string
	for _, f := range c.Files {
		paths = append(paths, s.system.allPaths(f)...)
	}
	for _, part := range earlier.Files {
		if !slices.Contains(paths, part.Path) {
			return fault.New(fault.InvalidRequest, c.Title+" is set up in "+part.Path+", but keeps its settings elsewhere now").
				WithCode("moved").WithHint("run `client restore " + c.Name + "` first")
		}
	}
	return nil
}

// open loads the file to edit: the one of an earlier set-up, else the first name that exists, else an
// older file that exists, else the last name. It returns the description that goes with it.
func (s *Setup) open(f File, earlier *record) (File, content, error) {
	for _, one := range f.generations() {
		if part := earlier.file(s.system.paths(one)); part != nil {
			c, err := load(part.Path)
			return one, c, err
		}
	}
	for _, one := range f.generations() {
		for _, path := range s.system.paths(one) {
			if c, err := load(path); err != nil || c.exists {
				return one, c, err
			}
		}
	}
	paths := s.system.paths(f)
	c, err := load(paths[len(paths)-1])
	return f, c, err
}

// generations lists a file and the older one that may stand for it.
func (f File) generations() []File {
	if f.Legacy == nil {
		return []File{f}
	}
	return []File{f, *f.Legacy}
}

func (s *Setup) planFile(p *Plan, f File, v Values) error {
	f, old, err := s.open(f, p.earlier)
	if err != nil {
		return err
	}
	e, settings := editorOf(f.Format), v.settings(f.Edits)
	part := fileRecord{Path: old.path, Existed: old.exists, Original: old.raw}
	before := p.earlier.file([]string{old.path})
	_, undos, err := setAll(e, old.body(), settings)
	if err != nil {
		return describe(old.path, err)
	}
	out := old.raw
	switch {
	case len(undos) > 0:
		base, err := s.basis(e, old, before, &part)
		if err != nil {
			return describe(old.path, err)
		}
		body, undos, err := setAll(e, base, settings)
		if err != nil {
			return describe(old.path, err)
		}
		out, part.Undos = old.with(body), undos
		part.After = sum(out)
	case before != nil: // all of it holds already
		part = *before
	default: // all of it holds, by the user's own hand
		part.After = sum(out)
	}
	part.Marks = nil
	for _, one := range settings {
		if !one.keep {
			part.Marks = append(part.Marks, mark{one.path, one.ref(), printOf(one.value, one.ref())})
		}
	}
	p.next.Files = append(p.next.Files, part)
	p.add(step{old: old, raw: out, part: &p.next.Files[len(p.next.Files)-1]}, masks(e, old, settings, v.Key))
	p.warn(old)
	if f.Plain && !json.Valid(content{raw: out}.body()) {
		p.Warnings = append(p.Warnings, old.path+" holds comments or trailing commas, which "+p.Title+" refuses: take them out, or it reads nothing of the file")
	}
	return nil
}

// basis is the text to put our keys into: without what an earlier apply put there, so that the record
// remembers the user's values and not ours.
func (s *Setup) basis(e editor, old content, before *fileRecord, part *fileRecord) ([]byte, error) {
	if before == nil {
		return old.body(), nil
	}
	part.Made = before.Made
	if old.exists && sum(old.raw) == before.After {
		part.Existed, part.Original = before.Existed, before.Original
		return content{raw: before.Original}.body(), nil
	}
	body, err := undoAll(e, old.body(), before.takeBacks())
	if err != nil {
		return nil, err
	}
	part.Original = old.with(body)
	if part.Existed = old.exists && (before.Existed || !nothingLeft(e, body)); !part.Existed {
		part.Original, body = nil, nil
	}
	return body, nil
}

// nothingLeft tells that a file which we made holds nothing of the user's, not even a comment.
func nothingLeft(e editor, body []byte) bool {
	if left := string(squeeze(body)); left == "" || left == "{}" {
		return true
	}
	tree, err := e.tree(body)
	return err == nil && hollow(tree) && !bytes.ContainsAny(body, "#/")
}

// add notes a step and how it reads.
func (p *Plan) add(st step, secrets []string) {
	action := ActionNone
	switch {
	case st.remove:
		action = ActionRemove
	case !st.old.exists:
		action = ActionCreate
	case !bytes.Equal(st.old.raw, st.raw):
		action = ActionChange
	}
	one := FilePlan{Path: st.old.path, Action: action}
	if action != ActionNone {
		p.Changed = true
		one.Diff = mask(diff(st.old.path, st.old.raw, st.raw), secrets)
		p.steps = append(p.steps, st)
	}
	p.Files = append(p.Files, one)
}

// warn tells what the user should know about the file itself.
func (p *Plan) warn(old content) {
	if !old.exists || runtime.GOOS == "windows" {
		return
	}
	if old.mode&0o077 != 0 {
		p.Warnings = append(p.Warnings, old.path+" can be read by other users of this machine, and a key stands in it now; chmod 600 it")
	}
	if old.mode&0o200 == 0 {
		p.Warnings = append(p.Warnings, old.path+" is write-protected; it is replaced and stays write-protected")
	}
}

// masks lists the texts that a diff must not show: our key, what stands in the places of keys, and
// whatever else of the file is called a secret.
func masks(e editor, old content, settings []setting, key string) []string {
	list := []string{key}
	tree, err := e.tree(old.body())
	if err != nil {
		return list
	}
	for _, one := range settings {
		if text, ok := lookup(tree, one.path); ok && one.secret {
			if text, ok := text.(string); ok {
				list = append(list, text)
			}
		}
	}
	return namedSecrets(list, "", tree)
}

// namedSecrets collects the strings whose names say that they are secret.
func namedSecrets(list []string, name string, at any) []string {
	switch at := at.(type) {
	case map[string]any:
		for key, value := range at {
			list = namedSecrets(list, key, value)
		}
	case []any:
		for _, value := range at {
			list = namedSecrets(list, name, value)
		}
	case string:
		name = strings.ToLower(name)
		for _, word := range []string{"key", "token", "secret", "password", "authorization"} {
			if strings.Contains(name, word) {
				return append(list, at)
			}
		}
	}
	return list
}

func mask(text string, secrets []string) string {
	for _, secret := range secrets {
		if len(secret) < 4 {
			continue
		}
		text = strings.ReplaceAll(text, secret, shortened(secret))
	}
	return text
}

// shortened shows enough of a key to tell it from others.
func shortened(secret string) string {
	if len(secret) < 16 {
		return "…"
	}
	return secret[:9] + "…"
}
