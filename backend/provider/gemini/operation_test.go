package gemini

import (
	"strings"
	"testing"

	"antigravity-tools/backend/provider"
)

func TestWay(t *testing.T) {
	for _, c := range []struct {
		op    provider.Operation
		model string
		want  provider.Way
	}{
		{provider.Generate, "gemini-2.5-flash", provider.Native},
		{provider.Generate, "gemini-embedding-001", provider.Cannot},
		{provider.CountTokens, "gemini-2.5-flash", provider.Native},
		{provider.Generate, "gemini-2.5-flash-preview-tts", provider.Native},
		{provider.Embed, "models/gemini-embedding-001", provider.Native},
		{provider.EmbedBatch, "gemini-2.5-flash", provider.Cannot},
		{provider.MakeImage, "gemini-2.5-flash-image", provider.AsChat},
		{provider.EditImage, "gemini-3-pro-image-preview", provider.AsChat},
		{provider.MakeImage, "gemini-2.5-flash", provider.Cannot},
		{provider.Transcribe, "gemini-2.5-flash", provider.AsChat},
		{provider.Transcribe, "gemini-2.5-flash-image", provider.Cannot},
		{provider.Speak, "gemini-2.5-pro-preview-tts", provider.AsChat},
		{provider.Speak, "gemini-2.5-pro", provider.Cannot},
		{provider.Complete, "gemini-2.5-pro", provider.AsChat},
		{provider.Complete, "gemini-embedding-001", provider.Cannot},
		{provider.MakeImage, "imagen-4.0-generate-001", provider.Native},
		{provider.EditImage, "imagen-4.0-generate-001", provider.Cannot},
		{provider.Generate, "imagen-4.0-generate-001", provider.Cannot},
		{provider.MakeImage, "imagen-3.0-capability-001", provider.Cannot},
	} {
		if got := New("1").Way(provider.Credential{}, c.op, c.model); got != c.want {
			t.Errorf("%s %s: %v, want %v", c.op, c.model, got, c.want)
		}
	}
	for op, verb := range map[provider.Operation]string{provider.Embed: ":embedContent", provider.EmbedBatch: ":batchEmbedContents"} {
		req, err := New("1").Prepare(t.Context(), provider.Credential{}, provider.Call{Operation: op, Model: "gemini-embedding-001"})
		if err != nil || !strings.HasSuffix(req.URL.String(), "/models/gemini-embedding-001"+verb) {
			t.Errorf("%s: %v %v", op, req, err)
		}
	}
}
