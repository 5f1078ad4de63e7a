package protocol_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"antigravity-tools/backend/custody"
	"antigravity-tools/backend/family"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/anthropic"
	"antigravity-tools/backend/protocol/gemini"
	"antigravity-tools/backend/protocol/openai"
	"antigravity-tools/backend/protocol/protocoltest"
	"antigravity-tools/backend/protocol/responses"
)

// clients are the protocols by their letter in mapping.md.
func clients() map[string]protocol.Client {
	return map[string]protocol.Client{
		"C": openai.Client{},
		"A": anthropic.Client{},
		"G": gemini.Client{},
		"R": responses.Client{},
	}
}

// cell is a client before a Gemini upstream with this model.
func cell(client, model string) *protocoltest.Cell { return pairCell(client+"-G", model) }

// pairCell is the pair that is named before this model of the upstream: "A-C"
// is an Anthropic client before a chat upstream.
func pairCell(pair, model string) *protocoltest.Cell {
	c := &protocoltest.Cell{
		Client: clients()[pair[:1]],
		Target: protocol.Target{Model: model, Realm: protocoltest.Realm, Stream: true},
		// A Gemini client names the model in its path.
		Inbound: protocol.Inbound{Model: model, Stream: true},
	}
	switch openAI := family.IsOpenAI(model); pair[2:3] {
	case "C":
		c.Upstream, c.Target.Caps, c.AsOne = openai.Upstream{}, family.Compatible(model), protocoltest.ChatAsOne
		if openAI {
			c.Target.Caps = family.OpenAI(model)
		}
	case "R":
		c.Upstream, c.Target.Caps, c.AsOne = responses.Upstream{}, family.CompatibleResponses(model), protocoltest.ResponseAsOne
		if openAI {
			c.Target.Caps = family.OpenAIResponses(model)
		}
	case "A":
		c.Upstream, c.Target.Caps, c.AsOne = anthropic.Upstream{}, family.Anthropic(model), protocoltest.MessageAsOne
	default:
		c.Upstream, c.Target.Caps, c.AsOne = gemini.Upstream{}, family.Gemini(model), protocoltest.GeminiAsOne
	}
	return c
}

// golden is one case of mapping.md section 23. Its files lie below
// testdata/<dir>; a folder with folders 1, 2, … is a conversation, whose turns
// share the seal store. The name of the last folder starts with the pair.
type golden struct {
	dir   string
	model string // of the upstream
	// restart ends the program between the turns.
	restart bool
	// moved: from the second turn on the account is another organisation's.
	moved bool
	edit  func(*protocoltest.Cell)
}

// cell is the pair that the folder names.
func (g golden) cell() *protocoltest.Cell { return pairCell(filepath.Base(g.dir), g.model) }

func allCases() []golden {
	return slices.Concat(cases(), chatCases(), messageCases(), responsesCases())
}

func TestGolden(t *testing.T) {
	for _, g := range allCases() {
		t.Run(strings.ReplaceAll(g.dir, "/", "."), func(t *testing.T) {
			c := g.cell()
			d := disk{}
			store := custody.New(d, nil, nil)
			c.Seals = store
			if g.edit != nil {
				g.edit(c)
			}
			turns := conversation(g.dir)
			if turns == nil {
				c.Run(t, g.dir)
			}
			for _, turn := range turns {
				c.Run(t, turn)
				if g.moved {
					c.Target.Realm = "ffffffff"
				}
				if g.restart {
					store = restarted(store, d)
					c.Seals = store
				}
			}
		})
	}
}

// conversation lists the turns below a folder, nil if it is one exchange.
func conversation(dir string) (turns []string) {
	for _, n := range []string{"1", "2", "3", "4"} {
		turn := filepath.Join(dir, n)
		if _, err := os.Stat(filepath.Join("testdata", turn)); err == nil {
			turns = append(turns, turn)
		}
	}
	return turns
}

// TestNoStrayFiles: a folder that no case reads proves nothing.
func TestNoStrayFiles(t *testing.T) {
	known := map[string]bool{}
	for _, pair := range []string{"C-C", "R-R", "A-A", "G-G"} { // of TestIdentity
		known["testdata/13_identity/"+pair] = true
	}
	for _, g := range allCases() {
		known[filepath.Join("testdata", g.dir)] = true
		for _, turn := range conversation(g.dir) {
			known[filepath.Join("testdata", turn)] = true
		}
	}
	inputs, err := filepath.Glob("testdata/*/*/client.json")
	if err != nil {
		t.Fatal(err)
	}
	deep, _ := filepath.Glob("testdata/*/*/*/client.json")
	for _, file := range append(inputs, deep...) {
		if !known[filepath.Dir(file)] {
			t.Errorf("%s belongs to no case", file)
		}
	}
}
