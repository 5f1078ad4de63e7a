package llm

import (
	"encoding/base64"
	"strings"
)

// An envelope carries a Seal of one vendor through a client that speaks
// another vendor's protocol, in the member that this protocol has for its own
// signatures. It is the padded standard base64 of
//
//	agt1 \0 issuer \0 model \0 realm \0 slot \0 original
//
// (padded, because Google's Go SDK types signatures as bytes and re-encodes
// them).

// EnvelopePrefix starts every envelope: the base64 of "agt1". A body without
// it holds no envelope.
const EnvelopePrefix = "YWd0MQ"

const envelopeMagic = "agt1\x00"

// Envelope wraps the seal for transport in the given slot ("call:N", "text",
// "reasoning" or "redacted").
func (s *Seal) Envelope(slot string) string {
	text := envelopeMagic + strings.Join([]string{string(s.Issuer), s.Model, s.Realm, slot, s.Data}, "\x00")
	return base64.StdEncoding.EncodeToString([]byte(text))
}

// ParseEnvelope opens an envelope; ok is false if text is none.
func ParseEnvelope(text string) (seal *Seal, ok bool) {
	if !strings.HasPrefix(text, EnvelopePrefix) {
		return nil, false
	}
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil || !strings.HasPrefix(string(raw), envelopeMagic) {
		return nil, false
	}
	fields := strings.SplitN(string(raw[len(envelopeMagic):]), "\x00", 5)
	if len(fields) != 5 {
		return nil, false
	}
	s := &Seal{Issuer: Issuer(fields[0]), Model: fields[1], Realm: fields[2], Slot: fields[3], Data: fields[4]}
	s.Redacted = s.Slot == "redacted"
	return s, true
}

// OpenSeal makes a Seal of a signature found in a request: the envelope's
// seal if it is one, else a native seal of issuer.
func OpenSeal(text string, issuer Issuer) *Seal {
	if text == "" {
		return nil
	}
	if s, ok := ParseEnvelope(text); ok {
		return s
	}
	return &Seal{Issuer: issuer, Data: text}
}

// Wire is how the seal stands in the protocol of vendor own: as it was issued
// by that vendor, in an envelope otherwise.
func (s *Seal) Wire(own Issuer, slot string) string {
	if s.Issuer == own {
		return s.Data
	}
	return s.Envelope(slot)
}
