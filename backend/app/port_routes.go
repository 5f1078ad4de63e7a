package app

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"antigravity-tools/backend/access"
	"antigravity-tools/backend/account"
	"antigravity-tools/backend/admin"
	"antigravity-tools/backend/doctor"
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/routing"
	"antigravity-tools/backend/server"
)

// routesPort is the route table as the service sees it.
type routesPort struct {
	site func() doctor.Site
	mode func() access.Mode
}

func (p routesPort) Routes() []admin.Route {
	origin := p.site().Origin
	out := []admin.Route{}
	for _, r := range doctor.Routes() {
		if r.Alias {
			continue
		}
		health := r.Operation == doctor.OpHealth
		protocol := string(r.Protocol)
		if r.Protocol == doctor.None {
			protocol = "none"
		}
		out = append(out, admin.Route{
			Method: r.Method, Path: r.Pattern, URL: origin + r.Pattern, Protocol: protocol, Summary: r.Description,
			NeedsKey:  r.Operation != doctor.OpSink && access.NeedsKey(p.mode(), health),
			Available: server.Implements(r.Operation), Curl: curl(r, origin),
		})
	}
	return out
}

// curl is a call to try, for the routes that answer something to see.
func curl(r doctor.Route, origin string) string {
	model := previewModel
	url := origin + strings.ReplaceAll(r.Pattern, "{model}", model)
	post := func(body string) string {
		return "curl " + url + " -H 'Content-Type: application/json' -H 'Authorization: Bearer KEY' -d '" + body + "'"
	}
	switch r.Operation {
	case doctor.OpHealth, doctor.OpRoot, doctor.OpModels, doctor.OpModel:
		return "curl " + url
	case doctor.OpModelDetect:
		return "curl '" + url + "?model=" + model + "'"
	case doctor.OpChatCompletions:
		return post(`{"model":"` + model + `","messages":[{"role":"user","content":"Hello"}]}`)
	case doctor.OpResponses, doctor.OpResponsesTokens:
		if r.Method != http.MethodPost {
			return ""
		}
		return post(`{"model":"` + model + `","input":"Hello"}`)
	case doctor.OpMessages:
		return post(`{"model":"` + model + `","max_tokens":256,"messages":[{"role":"user","content":"Hello"}]}`)
	case doctor.OpMessagesCount:
		return post(`{"model":"` + model + `","messages":[{"role":"user","content":"Hello"}]}`)
	case doctor.OpGenerate, doctor.OpCountTokens, doctor.OpStreamGenerate:
		return post(`{"contents":[{"role":"user","parts":[{"text":"Hello"}]}]}`)
	default:
		return operationCurl(r.Operation, post)
	}
}

// operationCurl is a call of an operation beside conversation. Those that send
// a file have none: a page has no file to name.
func operationCurl(op doctor.Operation, post func(body string) string) string {
	switch op {
	case doctor.OpCompletions:
		return post(`{"model":"` + previewModel + `","prompt":"Once upon a time"}`)
	case doctor.OpEmbeddings:
		return post(`{"model":"gemini-embedding-001","input":"Hello"}`)
	case doctor.OpImagesGenerations:
		return post(`{"model":"gemini-2.5-flash-image","prompt":"A lighthouse","size":"1024x1024"}`)
	case doctor.OpAudioSpeech:
		return post(`{"model":"gemini-2.5-flash-preview-tts","voice":"Kore","input":"Hello"}`)
	default:
		return ""
	}
}

// modelsPort is the merged model list as the service sees it.
type modelsPort struct{ pool *account.Pool }

func (p modelsPort) List(context.Context) ([]admin.Model, error) {
	models := p.pool.Models()
	out := make([]admin.Model, 0, len(models))
	for _, m := range models {
		out = append(out, admin.Model{
			ID: m.ID, DisplayName: m.DisplayName, Provider: m.ProviderKind, Accounts: p.pool.CountOffers(m.ID),
			InputLimit: int(m.InputLimit), OutputLimit: int(m.OutputLimit), Methods: nonNil(m.Methods),
		})
	}
	return out, nil
}

// resolver routes model names over what the pool offers at this moment.
type resolver struct{ pool *account.Pool }

func (r resolver) Resolve(asked, base string) (routing.Decision, *fault.Error) {
	return routing.Resolve(asked, base, r.pool)
}

// doctorPort explains base URLs and paths against the live listener.
type doctorPort struct{ a *App }

// Diagnose names the first thing that stands between a client and its answer:
// the address, the listener, the key, the accounts.
func (p doctorPort) Diagnose(_ context.Context, target string) (admin.DoctorReport, error) {
	if strings.TrimSpace(target) == "" {
		return admin.DoctorReport{}, fault.Invalid("target", "name a base URL or a request path")
	}
	v := doctor.DiagnoseURL(target, p.a.site())
	report := admin.DoctorReport{
		Verdict: "ok", Code: v.Code, Client: v.Client, Protocol: string(v.Protocol), BaseURL: v.BaseURL,
		Why: v.Why, Guide: v.Guide, RewriteTo: v.Canonical, Lines: []string{},
	}
	if !v.OK() {
		report.Verdict = "mistake"
	} else {
		p.beyondTheAddress(&report)
	}
	for _, line := range []string{v.Message, report.Why} {
		if line != "" && !slices.Contains(report.Lines, line) {
			report.Lines = append(report.Lines, line)
		}
	}
	for _, use := range v.Uses {
		report.Lines = append(report.Lines, useLine(use))
	}
	return report, nil
}

// beyondTheAddress looks at what a right base URL still needs.
func (p doctorPort) beyondTheAddress(report *admin.DoctorReport) {
	counts := p.a.parts.pool.Counts()
	needsKey := access.NeedsKey(p.a.authMode(), false)
	set := func(verdict, code, why string) { report.Verdict, report.Code, report.Why = verdict, code, why }
	switch {
	case !p.a.listener.runs():
		set("unreachable", "not_running", "The address is right, but no gateway listens there now. Start it in the window or with: antigravity-tools serve.")
	case needsKey && !p.a.parts.keys.Usable():
		set("unauthorized", "no_key", "The address is right, but the gateway asks for a key and none exists. Make one with: antigravity-tools key create --name NAME.")
	case counts.Ready+counts.Cooling == 0 && !counts.Loopback:
		set("no_account", "no_usable_account", "The address is right, but no account can serve. Add one on the Accounts page or with: antigravity-tools account add.")
	case needsKey:
		report.Lines = append(report.Lines, "The gateway asks for a key; enter one of `antigravity-tools key list` in the client.")
	}
}

// useLine tells what one client makes of a base URL.
func useLine(use doctor.ClientURL) string {
	if use.Works {
		return use.Client + ": works, asks for " + use.URL
	}
	return use.Client + ": would ask for " + use.URL + "; enter " + use.BaseURL
}
