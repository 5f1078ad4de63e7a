package provider

import (
	"antigravity-tools/backend/family"
	"antigravity-tools/backend/protocol"
)

// Operations beside conversation. A provider does them only if it says so
// (Operator); Complete is done by every provider, as a conversation.
const (
	// Embed makes the embeddings of one content, EmbedBatch those of several
	// (Gemini has a method for each, OpenAI one for both).
	Embed      Operation = "embed"
	EmbedBatch Operation = "embed_batch"
	// Complete continues a text: OpenAI's operation of old.
	Complete   Operation = "complete"
	MakeImage  Operation = "make_image"
	EditImage  Operation = "edit_image"
	Transcribe Operation = "transcribe"
	Speak      Operation = "speak"
)

// Operations lists them all.
func Operations() []Operation {
	return []Operation{Generate, CountTokens, Embed, EmbedBatch, Complete, MakeImage, EditImage, Transcribe, Speak}
}

// Verb words an operation for messages: "… cannot make embeddings".
func (op Operation) Verb() string {
	switch op {
	case Embed, EmbedBatch:
		return "make embeddings"
	case MakeImage, EditImage:
		return "make images"
	case Transcribe:
		return "transcribe recordings"
	case Speak:
		return "speak"
	case Complete:
		return "complete a text"
	}
	return "hold a conversation"
}

// Way is how a provider does an operation.
type Way int

// Ways, from none to the best.
const (
	Cannot Way = iota
	AsChat     // as a conversation, which the gateway makes of it
	Native     // the upstream has the operation
)

// Operator is implemented by a Provider that does operations beside
// conversation, or whose models are not all made for conversation.
type Operator interface {
	// Way tells how the account's upstream does the operation with that model.
	Way(cred Credential, op Operation, model string) Way
}

// Embedder is implemented by an Operator that makes embeddings.
type Embedder interface {
	Embeddings(model string) protocol.EmbedUpstream
}

// Drawer is implemented by an Operator whose service makes pictures by an
// operation of its own that clients of another protocol may be served by.
type Drawer interface {
	Pictures() protocol.Upstream
	// MaxPictures is how many one call makes at most.
	MaxPictures() int
}

// GeminiWay tells how a service that speaks Google's generateContent does an
// operation with a model: pictures, transcriptions and speech are conversations
// with a model that draws, hears or speaks. Embeddings have methods of their
// own, which not every such service has: Cannot.
func GeminiWay(op Operation, model string, caps func(string) family.Caps) Way {
	use := family.GeminiUse(model)
	if use == family.UseOther { // a name of another make that the account lists: the service knows
		use = family.UseChat
	}
	chats := use == family.UseChat
	if use == family.UseImage { // by predict, which not every such service has
		return Cannot
	}
	switch op {
	case Generate, CountTokens:
		return when(chats || use == family.UseSpeech, Native)
	case MakeImage, EditImage:
		return when(caps(model).ImageOut, AsChat)
	case Transcribe:
		return when(family.HearsGemini(model), AsChat)
	case Speak:
		return when(use == family.UseSpeech, AsChat)
	case Complete:
		return when(chats && !caps(model).ImageOut, AsChat)
	}
	return Cannot
}

func when(able bool, way Way) Way {
	if able {
		return way
	}
	return Cannot
}

// WayOf tells how a provider does the operation behind the account.
func WayOf(p Provider, cred Credential, op Operation, model string) Way {
	if o, ok := p.(Operator); ok {
		return o.Way(cred, op, model)
	}
	switch op {
	case Generate, CountTokens:
		return Native
	case Complete:
		return AsChat
	}
	return Cannot
}
