package llm

import (
	"slices"
	"strings"
)

// Grade says how bad a Loss is.
type Grade string

// Grades of losses. A refused loss is also a 400 to the client.
const (
	Adapted Grade = "adapted" // same meaning in another form
	Dropped Grade = "dropped" // a knob that does not exist there
	Refused Grade = "refused" // content that must not vanish
)

// Loss is something that could not cross from one protocol to another as it
// was. Code is from the closed list of mapping.md, for instance "tool.strict".
type Loss struct {
	Grade  Grade
	Code   string
	Path   string // where in the request or reply, "tools[0].strict"; may be ""
	Detail string // never holds prompt text
}

// String is the line form used by golden files and records.
func (l Loss) String() string {
	return strings.TrimRight(strings.Join([]string{string(l.Grade), l.Code, l.Path, l.Detail}, " "), " ")
}

// Losses collects losses. A nil *Losses ignores them. It is not safe for
// concurrent use.
type Losses struct{ list []Loss }

// Adapt records that something took another form.
func (l *Losses) Adapt(code, path, detail string) { l.add(Loss{Adapted, code, path, detail}) }

// Drop records that something was left out.
func (l *Losses) Drop(code, path, detail string) { l.add(Loss{Dropped, code, path, detail}) }

func (l *Losses) add(loss Loss) {
	if l == nil || slices.Contains(l.list, loss) || len(l.list) >= maxLosses {
		return
	}
	l.list = append(l.list, loss)
}

// Add records losses that were collected elsewhere.
func (l *Losses) Add(losses ...Loss) {
	for _, loss := range losses {
		l.add(loss)
	}
}

// Kept takes back that the member at path was dropped: a decoder cannot know
// that the upstream speaks the client's own protocol.
func (l *Losses) Kept(path string) {
	if l != nil {
		l.list = slices.DeleteFunc(l.list, func(loss Loss) bool { return loss.Grade == Dropped && loss.Path == path })
	}
}

// maxLosses bounds a record: a request with thousands of tools does not
// produce thousands of lines.
const maxLosses = 200

// Reset makes these the losses.
func (l *Losses) Reset(list []Loss) {
	if l != nil {
		l.list = slices.Clone(list)
	}
}

// List returns the losses sorted by path, then code, as golden files hold
// them.
func (l *Losses) List() []Loss {
	if l == nil {
		return nil
	}
	out := slices.Clone(l.list)
	slices.SortStableFunc(out, func(a, b Loss) int {
		if c := strings.Compare(a.Path, b.Path); c != 0 {
			return c
		}
		return strings.Compare(a.Code, b.Code)
	})
	return out
}

// Len returns the number of losses.
func (l *Losses) Len() int {
	if l == nil {
		return 0
	}
	return len(l.list)
}
