package app

import (
	"context"
	"net/http"
	"time"

	"antigravity-tools/backend/admin"
	"antigravity-tools/backend/doctor"
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/server"
	"antigravity-tools/backend/traffic"
	"antigravity-tools/backend/usage"
)

// trafficPort is the traffic log as the service sees it.
type trafficPort struct{ log *traffic.Log }

const (
	defaultPage = 100
	maxPage     = 500
)

func (p trafficPort) Recent(_ context.Context, req admin.RecentTrafficRequest) (admin.TrafficPage, error) {
	limit := req.Limit
	switch {
	case limit == 0:
		limit = defaultPage
	case limit < 0 || limit > maxPage:
		return admin.TrafficPage{}, fault.Invalid("limit", "the limit is a number from 1 to %d", maxPage)
	}
	list, more := p.log.Recent(limit, req.BeforeID)
	page := admin.TrafficPage{Exchanges: make([]admin.Exchange, 0, len(list)), More: more}
	for _, x := range list {
		page.Exchanges = append(page.Exchanges, exchangeDTO(x))
	}
	return page, nil
}

func exchangeDTO(x *traffic.Exchange) admin.Exchange {
	dto := admin.Exchange{
		ID: x.ID, StartedAt: x.Start.UTC().Format(time.RFC3339Nano), State: "done", Method: x.Method, Path: x.Path,
		Client: x.Client, KeyName: x.KeyName, ClientProtocol: string(x.ClientProtocol),
		UpstreamProtocol: string(x.UpstreamProtocol), Passthrough: x.Identity, Stream: x.Streamed,
		Model: x.ModelAsked, ResolvedModel: x.ModelServed, Provider: x.Provider, AccountName: x.AccountName,
		Status: x.Status, ErrorCode: x.ErrorCode, Error: x.Error, Attempts: len(x.Attempts),
		FinishReason: string(x.FinishReason), Losses: len(x.Losses),
	}
	if x.Running {
		dto.State = "running"
		return dto
	}
	duration := x.Latency.Milliseconds()
	dto.DurationMS = &duration
	if x.TTFT > 0 {
		first := x.TTFT.Milliseconds()
		dto.FirstEventMS = &first
	}
	if u := x.Usage; u != nil {
		dto.InputTokens, dto.CachedTokens = u.TotalInput(), u.CacheRead
		dto.OutputTokens, dto.ReasoningTokens = u.TotalOutput(), u.Reasoning
	}
	return dto
}

func (p trafficPort) Detail(_ context.Context, id string) (admin.ExchangeDetail, error) {
	x := p.log.Get(id)
	if x == nil {
		return admin.ExchangeDetail{}, fault.New(fault.NotFound, "this request is no longer kept").WithCode("unknown_exchange")
	}
	d := admin.ExchangeDetail{
		Exchange: exchangeDTO(x), RequestID: x.ID, BodiesKept: "off",
		Timeline: timeline(x), Attempts: []admin.Attempt{}, Losses: []admin.Loss{},
	}
	for _, a := range x.Attempts {
		reason := a.Message
		if reason == "" {
			reason = a.Reason
		}
		status := a.Status
		if a.Outcome() == traffic.OutcomeOK {
			status = http.StatusOK
		}
		d.Attempts = append(d.Attempts, admin.Attempt{
			AccountName: a.AccountName, Provider: a.Provider, Model: a.Model,
			StartedMS: a.Start.Sub(x.Start).Milliseconds(), DurationMS: a.Duration.Milliseconds(),
			Status: status, Outcome: a.Outcome(), Reason: reason,
		})
	}
	for _, l := range x.Losses {
		d.Losses = append(d.Losses, admin.Loss{
			Path: l.Path, Reason: string(l.Grade) + " " + l.Code + detailOf(l.Detail),
			Grade: string(l.Grade), Code: l.Code, Detail: l.Detail,
		})
	}
	return d, nil
}

func detailOf(s string) string {
	if s == "" {
		return ""
	}
	return ": " + s
}

func timeline(x *traffic.Exchange) []admin.Moment {
	out := []admin.Moment{{Name: "queued"}}
	if n := len(x.Attempts); n > 0 {
		out = append(out, admin.Moment{Name: "account_chosen", AtMS: x.Attempts[n-1].Start.Sub(x.Start).Milliseconds()})
	}
	if x.TTFT > 0 {
		out = append(out, admin.Moment{Name: "first_event", AtMS: x.TTFT.Milliseconds()})
	}
	return append(out, admin.Moment{Name: "end", AtMS: x.Latency.Milliseconds()})
}

