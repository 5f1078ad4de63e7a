package settings

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"antigravity-tools/backend/fault"
)

// Repository keeps stored settings.
type Repository interface {
	// LoadSettings gives every stored row.
	LoadSettings(ctx context.Context) (map[string]string, error)
	// SaveSettings writes exactly the keys named, in one transaction, and returns
	// when they are safe; nil removes a key.
	SaveSettings(ctx context.Context, changes map[string]*string) error
}

// Source says where a value in force comes from.
type Source string

// The sources, from weak to strong.
const (
	SourceDefault     Source = "default"
	SourceStored      Source = "stored"
	SourceEnvironment Source = "environment"
	SourceFlag        Source = "flag"
)

// Overrides are values that rule over what is stored, for this run only.
type Overrides struct {
	Flags  map[string]string   // by setting key
	Getenv func(string) string // os.Getenv; nil: no environment
}

// SecretSet is shown in place of a secret that is there.
const SecretSet = "set"

// Item is one setting as it is shown.
type Item struct {
	Key         string   `json:"key"`
	Value       string   `json:"value"` // in force; a password in a URL is hidden
	Default     string   `json:"default"`
	Source      Source   `json:"source"`
	Locked      bool     `json:"locked"`    // cannot be changed while this run's override holds
	LockedBy    string   `json:"locked_by"` // the flag or variable
	Type        Type     `json:"type"`
	Choices     []string `json:"choices"`
	Description string   `json:"description"`
	Problem     string   `json:"problem"` // why the stored value is not used
}

// Change tells a subscriber what changed.
type Change struct {
	Old, New *Values
	Keys     []string // whose value in force differs, sorted
}

// Service holds the settings of one running program. All methods may be called
// from any goroutine.
type Service struct {
	repo      Repository
	defs      []Definition
	overrides map[string]override // canonical, by key; never written after New
	values    atomic.Pointer[Values]

	mu     sync.Mutex        // guards what follows, and orders writes
	stored map[string]string // rows as stored, unknown keys included
	texts  map[string]string // canonical values in force, by key

	subMu      sync.Mutex // guards what follows; never held while a subscriber runs
	subs       map[int]func(Change)
	nextSub    int
	pending    []Change
	delivering bool
}

type override struct {
	value, by string
	source    Source
}

