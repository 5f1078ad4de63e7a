package media

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/openai"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
)

// Speech is POST /v1/audio/speech.
type Speech struct{ openai.JSONOperation }

var (
	_ protocol.Operation = Speech{}
	_ protocol.Typed     = Speech{}
	_ protocol.Raw       = Speech{}
)

// maxSpoken bounds the text, in characters.
const maxSpoken = 4096

// Ask implements protocol.Operation: events come if stream_format says so.
func (o Speech) Ask(in protocol.Inbound) (protocol.Asked, error) {
	asked, err := o.JSONOperation.Ask(in)
	asked.Stream = !o.PassesBytes(in)
	return asked, err
}

// PassesBytes implements protocol.Raw.
func (Speech) PassesBytes(in protocol.Inbound) bool {
	raw, _ := rawjson.Get(in.Body, "stream_format")
	form, err := rawjson.String(raw)
	return err != nil || form != "sse"
}

// DecodeRequest implements protocol.Client.
func (Speech) DecodeRequest(in protocol.Inbound, losses *llm.Losses) (*llm.Request, error) {
	req := &llm.Request{Modalities: []string{"audio"}, Audio: &llm.AudioOut{}}
	var text, instructions string
	err := wire.Members(in.Body, func(key string, raw []byte) error {
		switch key {
		case "model":
			return wire.Str(raw, &req.Model)
		case "input":
			return wire.Str(raw, &text)
		case "instructions":
			return wire.Str(raw, &instructions)
		case "voice":
			return readVoice(raw, req.Audio, losses)
		case "response_format":
			return readFormat(raw, req)
		case "speed":
			var speed llm.Number
			if err := wire.Num(raw, &speed); err != nil {
				return err
			}
			if _, err := number(string(speed), 0.25, 4); err != nil {
				return err
			}
			if speed != "1" && speed != "1.0" {
				losses.Drop("audio.speed", key, string(speed))
			}
			return nil
		case "stream_format":
			var form string
			if err := wire.Word(raw, &form, "audio", "sse"); err != nil || form == "audio" {
				return err
			}
			return fault.Invalid("", "this model's speech comes as a file: leave it out").WithCode("audio.stream")
		}
		losses.Drop("option", key, "")
		return nil
	})
	switch {
	case err != nil:
	case text == "":
		err = wire.Missing("input")
	case utf8.RuneCountInString(text) > maxSpoken:
		err = fault.Invalid("input", "expected at most %d characters", maxSpoken)
	case req.Audio.Voice == "":
		err = wire.Missing("voice")
	}
	if err != nil {
		return nil, wire.Explain(err)
	}
	if req.Audio.Format == "" { // the protocol's default is mp3, which cannot be had
		losses.Adapt("audio.format", "response_format", "wav")
		req.Audio.Format = "wav"
	}
	if instructions != "" {
		losses.Adapt("audio.instructions", "instructions", "they go ahead of the text")
		text = strings.TrimRight(instructions, ".:! \n") + ":\n" + text
	}
	req.Turns = []llm.Turn{{Role: llm.RoleUser, Parts: []llm.Part{llm.TextPart(text)}}}
	return req, nil
}

func readFormat(raw []byte, req *llm.Request) error {
	var form string
	if err := wire.Word(raw, &form, "wav", "pcm", "mp3", "opus", "aac", "flac"); err != nil {
		return err
	}
	switch form {
	case "wav":
		req.Audio.Format = form
	case "pcm":
		req.Audio.Format = "pcm16"
	default:
		return fault.Invalid("", "this model's speech can be had as wav or pcm only").WithCode("audio.format")
	}
	return nil
}

// readVoice takes a voice of the target by its name. OpenAI's own get one of
// like pitch and manner.
func readVoice(raw []byte, out *llm.AudioOut, losses *llm.Losses) error {
	var name string
	if rawjson.KindOf(raw) == rawjson.KindObject {
		return fault.Invalid("", "a voice of one's own cannot be used with this model: name one of its voices").WithCode("audio.voice")
	}
	if err := wire.Str(raw, &name); err != nil {
		return err
	}
	out.Voice = name
	if like := voiceLike(strings.ToLower(name)); like != "" {
		losses.Adapt("audio.voice", "voice", like)
		out.Voice = like
	}
	return nil
}

// voiceLike gives the prebuilt voice of Gemini that stands in for one of
// OpenAI's. Clients seldom let their users choose another.
func voiceLike(name string) string {
	switch name {
	case "alloy", "marin":
		return "Kore"
	case "ash", "cedar":
		return "Orus"
	case "ballad", "verse":
		return "Puck"
	case "coral", "nova":
		return "Aoede"
	case "echo":
		return "Charon"
	case "fable":
		return "Fenrir"
	case "onyx":
		return "Algenib"
	case "sage":
		return "Leda"
	case "shimmer":
		return "Zephyr"
	}
	return ""
}

// ResponseType implements protocol.Typed.
func (Speech) ResponseType(reply protocol.Reply) string {
	if wantsPCM(reply) {
		return "audio/pcm"
	}
	return "audio/wav"
}

func wantsPCM(reply protocol.Reply) bool {
	return reply.Request != nil && reply.Request.Audio != nil && reply.Request.Audio.Format == "pcm16"
}

// EncodeResponse implements protocol.Client: the samples, with a head if a file
// is wanted.
func (Speech) EncodeResponse(resp *llm.Response, reply protocol.Reply, _ *llm.Losses) ([]byte, error) {
	var out []byte
	pcm := wantsPCM(reply)
	for i := range resp.Choices {
		c := &resp.Choices[i]
		for j := range c.Parts {
			m := c.Parts[j].Media
			if m == nil || m.Data == "" || !strings.HasPrefix(m.MIME, "audio/") {
				continue
			}
			rate, raw := wire.PCMRate(m.MIME)
			if !raw {
				return nil, wire.Malformed("", "the upstream spoke in a format that was not asked for", nil)
			}
			if out == nil && !pcm {
				out = wire.AppendWAVHead(make([]byte, 0, wire.WAVHead+base64.StdEncoding.DecodedLen(len(m.Data))), rate)
			}
			var err error
			if out, err = base64.StdEncoding.AppendDecode(out, []byte(m.Data)); err != nil {
				return nil, wire.Malformed("", "the upstream's speech cannot be read", err)
			}
		}
	}
	if len(out) <= wire.WAVHead && !pcm || len(out) == 0 {
		return nil, unsaid(resp, "speech")
	}
	if !pcm {
		wire.SetWAVLengths(out)
	}
	return out, nil
}

// NewStreamEncoder implements protocol.Client. Only an upstream's own events
// pass: see DecodeRequest.
func (Speech) NewStreamEncoder(protocol.Reply, *llm.Losses) protocol.StreamEncoder {
	return &speechStream{}
}

type speechStream struct{ frames }

// Encode implements protocol.StreamEncoder.
func (*speechStream) Encode(dst []byte, _ llm.Event) ([]byte, error) { return dst, nil }

// End implements protocol.StreamEncoder.
func (*speechStream) End(dst []byte) []byte { return dst }
