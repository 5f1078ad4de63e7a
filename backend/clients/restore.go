package clients

import (
	"bytes"
	"slices"
	"strings"

	"antigravity-tools/backend/fault"
)

// PlanRestore works out how to go back: to the bytes as they were where nobody has edited the file
// since, else by taking our keys out of it and putting the values back that they replaced. Keys that the
// user has changed since are the user's.
func (s *Setup) PlanRestore(name string) (*Plan, error) {
	c, err := find(name)
	if err != nil {
		return nil, err
	}
	earlier, err := s.readRecord(name)
	if err != nil {
		return nil, err
	}
	if earlier == nil {
		return nil, fault.New(fault.NotFound, c.Title+" was not set up by this program").WithCode("not_set_up").
			WithHint("there is nothing to restore")
	}
	p := &Plan{Client: c.Name, Title: c.Title, Files: []FilePlan{}, Warnings: []string{}, Notes: []string{}, earlier: earlier}
	for i := len(earlier.Files) - 1; i >= 0; i-- {
		if err := s.planRestoreFile(p, c, earlier.Files[i]); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func (s *Setup) planRestoreFile(p *Plan, c Client, part fileRecord) error {
	old, err := load(part.Path)
	if err != nil {
		return err
	}
	st := step{old: old, raw: old.raw, made: part.Made}
	f := formatOf(c, s.system, part.Path)
	e := editorOf(f.Format)
	var secrets []string
	switch {
	case !old.exists, part.Existed && bytes.Equal(old.raw, part.Original):
		p.Files = append(p.Files, FilePlan{Path: part.Path, Action: ActionNone})
		return nil
	case sum(old.raw) == part.After:
		st.raw, st.remove = part.Original, !part.Existed
	default:
		body, err := undoAll(e, old.body(), part.takeBacks())
		if err != nil {
			return describe(part.Path, err)
		}
		st.raw, st.remove = old.with(body), !part.Existed && nothingLeft(e, body)
		if !st.remove && !bytes.Equal(st.raw, part.Original) {
			p.Notes = append(p.Notes, part.Path+" was changed since: our keys go, what was changed stays.")
		}
	}
	for _, raw := range [][]byte{old.raw, part.Original} {
		secrets = append(secrets, masks(e, content{raw: raw}, Values{}.settings(f.Edits), "")...)
	}
	if st.remove {
		st.raw = nil
	}
	p.add(st, secrets)
	return nil
}

// formatOf finds the description of a file that was set up.
func formatOf(c Client, system System, path string) File {
	for _, f := range c.Files {
		for _, one := range f.generations() {
			if slices.Contains(system.paths(one), path) {
				return one
			}
		}
	}
	return byName(c, path)
}

// byName serves a client that keeps its settings elsewhere now: the file's name still tells.
func byName(c Client, path string) File {
	for _, f := range c.Files {
		for _, one := range f.generations() {
			if slices.ContainsFunc(one.Names, func(name string) bool { return strings.HasSuffix(path, name) }) {
				return one
			}
		}
	}
	return c.Files[0]
}
