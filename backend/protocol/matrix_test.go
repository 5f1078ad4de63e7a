package protocol_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"antigravity-tools/backend/custody"
	"antigravity-tools/backend/protocol/protocoltest"
	"antigravity-tools/backend/rawjson"
	"antigravity-tools/test/fakeanthropic"
	"antigravity-tools/test/fakegemini"
	"antigravity-tools/test/fakeopenai"
)

const matrixDir = "matrix"

// letters are the protocols in the order of the page.
var letters = []string{"C", "R", "A", "G"}

// Models of the upstreams: those that the strict fakes know.
var (
	newestModels = marks{"C": "gpt-5", "R": "gpt-5", "A": "claude-opus-5", "G": "gemini-3-flash-preview"}
	plainModels  = marks{"C": "gpt-4.1", "R": "gpt-4.1", "A": "claude-sonnet-4-5", "G": "gemini-2.5-flash"}
)

func (f *feature) model(upstream string) string {
	models := newestModels
	if f.plain {
		models = plainModels
	}
	if m, ok := f.models[upstream]; ok {
		return m
	}
	return models[upstream]
}

// file reads an input of the feature; nil if it has none.
func (f *feature) file(t *testing.T, name string) []byte {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("testdata", matrixDir, f.name, name))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return body
}

// has tells whether any input of the feature begins with a prefix.
func (f *feature) has(prefix string) bool {
	found, _ := filepath.Glob(filepath.Join("testdata", matrixDir, f.name, prefix+".*"))
	return len(found) > 0
}

// input is the feature's own file for a protocol, or that of the plain talk.
func (f *feature) input(t *testing.T, side, letter, ext string) (body []byte, own bool) {
	t.Helper()
	name := side + "." + letter + "." + ext
	if body = f.file(t, name); body != nil {
		return body, true
	}
	return (&feature{name: "talk"}).file(t, name), false
}

// matrixCell is one feature between one client and one upstream.
type matrixCell struct {
	*feature
	client, upstream string
	asks, tells      bool // the feature has a request, an answer of its own here
	cell             *protocoltest.Cell
	frames           []byte
}

// at prepares a cell; nil if the feature has nothing to show there, for which
// the table gives the reason.
func (f *feature) at(t *testing.T, client, upstream string) *matrixCell {
	t.Helper()
	m := &matrixCell{feature: f, client: client, upstream: upstream}
	body, asks := f.input(t, "client", client, "json")
	m.frames, m.tells = f.input(t, "upstream", upstream, "sse")
	m.asks = asks
	if !m.asks && !m.tells {
		return nil
	}
	m.cell = golden{dir: client + "-" + upstream, model: f.model(upstream)}.cell()
	m.cell.Seals = custody.New(disk{}, nil, nil)
	m.cell.Inbound.Body = body
	return m
}

func (m *matrixCell) dir() string {
	return filepath.Join(matrixDir, m.name, m.client+"-"+m.upstream)
}

// crossing calls fn for every cell between two protocols.
func crossing4x4(t *testing.T, fn func(*testing.T, *matrixCell)) {
	t.Helper()
	for _, f := range features() {
		for _, client := range letters {
			for _, upstream := range letters {
				if client == upstream {
					continue
				}
				if m := f.at(t, client, upstream); m != nil {
					t.Run(f.name+"."+client+"-"+upstream, func(t *testing.T) { fn(t, m) })
				}
			}
		}
	}
}

// TestMatrix brings every feature through every crossing pair, streamed and
// not, cut anywhere, and holds what comes out to its golden files and to the
// laws that any cell obeys.
func TestMatrix(t *testing.T) {
	crossing4x4(t, func(t *testing.T, m *matrixCell) {
		files := protocoltest.NewFiles(m.dir())
		defer files.Stale(t, "loss.txt", "client.error", "upstream.json", "client.sse", "client.json.reply", "loss.2.txt", "upstream.2.json")
		got := m.cell.Cross(t, m.frames)
		files.Golden(t, got.Losses, "loss.txt")
		if got.Refused != "" {
			files.Golden(t, got.Refused, "client.error")
			return
		}
		m.checkUp(t, got)
		if m.asks {
			files.Golden(t, protocoltest.Indent(got.Up), "upstream.json")
		}
		if strings.HasPrefix(got.Whole, "HTTP") {
			t.Fatalf("the answer became an error: %s", got.Whole)
		}
		m.checkDown(t, got)
		if m.tells {
			files.Golden(t, got.Stream, "client.sse")
			files.Golden(t, protocoltest.Indent([]byte(got.Whole)), "client.json.reply")
		} else {
			m.checkTalk(t, got)
		}
		if m.again {
			m.secondTurn(t, files, got)
		}
	})
}

// accepted judges a body by the rules of the strict fake of its protocol.
func (m *matrixCell) accepted(body []byte) error {
	switch m.upstream {
	case "C":
		return fakeopenai.Check(body)
	case "R":
		return fakeopenai.CheckResponses(body)
	case "A":
		return fakeanthropic.Check(body)
	}
	return fakegemini.Check(m.model("G"), body, googleSeal)
}

