package openai

import (
	"encoding/base64"
	"strings"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
)

// audioDelta is a piece of a spoken answer.
type audioDelta struct {
	id      string
	data    string // base64
	expires int64  // Unix seconds
}

// audioLifetime is how long an id of a spoken answer is said to be good for,
// in seconds. Nothing is kept under it; clients want the member.
const audioLifetime = 3600

// speak shows audio as the spoken answer, if the client asked for one.
func (c *choiceState) speak(m *llm.Media) bool {
	req := c.reply.Request
	if req == nil || req.Audio == nil || m.Data == "" || !strings.HasPrefix(m.MIME, "audio/") {
		return false
	}
	data := m.Data
	if rate, raw := wire.PCMRate(m.MIME); raw && c.audioID == "" && req.Audio.Format != "pcm16" {
		data = withWAVHead(data, rate)
	}
	if c.audioID == "" {
		c.audioID = "audio_" + c.reply.Mint(24, wire.Base62)
	}
	c.send(delta{choice: c.index, audio: &audioDelta{
		id: c.audioID, data: data, expires: c.reply.Created.Unix() + audioLifetime,
	}})
	return true
}

func writeAudio(w *rawjson.Writer, a *audioDelta) {
	w.Obj()
	w.StrField("id", a.id)
	w.StrField("data", a.data)
	w.IntField("expires_at", a.expires)
	w.StrField("transcript", "")
	w.End()
}

// withWAVHead puts a WAV header for one channel of 16-bit samples in front.
// Data that is no base64 is left as it is.
func withWAVHead(data string, rate uint32) string {
	pcm, err := base64.StdEncoding.DecodeString(data)
	if err != nil {
		return data
	}
	out := append(wire.AppendWAVHead(make([]byte, 0, wire.WAVHead+len(pcm)), rate), pcm...)
	wire.SetWAVLengths(out)
	return base64.StdEncoding.EncodeToString(out)
}

// spoken gathers the pieces of a spoken answer. In a stream each piece is
// base64 of its own; whole, they are one.
type spoken struct {
	audioDelta
	pieces []string
}

func (s *spoken) add(d *audioDelta) {
	s.id, s.expires = d.id, d.expires
	s.pieces = append(s.pieces, d.data)
}

func (s *spoken) whole() *audioDelta {
	s.data = s.pieces[0]
	if len(s.pieces) > 1 {
		var all []byte
		for _, piece := range s.pieces {
			raw, err := base64.StdEncoding.DecodeString(piece)
			if err != nil {
				break
			}
			all = append(all, raw...)
		}
		if len(all) >= wire.WAVHead && string(all[:4]) == "RIFF" {
			wire.SetWAVLengths(all)
		}
		s.data = base64.StdEncoding.EncodeToString(all)
	}
	return &s.audioDelta
}
