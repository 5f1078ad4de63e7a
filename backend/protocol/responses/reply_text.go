package responses

import (
	"unicode/utf8"

	"antigravity-tools/backend/llm"
)

// write appends to the content part of the present part; message and content
// part open with its first word. Neighbouring texts join with nothing, since
// some upstreams split sentences at citations; all else is set off by a blank
// line.
func (s *replyState) write(text string, tokens []llm.TokenLogprob) {
	p := &s.part
	if text == "" {
		if p.begun {
			s.open.last().tokens = append(s.open.last().tokens, tokens...)
		} else {
			p.tokens = append(p.tokens, tokens...)
		}
		return
	}
	shift := ""
	if !p.begun {
		p.begun = true
		shift = s.beginText()
		tokens = append(p.tokens, tokens...)
	}
	c := s.open.last()
	if shift != "" {
		c.shift = utf8.RuneCountInString(shift)
		c.text.add(shift)
		s.frames.textDelta(s.open, c, shift, nil)
	}
	c.text.add(text)
	c.tokens = append(c.tokens, tokens...)
	s.frames.textDelta(s.open, c, text, tokens)
}

// beginText opens a content part and returns what sets it off from the text
// before it.
func (s *replyState) beginText() (shift string) {
	p := &s.part
	if s.open == nil || s.open.kind != itemMessage {
		s.begin(&outputItem{kind: itemMessage}, "msg_")
	} else if p.kind != llm.KindText || s.lastText != p.index-1 {
		shift = "\n\n"
	}
	if p.kind == llm.KindText {
		s.lastText = p.index
	}
	s.said = true
	s.open.parts = append(s.open.parts, contentPartOut{index: len(s.open.parts), refusal: p.refusal})
	s.frames.partAdded(s.open, s.open.last())
	return shift
}

// closeText ends the content part: its citations first, since the end of the
// text is where those of a whole text end.
func (s *replyState) closeText() {
	c := s.open.last()
	length := -1
	for i := range s.part.cites {
		cite := &s.part.cites[i]
		if cite.URL == "" || c.refusal {
			s.losses.Drop("citation", s.path(), "")
			continue
		}
		n := annotation{start: c.shift + cite.Start, end: c.shift + cite.End, url: cite.URL, title: cite.Title}
		if cite.End == 0 {
			if length < 0 {
				length = utf8.RuneCountInString(c.text.String())
			}
			n.start, n.end = c.shift, length
		}
		c.notes = append(c.notes, n)
		s.frames.annotated(s.open, c, len(c.notes)-1)
	}
	s.frames.textDone(s.open, c)
}
