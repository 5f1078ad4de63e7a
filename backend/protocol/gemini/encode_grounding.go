package gemini

import (
	"slices"
	"unicode/utf8"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/rawjson"
)

// grounding gathers the citations of one choice for groundingMetadata: chunks
// by address, supports by span.
type grounding struct {
	urls     []llm.Citation
	supports []support
	found    llm.Search // by the searches within the answer
}

type support struct {
	part       int
	start, end int // bytes
	text       string
	chunk      int
}

// part takes the citations of a whole text part, the part-th of its content.
func (g *grounding) part(p *llm.Part, part int) {
	if p.Search != nil {
		g.search(p.Search)
	}
	if p.Kind != llm.KindText {
		return
	}
	for _, c := range p.Citations {
		start, end := byteSpan(p.Text, c.Start, c.End)
		g.supports = append(g.supports, support{part, start, end, p.Text[start:end], g.chunk(c)})
	}
}

// search takes what was searched for and found.
func (g *grounding) search(found *llm.Search) {
	for _, query := range found.Queries {
		if !slices.Contains(g.found.Queries, query) {
			g.found.Queries = append(g.found.Queries, query)
		}
	}
	g.found.Sources = append(g.found.Sources, found.Sources...)
}

func (g *grounding) chunk(c llm.Citation) int {
	for i := range g.urls {
		if g.urls[i].URL == c.URL && g.urls[i].Title == c.Title {
			return i
		}
	}
	g.urls = append(g.urls, c)
	return len(g.urls) - 1
}

// byteSpan turns rune offsets into byte offsets; an end of 0 is the text's.
func byteSpan(s string, start, end int) (from, to int) {
	if end <= 0 {
		return 0, len(s)
	}
	count := 0
	from, to = len(s), len(s)
	for i := range s {
		if count == start {
			from = i
		}
		if count == end {
			to = i
			break
		}
		count++
	}
	return min(from, to), to
}

// write tells what backs the texts and, where the upstream says so, what it
// searched for.
func (g *grounding) write(w *rawjson.Writer, found *llm.Search) {
	if found != nil {
		g.search(found)
	}
	if len(g.supports) == 0 && len(g.found.Queries) == 0 {
		return
	}
	w.Key("groundingMetadata")
	w.Obj()
	if len(g.found.Queries) > 0 {
		w.Key("webSearchQueries")
		w.Arr()
		for _, query := range g.found.Queries {
			w.Str(query)
		}
		w.EndArr()
		for _, source := range g.found.Sources {
			g.chunk(source)
		}
	}
	w.Key("groundingChunks")
	w.Arr()
	for _, c := range g.urls {
		w.Obj()
		w.Key("web")
		w.Obj()
		w.StrField("uri", c.URL)
		if c.Title != "" {
			w.StrField("title", c.Title)
		}
		w.End()
		w.End()
	}
	w.EndArr()
	if len(g.supports) == 0 {
		w.End()
		return
	}
	w.Key("groundingSupports")
	w.Arr()
	for _, s := range g.supports {
		w.Obj()
		w.Key("segment")
		w.Obj()
		if s.part > 0 {
			w.IntField("partIndex", int64(s.part))
		}
		w.IntField("startIndex", int64(s.start))
		w.IntField("endIndex", int64(s.end))
		if utf8.ValidString(s.text) {
			w.StrField("text", s.text)
		}
		w.End()
		w.Key("groundingChunkIndices")
		w.Arr()
		w.Int(int64(s.chunk))
		w.EndArr()
		w.End()
	}
	w.EndArr()
	w.End()
}
