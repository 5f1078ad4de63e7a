package fakecodeassist

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"antigravity-tools/test/fakegemini"
)

func (s *Server) method(x *fakegemini.Exchange, a Account, method string) (none fakegemini.Inner, ok bool) {
	x.Note(a.Name, "", method)
	if method != "generateContent" && method != "streamGenerateContent" && method != "countTokens" && x.Scripted(a.Name, method) {
		return none, false
	}
	switch method {
	case "loadCodeAssist":
		s.loadCodeAssist(x, a)
	case "onboardUser":
		s.onboardUser(x, a)
	case "fetchAvailableModels":
		if in, ok := typed[projectRequest](x, "ProjectRequest"); ok && in.allowed(x, a, false) {
			x.JSON(http.StatusOK, available(a, in.Project == nil))
		}
	case "retrieveUserQuota":
		if in, ok := typed[projectRequest](x, "ProjectRequest"); ok && in.allowed(x, a, true) {
			x.JSON(http.StatusOK, buckets(a))
		}
	case "generateContent", "streamGenerateContent":
		return s.generate(x, a, method)
	case "countTokens":
		return s.count(x, a)
	default:
		x.NotFound()
	}
	return none, false
}

type projectRequest struct{ Project *string }

// allowed: "omit or resolve, never send empty (empty → 400)" (wire, "Request
// wrapper"); a project of somebody else is refused as in all of Google Cloud
// (choice for the words). must: the call has to name one.
func (p projectRequest) allowed(x *fakegemini.Exchange, a Account, must bool) bool {
	switch {
	case p.Project == nil && !must:
		return true
	case p.Project == nil:
		x.Refuse("project named", fakegemini.Invalid("Project is required."))
	case *p.Project == "":
		x.Refuse("project not empty", fakegemini.Invalid("Invalid project resource name projects/"))
	case *p.Project != a.Project || a.Tier == "":
		x.Refuse("own project", &fakegemini.Error{Code: 403, Status: "PERMISSION_DENIED", Message: "Permission denied on resource project " + *p.Project + "."})
	default:
		return true
	}
	return false
}

// generate opens the envelope. The model is "bare id, no models/ prefix"
// (wire); members of another program's identity (requestId, requestType,
// userAgent) are unknown ones here.
func (s *Server) generate(x *fakegemini.Exchange, a Account, method string) (none fakegemini.Inner, ok bool) {
	in, ok := typed[struct {
		projectRequest
		Model   string
		Request json.RawMessage
	}](x, "Envelope")
	if !ok || !in.allowed(x, a, true) {
		return none, false
	}
	if in.Model == "" || strings.Contains(in.Model, "/") {
		x.Refuse("bare model", fakegemini.Invalid("Invalid model name: %q", in.Model))
		return none, false
	}
	if in.Request == nil {
		x.Refuse("request present", fakegemini.Invalid("Request is required."))
		return none, false
	}
	return fakegemini.Inner{Key: a.Name, Model: in.Model, Op: method, Body: in.Request}, true
}

// count: "top level only request; model/project at top level → 400"; exactly
// "{request: {model: "models/<id>", contents}}" (wire, "Response").
func (s *Server) count(x *fakegemini.Exchange, a Account) (none fakegemini.Inner, ok bool) {
	in, ok := typed[struct{ Request json.RawMessage }](x, "CountEnvelope")
	if !ok {
		return none, false
	}
	var inner struct{ Model string }
	_ = json.Unmarshal(in.Request, &inner)
	model, prefixed := strings.CutPrefix(inner.Model, "models/")
	if !prefixed {
		x.Refuse("counted model", fakegemini.Invalid("Invalid model name: %q", inner.Model))
		return none, false
	}
	return fakegemini.Inner{Key: a.Name, Model: model, Op: "countTokens", CountAs: "CountInner", Body: in.Request}, true
}

type quotaInfo struct {
	Remaining float64 `json:"remainingFraction,omitempty"` // 0 is left out
	Reset     string  `json:"resetTime,omitempty"`
}

func (q Quota) wire() *quotaInfo {
	out := &quotaInfo{Remaining: q.Remaining}
	if !q.Reset.IsZero() {
		out.Reset = q.Reset.UTC().Format(time.RFC3339)
	}
	return out
}

// available is the list of models. blind: "Without project, exhausted accounts
// can be reported as 100 %" (wire).
func available(a Account, blind bool) any {
	type entry struct {
		DisplayName string     `json:"displayName"`
		Thinking    bool       `json:"supportsThinking"`
		MaxTokens   int        `json:"maxTokens"`
		MaxOutput   int        `json:"maxOutputTokens"`
		Quota       *quotaInfo `json:"quotaInfo,omitempty"`
	}
	list := map[string]entry{"tab_flash_lite_preview": {DisplayName: "Helper"}}
	for _, m := range models() {
		e := entry{DisplayName: m.DisplayName, Thinking: true, MaxTokens: m.InputLimit, MaxOutput: m.OutputLimit}
		if q, ok := a.Quotas[m.Name]; ok {
			if blind {
				q.Remaining = 1
			}
			e.Quota = q.wire()
		}
		list[m.Name] = e
	}
	return map[string]any{"models": list, "deprecatedModelIds": map[string]any{}}
}

// buckets is the quota as Google's own CLI asks for it.
func buckets(a Account) any {
	type bucket struct {
		Model string `json:"modelId"`
		Type  string `json:"tokenType"`
		*quotaInfo
	}
	out := []bucket{}
	for name, q := range a.Quotas {
		out = append(out, bucket{name, "REQUESTS", q.wire()})
	}
	return map[string]any{"buckets": out}
}
