package protocol_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	sdk "github.com/anthropics/anthropic-sdk-go"
	anthropicoption "github.com/anthropics/anthropic-sdk-go/option"
	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/responses"
	"google.golang.org/genai"

	"antigravity-tools/backend/protocol/protocoltest"
)

// canned answers every request of an SDK with one of our replies.
type canned string

func (c canned) RoundTrip(*http.Request) (*http.Response, error) {
	kind := "application/json"
	if !strings.HasPrefix(string(c), "{") {
		kind = "text/event-stream"
	}
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {kind}}, Body: io.NopCloser(strings.NewReader(string(c))),
	}, nil
}

func (c canned) client() *http.Client { return &http.Client{Transport: c} }

// checkSDK: the vendor's own Go SDK reads both forms of the reply, and gathers
// the same text from the stream.
func checkSDK(t *testing.T, client string, got protocoltest.Crossed) {
	t.Helper()
	read := map[string]func(context.Context, string, string) (string, string, error){
		"C": chatSDK, "R": responsesSDK, "A": messagesSDK, "G": geminiSDK,
	}[client]
	streamed, whole, err := read(t.Context(), got.Stream, got.Whole)
	if err != nil || streamed != whole {
		t.Errorf("the SDK reads %q, and %q from the stream (%v)", whole, streamed, err)
	}
}

func chatSDK(ctx context.Context, stream, whole string) (streamed, atOnce string, err error) {
	params := openai.ChatCompletionNewParams{Model: "m", Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage("hi")}}
	open := func(body string) openai.Client {
		return openai.NewClient(option.WithAPIKey("sk-fake"), option.WithMaxRetries(0), option.WithHTTPClient(canned(body).client()))
	}
	c := open(whole)
	one, err := c.Chat.Completions.New(ctx, params)
	if err != nil {
		return "", "", err
	}
	c = open(stream)
	var acc openai.ChatCompletionAccumulator
	s := c.Chat.Completions.NewStreaming(ctx, params)
	for s.Next() {
		acc.AddChunk(s.Current())
	}
	text := func(m *openai.ChatCompletion) (out string) {
		for _, ch := range m.Choices {
			out += ch.Message.Content + ch.Message.Refusal + ch.FinishReason + ";"
		}
		return out
	}
	return text(&acc.ChatCompletion), text(one), s.Err()
}

func responsesSDK(ctx context.Context, stream, whole string) (streamed, atOnce string, err error) {
	params := responses.ResponseNewParams{Model: "m", Input: responses.ResponseNewParamsInputUnion{OfString: openai.String("hi")}}
	open := func(body string) openai.Client {
		return openai.NewClient(option.WithAPIKey("sk-fake"), option.WithMaxRetries(0), option.WithHTTPClient(canned(body).client()))
	}
	c := open(whole)
	one, err := c.Responses.New(ctx, params)
	if err != nil {
		return "", "", err
	}
	c = open(stream)
	s := c.Responses.NewStreaming(ctx, params)
	var last responses.Response
	for s.Next() {
		ev := s.Current()
		if ev.AsAny() == nil {
			streamed += "unknown event " + ev.Type
		}
		last = ev.Response
	}
	return streamed + last.OutputText() + string(last.Status), one.OutputText() + string(one.Status), s.Err()
}

func messagesSDK(ctx context.Context, stream, whole string) (streamed, atOnce string, err error) {
	params := sdk.MessageNewParams{Model: "m", MaxTokens: 10, Messages: []sdk.MessageParam{sdk.NewUserMessage(sdk.NewTextBlock("hi"))}}
	open := func(body string) sdk.Client {
		return sdk.NewClient(anthropicoption.WithAPIKey("sk-fake"), anthropicoption.WithMaxRetries(0), anthropicoption.WithHTTPClient(canned(body).client()))
	}
	c := open(whole)
	one, err := c.Messages.New(ctx, params)
	if err != nil {
		return "", "", err
	}
	c = open(stream)
	s := c.Messages.NewStreaming(ctx, params)
	var acc sdk.Message
	for s.Next() {
		if err := acc.Accumulate(s.Current()); err != nil {
			return "", "", err
		}
	}
	text := func(m *sdk.Message) (out string) {
		for _, b := range m.Content {
			out += b.Type + b.Text + b.Thinking + b.Signature + b.Name + string(b.Input) + ";"
		}
		return out + string(m.StopReason)
	}
	return text(&acc), text(one), s.Err()
}

func geminiSDK(ctx context.Context, stream, whole string) (streamed, atOnce string, err error) {
	open := func(body string) (*genai.Client, error) {
		return genai.NewClient(ctx, &genai.ClientConfig{APIKey: "AIza-fake", Backend: genai.BackendGeminiAPI, HTTPClient: canned(body).client()})
	}
	text := func(m *genai.GenerateContentResponse) (out string) {
		for _, c := range m.Candidates {
			if c.Content != nil { // of several candidates each has a frame of its own
				for _, p := range c.Content.Parts {
					out += p.Text
					if p.FunctionCall != nil {
						out += p.FunctionCall.Name + ";"
					}
				}
			}
		}
		return out
	}
	c, err := open(whole)
	if err != nil {
		return "", "", err
	}
	one, err := c.Models.GenerateContent(ctx, "m", genai.Text("hi"), nil)
	if err != nil {
		return "", "", err
	}
	if c, err = open(stream); err != nil {
		return "", "", err
	}
	for resp, err := range c.Models.GenerateContentStream(ctx, "m", genai.Text("hi"), nil) {
		if err != nil {
			return "", "", err
		}
		streamed += text(resp)
	}
	return streamed, text(one), nil
}
