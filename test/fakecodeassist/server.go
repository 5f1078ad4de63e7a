// Package fakecodeassist is a strict, scriptable stand-in for Google's
// Code-Assist service ("v1internal") and the token endpoint that its accounts
// use. What stands in its envelope is judged by fakegemini's rules.
//
// Every refusal names its source. Beside those of fakegemini:
//
//	wire    the project's wire notes, section (a), row or table named
//	rfc     RFC 6749
//	ours    docs/adr/0009-google-credentials.md: no disguise
package fakecodeassist

import (
	"net/http"
	"strings"
	"sync"
	"time"

	"antigravity-tools/test/fakegemini"
	"antigravity-tools/test/fakeoauth"
)

// ClientID and ClientSecret are the one OAuth client that exists.
const (
	ClientID     = "own-client.apps.example"
	ClientSecret = "GOCSPX-fake-0123456789"
)

// Claude is the model of Anthropic's that the service has beside Gemini's.
const Claude = "claude-sonnet-4-6"

// Account is a Google account as the service knows it.
type Account struct {
	Name    string // the key of scripts and records
	Refresh string // its refresh token
	// Project is what the service manages for it, handed out at onboarding.
	Project string
	// Tier is the plan that it is on; "" means that it was never onboarded.
	Tier string
	// Validation is the page on which its owner has to verify it, "" for none.
	Validation string
	// Revoked: the consent has been taken back.
	Revoked bool
	Quotas  map[string]Quota // by model; a model without one has no quotaInfo
}

// Quota is what is left of a model's quota.
type Quota struct {
	Remaining float64 // 0 to 1; 0 is left out of the reply, as the service does
	Reset     time.Time
}

// Server is a running fake. Its methods may be called from any goroutine.
type Server struct {
	*fakegemini.Server
	Tokens fakeoauth.Tokens

	mu         sync.Mutex
	accounts   []*Account
	operations map[string]*operation
	onboarded  int
}

type operation struct {
	account *Account
	tier    string
	done    bool
}

// New starts a fake on a loopback port, with these accounts. Close ends it.
func New(accounts ...Account) (*Server, error) {
	return NewWith(fakegemini.Options{}, accounts...)
}

// NewWith is New with options of the judge behind; Front and Models are the
// fake's own.
func NewWith(opts fakegemini.Options, accounts ...Account) (*Server, error) {
	s := &Server{operations: map[string]*operation{}}
	for _, a := range accounts {
		s.accounts = append(s.accounts, &a)
	}
	opts.Front, opts.Models = (*front)(s), models()
	behind, err := fakegemini.New(opts)
	s.Server = behind
	return s, err
}

// TokenURL is the address of the token endpoint.
func (s *Server) TokenURL() string { return s.URL() + "/token" }

// Change changes an account.
func (s *Server) Change(name string, f func(*Account)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.accounts {
		if a.Name == name {
			f(a)
		}
	}
}

// Onboarded counts the calls of onboardUser that were taken.
func (s *Server) Onboarded() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.onboarded
}

// find gives a copy of the account that fits.
func (s *Server) find(fits func(*Account) bool) (Account, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.accounts {
		if fits(a) {
			return *a, true
		}
	}
	return Account{}, false
}

// models are those that chat; Gemini takes budgets here and no levels, and its
// calls have no ids (wire, "Thinking": "On v1internal Gemini takes budgets";
// the project's translation notes, section on ids). Claude takes levels, and its
// calls have ids (wire, same places).
func models() []fakegemini.Model {
	const in, out = 1048576, 65536
	chat := []string{"generateContent", "countTokens"}
	return []fakegemini.Model{
		{Name: "gemini-2.5-flash", DisplayName: "Gemini 2.5 Flash", InputLimit: in, OutputLimit: out, Methods: chat, Family: "2.5", MinBudget: 1, MaxBudget: 24576, ZeroBudget: true, NoCallIDs: true},
		{Name: "gemini-2.5-pro", DisplayName: "Gemini 2.5 Pro", InputLimit: in, OutputLimit: out, Methods: chat, Family: "2.5", MinBudget: 128, MaxBudget: 32768, NoCallIDs: true},
		{Name: "gemini-3-pro-preview", DisplayName: "Gemini 3 Pro", InputLimit: in, OutputLimit: out, Methods: chat, Family: "3", MinBudget: 128, MaxBudget: 32768, NoCallIDs: true},
		{Name: Claude, DisplayName: "Claude Sonnet 4.6", InputLimit: 200000, OutputLimit: 64000, Methods: chat, Family: "claude", Levels: []string{"LOW", "MEDIUM", "HIGH"}, MustCallIDs: true},
	}
}

