package gemini

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
)

// frames joins replies as the service sends them.
func frames(list ...string) string {
	var b strings.Builder
	for _, f := range list {
		b.WriteString("data: " + f + "\r\n\r\n")
	}
	return b.String()
}

// show writes a stream as short lines.
func show(stream llm.Stream) string {
	var b strings.Builder
	for ev, err := range llm.Validate(stream) {
		if err != nil {
			f := fault.From(err)
			fmt.Fprintf(&b, "error %s %s scope=%s\n", f.Class, f.Code, f.Scope)
			return b.String()
		}
		at := fmt.Sprintf("%d.%d", ev.Choice, ev.Index)
		switch ev.Kind {
		case llm.EventOpen:
			fmt.Fprintf(&b, "open %s %s\n", ev.ID, ev.Model)
		case llm.EventPartOpen:
			fmt.Fprintf(&b, "part %s %s", at, ev.Part.Kind)
			if c := ev.Part.Call; c != nil {
				fmt.Fprintf(&b, " %s(%s)", c.Name, c.ID)
			}
			if ev.Part.Seal != nil {
				fmt.Fprintf(&b, " seal=%s", ev.Part.Seal.Data)
			}
			b.WriteByte('\n')
		case llm.EventDelta:
			switch {
			case ev.Seal != nil:
				fmt.Fprintf(&b, "seal %s %s\n", at, ev.Seal.Data)
			case ev.Citation != nil:
				fmt.Fprintf(&b, "cite %s %d-%d %s\n", at, ev.Citation.Start, ev.Citation.End, ev.Citation.URL)
			default:
				fmt.Fprintf(&b, "delta %s %q", at, ev.Text+ev.Args)
				if ev.Logprobs != nil {
					fmt.Fprintf(&b, " logprobs=%d", len(ev.Logprobs))
				}
				b.WriteByte('\n')
			}
		case llm.EventPartClose:
			fmt.Fprintf(&b, "end %s\n", at)
		case llm.EventMeter:
			u := ev.Usage
			fmt.Fprintf(&b, "meter F%d Rd%d O%d T%d\n", u.Input, u.CacheRead, u.Output, u.Reasoning)
		case llm.EventClose:
			fmt.Fprintf(&b, "close %d %s %s\n", ev.Choice, ev.Close.Reason, ev.Close.Detail)
		}
	}
	return b.String()
}

type streamCase struct{ in, want string }

