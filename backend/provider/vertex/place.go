package vertex

import (
	"net/url"
	"regexp"
	"strings"

	"antigravity-tools/backend/family"
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/provider"
	"antigravity-tools/backend/provider/baseurl"
)

const defaultLocation = "global"

// Versions that the vendors' own SDKs call: genai v1.77.0 for Google's models,
// anthropic-sdk-go v1.84.0 for Claude.
const (
	googleVersion    = "v1beta1"
	anthropicVersion = "v1"
)

// place is the project and the location that a call goes to.
type place struct{ base, project, location string }

// check keeps what stands in paths to the letters that Google Cloud allows; a
// project may have a domain before a colon.
func (p *place) check() error {
	if p.location == "" {
		p.location = defaultLocation
	}
	if p.project == "" {
		return fault.Invalid("project", "the account needs a Google Cloud project")
	}
	if !regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9.:_-]{0,99}$`).MatchString(p.project) {
		return fault.Invalid("project", "%q is not the id of a Google Cloud project", p.project)
	}
	if !regexp.MustCompile(`^[a-z][a-z0-9-]{0,39}$`).MatchString(p.location) {
		return fault.Invalid("location", "%q is not a location of Google Cloud", p.location).WithHint("Use global, us, eu or a region such as us-east5.")
	}
	return nil
}

// host is Google's own address for the location.
func (p *place) host() string {
	switch p.location {
	case "global":
		return "https://aiplatform.googleapis.com"
	case "us", "eu":
		return "https://aiplatform." + p.location + ".rep.googleapis.com"
	}
	return "https://" + p.location + "-aiplatform.googleapis.com"
}

func (p *place) join(version, path string) (string, error) {
	return baseurl.Rule{Default: p.host(), Version: version}.Join(p.base, path)
}

// call gives the address of a call and its body as this service takes it.
func (p *place) call(call provider.Call) (address string, body []byte, err error) {
	if family.IsClaude(bare(call.Model)) {
		return p.claude(call)
	}
	verb, body := "generateContent", call.Body
	query := ""
	switch {
	case call.Operation == provider.MakeImage, call.Operation == provider.EmbedBatch && !embedsContent(bare(call.Model)):
		verb = "predict"
	case call.Operation == provider.EmbedBatch:
		verb = "embedContent"
	case call.Operation == provider.CountTokens:
		verb = "countTokens"
		if body, err = countBody(call.Body); err != nil {
			return "", nil, err
		}
	case call.Stream:
		verb, query = "streamGenerateContent", "?alt=sse"
	}
	address, err = p.join(googleVersion, p.model("google", bare(call.Model))+":"+verb)
	return address + query, body, err
}

func (p *place) claude(call provider.Call) (address string, body []byte, err error) {
	name, verb := claudeName(bare(call.Model)), "rawPredict"
	model := ""
	switch {
	case call.Operation == provider.CountTokens:
		name, model = "count-tokens", name // counted by a model of that name, which reads the body's
	case call.Stream:
		verb = "streamRawPredict"
	}
	if address, err = p.join(anthropicVersion, p.model("anthropic", name)+":"+verb); err != nil {
		return "", nil, err
	}
	body, err = claudeBody(call.Body, model)
	return address, body, err
}

func (p *place) model(publisher, name string) string {
	return "projects/" + url.PathEscape(p.project) + "/locations/" + p.location + "/publishers/" + publisher + "/models/" + url.PathEscape(name)
}

// bare is a model's name without the path that Google's lists put before it.
func bare(model string) string {
	for _, publisher := range []string{"google", "anthropic"} {
		for _, prefix := range []string{"publishers/" + publisher + "/models/", publisher + "/"} {
			if name, ok := strings.CutPrefix(model, prefix); ok {
				return name
			}
		}
	}
	return strings.TrimPrefix(model, "models/")
}

// claudeName writes the date of Anthropic's own names as a version, as this
// service has it: claude-opus-4-5-20251101 is claude-opus-4-5@20251101 here.
func claudeName(model string) string {
	at := len(model) - len("-20060102")
	if at > 0 && model[at] == '-' && !strings.Contains(model, "@") && strings.Trim(model[at+1:], "0123456789") == "" {
		return model[:at] + "@" + model[at+1:]
	}
	return model
}
