package openai

import (
	"testing"

	"antigravity-tools/backend/provider"
)

func TestWay(t *testing.T) {
	own, other := provider.Credential{}, provider.Credential{BaseURL: "http://127.0.0.1:11434"}
	for _, c := range []struct {
		cred  provider.Credential
		op    provider.Operation
		model string
		want  provider.Way
	}{
		{own, provider.Generate, "gpt-5", provider.Native},
		{own, provider.Generate, "something-new", provider.Native},
		{own, provider.Generate, "text-embedding-3-small", provider.Cannot},
		{own, provider.Embed, "text-embedding-3-small", provider.Native},
		{own, provider.EmbedBatch, "gpt-5", provider.Cannot},
		{own, provider.MakeImage, "gpt-image-1", provider.Native},
		{own, provider.EditImage, "gpt-5", provider.Cannot},
		{own, provider.Transcribe, "whisper-1", provider.Native},
		{own, provider.Speak, "tts-1", provider.Native},
		{own, provider.Speak, "whisper-1", provider.Cannot},
		{own, provider.Complete, "gpt-5", provider.AsChat},
		{own, provider.Complete, "gpt-3.5-turbo-instruct", provider.Native},
		{own, provider.Complete, "tts-1", provider.Cannot},
		{other, provider.Embed, "all-minilm", provider.Native},
		{other, provider.Embed, "nomic-embed-text", provider.Native},
		{other, provider.Generate, "nomic-embed-text", provider.Cannot},
		{other, provider.Complete, "llama-4", provider.AsChat},
	} {
		if got := New("1").Way(c.cred, c.op, c.model); got != c.want {
			t.Errorf("%s %s: %v, want %v", c.op, c.model, got, c.want)
		}
	}
}

func TestResources(t *testing.T) {
	p := New("1")
	for op, want := range map[provider.Operation]string{
		provider.Embed: "embeddings", provider.EmbedBatch: "embeddings", provider.Complete: "completions",
		provider.MakeImage: "images/generations", provider.EditImage: "images/edits",
		provider.Transcribe: "audio/transcriptions", provider.Speak: "audio/speech",
	} {
		req, err := p.Prepare(t.Context(), provider.Credential{}, provider.Call{Operation: op, ContentType: "multipart/form-data; boundary=x"})
		if err != nil || req.URL.String() != DefaultBaseURL+"/"+want || req.Header.Get("Content-Type") != "multipart/form-data; boundary=x" {
			t.Errorf("%s: %v %v", op, req, err)
		}
	}
}
