// Package fakevertex is a strict, scriptable stand-in for Vertex AI and the
// token endpoint of its service accounts: Gemini models judged by fakegemini's
// rules, Claude models by fakeanthropic's.
//
// Every refusal names its source. Beside those of the two judges:
//
//	sdk     genai v1.77.0 (the …ToVertex converters) and package vertex of
//	        anthropic-sdk-go v1.84.0: what they send, and what they refuse to
//	rfc     RFC 7523 (assertions) and RFC 7519 (JWT)
//	google  "Using OAuth 2.0 for server to server applications",
//	        developers.google.com/identity/protocols/oauth2/service-account
package fakevertex

import (
	"net/http"
	"regexp"

	"antigravity-tools/test/fakeanthropic"
	"antigravity-tools/test/fakegemini"
	"antigravity-tools/test/fakeoauth"
)

// Location is the one place that has models.
const Location = "us-east5"

// Server is a running fake. Its methods may be called from any goroutine.
type Server struct {
	*fakegemini.Server
	Claude fakeanthropic.Engine
	Tokens fakeoauth.Tokens

	accounts []*ServiceAccount
}

// New starts a fake on a loopback port, with a service account of each name, in
// a project of that name. Close ends it.
func New(names ...string) (*Server, error) {
	s := &Server{}
	for _, name := range names {
		a, err := newServiceAccount(name)
		if err != nil {
			return nil, err
		}
		s.accounts = append(s.accounts, a)
	}
	behind, err := fakegemini.New(fakegemini.Options{Front: (*front)(s), Models: models()})
	s.Server = behind
	return s, err
}

// TokenURL is the address of the token endpoint.
func (s *Server) TokenURL() string { return s.URL() + "/token" }

// models: calls have ids from Gemini 3 on (the project's translation notes,
// section on ids).
func models() []fakegemini.Model {
	var out []fakegemini.Model
	for _, m := range fakegemini.DefaultModels() {
		m.NoCallIDs = m.Family != "3"
		out = append(out, m)
	}
	return out
}

// front is the server as fakegemini sees it.
type front Server

// Dialect implements fakegemini.Front. Source: sdk, the members that the
// converters refuse; that the placeholder for signatures is not taken: wire
// notes, "Thought signatures"; that Gemini 3 takes search beside functions, and
// no flag for it: seen (litellm 38650; before Gemini 3 refused, litellm 26682).
func (*front) Dialect() fakegemini.Dialect {
	return fakegemini.Dialect{
		NoPlaceholder: true, MixesFreely: true,
		Fields: `
VertexCount contents:Content[] systemInstruction:Content tools:Tool[] generationConfig:GenerationConfig
GenerateContentRequest modelArmorConfig:struct generationOutputConfig:struct
GenerationConfig audioTimestamp:bool routingConfig:struct modelSelectionConfig:struct`,
		Without: `
GenerateContentRequest.model GenerateContentRequest.store
Part.toolCall Part.toolResponse Part.partMetadata
FunctionResponse.willContinue FunctionResponsePart.mediaProcessing
Tool.fileSearch Tool.mcpServers
ToolConfig.includeServerSideToolInvocations
GenerationConfig.enableEnhancedCivicAnswers`,
	}
}

// Wrap implements fakegemini.Front: nothing stands around a reply.
func (*front) Wrap(reply []byte) []byte { return reply }

// Paths of calls (sdk): Google's models in v1beta1, Claude in v1.
var (
	googlePath = regexp.MustCompile(`^/v1beta1/projects/([^/]+)/locations/([^/]+)/publishers/google/models/([^/:]+):(generateContent|streamGenerateContent|countTokens)$`)
	claudePath = regexp.MustCompile(`^/v1/projects/([^/]+)/locations/([^/]+)/publishers/anthropic/models/([^/:]+):(rawPredict|streamRawPredict)$`)
	otherPath  = regexp.MustCompile(`^/v1beta1/projects/([^/]+)/locations/([^/]+)/publishers/google/models/([^/:]+):(predict|embedContent)$`)
	shelfPath  = regexp.MustCompile(`^/v1beta1/publishers/(google|anthropic)/models$`)
)

