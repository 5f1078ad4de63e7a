package protocol_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/protocol/gemini"
	"antigravity-tools/backend/protocol/protocoltest"
)

const (
	hello  = `{"candidates":[{"content":{"role":"model","parts":[{"text":"Hi"}]},"index":0}],"modelVersion":"gemini-3-flash","responseId":"kQcAaVxQ"}`
	called = `{"candidates":[{"content":{"role":"model","parts":[{"functionCall":{"id":"f1","name":"f","args":{"a":1}}}]},"index":0}],"modelVersion":"gemini-3-flash","responseId":"kQcAaVxQ"}`
	usage  = `"usageMetadata":{"promptTokenCount":7,"totalTokenCount":7},"modelVersion":"gemini-3-flash","responseId":"kQcAaVxQ"`
	quota  = `{"error":{"code":429,"message":"Quota exceeded. Please retry in 12.5s.","status":"RESOURCE_EXHAUSTED"}}`
)

// fault stories: what the upstream sends, and how its answer ends.
var stories = []struct {
	name  string
	body  string
	cause error
}{
	{name: "blocked prompt", body: sseText(`{"promptFeedback":{"blockReason":"PROHIBITED_CONTENT"},` + usage + `}`)},
	{name: "nothing at all", body: ""},
	{name: "only usage", body: sseText(`{` + usage + `}`)},
	{name: "usage, then an empty end", body: sseText(`{`+usage+`}`, finishFrame("", "STOP"))},
	{name: "an error inside a 200", body: sseText(quota)},
	{name: "the error as an array", body: sseText(`[` + quota + `]`)},
	{name: "the error without data:", body: strings.ReplaceAll(quota, "\n", "") + "\n\n"},
	{name: "not JSON", body: sseText(`<html>`)},
	{name: "another shape", body: sseText(`{"candidates":{"a":1}}`)},
	{name: "malformed call at once", body: sseText(finishFrame("", "MALFORMED_FUNCTION_CALL"))},
	{name: "the connection breaks at once", cause: io.ErrUnexpectedEOF},
	{name: "cut after text", body: sseText(hello)},
	{name: "cut inside a frame", body: sseText(hello) + "data: {\"candidates\":[{\"con"},
	{name: "cut after a call", body: sseText(called)},
	{name: "an error after text", body: sseText(hello, quota)},
	{name: "not JSON after text", body: sseText(hello, `oops`)},
	{name: "malformed call after text", body: sseText(hello, finishFrame("", "MALFORMED_FUNCTION_CALL"))},
	{name: "silence after text", body: sseText(hello), cause: fault.New(fault.Timeout, "the provider fell silent in the middle of its answer")},
	{name: "silence before the first event", cause: fault.New(fault.Timeout, "the provider did not begin to answer in time")},
	{name: "the connection breaks after text", body: sseText(hello), cause: io.ErrUnexpectedEOF},
	{name: "the client leaves", body: sseText(hello), cause: context.Canceled},
	{name: "[DONE] behind the end is no part of it", body: sseText(hello, finishFrame("", "STOP"), "[DONE]")},
	{name: "CONTINUATION", body: sseText(`{"candidates":[{"content":{"role":"model","parts":[{"text":"Hi"}]},"finishReason":"CONTINUATION","continuationToken":"tok","index":0}],` + usage + `}`)},
}

// TestFaults shows what clients get when a Gemini upstream fails: before the
// first event of the answer an error answer, after it an error in the stream.
func TestFaults(t *testing.T) {
	for _, client := range []string{"C", "A", "R", "G"} {
		var w table
		for _, story := range stories {
			c := cell(client, "gemini-3-flash")
			c.Inbound.Body = []byte(asking(client, ""))
			c.Break = story.cause
			a := c.Answer(t, []byte(story.body))
			body := "stream:\n" + a.Stream
			if a.Stream != a.Whole {
				body += "whole:\n" + a.Whole + "\n"
			}
			w.row(story.name, strings.ReplaceAll(body, "\r", "")+a.Losses)
		}
		protocoltest.Golden(t, w.b.String(), "57_stream_faults", client+"-G", "table.txt")
	}
}

func rpc(code, status, message, details string) string {
	return `{"error":{"code":` + code + `,"message":"` + message + `","status":"` + status + `"` + details + `}}`
}

