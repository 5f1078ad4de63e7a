package gemini

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"antigravity-tools/backend/family"
	"antigravity-tools/backend/fault"
	codec "antigravity-tools/backend/protocol/gemini"
	"antigravity-tools/backend/provider"
	"antigravity-tools/backend/rawjson"
)

// Bounds of the model list: a page is some hundred kilobytes at most.
const (
	pageSize    = 1000
	maxPages    = 20
	maxPageSize = 8 << 20 // bytes
	maxDepth    = 100
)

// Models implements provider.Provider. Models whose methods are not relayed
// (Veo) are left out.
func (p *Provider) Models(ctx context.Context, client *http.Client, cred provider.Credential) ([]provider.Model, error) {
	address, err := resourceURL(cred.BaseURL, "models")
	if err != nil {
		return nil, err
	}
	var models []provider.Model
	token := ""
	for range maxPages {
		q := url.Values{"pageSize": {strconv.Itoa(pageSize)}}
		if token != "" {
			q.Set("pageToken", token)
		}
		body, err := p.get(ctx, client, cred, address+"?"+q.Encode())
		if err != nil {
			return nil, err
		}
		page, next, err := parsePage(body)
		if err != nil {
			return nil, err
		}
		models = append(models, page...)
		if next == "" || next == token {
			return models, nil
		}
		token = next
	}
	return models, nil
}

func (p *Provider) get(ctx context.Context, client *http.Client, cred provider.Credential, address string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "the upstream's address could not be used", err)
	}
	p.sign(req, cred)
	resp, err := client.Do(req)
	if err != nil {
		return nil, unreachable(ctx, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxPageSize+1))
	if err != nil {
		return nil, unreachable(ctx, err)
	}
	if resp.StatusCode/100 != 2 {
		return nil, p.Classify(resp.StatusCode, resp.Header, body)
	}
	if len(body) > maxPageSize {
		return nil, badList(errors.New("a page of the model list is too large"))
	}
	return body, nil
}

// unreachable hides the cause, which holds the address, from the message.
func unreachable(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fault.From(ctx.Err())
	}
	if f := fault.From(err); f.Class != fault.Internal {
		return f
	}
	f := fault.Wrap(fault.Overloaded, "the upstream could not be reached", err).WithCode("upstream_unreachable")
	f.Provider, f.Scope = Kind, fault.ScopeRequest
	return f
}

func badList(cause error) error {
	f := fault.Wrap(fault.UpstreamProtocol, "the upstream's model list cannot be read", cause).
		WithHint("Check the base URL: it may lead to something that is not the Gemini API.")
	f.Provider = Kind
	return f
}

func parsePage(body []byte) (models []provider.Model, next string, err error) {
	if err := rawjson.Check(body, maxDepth); err != nil {
		return nil, "", badList(err)
	}
	list, ok := rawjson.Get(body, "models")
	if !ok && rawjson.KindOf(body) != rawjson.KindObject {
		return nil, "", badList(nil)
	}
	for item := range rawjson.Items(list) {
		m := parseModel(item)
		if m.ID != "" && relayed(m) {
			models = append(models, m)
		}
	}
	return models, str(body, "nextPageToken"), nil
}

// relayed tells whether one of a model's methods is known here; a proxy that
// names none is taken at its word.
func relayed(m provider.Model) bool {
	return len(m.Methods) == 0 || slices.ContainsFunc(m.Methods, func(method string) bool {
		switch method {
		case "generateContent", "embedContent", "batchEmbedContents":
			return true
		case "predict":
			return family.IsImagen(m.ID)
		}
		return false
	})
}

func parseModel(raw []byte) provider.Model {
	m := provider.Model{
		ID: codec.BareModel(str(raw, "name")), DisplayName: str(raw, "displayName"),
		Description: str(raw, "description"), Version: str(raw, "version"),
		InputLimit: integer(raw, "inputTokenLimit"), OutputLimit: integer(raw, "outputTokenLimit"),
		Temperature: number(raw, "temperature"), MaxTemp: number(raw, "maxTemperature"),
		TopP: number(raw, "topP"), TopK: integer(raw, "topK"),
		OwnedBy: "google", ProviderKind: Kind,
	}
	if v, ok := rawjson.Get(raw, "thinking"); ok {
		m.Thinking, _ = rawjson.Bool(v)
	}
	methods, _ := rawjson.Get(raw, "supportedGenerationMethods")
	for item := range rawjson.Items(methods) {
		if s, err := rawjson.String(item); err == nil {
			m.Methods = append(m.Methods, s)
		}
	}
	return m
}

func str(obj []byte, key string) string {
	v, _ := rawjson.Get(obj, key)
	s, err := rawjson.String(v)
	if err != nil {
		return ""
	}
	return s
}

func integer(obj []byte, key string) int64 {
	v, _ := rawjson.Get(obj, key)
	n, err := rawjson.Int(v)
	if err != nil {
		return 0
	}
	return n
}

func number(obj []byte, key string) float64 {
	v, _ := rawjson.Get(obj, key)
	f, err := strconv.ParseFloat(string(v), 64)
	if err != nil {
		return 0
	}
	return f
}