// Enter implements fakegemini.Front.
func (f *front) Enter(x *fakegemini.Exchange) (none fakegemini.Inner, ok bool) {
	s := (*Server)(f)
	if x.R.URL.Path == "/token" {
		s.token(x)
		return none, false
	}
	if s.stray(x) {
		return none, false
	}
	name, refused := s.Tokens.Bearer(x.R)
	if refused != nil {
		x.Note(name, "", "unauthenticated")
		x.Fail(refused) // no rule: a token may have ended
		return none, false
	}
	if m := shelfPath.FindStringSubmatch(x.R.URL.Path); m != nil && x.R.Method == http.MethodGet {
		x.Note(name, "", "list")
		s.shelf(x, name, m[1])
		return none, false
	}
	google, claude := googlePath.FindStringSubmatch(x.R.URL.Path), claudePath.FindStringSubmatch(x.R.URL.Path)
	other := otherPath.FindStringSubmatch(x.R.URL.Path)
	switch {
	case x.R.Method != http.MethodPost:
		x.NotFound()
	case google != nil:
		if placed(x, name, google) {
			return fakegemini.Inner{Key: name, Model: google[3], Op: google[4], CountAs: "VertexCount", Body: x.Body}, true
		}
	case other != nil:
		x.Note(name, other[3], other[4])
		if placed(x, name, other) && !x.Scripted(name, other[4]) {
			predict(x, other[3], other[4])
		}
	case claude != nil:
		x.Note(name, claude[3], claude[4])
		if placed(x, name, claude) && !x.Scripted(name, claude[4]) {
			s.claude(x, claude[3], claude[4])
		}
	default:
		x.NotFound()
	}
	return none, false
}

// stray refuses headers that must not come here; anthropic-beta belongs to
// Claude's calls, anthropic-version stands in the body (sdk).
func (s *Server) stray(x *fakegemini.Exchange) bool {
	header := x.R.Header
	x.R.Header = header.Clone()
	if claudePath.MatchString(x.R.URL.Path) {
		x.R.Header.Del("Anthropic-Beta")
	}
	stray := x.StrayHeader()
	x.R.Header = header
	return stray
}

// placed refuses a project that the account has no right in, and a location
// without models. Source: choice for the words, which are those of all of Google
// Cloud.
func placed(x *fakegemini.Exchange, account string, path []string) bool {
	switch {
	case path[1] != account:
		x.Refuse("own project", &fakegemini.Error{Code: 403, Status: "PERMISSION_DENIED",
			Message: "Permission 'aiplatform.endpoints.predict' denied on resource '//aiplatform.googleapis.com/projects/" + path[1] + "' (or it may not exist)."})
	case path[2] != Location:
		x.Refuse("location", &fakegemini.Error{Code: 404, Status: "NOT_FOUND", Message: "Publisher Model was not found in " + path[2] + "."})
	default:
		return true
	}
	return false
}

// shelf lists a publisher's models; whose quota the call counts in has to be
// said, as no project stands in the path (google, "x-goog-user-project").
func (s *Server) shelf(x *fakegemini.Exchange, account, publisher string) {
	if x.R.Header.Get("X-Goog-User-Project") != account {
		x.Refuse("quota project", &fakegemini.Error{Code: 403, Status: "PERMISSION_DENIED", Message: "Your application is authenticating by using local Application Default Credentials. A quota project is required."})
		return
	}
	type entry struct {
		Name    string `json:"name"`
		Version string `json:"versionId"`
	}
	var list []entry
	if publisher == "google" {
		for _, m := range models() {
			if m.Methods[0] == "generateContent" {
				list = append(list, entry{"publishers/google/models/" + m.Name, "default"})
			}
		}
		for _, name := range predictModels() {
			list = append(list, entry{"publishers/google/models/" + name, "default"})
		}
	} else {
		for _, name := range []string{fakeanthropic.Adaptive, fakeanthropic.Manual} {
			list = append(list, entry{"publishers/anthropic/models/" + name, "default"})
		}
	}
	x.JSON(http.StatusOK, map[string]any{"publisherModels": list})
}
