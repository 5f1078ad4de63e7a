package openai

import (
	"context"
	"net/http"
	"strings"

	"antigravity-tools/backend/family"
	"antigravity-tools/backend/provider"
	"antigravity-tools/backend/provider/listing"
	"antigravity-tools/backend/rawjson"
)

// Models implements provider.Provider. The list has one page. OpenAI's own
// names models of all kinds, of which those that some operation here uses are
// kept; of another server's list only what is plainly something else goes.
func (p *Provider) Models(ctx context.Context, client *http.Client, cred provider.Credential) ([]provider.Model, error) {
	address, err := rule().Join(cred.BaseURL, "models")
	if err != nil {
		return nil, err
	}
	src := listing.Source{
		Kind: Kind, Client: client, Classify: p.Classify, Sign: func(req *http.Request) { p.sign(req, cred) },
	}
	body, err := src.Page(ctx, address)
	if err != nil {
		return nil, err
	}
	list := body // some servers answer with the bare list
	if rawjson.KindOf(body) == rawjson.KindObject {
		var ok bool
		if list, ok = rawjson.Get(body, "data"); !ok {
			return nil, src.Bad(nil)
		}
	}
	switch rawjson.KindOf(list) {
	case rawjson.KindArray, rawjson.KindNull: // null: none yet (Ollama)
	default:
		return nil, src.Bad(nil)
	}
	own := rule().Own(cred.BaseURL)
	var models []provider.Model
	for item := range rawjson.Items(list) {
		if m := parseModel(item); m.ID != "" && listed(own, m.ID) {
			models = append(models, m)
		}
	}
	return models, nil
}

// listed tells whether a model of the list is one that is relayed.
func listed(own bool, id string) bool {
	if own {
		return family.OpenAIUse(id) != family.UseOther
	}
	return family.CompatibleUse(id) != family.UseOther
}

// parseModel reads an entry; beside OpenAI's four members servers tell limits
// under names of their own.
func parseModel(raw []byte) provider.Model {
	m := provider.Model{
		ID: listing.Str(raw, "id"), DisplayName: listing.Str(raw, "name"), Description: listing.Str(raw, "description"),
		OwnedBy: listing.Str(raw, "owned_by"), CreatedUnix: listing.Int(raw, "created"),
		InputLimit:   listing.Int(raw, "context_length", "max_model_len", "context_window"),
		OutputLimit:  listing.Int(raw, "max_completion_tokens", "max_output_tokens"),
		ProviderKind: Kind,
	}
	if top, ok := rawjson.Get(raw, "top_provider"); ok && m.OutputLimit == 0 { // OpenRouter
		m.OutputLimit = listing.Int(top, "max_completion_tokens")
	}
	if m.OwnedBy == "" {
		m.OwnedBy, _, _ = strings.Cut(m.ID, "/")
	}
	return m
}
