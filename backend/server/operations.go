package server

import (
	"antigravity-tools/backend/doctor"
	"antigravity-tools/backend/provider"
)

// operationOf is what a route beside conversation asks of a model.
func operationOf(op doctor.Operation) (provider.Operation, bool) {
	switch op {
	case doctor.OpEmbeddings, doctor.OpBatchEmbed:
		return provider.EmbedBatch, true
	case doctor.OpEmbedContent:
		return provider.Embed, true
	case doctor.OpCompletions:
		return provider.Complete, true
	case doctor.OpImagesGenerations:
		return provider.MakeImage, true
	case doctor.OpImagesEdits:
		return provider.EditImage, true
	case doctor.OpAudioTranscriptions:
		return provider.Transcribe, true
	case doctor.OpAudioSpeech:
		return provider.Speak, true
	}
	return "", false
}

// takesForm tells whether an operation's body may be a form.
func takesForm(op provider.Operation) bool {
	return op == provider.EditImage || op == provider.Transcribe
}
