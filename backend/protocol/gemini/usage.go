package gemini

import (
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/rawjson"
)

// usageCounts is usageMetadata as it stands on the wire.
type usageCounts struct {
	prompt, cached, candidates, thoughts, toolUse, total int64
	thoughtsKnown                                        bool
	in, out                                              llm.Modalities
	rest                                                 rest // modality details, traffic type; also toolUse
}

// decodeUsage reads usageMetadata; others are the members that only Gemini has.
func decodeUsage(raw []byte) (usage *llm.Usage, others rest, err error) {
	if err := wantKind(raw, rawjson.KindObject); err != nil {
		return nil, rest{}, err
	}
	var c usageCounts
	for key, v := range rawjson.Members(raw) {
		var err error
		switch camel(key) {
		case "promptTokenCount":
			err = readInt(&c.prompt, key, v)
		case "cachedContentTokenCount":
			err = readInt(&c.cached, key, v)
		case "candidatesTokenCount":
			err = readInt(&c.candidates, key, v)
		case "thoughtsTokenCount":
			c.thoughtsKnown = true
			err = readInt(&c.thoughts, key, v)
		case "toolUsePromptTokenCount":
			err = readInt(&c.toolUse, key, v)
			c.rest.add(key, v)
		case "totalTokenCount":
			err = readInt(&c.total, key, v)
		case promptKinds:
			c.in = readKinds(v)
			c.rest.add(key, v)
		case candidateKinds:
			c.out = readKinds(v)
			c.rest.add(key, v)
		default:
			c.rest.add(key, v)
		}
		if err != nil {
			return nil, rest{}, err
		}
	}
	return c.usage(), c.rest, nil
}

// usage makes disjoint classes of the counts (mapping.md section 17). The
// prompt includes what was cached but not the results of built-in tools. The
// public API leaves thoughts out of the candidates; an endpoint that includes
// them shows it by its total.
func (c *usageCounts) usage() *llm.Usage {
	u := &llm.Usage{
		CacheRead: floor(c.cached), Reasoning: floor(c.thoughts), Output: floor(c.candidates),
		ReasoningKnown: c.thoughtsKnown, InputKinds: c.in, OutputKinds: c.out,
	}
	u.Input = floor(floor(c.prompt)-u.CacheRead) + floor(c.toolUse)
	if u.Reasoning > 0 && c.total == c.prompt+c.toolUse+c.candidates {
		u.Output = floor(u.Output - u.Reasoning)
	}
	return u
}

// Members that split a count by modality.
const (
	promptKinds    = "promptTokensDetails"
	candidateKinds = "candidatesTokensDetails"
)

// kindsOf are the places of a count by Google's names of modalities.
func kindsOf(m *llm.Modalities) []struct {
	name   string
	tokens *int64
} {
	return []struct {
		name   string
		tokens *int64
	}{{"TEXT", &m.Text}, {"IMAGE", &m.Image}, {"AUDIO", &m.Audio}, {"VIDEO", &m.Video}, {"DOCUMENT", &m.Document}}
}

// readKinds reads a list of modalities; what is none of them is passed over.
func readKinds(raw []byte) (m llm.Modalities) {
	if rawjson.KindOf(raw) != rawjson.KindArray {
		return m
	}
	for item := range rawjson.Items(raw) {
		var name string
		var tokens int64
		if readStr(&name, "", member(item, "modality")) != nil || readInt(&tokens, "", member(item, "tokenCount")) != nil {
			continue
		}
		for _, kind := range kindsOf(&m) {
			if kind.name == name {
				*kind.tokens += floor(tokens)
			}
		}
	}
	return m
}

// writeKinds writes a list of modalities, unless native holds Google's own.
func writeKinds(w *rawjson.Writer, key string, m llm.Modalities, native []byte) {
	if !m.Known() || member(native, key) != nil {
		return
	}
	w.Key(key)
	w.Arr()
	for _, kind := range kindsOf(&m) {
		if *kind.tokens > 0 {
			w.Obj()
			w.StrField("modality", kind.name)
			w.IntField("tokenCount", *kind.tokens)
			w.End()
		}
	}
	w.EndArr()
}

func floor(n int64) int64 { return max(n, 0) }

// writeUsage writes usageMetadata. native holds members that only Gemini has.
func writeUsage(w *rawjson.Writer, u *llm.Usage, native []byte) {
	var toolUse int64
	if raw := member(native, "toolUsePromptTokenCount"); raw != nil {
		_ = readInt(&toolUse, "", raw)
	}
	w.Key("usageMetadata")
	w.Obj()
	w.IntField("promptTokenCount", floor(u.TotalInput()-toolUse))
	w.IntField("candidatesTokenCount", u.Output)
	if u.Reasoning > 0 || u.ReasoningKnown {
		w.IntField("thoughtsTokenCount", u.Reasoning)
	}
	if u.CacheRead > 0 {
		w.IntField("cachedContentTokenCount", u.CacheRead)
	}
	writeRest(w, native)
	writeKinds(w, promptKinds, u.InputKinds, native)
	writeKinds(w, candidateKinds, u.OutputKinds, native)
	w.IntField("totalTokenCount", u.TotalInput()+u.TotalOutput())
	w.End()
}

// EncodeCount writes the answer of countTokens.
func (Client) EncodeCount(usage llm.Usage) []byte {
	w := rawjson.NewWriter(64)
	w.Obj()
	w.IntField("totalTokens", usage.TotalInput())
	if usage.CacheRead > 0 {
		w.IntField("cachedContentTokenCount", usage.CacheRead)
	}
	w.End()
	return w.Bytes()
}