func streamCases() map[string]streamCase {
	text := func(s string) string {
		return `{"candidates":[{"content":{"parts":[{"text":"` + s + `"}],"role":"model"},"index":0}],"modelVersion":"m","responseId":"r"}`
	}
	stop := `{"candidates":[{"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":2,"totalTokenCount":5}}`
	return map[string]streamCase{
		"text":                 {frames(text("a"), text("b"), stop), "open r m\npart 0.0 text\ndelta 0.0 \"a\"\ndelta 0.0 \"b\"\nmeter F3 Rd0 O2 T0\nend 0.0\nclose 0 end \n"},
		"LF and no last break": {"data: " + text("a") + "\n\ndata: " + stop, "open r m\npart 0.0 text\ndelta 0.0 \"a\"\nmeter F3 Rd0 O2 T0\nend 0.0\nclose 0 end \n"},
		"comments and blanks":  {"\r\n\r\n: hi\r\n\r\n" + frames(text("a")) + ": x\r\n\r\n" + frames(stop), "open r m\npart 0.0 text\ndelta 0.0 \"a\"\nmeter F3 Rd0 O2 T0\nend 0.0\nclose 0 end \n"},
		"kinds": {frames(`{"candidates":[{"content":{"parts":[{"text":"t","thought":true},{"text":"a"}]}}]}`, `{"candidates":[{"content":{"parts":[{"functionCall":{"id":"1","name":"default_api:f","args":{"a":1}},"thoughtSignature":"s"},{"functionCall":{"name":"g"}}]},"finishReason":"STOP"}]}`),
			"open  \npart 0.0 reasoning\ndelta 0.0 \"t\"\nend 0.0\npart 0.1 text\ndelta 0.1 \"a\"\nend 0.1\npart 0.2 call f(1) seal=s\ndelta 0.2 \"{\\\"a\\\":1}\"\nend 0.2\npart 0.3 call g()\nend 0.3\nclose 0 tool \n"},
		"seal on text": {frames(text("a"), `{"candidates":[{"content":{"parts":[{"text":"b","thoughtSignature":"s"},{"text":"c"},{"text":"","thoughtSignature":"z"}]},"finishReason":"STOP"}]}`),
			"open r m\npart 0.0 text\ndelta 0.0 \"a\"\ndelta 0.0 \"b\"\nseal 0.0 s\nend 0.0\npart 0.1 text\ndelta 0.1 \"c\"\nend 0.1\npart 0.2 text seal=z\nend 0.2\nclose 0 end \n"},
		"two choices": {frames(`{"candidates":[{"content":{"parts":[{"text":"a"}]},"index":0},{"content":{"parts":[{"text":"b"}]},"index":1}]}`, `{"candidates":[{"finishReason":"STOP","index":0}]}`, `{"candidates":[{"content":{"parts":[{"text":"c"}]},"finishReason":"MAX_TOKENS","index":1}]}`),
			"open  \npart 0.0 text\ndelta 0.0 \"a\"\npart 1.0 text\ndelta 1.0 \"b\"\nend 0.0\nclose 0 end \ndelta 1.0 \"c\"\nend 1.0\nclose 1 length \n"},
		"grounding with emoji": {frames(text("😀 süß"), `{"candidates":[{"content":{"parts":[{"text":" sun"}]},"finishReason":"STOP","groundingMetadata":{"groundingChunks":[{"web":{"uri":"https://a"}},{"image":{"sourceUri":"https://b"}}],"groundingSupports":[{"segment":{"startIndex":5,"endIndex":10,"text":"süß"},"groundingChunkIndices":[0,1]},{"segment":{"startIndex":999,"endIndex":1000,"text":"sun"},"groundingChunkIndices":[0]},{"segment":{"startIndex":999,"endIndex":1000,"text":"absent"},"groundingChunkIndices":[0]}]}}]}`),
			"open r m\npart 0.0 text\ndelta 0.0 \"😀 süß\"\ndelta 0.0 \" sun\"\ncite 0.0 2-5 https://a\ncite 0.0 2-5 https://b\ncite 0.0 6-9 https://a\nend 0.0\nclose 0 end \n"},
		"grounding before the trailing seal": {frames(text("abc"), `{"candidates":[{"content":{"parts":[{"text":"","thoughtSignature":"z"}]},"finishReason":"STOP","citationMetadata":{"citationSources":[{"startIndex":1,"endIndex":3,"uri":"https://c"}]}}]}`),
			"open r m\npart 0.0 text\ndelta 0.0 \"abc\"\ncite 0.0 1-3 https://c\nend 0.0\npart 0.1 text seal=z\nend 0.1\nclose 0 end \n"},
		"logprobs":         {frames(`{"candidates":[{"content":{"parts":[{"text":"a"}]},"logprobsResult":{"chosenCandidates":[{"token":"a","logProbability":-1}]},"finishReason":"STOP"}]}`), "open  \npart 0.0 text\ndelta 0.0 \"a\" logprobs=1\nend 0.0\nclose 0 end \n"},
		"blocked":          {frames(`{"promptFeedback":{"blockReason":"SAFETY"},"usageMetadata":{"promptTokenCount":4,"totalTokenCount":4}}`), "open  \nmeter F4 Rd0 O0 T0\npart 0.0 text\ndelta 0.0 \"The prompt was blocked (SAFETY).\"\nend 0.0\nclose 0 filter SAFETY\n"},
		"filtered":         {frames(`{"candidates":[{"finishReason":"PROHIBITED_CONTENT"}]}`), "open  \nclose 0 filter PROHIBITED_CONTENT\n"},
		"cut by the limit": {frames(`{"candidates":[{"finishReason":"MAX_TOKENS"}]}`), "open  \nclose 0 length \n"},
		"unknown finish":   {frames(text("a"), `{"candidates":[{"finishReason":"BRAND_NEW"}]}`), "open r m\npart 0.0 text\ndelta 0.0 \"a\"\nend 0.0\nclose 0 end BRAND_NEW\n"},
		"continuation":     {frames(text("a"), `{"candidates":[{"finishReason":"CONTINUATION","continuationToken":"t"}]}`), "open r m\npart 0.0 text\ndelta 0.0 \"a\"\nend 0.0\nclose 0 length CONTINUATION\n"},
		"error null":       {frames(`{"error":null,"candidates":[{"content":{"parts":[{"text":"error"}]},"finishReason":"STOP"}]}`), "open  \npart 0.0 text\ndelta 0.0 \"error\"\nend 0.0\nclose 0 end \n"},

		"usage after the end":   {frames(text("a"), `{"candidates":[{"finishReason":"STOP"}]}`, `{"usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":1}}`), "open r m\npart 0.0 text\ndelta 0.0 \"a\"\nend 0.0\nclose 0 end \nmeter F1 Rd0 O1 T0\n"},
		"choices in sequence":   {frames(`{"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"}]}`, `{"candidates":[{"index":1,"content":{"parts":[{"text":"b"}]},"finishReason":"STOP"}]}`), "open  \npart 0.0 text\ndelta 0.0 \"a\"\nend 0.0\nclose 0 end \npart 1.0 text\ndelta 1.0 \"b\"\nend 1.0\nclose 1 end \n"},
		"garbage after the end": {frames(text("a"), `{"candidates":[{"finishReason":"STOP"}]}`, `{"x`), "open r m\npart 0.0 text\ndelta 0.0 \"a\"\nend 0.0\nclose 0 end \n"},

		"malformed call":     {frames(text("a"), `{"candidates":[{"finishReason":"MALFORMED_FUNCTION_CALL","finishMessage":"x"}]}`), "open r m\npart 0.0 text\ndelta 0.0 \"a\"\nerror upstream_protocol malformed_function_call scope=request\n"},
		"missing signature":  {frames(`{"candidates":[{"finishReason":"MISSING_THOUGHT_SIGNATURE"}]}`), "open  \nerror invalid_request seal_rejected scope=none\n"},
		"empty":              {frames(`{"candidates":[{"content":{"parts":[{"text":""}]},"finishReason":"STOP"}]}`), "open  \nerror upstream_protocol empty_response scope=request\n"},
		"nothing at all":     {"", "error upstream_protocol incomplete_response scope=request\n"},
		"cut":                {frames(text("a")), "open r m\npart 0.0 text\ndelta 0.0 \"a\"\nerror upstream_protocol incomplete_response scope=request\n"},
		"cut within a frame": {frames(text("a")) + `data: {"candidates":[{"fin`, "open r m\npart 0.0 text\ndelta 0.0 \"a\"\nerror upstream_protocol incomplete_response scope=request\n"},
		"one choice cut":     {frames(`{"candidates":[{"content":{"parts":[{"text":"a"}]},"index":0,"finishReason":"STOP"},{"content":{"parts":[{"text":"b"}]},"index":1}]}`), "open  \npart 0.0 text\ndelta 0.0 \"a\"\npart 1.0 text\ndelta 1.0 \"b\"\nend 0.0\nclose 0 end \nerror upstream_protocol incomplete_response scope=request\n"},
		"garbage":            {frames(text("a"), `{"x":`), "open r m\npart 0.0 text\ndelta 0.0 \"a\"\nerror upstream_protocol malformed_response scope=request\n"},
		"wrong type":         {frames(`{"candidates":[{"content":{"parts":[{"text":7}]}}]}`), "error upstream_protocol malformed_response scope=request\n"},
		"huge index":         {frames(`{"candidates":[{"index":1000000000}]}`), "error upstream_protocol malformed_response scope=request\n"},
		"error frame":        {frames(text("a"), `{"error":{"code":503,"message":"busy","status":"UNAVAILABLE"}}`), "open r m\npart 0.0 text\ndelta 0.0 \"a\"\nerror overloaded  scope=request\n"},
		"error in an array":  {frames(`[{"error":{"code":429,"message":"slow","status":"RESOURCE_EXHAUSTED"}}]`), "error rate_limited  scope=model\n"},
		"bare error line":    {frames(text("a")) + `{"error":{"code":500,"message":"x","status":"INTERNAL"}}` + "\n", "open r m\npart 0.0 text\ndelta 0.0 \"a\"\nerror internal  scope=request\n"},
		"error with defects": {frames(`{"error":{"code":429,"message":"quota",,"status":"RESOURCE_EXHAUSTED","details":[{"@type":"x.QuotaFailure","violations":[{"quotaId":"PerDay"}],,}]}}`), "error quota_exhausted  scope=model\n"},
		"error without code": {frames(`{"error":{"message":"x","status":"UNAVAILABLE"}}`), "error overloaded  scope=request\n"},
	}
}