// front is the server as fakegemini sees it.
type front Server

// Dialect implements fakegemini.Front.
//
// Sources: wire, "Request wrapper" (the members of request, generationConfig,
// toolConfig and parts that are listed there; what is not listed is refused, but
// for media within a function's response, which Google's own CLI sends to Gemini
// 3: packages/core, convertToFunctionResponse),
// "(d)" (seven schema keywords; a declaration has name, description and
// parameters alone; names of 64), "loadCodeAssist / onboardUser / quota".
func (*front) Dialect() fakegemini.Dialect {
	return fakegemini.Dialect{
		NameLimit: 64,
		Fields: `
Envelope model:string project:string user_prompt_id:string request:struct enabled_credit_types:string[]
CountEnvelope request:struct
CountInner model:string contents:Content[]
LoadCodeAssistRequest cloudaicompanionProject:string mode:string metadata:ClientMetadata
OnboardUserRequest tierId:string cloudaicompanionProject:string metadata:ClientMetadata
ClientMetadata ideType:string platform:string pluginType:string duetProject:string
ProjectRequest project:string
GenerateContentRequest session_id:string
GenerationConfig audioTimestamp:bool routingConfig:struct modelSelectionConfig:struct`,
		Without: `
GenerateContentRequest.model GenerateContentRequest.serviceTier GenerateContentRequest.store GenerateContentRequest.continuationToken
Part.toolCall Part.toolResponse Part.videoMetadata Part.mediaResolution Part.mediaProcessing Part.partMetadata Part.speechMetadata
Blob.displayName FileData.displayName FunctionResponse.willContinue FunctionResponse.scheduling
Tool.googleMaps Tool.fileSearch Tool.computerUse Tool.mcpServers Tool.googleSearchRetrieval
FunctionDeclaration.parametersJsonSchema FunctionDeclaration.response FunctionDeclaration.responseJsonSchema FunctionDeclaration.behavior
ToolConfig.retrievalConfig ToolConfig.includeServerSideToolInvocations
GenerationConfig.responseFormat GenerationConfig.audioTranscriptionConfig GenerationConfig.enableEnhancedCivicAnswers GenerationConfig.translationConfig
Schema.format Schema.nullable Schema.maxItems Schema.minItems Schema.minProperties Schema.maxProperties Schema.minimum Schema.maximum
Schema.minLength Schema.maxLength Schema.pattern Schema.example Schema.anyOf Schema.propertyOrdering Schema.default`,
	}
}

// Wrap implements fakegemini.Front (wire, "Response").
func (*front) Wrap(reply []byte) []byte {
	out := append([]byte(`{"response":`), reply...)
	return append(out, `,"traceId":"trace-1"}`...)
}

// Enter implements fakegemini.Front.
func (f *front) Enter(x *fakegemini.Exchange) (fakegemini.Inner, bool) {
	s := (*Server)(f)
	if x.R.URL.Path == "/token" {
		s.token(x)
		return fakegemini.Inner{}, false
	}
	if x.StrayHeader() || disguised(x) {
		return fakegemini.Inner{}, false
	}
	name, refused := s.Tokens.Bearer(x.R)
	if refused != nil {
		x.Note(name, "", "unauthenticated")
		x.Fail(refused) // no rule: a token may have ended
		return fakegemini.Inner{}, false
	}
	account, _ := s.find(func(a *Account) bool { return a.Name == name })
	method, posted := strings.CutPrefix(x.R.URL.Path, "/v1internal:")
	op, polled := strings.CutPrefix(x.R.URL.Path, "/v1internal/operations/")
	switch {
	case posted && x.R.Method == http.MethodPost:
		return s.method(x, account, method)
	case polled && x.R.Method == http.MethodGet:
		s.poll(x, account, op)
	default:
		x.NotFound()
	}
	return fakegemini.Inner{}, false
}

// disguised refuses what would make the gateway look like another program
// (ours; wire, the rows marked "not sent").
func disguised(x *fakegemini.Exchange) bool {
	agent := x.R.Header.Get("User-Agent")
	bad := !strings.HasPrefix(agent, "antigravity-tools/") || strings.Contains(agent, " ")
	for _, name := range []string{"X-Client-Name", "X-Client-Version", "X-Machine-Id", "X-Vscode-Sessionid", "X-Goog-Api-Client"} {
		bad = bad || x.R.Header.Get(name) != ""
	}
	if bad {
		x.Refuse("no disguise", fakegemini.Invalid("fakecodeassist: a gateway calls as itself, not as %q", agent))
	}
	return bad
}
