package openai

import (
	"antigravity-tools/backend/family"
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	codec "antigravity-tools/backend/protocol/openai"
	"antigravity-tools/backend/provider"
)

var (
	_ provider.Operator = (*Provider)(nil)
	_ provider.Embedder = (*Provider)(nil)
)

// Embeddings implements provider.Embedder.
func (*Provider) Embeddings(string) protocol.EmbedUpstream { return codec.Embeddings{} }

// Way implements provider.Operator. OpenAI's own models are told apart by
// their names. What another server's model can do only the server knows; it is
// asked for whatever its name does not rule out. Legacy completions are a
// conversation for all models but those that know nothing else.
func (*Provider) Way(cred provider.Credential, op provider.Operation, model string) provider.Way {
	own := rule().Own(cred.BaseURL)
	use := use(own, model)
	native := false
	switch op {
	case provider.Complete:
		if use == family.UseCompletion {
			return provider.Native
		}
		if use == family.UseChat {
			return provider.AsChat
		}
		return provider.Cannot
	case provider.Generate, provider.CountTokens:
		native = use == family.UseChat || !own && use == family.UseCompletion
	case provider.Embed, provider.EmbedBatch:
		native = use == family.UseEmbedding
	case provider.MakeImage, provider.EditImage:
		native = use == family.UseImage
	case provider.Transcribe:
		native = use == family.UseTranscription
	case provider.Speak:
		native = use == family.UseSpeech
	}
	if native || !own && use == family.UseChat {
		return provider.Native
	}
	return provider.Cannot
}

// use is what a model is made for. A name of no known make comes here only if
// the account lists it: then it is tried.
func use(own bool, model string) family.Use {
	if !own {
		return family.CompatibleUse(model)
	}
	if u := family.OpenAIUse(model); u != family.UseOther {
		return u
	}
	return family.UseChat
}

// resource is the path of an operation behind the base URL.
func resource(op provider.Operation, in llm.Protocol) (string, error) {
	switch {
	case in != llm.Responses:
	case op == provider.Generate:
		return "responses", nil
	case op == provider.CountTokens:
		return "responses/input_tokens", nil
	}
	switch op {
	case provider.Generate:
		return "chat/completions", nil
	case provider.Embed, provider.EmbedBatch:
		return "embeddings", nil
	case provider.Complete:
		return "completions", nil
	case provider.MakeImage:
		return "images/generations", nil
	case provider.EditImage:
		return "images/edits", nil
	case provider.Transcribe:
		return "audio/transcriptions", nil
	case provider.Speak:
		return "audio/speech", nil
	}
	return "", fault.New(fault.UpstreamInvalid, "this provider cannot count tokens")
}
