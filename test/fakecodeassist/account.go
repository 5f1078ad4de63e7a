package fakecodeassist

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"antigravity-tools/test/fakegemini"
	"antigravity-tools/test/fakeoauth"
)

// token exchanges a refresh token (rfc, section 6; client in the form, section
// 2.3.1). A wrong client is told from an ended consent (wire, "OAuth").
func (s *Server) token(x *fakegemini.Exchange) {
	x.Note("", "", "token")
	refuse := func(status int, rule string, r fakeoauth.Refusal) {
		x.Refuse(rule, &fakegemini.Error{Code: status, Status: r.Error, Message: r.Description})
	}
	form, bad := fakeoauth.Form(x.R, x.Body, "grant_type", "refresh_token", "client_id", "client_secret")
	switch {
	case x.R.Method != http.MethodPost:
		x.NotFound()
		return
	case bad != nil:
		refuse(http.StatusBadRequest, "token request", *bad)
		return
	case form["grant_type"] != "refresh_token":
		refuse(http.StatusBadRequest, "token request", fakeoauth.Refusal{Error: "unsupported_grant_type", Description: "Invalid grant_type: " + form["grant_type"]})
		return
	}
	account, known := s.find(func(a *Account) bool { return a.Refresh == form["refresh_token"] })
	x.Note(account.Name, "", "token")
	switch {
	case x.Scripted(account.Name, "token"):
	case form["client_id"] != ClientID:
		x.JSON(http.StatusUnauthorized, fakeoauth.Refusal{Error: "invalid_client", Description: "The OAuth client was not found."})
	case form["client_secret"] != ClientSecret:
		x.JSON(http.StatusUnauthorized, fakeoauth.Refusal{Error: "invalid_client", Description: "Unauthorized"})
	case !known || account.Revoked:
		x.JSON(http.StatusBadRequest, fakeoauth.Refusal{Error: "invalid_grant", Description: "Token has been expired or revoked."})
	default:
		x.JSON(http.StatusOK, s.Tokens.Grant(account.Name))
	}
}

func typed[T any](x *fakegemini.Exchange, message string) (v T, ok bool) {
	raw, ok := x.Decode(message)
	return v, ok && json.Unmarshal(raw, &v) == nil
}

type metadata struct{ IdeType, Platform, PluginType, DuetProject string }

// plain refuses another program's name (ours). The words are those for which
// nothing is claimed (wire, "loadCodeAssist").
func (m metadata) plain(x *fakegemini.Exchange) bool {
	if m.IdeType == "IDE_UNSPECIFIED" && m.Platform == "PLATFORM_UNSPECIFIED" && m.PluginType == "PLUGIN_UNSPECIFIED" {
		return true
	}
	x.Refuse("no disguise", fakegemini.Invalid("fakecodeassist: metadata claims to be another program: %+v", m))
	return false
}

// byID refuses a project's number (wire, "loadCodeAssist": "A purely numeric
// project id is refused").
func byID(x *fakegemini.Exchange, project string) bool {
	if project == "" || strings.Trim(project, "0123456789") != "" {
		return true
	}
	x.Refuse("project by id", fakegemini.Invalid("Invalid project: %s", project))
	return false
}

type tier struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	IsDefault bool   `json:"isDefault,omitempty"`
}

// loadCodeAssist tells the plan (wire, table "loadCodeAssist / onboardUser").
func (s *Server) loadCodeAssist(x *fakegemini.Exchange, a Account) {
	in, ok := typed[struct {
		Project  string `json:"cloudaicompanionProject"`
		Metadata metadata
	}](x, "LoadCodeAssistRequest")
	if !ok || !in.Metadata.plain(x) || !byID(x, in.Project) {
		return
	}
	out := map[string]any{"allowedTiers": []tier{{"free-tier", "Free", true}, {"standard-tier", "Standard", false}}, "currentTier": nil}
	switch {
	case a.Validation != "":
		out["ineligibleTiers"] = []map[string]string{{"reasonCode": "VALIDATION_REQUIRED", "reasonMessage": "Verify your account to continue.",
			"tierId": "free-tier", "tierName": "Free", "validationUrl": a.Validation, "validationUrlLinkText": "Verify"}}
	case a.Tier != "":
		out["currentTier"] = tier{a.Tier, a.Tier, true}
		if a.Project != "" {
			out["cloudaicompanionProject"] = a.Project
		}
	}
	x.JSON(http.StatusOK, out)
}

// onboardUser begins to put an account on a plan. "free tier must omit the
// project (precondition error otherwise)" (wire).
func (s *Server) onboardUser(x *fakegemini.Exchange, a Account) {
	in, ok := typed[struct {
		TierID   string
		Project  *string `json:"cloudaicompanionProject"`
		Metadata metadata
	}](x, "OnboardUserRequest")
	if !ok || !in.Metadata.plain(x) {
		return
	}
	switch {
	case in.TierID != "free-tier" && in.TierID != "standard-tier" && in.TierID != "legacy-tier":
		x.Refuse("known tier", fakegemini.Invalid("Invalid tier: %q", in.TierID))
		return
	case in.TierID == "free-tier" && (in.Project != nil || in.Metadata.DuetProject != ""):
		x.Refuse("free tier without project", &fakegemini.Error{Code: 400, Status: "FAILED_PRECONDITION", Message: "Precondition check failed."})
		return
	}
	s.mu.Lock()
	s.onboarded++
	name := fmt.Sprintf("op-%d", s.onboarded)
	for _, known := range s.accounts {
		if known.Name == a.Name {
			s.operations[name] = &operation{account: known, tier: in.TierID}
		}
	}
	s.mu.Unlock()
	x.JSON(http.StatusOK, map[string]any{"name": "operations/" + name, "metadata": map[string]string{"@type": "type.googleapis.com/google.internal.cloud.code.v1internal.OnboardUserMetadata"}})
}

// poll looks at a long-running operation, which is done by then (wire: "poll
// the operation every 5 s").
func (s *Server) poll(x *fakegemini.Exchange, a Account, name string) {
	x.Note(a.Name, "", "operation")
	s.mu.Lock()
	op := s.operations[name]
	if op != nil && op.account.Name == a.Name {
		op.done, op.account.Tier = true, op.tier
	}
	s.mu.Unlock()
	if op == nil || op.account.Name != a.Name {
		x.Refuse("known operation", &fakegemini.Error{Code: 404, Status: "NOT_FOUND", Message: "Operation not found."})
		return
	}
	x.JSON(http.StatusOK, map[string]any{"name": "operations/" + name, "done": true, "response": map[string]any{
		"@type": "type.googleapis.com/google.internal.cloud.code.v1internal.OnboardUserResponse", "cloudaicompanionProject": map[string]string{"id": a.Project, "name": a.Project}}})
}
