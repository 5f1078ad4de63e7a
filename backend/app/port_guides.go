package app

import (
	"slices"

	"antigravity-tools/backend/admin"
	coding "antigravity-tools/backend/clients"
)

// Guides tells what to enter by hand in each client, then how to call from one's own code.
func (p clientsPort) Guides(v admin.ClientValues) ([]admin.ConnectGuide, error) {
	values := valuesOf(v)
	list := []admin.ConnectGuide{}
	for _, c := range coding.Catalog() {
		g, err := coding.GuideOf(c.Name, values)
		if err != nil {
			return nil, err
		}
		list = append(list, guideDTO(g, string(c.Manual.Protocol)))
	}
	return append(list, sdkGuides(values)...), nil
}

func guideDTO(g coding.Guide, protocol string) admin.ConnectGuide {
	out := admin.ConnectGuide{
		ID: g.Name, Name: g.Title, Kind: "client", Protocol: protocol, BaseURL: g.BaseURL, Doc: g.Doc, Request: g.Request,
		Summary:  "It speaks " + g.Protocol + " with this gateway.",
		KeyPlace: g.Key, Models: g.Models, Command: g.Command, Ways: []admin.GuideWay{}, Files: []admin.GuideFile{},
		Troubles: []admin.GuideTrouble{}, Notes: nonNil(g.Notes), Snippets: []admin.Snippet{},
	}
	for _, w := range g.Ways {
		out.Ways = append(out.Ways, admin.GuideWay{Title: w.Title, Steps: nonNil(w.Steps)})
	}
	for _, f := range g.Files {
		out.Files = append(out.Files, admin.GuideFile(f))
	}
	for _, t := range g.Troubles {
		out.Troubles = append(out.Troubles, admin.GuideTrouble(t))
	}
	return out
}

// sdk is a family of libraries with the protocols that they speak.
type sdk struct {
	id, name  string
	protocols []coding.Protocol
}

func sdks() []sdk {
	return []sdk{
		{"openai-sdk", "OpenAI SDKs", []coding.Protocol{coding.OpenAI, coding.Responses}},
		{"anthropic-sdk", "Anthropic SDKs", []coding.Protocol{coding.Anthropic}},
		{"gemini-sdk", "Google Gen AI SDKs", []coding.Protocol{coding.Gemini}},
	}
}

func sdkGuides(v coding.Values) []admin.ConnectGuide {
	list := []admin.ConnectGuide{}
	for _, s := range sdks() {
		g := admin.ConnectGuide{
			ID: s.id, Name: s.name, Kind: "sdk", Protocol: string(s.protocols[0]), Ways: []admin.GuideWay{}, Files: []admin.GuideFile{},
			Troubles: []admin.GuideTrouble{}, Notes: []string{}, Snippets: []admin.Snippet{},
			Summary: "For your own code, and for every program that takes a base URL of this kind.",
		}
		for _, one := range coding.Snippets(v) {
			if !slices.Contains(s.protocols, coding.Protocol(one.Protocol)) {
				continue
			}
			if g.BaseURL == "" {
				g.BaseURL = one.BaseURL
			}
			g.Snippets = append(g.Snippets, admin.Snippet{Title: one.Title, Protocol: one.Protocol, Language: one.Language, Code: one.Text})
		}
		list = append(list, g)
	}
	return list
}