// New loads the stored settings and lays the overrides over them. It fails if an
// override is not valid; a stored value that is not valid any more is left out in
// favour of the default and shown as a problem, for a program that does not start
// could not mend it.
func New(ctx context.Context, repo Repository, o Overrides) (*Service, error) {
	s := &Service{repo: repo, defs: Definitions(), subs: map[int]func(Change){}}
	overrides, err := readOverrides(s.defs, o)
	if err != nil {
		return nil, err
	}
	s.overrides = overrides
	if err := s.Reload(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

func readOverrides(defs []Definition, o Overrides) (map[string]override, error) {
	out := map[string]override{}
	for _, d := range defs {
		if o.Getenv != nil && d.Env != "" {
			if text := strings.TrimSpace(o.Getenv(d.Env)); text != "" {
				value, err := d.canonical(text)
				if err != nil {
					return nil, fault.Invalid(d.Key, "environment variable %s %v", d.Env, err)
				}
				out[d.Key] = override{value, d.Env, SourceEnvironment}
			}
		}
		if text, ok := o.Flags[d.Key]; ok {
			value, err := d.canonical(strings.TrimSpace(text))
			if err != nil {
				return nil, fault.Invalid(d.Key, "the flag for %s %v", d.Key, err)
			}
			out[d.Key] = override{value, "command line", SourceFlag}
		}
	}
	return out, nil
}

// Reload reads the stored settings anew and tells subscribers of differences.
func (s *Service) Reload(ctx context.Context) error {
	s.mu.Lock()
	rows, err := s.repo.LoadSettings(ctx)
	if err != nil {
		s.mu.Unlock()
		return fault.Wrap(fault.Internal, "the settings cannot be read", err).WithCode("settings_unreadable")
	}
	s.stored = maps.Clone(rows)
	if s.stored == nil {
		s.stored = map[string]string{}
	}
	s.publish()
	s.mu.Unlock()
	s.deliver()
	return nil
}

// Values gives the settings in force. It never blocks; take it once per request.
func (s *Service) Values() *Values { return s.values.Load() }

// Get gives one setting as List shows it.
func (s *Service) Get(key string) (Item, error) {
	d, err := s.definition(key)
	if err != nil {
		return Item{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.item(d), nil
}

// List gives all settings.
func (s *Service) List() []Item {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Item, len(s.defs))
	for i := range s.defs {
		out[i] = s.item(&s.defs[i])
	}
	return out
}

// Set changes exactly the keys named: all of them, or none if one is refused.
func (s *Service) Set(ctx context.Context, changes map[string]string) error {
	rows := make(map[string]*string, len(changes))
	for _, key := range slices.Sorted(maps.Keys(changes)) {
		d, err := s.definition(key)
		if err != nil {
			return err
		}
		value, err := d.check(changes[key])
		if err != nil {
			return err
		}
		rows[key] = &value
	}
	return s.save(ctx, rows)
}

// Unset puts the keys named back to their defaults.
func (s *Service) Unset(ctx context.Context, keys ...string) error {
	rows := make(map[string]*string, len(keys))
	for _, key := range keys {
		if _, err := s.definition(key); err != nil {
			return err
		}
		rows[key] = nil
	}
	return s.save(ctx, rows)
}

// Preview gives the values that would be in force after a change, without
// making it; nil stands for a key that returns to its default.
func (s *Service) Preview(changes map[string]*string) (*Values, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.refuseLocked(changes); err != nil {
		return nil, err
	}
	next := &Values{}
	for i := range s.defs {
		d := &s.defs[i]
		value, _, _ := s.inForce(d)
		if text, named := changes[d.Key]; named {
			value = d.Default
			if text != nil {
				var err error
				if value, err = d.check(*text); err != nil {
					return nil, err
				}
			}
		}
		d.apply(next, value)
	}
	return next, nil
}

func (d *Definition) check(text string) (string, error) {
	if len(text) > maxText {
		return "", fault.Invalid(d.Key, "%s must not be longer than %d bytes", d.Key, maxText)
	}
	value, err := d.canonical(strings.TrimSpace(text))
	if err != nil {
		return "", fault.Invalid(d.Key, "%s %v", d.Key, err)
	}
	return value, nil
}

func (s *Service) definition(key string) (*Definition, error) {
	for i := range s.defs {
		if s.defs[i].Key == key {
			return &s.defs[i], nil
		}
	}
	return nil, fault.Invalid(key, "there is no setting %q", key).WithCode("unknown_setting").
		WithHint("`config list` shows all settings")
}

func (s *Service) save(ctx context.Context, rows map[string]*string) error {
	if len(rows) == 0 {
		return nil
	}
	s.mu.Lock()
	if err := s.refuseLocked(rows); err != nil {
		s.mu.Unlock()
		return err
	}
	if err := s.repo.SaveSettings(ctx, rows); err != nil {
		s.mu.Unlock()
		return unwritable(err)
	}
	for key, value := range rows {
		if value == nil {
			delete(s.stored, key)
		} else {
			s.stored[key] = *value
		}
	}
	s.publish()
	s.mu.Unlock()
	s.deliver()
	return nil
}

func (s *Service) refuseLocked(rows map[string]*string) error {
	for _, key := range slices.Sorted(maps.Keys(rows)) {
		if by := s.lockedBy(key); by != "" {
			return fault.New(fault.Forbidden, fmt.Sprintf("%s is set by %s and cannot be changed while the program runs", key, by)).
				WithCode("setting_locked").WithParam(key).WithHint("start the program without it")
		}
	}
	return nil
}

// lockedBy names the override that holds a key. An explicit host also holds the
// LAN switch, which has no effect beside it.
func (s *Service) lockedBy(key string) string {
	if o, ok := s.overrides[key]; ok {
		return o.by
	}
	if key == KeyAllowLAN {
		return s.overrides[KeyHost].by
	}
	return ""
}

// inForce gives a setting's value, where it comes from, and why a stored one is
// not used. The caller holds mu.
func (s *Service) inForce(d *Definition) (value string, source Source, problem string) {
	if o, ok := s.overrides[d.Key]; ok {
		return o.value, o.source, ""
	}
	row, ok := s.stored[d.Key]
	if !ok {
		return d.Default, SourceDefault, ""
	}
	value, err := d.check(row)
	if err != nil {
		return d.Default, SourceDefault, "the stored value is not used: " + fault.Public(err).Message
	}
	return value, SourceStored, ""
}

func (s *Service) item(d *Definition) Item {
	value, source, problem := s.inForce(d)
	by := s.lockedBy(d.Key)
	shown := redact(value)
	if d.Type == TypeSecret && value != "" {
		shown = SecretSet
	}
	return Item{
		Key: d.Key, Value: shown, Default: d.Default, Source: source, Locked: by != "", LockedBy: by,
		Type: d.Type, Choices: slices.Clone(d.Choices), Description: d.Description, Problem: problem,
	}
}

// publish swaps the snapshot and queues the change. The caller holds mu.
func (s *Service) publish() {
	next, texts := &Values{}, make(map[string]string, len(s.defs))
	var keys []string
	for i := range s.defs {
		d := &s.defs[i]
		value, _, _ := s.inForce(d)
		d.apply(next, value)
		texts[d.Key] = value
		if s.texts[d.Key] != value {
			keys = append(keys, d.Key)
		}
	}
	slices.Sort(keys)
	s.texts = texts
	old := s.values.Swap(next)
	if old == nil || len(keys) == 0 {
		return
	}
	s.subMu.Lock()
	s.pending = append(s.pending, Change{Old: old, New: next, Keys: keys})
	s.subMu.Unlock()
}

// unwritable names the database's own trouble (full disk, lock) where it tells one.
func unwritable(err error) error {
	e := fault.Wrap(fault.Internal, "the settings cannot be stored", err).WithCode("settings_unwritable")
	if cause := fault.From(err); cause.Code != "" {
		e.Message += ": " + cause.Message
		e.Hint = cause.Hint
	}
	return e
}