func TestDecodeStream(t *testing.T) {
	for name, tc := range streamCases() {
		t.Run(name, func(t *testing.T) {
			got := show(Upstream{}.DecodeStream(strings.NewReader(tc.in), nil))
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			got = show(Upstream{}.DecodeStream(iotest.OneByteReader(strings.NewReader(tc.in)), nil))
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("byte by byte:\n%s", diff)
			}
		})
	}
}

func TestDecodeStreamReadErrors(t *testing.T) {
	in := frames(`{"candidates":[{"content":{"parts":[{"text":"a"}]}}]}`)
	for _, tc := range []struct {
		err  error
		want fault.Class
	}{
		{errors.New("connection reset"), fault.UpstreamProtocol},
		{io.ErrUnexpectedEOF, fault.UpstreamProtocol},
		{context.Canceled, fault.Cancelled},
		{context.DeadlineExceeded, fault.Timeout},
		{fault.New(fault.Timeout, "silence"), fault.Timeout},
	} {
		r := io.MultiReader(strings.NewReader(in), iotest.ErrReader(tc.err))
		_, err := llm.Collect(Upstream{}.DecodeStream(r, nil))
		if !fault.Is(err, tc.want) || !errors.Is(err, tc.err) {
			t.Errorf("%v: got %v", tc.err, err)
		}
	}
}

