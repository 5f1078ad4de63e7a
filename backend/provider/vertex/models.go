package vertex

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"antigravity-tools/backend/family"
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/provider"
	"antigravity-tools/backend/provider/listing"
	"antigravity-tools/backend/rawjson"
)

const pageSize = "100"

// Models implements provider.Provider: what Google's and Anthropic's shelves of
// the Model Garden hold. (A project may have to be let in to a model first;
// the service tells at the first call.) The shelves name no limits. A project
// that may not look at Anthropic's has Google's models all the same.
func (p *Provider) Models(ctx context.Context, client *http.Client, cred provider.Credential) ([]provider.Model, error) {
	src, at, err := p.account(cred)
	if err != nil {
		return nil, err
	}
	token, err := p.tokens.Get(ctx, src)
	if err != nil {
		return nil, err
	}
	list := listing.Source{Kind: Kind, Client: client, Classify: p.Classify, Sign: func(req *http.Request) {
		p.sign(req, token)
		// The lists belong to no project; this says whose quota the call counts in.
		req.Header.Set("X-Goog-User-Project", at.project)
	}}
	models, err := shelf(ctx, list, at, "google", relayed)
	if err != nil {
		if fault.Is(err, fault.UpstreamAuth) {
			p.tokens.Drop(src, token)
		}
		return nil, err
	}
	claude, err := shelf(ctx, list, at, "anthropic", family.IsClaude)
	if err != nil && ctx.Err() != nil {
		return nil, err
	}
	return append(models, claude...), nil
}

// shelf reads the list of one publisher.
func shelf(ctx context.Context, src listing.Source, at place, publisher string, fits func(string) bool) ([]provider.Model, error) {
	address, err := at.join(googleVersion, "publishers/"+publisher+"/models")
	if err != nil {
		return nil, err
	}
	var models []provider.Model
	token := ""
	for range listing.MaxPages {
		q := url.Values{"pageSize": {pageSize}}
		if token != "" {
			q.Set("pageToken", token)
		}
		body, err := src.Page(ctx, address+"?"+q.Encode())
		if err != nil {
			return nil, err
		}
		if rawjson.KindOf(body) != rawjson.KindObject {
			return nil, src.Bad(nil)
		}
		page, _ := rawjson.Get(body, "publisherModels")
		for item := range rawjson.Items(page) {
			if m := parseModel(item, publisher); m.ID != "" && fits(m.ID) {
				models = append(models, m)
			}
		}
		next := listing.Str(body, "nextPageToken")
		if next == "" || next == token {
			break
		}
		token = next
	}
	return models, nil
}

func parseModel(raw []byte, publisher string) provider.Model {
	name := listing.Str(raw, "name")
	return provider.Model{
		ID: name[strings.LastIndexByte(name, '/')+1:], Version: listing.Str(raw, "versionId"),
		OwnedBy: publisher, ProviderKind: Kind,
	}
}
