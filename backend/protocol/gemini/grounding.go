package gemini

import (
	"strings"
	"unicode/utf8"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/rawjson"
)

// source is one span of the text and what backs it, in bytes.
type source struct {
	start, end int64
	quoted     string // the span's text, if told
	chunks     []llm.Citation
}

// cite emits the citations of the open text part. Google counts bytes, the
// model counts runes.
func (d *replyDecoder) cite(c *choiceDecoder) {
	sources := append(groundingSources(c.native.raw["groundingMetadata"]), licenceSources(c.native.raw["citationMetadata"])...)
	if len(sources) == 0 {
		return
	}
	whole := c.text.String()
	for i, s := range sources {
		if c.cited[i] {
			continue
		}
		start, end, ok := s.place(whole)
		if !ok {
			d.losses.Drop("citation", "", "the cited text is in another part")
			continue
		}
		if c.cited == nil {
			c.cited = map[int]bool{}
		}
		c.cited[i] = true
		from := utf8.RuneCountInString(whole[:start])
		to := from + utf8.RuneCountInString(whole[start:end])
		for _, citation := range s.chunks {
			citation.Start, citation.End = from, to
			d.delta(c, llm.Event{Citation: &citation})
		}
	}
}

// searched reads what was searched for; nil if nothing was.
func searched(meta []byte) *llm.Search {
	var s llm.Search
	for item := range rawjson.Items(member(meta, "webSearchQueries")) {
		if q, err := rawjson.String(item); err == nil && q != "" {
			s.Queries = append(s.Queries, q)
		}
	}
	if len(s.Queries) == 0 {
		return nil
	}
	for item := range rawjson.Items(member(meta, "groundingChunks")) {
		if c := chunk(item); c.URL != "" {
			s.Sources = append(s.Sources, c)
		}
	}
	return &s
}

// place finds the span in the text of a part. Offsets that do not fit the
// quoted text are those of another count; the quotation decides then.
func (s source) place(whole string) (start, end int, ok bool) {
	size := int64(len(whole))
	fits := 0 <= s.start && s.start <= s.end && s.end <= size
	if fits && (s.quoted == "" || whole[s.start:s.end] == s.quoted) {
		return boundary(whole, int(s.start)), boundary(whole, int(s.end)), true
	}
	if s.quoted != "" {
		if i := strings.Index(whole, s.quoted); i >= 0 {
			return i, i + len(s.quoted), true
		}
	}
	return 0, 0, false
}

// boundary moves an offset back to the start of its rune.
func boundary(s string, i int) int {
	for i > 0 && i < len(s) && !utf8.RuneStart(s[i]) {
		i--
	}
	return i
}

func groundingSources(meta []byte) (out []source) {
	if len(meta) == 0 {
		return nil
	}
	var chunks []llm.Citation
	for item := range rawjson.Items(member(meta, "groundingChunks")) {
		chunks = append(chunks, chunk(item))
	}
	for item := range rawjson.Items(member(meta, "groundingSupports")) {
		segment := member(item, "segment")
		s := source{quoted: text(segment, "text")}
		_ = readInt(&s.start, "", orNull(member(segment, "startIndex")))
		_ = readInt(&s.end, "", orNull(member(segment, "endIndex")))
		for n := range rawjson.Items(member(item, "groundingChunkIndices")) {
			if i, err := rawjson.Int(n); err == nil && 0 <= i && i < int64(len(chunks)) && chunks[i].URL != "" {
				s.chunks = append(s.chunks, chunks[i])
			}
		}
		if len(s.chunks) > 0 {
			out = append(out, s)
		}
	}
	return out
}

// chunk is a source; exactly one of its kinds is set.
func chunk(raw []byte) llm.Citation {
	for key, v := range rawjson.Members(raw) {
		c := llm.Citation{URL: text(v, "uri"), Title: text(v, "title"), Cited: text(v, "text")}
		if key == "image" {
			c.URL = text(v, "sourceUri")
		}
		if c.URL != "" {
			return c
		}
	}
	return llm.Citation{}
}

// licenceSources reads citationMetadata, under both of its member names.
func licenceSources(meta []byte) (out []source) {
	for _, key := range []string{"citationSources", "citations"} {
		for item := range rawjson.Items(member(meta, key)) {
			s := source{chunks: []llm.Citation{{URL: text(item, "uri"), Title: text(item, "title")}}}
			_ = readInt(&s.start, "", orNull(member(item, "startIndex")))
			_ = readInt(&s.end, "", orNull(member(item, "endIndex")))
			if s.chunks[0].URL != "" {
				out = append(out, s)
			}
		}
	}
	return out
}

func orNull(raw []byte) []byte {
	if len(raw) == 0 {
		return []byte("null")
	}
	return raw
}
