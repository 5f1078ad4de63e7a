package fault

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestStatusTable(t *testing.T) {
	table := []struct {
		class  Class
		text   string
		status int
	}{
		{InvalidRequest, "invalid_request", 400},
		{Unauthenticated, "unauthenticated", 401},
		{Forbidden, "forbidden", 403},
		{NotFound, "not_found", 404},
		{TooLarge, "too_large", 413},
		{RateLimited, "rate_limited", 429},
		{QuotaExhausted, "quota_exhausted", 429},
		{Overloaded, "overloaded", 503},
		{UpstreamAuth, "upstream_auth", 503},
		{UpstreamInvalid, "upstream_invalid", 502},
		{UpstreamProtocol, "upstream_protocol", 502},
		{Timeout, "timeout", 504},
		{Cancelled, "cancelled", 499},
		{Internal, "internal", 500},
		{Class("never heard of"), "never heard of", 500},
	}
	for _, row := range table {
		e := New(row.class, "m")
		if string(row.class) != row.text || e.HTTPStatus() != row.status {
			t.Errorf("%s: status %d, want %d (%s)", row.class, e.HTTPStatus(), row.status, row.text)
		}
		if got := e.WithStatus(418).HTTPStatus(); got != 418 {
			t.Errorf("%s: override ignored: %d", row.class, got)
		}
		if e.Status != 0 {
			t.Errorf("%s: WithStatus changed the original", row.class)
		}
	}
}

func TestDisposition(t *testing.T) {
	table := []struct {
		name string
		err  Error
		want Disposition
	}{
		{"bad request", Error{Class: InvalidRequest, Provider: "gemini"}, Never},
		{"no key", Error{Class: Unauthenticated}, Never},
		{"forbidden", Error{Class: Forbidden}, Never},
		{"unknown model", Error{Class: NotFound}, Never},
		{"upstream does not know the thing", Error{Class: NotFound, Provider: "gemini"}, Never},
		{"this account lacks the model", Error{Class: NotFound, Provider: "gemini", Scope: ScopeModel}, OtherAccount},
		{"too large", Error{Class: TooLarge, Provider: "gemini"}, Never},
		{"limited", Error{Class: RateLimited}, OtherAccount},
		{"model limited", Error{Class: RateLimited, Scope: ScopeModel}, OtherAccount},
		{"request above the limit", Error{Class: RateLimited, Scope: ScopeRequest}, Never},
		{"quota", Error{Class: QuotaExhausted, Scope: ScopeAccount}, OtherAccount},
		{"overloaded", Error{Class: Overloaded}, OtherAccount},
		{"connection reset", Error{Class: Overloaded, Scope: ScopeRequest}, SameAccount},
		{"credential refused", Error{Class: UpstreamAuth}, OtherAccount},
		{"credential refused, request scope", Error{Class: UpstreamAuth, Scope: ScopeRequest}, OtherAccount},
		{"upstream refuses our translation", Error{Class: UpstreamInvalid, Provider: "gemini"}, Never},
		{"cut stream", Error{Class: UpstreamProtocol}, OtherAccount},
		{"timeout", Error{Class: Timeout}, OtherAccount},
		{"caller left", Error{Class: Cancelled}, Never},
		{"our bug", Error{Class: Internal}, Never},
		{"their bug", Error{Class: Internal, Provider: "gemini"}, OtherAccount},
	}
	for _, row := range table {
		if got := row.err.Disposition(); got != row.want {
			t.Errorf("%s: %v, want %v", row.name, got, row.want)
		}
	}
}

func TestFrom(t *testing.T) {
	own := New(RateLimited, "wait")
	table := []struct {
		name string
		err  error
		want Class
	}{
		{"own", own, RateLimited},
		{"own, wrapped", fmt.Errorf("ctx: %w", own), RateLimited},
		{"cancelled", fmt.Errorf("x: %w", context.Canceled), Cancelled},
		{"deadline", context.DeadlineExceeded, Timeout},
		{"i/o deadline", os.ErrDeadlineExceeded, Timeout},
		{"net timeout", &net.DNSError{IsTimeout: true}, Timeout},
		{"net, no timeout", &net.DNSError{}, Internal},
		{"other", errors.New("pq: password=hunter2"), Internal},
	}
	for _, row := range table {
		e := From(row.err)
		if e.Class != row.want {
			t.Errorf("%s: %s, want %s", row.name, e.Class, row.want)
		}
		if !Is(e, row.want) || Is(e, TooLarge) {
			t.Errorf("%s: Is is wrong", row.name)
		}
		if !errors.Is(e, row.err) && row.name != "own, wrapped" {
			t.Errorf("%s: the cause is lost", row.name)
		}
	}
	if From(nil) != nil || Is(nil, Internal) {
		t.Error("nil is no error")
	}
	if From(own) != own {
		t.Error("From must not copy")
	}
}

func TestCauseStaysPrivate(t *testing.T) {
	cause := errors.New("dial with key AIza-fake-secret")
	e := Wrap(Overloaded, "the upstream cannot be reached", cause).WithCode("unreachable").WithHint("check the network").WithParam("p")
	out, err := json.Marshal(Public(fmt.Errorf("outer AIza-fake-secret: %w", e)))
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{e.Error(), fmt.Sprint(e), string(out), Public(cause).Message} {
		if strings.Contains(text, "AIza") {
			t.Errorf("secret shown: %s", text)
		}
	}
	if want := "overloaded (unreachable): the upstream cannot be reached"; e.Error() != want {
		t.Errorf("Error() = %q, want %q", e.Error(), want)
	}
	if want := e.Error() + ": " + cause.Error(); e.Private() != want {
		t.Errorf("Private() = %q, want %q", e.Private(), want)
	}
	if got := Wrap(Internal, "outer", e).Private(); !strings.HasSuffix(got, cause.Error()) {
		t.Errorf("nested Private() = %q", got)
	}
	if !errors.Is(e, cause) {
		t.Error("cause lost")
	}
	want := `{"code":"unreachable","message":"the upstream cannot be reached","hint":"check the network"}`
	if diff := cmp.Diff(want, string(out)); diff != "" {
		t.Error(diff)
	}
}

func TestInvalid(t *testing.T) {
	e := Invalid("messages[2].role", "unknown role %q", "x")
	if e.Class != InvalidRequest || e.Param != "messages[2].role" || e.Message != `unknown role "x"` {
		t.Errorf("%+v", e)
	}
	if got := Public(e).Code; got != "invalid_request" {
		t.Errorf("code %q", got)
	}
	if got := New(Internal, "").Error(); got != "internal" {
		t.Errorf("%q", got)
	}
	if got := ScopeModel.String() + ScopeNone.String() + ScopeRequest.String() + ScopeAccount.String(); got != "modelnonerequestaccount" {
		t.Errorf("%q", got)
	}
	if got := OtherAccount.String() + Never.String() + SameAccount.String(); got != "other_accountneversame_account" {
		t.Errorf("%q", got)
	}
}

func TestPlaced(t *testing.T) {
	for want, e := range map[string]*Error{
		"a.b: wrong":       Invalid("a.b", "wrong"),
		"a.b: wrong kind":  Invalid("a.b", "a.b: wrong kind"),
		"wrong":            Invalid("", "wrong"),
		"the model is odd": Invalid("model", "the model is odd"),
	} {
		if got := e.Placed(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
