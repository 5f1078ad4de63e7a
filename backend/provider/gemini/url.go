package gemini

import (
	"antigravity-tools/backend/fault"
	codec "antigravity-tools/backend/protocol/gemini"
	"antigravity-tools/backend/provider/baseurl"
)

// DefaultBaseURL is Google's own address.
const DefaultBaseURL = "https://generativelanguage.googleapis.com"

// defaultVersion is what the vendor's Go SDK and CLI ask for.
const defaultVersion = "v1beta"

func rule() baseurl.Rule {
	return baseurl.Rule{Default: DefaultBaseURL, Version: defaultVersion, Tails: []string{"/models"}}
}

func resourceURL(base, path string) (string, error) { return rule().Join(base, path) }

func modelURL(base, model, verb string) (string, error) {
	model = codec.BareModel(model)
	if model == "" {
		return "", fault.Invalid("model", "the request names no model")
	}
	return resourceURL(base, "models/"+escapeModel(model)+":"+verb)
}
