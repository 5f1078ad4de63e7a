package admin

import (
	"net"
	"strconv"
	"strings"
)

// keyPlaceholder stands where a guide needs a key and none was chosen.
const keyPlaceholder = "sk-agt-YOUR-KEY"

// guideModel stands in guides where nothing that is served now stands out.
const guideModel = "gemini-2.5-flash"

// ConnectGuides tells what to enter in each client, with the live port and the chosen key. It reads no
// file, so that a console of another machine gets it too.
func (a *API) ConnectGuides(req ConnectGuidesRequest) ([]ConnectGuide, error) {
	if a.deps.Clients == nil {
		return []ConnectGuide{}, nil
	}
	v, err := a.guideValues(req)
	if err != nil {
		return nil, err
	}
	list, err := a.deps.Clients.Guides(v)
	if err != nil {
		return nil, err
	}
	open := a.serverStatus().Effective == "off"
	for i := range list {
		list[i].finish(v, open)
	}
	return list, nil
}

func (a *API) guideValues(req ConnectGuidesRequest) (ClientValues, error) {
	host := req.Host
	if host == "" {
		host = "127.0.0.1"
	}
	v := ClientValues{
		Root: "http://" + net.JoinHostPort(host, strconv.Itoa(a.serverStatus().Port)), Key: keyPlaceholder, Model: req.Model,
	}
	if req.KeyID != "" {
		revealed, err := a.RevealKey(KeyRef{ID: req.KeyID})
		if err != nil {
			return v, err
		}
		v.Key = revealed.Secret
	}
	if v.Model == "" {
		served, err := a.Models()
		if err != nil {
			return v, err
		}
		if v.Model = SuggestModel(served, a.counts()); v.Model == "" {
			v.Model = guideModel
		}
	}
	v.SmallModel = v.Model
	return v, nil
}

// finish adds what to enter, and takes the key out of sentences: there it can be seen over a shoulder, and
// its field has a button to copy it.
func (g *ConnectGuide) finish(v ClientValues, open bool) {
	chosen := v.Key != keyPlaceholder
	g.Steps = []ConnectStep{
		{Label: "Base URL", Value: g.BaseURL, Help: "Enter it exactly like this."},
		{Label: "API key", Value: v.Key, Secret: chosen, Help: g.KeyPlace},
		{Label: "Model", Value: v.Model, Help: g.Models},
	}
	if chosen {
		hide := func(text string) string { return strings.ReplaceAll(text, v.Key, v.Key[:min(11, len(v.Key))]+"…") }
		for i := range g.Ways {
			for j, step := range g.Ways[i].Steps {
				g.Ways[i].Steps[j] = hide(step)
			}
		}
	}
	if open {
		g.Notes = append(g.Notes, "No key is asked for now: any text will do where the client insists on one.")
	}
}