// checkUp: the upstream takes the request, and what was asked for is in it or
// a loss tells why not.
func (m *matrixCell) checkUp(t *testing.T, got protocoltest.Crossed) {
	t.Helper()
	if err := m.accepted(got.Up); err != nil {
		t.Errorf("the upstream refuses: %v\n%s", err, got.Up)
	}
	if !m.asks {
		return
	}
	asked := string(rawjson.Compact(nil, m.cell.Inbound.Body))
	if !strings.Contains(asked, m.feature.asks[m.client]) {
		t.Errorf("the request does not ask for it: no %s", m.feature.asks[m.client])
	}
	mark, has := m.feature.asks[m.upstream]
	if has = has && strings.Contains(string(rawjson.Compact(nil, got.Up)), mark); !has && got.Losses == "" {
		t.Errorf("what was asked for is gone (no %s), and no loss says so:\n%s", mark, got.Up)
	}
}

// checkDown: what the upstream told is in both forms of the reply or a loss
// tells why not; the client's SDK reads it; no word in it is another
// protocol's.
func (m *matrixCell) checkDown(t *testing.T, got protocoltest.Crossed) {
	t.Helper()
	if m.tells {
		if mark := m.feature.tells[m.upstream]; !strings.Contains(joined(t, m.upstream, string(m.frames)), mark) {
			t.Errorf("the answer does not tell it: no %s", mark)
		}
		mark, has := m.feature.tells[m.client]
		for _, form := range []string{got.Stream, got.Whole} {
			there := has && strings.Contains(joined(t, m.client, form), mark)
			if wanted := has || m.asks; wanted && !there && got.Losses == "" {
				t.Errorf("what was told is gone (no %s), and no loss says so:\n%s", mark, form)
			}
		}
	}
	checkSDK(t, m.client, got)
	checkOwnWords(t, m.client, got)
}

// joined is an answer as text to look for a mark in: compact, and with the
// answer that a stream adds up to behind it.
func joined(t *testing.T, letter, form string) string {
	t.Helper()
	if strings.HasPrefix(form, "{") {
		return string(rawjson.Compact(nil, []byte(form)))
	}
	asOne := map[string]func(*testing.T, []byte) []byte{
		"C": protocoltest.ChatAsOne, "R": protocoltest.ResponseAsOne, "A": protocoltest.MessageAsOne, "G": protocoltest.GeminiAsOne,
	}[letter]
	whole := string(rawjson.Compact(nil, asOne(t, []byte(form))))
	return form + whole + strings.NewReplacer(`\"`, `"`).Replace(whole)
}

// checkTalk: a feature that only requests know leaves the answer as it is.
func (m *matrixCell) checkTalk(t *testing.T, got protocoltest.Crossed) {
	t.Helper()
	name := clients()[m.client].Name()
	heard := protocoltest.HeardWhole(t, name, []byte(got.Whole))
	talk := features()[0].at(t, m.client, m.upstream).cell
	talk.Target = m.cell.Target
	want := protocoltest.HeardWhole(t, name, []byte(talk.Cross(t, m.frames).Whole))
	if d := cmp.Diff(want, heard); d != "" {
		t.Errorf("the answer to it differs from that of a plain talk:\n%s", d)
	}
}

// TestMatrixComplete: each feature has a request and an answer of each
// protocol, or the table says why not; nothing lies below testdata/matrix
// that the table does not know.
func TestMatrixComplete(t *testing.T) {
	known := map[string]bool{}
	for _, f := range features() {
		for _, letter := range letters {
			f.completeSide(t, letter, "client", f.noAsk[letter], f.has("client"))
			f.completeSide(t, letter, "upstream", f.noTell[letter], f.has("upstream"))
			for _, name := range []string{"client." + letter + ".json", "upstream." + letter + ".sse"} {
				known[filepath.Join(f.name, name)] = true
			}
			for _, upstream := range letters {
				if f.at(t, letter, upstream) != nil && letter != upstream {
					known[filepath.Join(f.name, letter+"-"+upstream)] = true
				}
			}
		}
	}
	found, err := filepath.Glob(filepath.Join("testdata", matrixDir, "*", "*"))
	if err != nil || len(found) == 0 {
		t.Fatal(err, len(found))
	}
	for _, path := range found {
		rel, _ := filepath.Rel(filepath.Join("testdata", matrixDir), path)
		if !known[rel] {
			t.Errorf("%s belongs to no cell", path)
		}
	}
}

func (f *feature) completeSide(t *testing.T, letter, side, why string, wanted bool) {
	t.Helper()
	ext := map[string]string{"client": "json", "upstream": "sse"}[side]
	_, own := f.input(t, side, letter, ext)
	switch {
	case !wanted || own && why == "" || !own && why != "":
	case own:
		t.Errorf("%s has %s.%s, and a reason why not: %s", f.name, side, letter, why)
	default:
		t.Errorf("%s has neither %s.%s nor a reason why not", f.name, side, letter)
	}
}

// endWords are the words by which each protocol may end an answer.
func endWords(client string) []string {
	if client == "G" {
		return []string{"STOP", "MAX_TOKENS", "SAFETY", "RECITATION"}
	}
	return ends[client]
}

// checkOwnWords: how the answer ended is said in the client's own words.
func checkOwnWords(t *testing.T, client string, got protocoltest.Crossed) {
	t.Helper()
	h := protocoltest.HeardWhole(t, clients()[client].Name(), []byte(got.Whole))
	for _, word := range strings.Fields(h.Finish) {
		if client == "A" {
			word = strings.Fields(h.Finish)[0]
		}
		if !slices.Contains(endWords(client), strings.TrimSpace(word)) {
			t.Errorf("the client hears %q", word)
		}
	}
	if h.Finish == "" {
		t.Error("the client does not hear the end")
	}
}
