package oai

import (
	"strings"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol/wire"
)

// ChoiceWord reads a tool_choice that is a word.
func ChoiceWord(raw []byte, mode *llm.ChoiceMode) error {
	var word string
	if err := wire.Word(raw, &word, "none", "auto", "required"); err != nil {
		return err
	}
	*mode = llm.ChoiceMode(word)
	if word == "required" {
		*mode = llm.ChoiceAny
	}
	return nil
}

// Audio reads an input_audio into part. A data URL stands for its data: some
// clients send one, though the services want base64 alone.
func Audio(raw []byte, part *llm.Part) error {
	m := &llm.Media{}
	part.Kind, part.Media = llm.KindMedia, m
	var format string
	err := wire.Members(raw, func(key string, raw []byte) error {
		switch key {
		case "data":
			return wire.Str(raw, &m.Data)
		case "format":
			return wire.Str(raw, &format)
		}
		return nil
	})
	switch {
	case err != nil:
		return err
	case m.Data == "":
		return wire.Missing("data")
	case format == "":
		return wire.Missing("format")
	}
	m.MIME = "audio/" + strings.ToLower(format)
	if wire.IsDataURL(m.Data) {
		_, m.Data, err = wire.DataURL(m.Data)
	}
	return wire.At("data", err)
}