// The events of a frame are there before the next one is read, and a consumer
// that leaves is not made to wait.
func TestDecodeStreamDoesNotReadAhead(t *testing.T) {
	pr, pw := io.Pipe()
	defer pw.Close()
	done := make(chan struct{})
	go func() {
		defer close(done)
		io.WriteString(pw, frames(`{"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"}]}`))
	}()
	for ev, err := range (Upstream{}).DecodeStream(pr, nil) {
		if err != nil {
			t.Fatal(err)
		}
		if ev.Kind == llm.EventClose { // the writer stays open
			break
		}
	}
	<-done
}

// Whatever is read at once, the events are the same.
func TestDecodeStreamChunks(t *testing.T) {
	var all []string
	for _, tc := range streamCases() {
		all = append(all, tc.in)
	}
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.SampledFrom(all).Draw(t, "stream")
		var readers []io.Reader
		for rest := in; rest != ""; {
			n := rapid.IntRange(1, len(rest)).Draw(t, "n")
			readers = append(readers, strings.NewReader(rest[:n]))
			rest = rest[n:]
		}
		want := show(Upstream{}.DecodeStream(strings.NewReader(in), nil))
		if got := show(Upstream{}.DecodeStream(io.MultiReader(readers...), nil)); got != want {
			t.Fatalf("got %s\nwant %s", got, want)
		}
	})
}
