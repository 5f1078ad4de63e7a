package openai_test

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"strings"
	"testing"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol/protocoltest"
)

func audioReply(t *testing.T, format string, pieces ...string) (whole string, stream string) {
	t.Helper()
	req := &llm.Request{Audio: &llm.AudioOut{Voice: "v", Format: format}}
	resp := &llm.Response{Choices: []llm.Choice{{Close: llm.Close{Reason: llm.ReasonEnd}}}}
	for _, p := range pieces {
		resp.Choices[0].Parts = append(resp.Choices[0].Parts, llm.Part{Kind: llm.KindMedia, Media: &llm.Media{
			MIME: "audio/L16;codec=pcm;rate=16000", Data: base64.StdEncoding.EncodeToString([]byte(p)),
		}})
	}
	body, err := codec.EncodeResponse(resp, protocoltest.Reply(req), nil)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Choices []struct {
			Message struct {
				Content *string
				Audio   struct {
					ID, Data string
					Expires  int64 `json:"expires_at"`
				}
			}
		}
	}
	if err := json.Unmarshal(body, &got); err != nil {
		t.Fatal(err)
	}
	m := got.Choices[0].Message
	if m.Content != nil || !strings.HasPrefix(m.Audio.ID, "audio_") || m.Audio.Expires == 0 {
		t.Errorf("%s", body)
	}
	raw, err := base64.StdEncoding.DecodeString(m.Audio.Data)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw), string(protocoltest.Stream(t, codec.NewStreamEncoder(protocoltest.Reply(req), nil), replay(resp)))
}

// Raw samples get a WAV header unless the client wants them raw.
func TestAudioOut(t *testing.T) {
	if got, _ := audioReply(t, "pcm16", "abcd"); got != "abcd" {
		t.Errorf("%q", got)
	}
	for _, pieces := range [][]string{{"abcdef"}, {"abcd", "ef"}} {
		wav, stream := audioReply(t, "wav", pieces...)
		if !strings.HasPrefix(wav, "RIFF") || wav[8:16] != "WAVEfmt " || wav[44:] != "abcdef" {
			t.Fatalf("%q", wav)
		}
		le := binary.LittleEndian
		if n, m, rate := le.Uint32([]byte(wav)[4:]), le.Uint32([]byte(wav)[40:]), le.Uint32([]byte(wav)[24:]); n != 42 || m != 6 || rate != 16000 {
			t.Errorf("lengths %d and %d, rate %d", n, m, rate)
		}
		if n := strings.Count(stream, `"audio":{"id":"audio_`); n != len(pieces) {
			t.Errorf("%d pieces in %s", n, stream)
		}
	}
}
