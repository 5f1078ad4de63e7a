package anthropic

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"antigravity-tools/backend/family"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/provider"
	"antigravity-tools/backend/provider/listing"
	"antigravity-tools/backend/rawjson"
)

const pageSize = 1000

// Models implements provider.Provider.
func (p *Provider) Models(ctx context.Context, client *http.Client, cred provider.Credential) ([]provider.Model, error) {
	address, err := rule().Join(cred.BaseURL, "models")
	if err != nil {
		return nil, err
	}
	src := listing.Source{
		Kind: Kind, Client: client, Classify: p.Classify, Sign: func(req *http.Request) { p.sign(req, cred) },
	}
	var models []provider.Model
	after := ""
	for range listing.MaxPages {
		q := url.Values{"limit": {strconv.Itoa(pageSize)}}
		if after != "" {
			q.Set("after_id", after)
		}
		body, err := src.Page(ctx, address+"?"+q.Encode())
		if err != nil {
			return nil, err
		}
		list, ok := rawjson.Get(body, "data")
		if !ok || rawjson.KindOf(list) != rawjson.KindArray {
			return nil, src.Bad(nil)
		}
		for item := range rawjson.Items(list) {
			if m := parseModel(item); m.ID != "" {
				models = append(models, m)
			}
		}
		more, _ := rawjson.Get(body, "has_more")
		next := listing.Str(body, "last_id")
		if string(more) != "true" || next == "" || next == after {
			return models, nil
		}
		after = next
	}
	return models, nil
}

func parseTime(s string) (unix int64, err error) {
	at, err := time.Parse(time.RFC3339, s)
	return at.Unix(), err
}

func parseModel(raw []byte) provider.Model {
	m := provider.Model{
		ID: listing.Str(raw, "id"), DisplayName: listing.Str(raw, "display_name"),
		InputLimit: listing.Int(raw, "max_input_tokens"), OutputLimit: listing.Int(raw, "max_tokens"),
		OwnedBy: "anthropic", ProviderKind: Kind, Abilities: abilities(raw),
	}
	m.Thinking = m.Abilities.Thinking != nil && *m.Abilities.Thinking
	if at, err := parseTime(listing.Str(raw, "created_at")); err == nil {
		m.CreatedUnix = at
	}
	return m
}

// abilities reads the member capabilities, each of which is {supported} with
// more of them inside (anthropic-sdk-go v1.84.0, ModelCapabilities). What a
// list does not name stays as the model's name has it; older servers name
// nothing.
func abilities(model []byte) family.Announced {
	caps, ok := rawjson.Get(model, "capabilities")
	if !ok || rawjson.KindOf(caps) != rawjson.KindObject {
		return family.Announced{}
	}
	a := family.Announced{
		Thinking: supported(caps, "thinking"), Effort: supported(caps, "effort"),
		Structured: supported(caps, "structured_outputs"),
		Images:     supported(caps, "image_input"), PDF: supported(caps, "pdf_input"),
		WebSearch: supported(caps, "server_tools", "web_search"), CodeExecution: supported(caps, "server_tools", "code_execution"),
	}
	for _, t := range []family.ThinkingType{family.ThinkingEnabled, family.ThinkingAdaptive, family.ThinkingDisabled, family.ThinkingBetween} {
		if is(supported(caps, "thinking", "types", string(t))) {
			a.ThinkingTypes = append(a.ThinkingTypes, t)
		}
	}
	if is(a.Effort) {
		for _, e := range []llm.Effort{llm.EffortLow, llm.EffortMedium, llm.EffortHigh, llm.EffortXHigh, llm.EffortMax} {
			if is(supported(caps, "effort", string(e))) {
				a.Efforts = append(a.Efforts, e)
			}
		}
	}
	return a
}

// supported reads {"supported":…} at a path; nil if it is not there.
func supported(caps []byte, path ...string) *bool {
	raw, ok := rawjson.Get(caps, append(path, "supported")...)
	if !ok {
		return nil
	}
	b, err := rawjson.Bool(raw)
	if err != nil {
		return nil
	}
	return &b
}

func is(b *bool) bool { return b != nil && *b }