const retryInfo = `,"details":[{"@type":"type.googleapis.com/google.rpc.Help","links":[]},{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34.07s"}]`

// refusals are answers of a Gemini upstream that are not 2xx.
var refusals = []struct {
	name   string
	status int
	header http.Header
	body   string
}{
	{"invalid request", 400, nil, rpc("400", "INVALID_ARGUMENT", "Invalid value at 'contents[0]'", "")},
	{"context too long", 400, nil, rpc("400", "INVALID_ARGUMENT", "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).", "")},
	{"key invalid", 400, nil, rpc("400", "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", `,"details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID","domain":"googleapis.com"}]`)},
	{"unauthenticated", 401, nil, rpc("401", "UNAUTHENTICATED", "Request had invalid authentication credentials.", "")},
	{"forbidden", 403, nil, rpc("403", "PERMISSION_DENIED", "The caller does not have permission", "")},
	{"unknown model", 404, nil, rpc("404", "NOT_FOUND", "models/gemini-x is not found for API version v1beta", "")},
	{"rate limit with RetryInfo", 429, nil, rpc("429", "RESOURCE_EXHAUSTED", "Too many requests", retryInfo)},
	{"rate limit with a header", 429, http.Header{"Retry-After": {"7"}}, rpc("429", "RESOURCE_EXHAUSTED", "Too many requests", "")},
	{"rate limit told in words", 429, nil, rpc("429", "RESOURCE_EXHAUSTED", "Please retry in 900ms.", "")},
	{"daily quota", 429, nil, rpc("429", "RESOURCE_EXHAUSTED", "You exceeded your current quota", `,"details":[{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaId":"GenerateRequestsPerDayPerProjectPerModel-FreeTier"}]},{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"51820.6s"}]`)},
	{"limit that names the project", 429, nil, rpc("429", "RESOURCE_EXHAUSTED", "Quota exceeded for metric m of service s for consumer 'project_number:123456789'.",
		`,"details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"RATE_LIMIT_EXCEEDED","domain":"googleapis.com","metadata":{"consumer":"projects/123456789","quota_limit":"q"}}]`)},
	{"words with a key and an address", 400, nil, rpc("400", "INVALID_ARGUMENT", "Bad call by owner@example.com with AIza-fake-key-1 today", "")},
	{"internal", 500, nil, rpc("500", "INTERNAL", "An internal error has occurred.", "")},
	{"overloaded", 503, nil, rpc("503", "UNAVAILABLE", "The model is overloaded. Please try again later.", "")},
	{"deadline", 504, nil, rpc("504", "DEADLINE_EXCEEDED", "Deadline expired before operation could complete.", "")},
	{"too large", 413, nil, `<html>Request Entity Too Large</html>`},
	{"no JSON", 502, nil, `<html>Bad Gateway</html>`},
	{"empty", 500, nil, ``},
	{"an array", 429, nil, `[` + rpc("429", "RESOURCE_EXHAUSTED", "Too many requests", retryInfo) + `]`},
	{"JSON inside the message", 400, nil, `{"error":{"code":400,"message":"{\"error\":{\"code\":400,\"message\":\"inner words\",\"status\":\"INVALID_ARGUMENT\"}}","status":"BAD_REQUEST"}}`},
}

// TestErrorMatrix shows each refusal of a Gemini upstream, and each of our own
// classes, to every client.
func TestErrorMatrix(t *testing.T) {
	for _, client := range []string{"C", "A", "R", "G"} {
		var w table
		for _, r := range refusals {
			e := gemini.Upstream{}.DecodeError(r.status, r.header, []byte(r.body))
			w.row(r.name, string(e.Class)+" scope="+e.Scope.String()+"\n"+protocoltest.ErrorAnswer(clients()[client], e))
		}
		for _, class := range []fault.Class{
			fault.InvalidRequest, fault.Unauthenticated, fault.Forbidden, fault.NotFound, fault.TooLarge, fault.RateLimited,
			fault.QuotaExhausted, fault.Overloaded, fault.UpstreamAuth, fault.UpstreamInvalid, fault.UpstreamProtocol,
			fault.Timeout, fault.Cancelled, fault.Internal,
		} {
			e := fault.New(class, "words")
			w.row("class "+string(class), protocoltest.ErrorAnswer(clients()[client], e))
		}
		protocoltest.Golden(t, w.b.String(), "60_operations", client+"-G_errors", "table.txt")
	}
}