// problemsPort is the list of base-URL problems as the service sees it.
type problemsPort struct{ problems *traffic.Problems }

func (p problemsPort) List() []admin.BaseURLProblem {
	list := p.problems.List()
	out := make([]admin.BaseURLProblem, 0, len(list))
	for _, x := range list {
		out = append(out, admin.BaseURLProblem{
			ID: x.ID, Code: x.Code, Method: x.Method, Path: x.Path, Client: x.Client, Protocol: x.Protocol,
			Message: x.Message, UseBaseURL: x.UseBaseURL, RewriteTo: x.RewriteTo, Count: x.Count,
			FirstSeenAt: rfc3339(x.First), LastSeenAt: rfc3339(x.Last),
		})
	}
	return out
}

func (p problemsPort) Clear() { p.problems.Clear() }

// note takes a request that missed every route.
func (p problemsPort) note(seen server.Problem) {
	v := seen.Verdict
	p.problems.Add(traffic.Problem{
		Code: v.Code, Method: seen.Method, Path: seen.Path, Client: v.Client, Protocol: string(v.Protocol),
		Message: v.Message, UseBaseURL: v.BaseURL, RewriteTo: v.Canonical,
	}, seen.Time)
}

// tlsProblem is a TLS handshake on the plain port: its client prints words of
// its own, so the list is where a person finds the cause.
const tlsProblem = "tls_on_plain_port"

func (p problemsPort) noteTLS(site doctor.Site) {
	p.problems.Add(traffic.Problem{
		Code: tlsProblem, Method: "TLS", Path: "(handshake)", UseBaseURL: site.Origin,
		Message: "A client opened an https connection; the gateway speaks plain http. Write http:// instead of https:// in its base URL.",
	}, time.Now())
}

// usagePort is the usage records as the service sees them.
type usagePort struct{ repo usage.Repository }

func (p usagePort) Report(ctx context.Context, req admin.UsageRequest) (admin.UsageReport, error) {
	q, err := usage.ParseQuery(req.By, req.Since, req.Until, req.Buckets, time.Now())
	if err != nil {
		return admin.UsageReport{}, err
	}
	report, err := p.repo.ReportUsage(ctx, q)
	if err != nil {
		return admin.UsageReport{}, err
	}
	out := admin.UsageReport{
		Totals: admin.UsageTotals(report.Totals), Rows: []admin.UsageRow{}, Series: []admin.UsageBucket{},
		Since: rfc3339(q.Since), Until: rfc3339(q.Until), By: string(q.By),
	}
	for _, g := range report.Rows {
		t := g.Totals
		out.Rows = append(out.Rows, admin.UsageRow{
			Name: g.Name, Requests: t.Requests, Errors: t.Errors, InputTokens: t.InputTokens, CachedTokens: t.CachedTokens,
			OutputTokens: t.OutputTokens, ReasoningTokens: t.ReasoningTokens, MedianFirstEventMS: t.MedianFirstEventMS,
		})
	}
	for _, b := range report.Series {
		t := b.Totals
		out.Series = append(out.Series, admin.UsageBucket{
			StartedAt: rfc3339(b.StartedAt), Requests: t.Requests, Errors: t.Errors, InputTokens: t.InputTokens,
			CachedTokens: t.CachedTokens, OutputTokens: t.OutputTokens, MedianFirstEventMS: t.MedianFirstEventMS,
		})
	}
	return out, nil
}

// usageRow is what the record of an exchange leaves in the usage table.
func usageRow(x *traffic.Exchange) usage.Row {
	row := usage.Row{
		At: x.Start, RequestID: x.ID, Model: x.ModelAsked, Served: x.ModelServed, Provider: x.Provider,
		AccountID: x.AccountID, AccountName: x.AccountName, KeyID: x.KeyID, KeyName: x.KeyName, Client: x.Client,
		Status: x.Status, ErrorClass: string(x.ErrorClass), Streamed: x.Streamed, Attempts: len(x.Attempts),
		Latency: x.Latency, TTFT: x.TTFT,
	}
	row.Count(x.Usage)
	return row
}
