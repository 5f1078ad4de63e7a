package oai

import (
	"testing"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
)

func TestAudio(t *testing.T) {
	for raw, want := range map[string]string{
		`{"data":"QUJD","format":"WAV"}`:                       "audio/wav QUJD",
		`{"data":"data:audio/wav;base64,QUJD","format":"mp3"}`: "audio/mp3 QUJD",
		`{"format":"wav"}`:                                     "data",
		`{"data":"QUJD"}`:                                      "format",
		`{"data":"data:audio/wav","format":"wav"}`:             "data",
		`{"data":1,"format":"wav"}`:                            "data",
	} {
		var part llm.Part
		var got string
		if err := Audio([]byte(raw), &part); err != nil {
			got = fault.From(err).Param
		} else {
			got = part.Media.MIME + " " + part.Media.Data
		}
		if got != want {
			t.Errorf("%s: %q, want %q", raw, got, want)
		}
	}
}
