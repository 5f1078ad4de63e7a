package openai_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"pgregory.net/rapid"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol/protocoltest"
)

// serve answers every request with body and returns a client of it.
func serve(t *testing.T, contentType string, body *[]byte) openai.Client {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		_, _ = w.Write(*body)
	}))
	t.Cleanup(server.Close)
	return openai.NewClient(option.WithBaseURL(server.URL), option.WithAPIKey("sk-fake"), option.WithMaxRetries(0))
}

var params = openai.ChatCompletionNewParams{
	Model: "m", Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage("hi")},
}

// OpenAI's Go SDK gathers from our stream what it reads from our whole reply.
func TestGoSDK(t *testing.T) {
	var stream, whole []byte
	streaming := serve(t, "text/event-stream", &stream)
	plain := serve(t, "application/json", &whole)
	rapid.Check(t, func(t *rapid.T) {
		events := protocoltest.Events(t, protocoltest.Shape{Choices: 2, Logprobs: true})
		req := &llm.Request{StreamUsage: true}
		enc := codec.NewStreamEncoder(protocoltest.Reply(req), nil)
		stream = append(enc.KeepAlive(nil), protocoltest.Stream(t, enc, events)...)
		resp := protocoltest.Collect(t, events)
		var err error
		if whole, err = codec.EncodeResponse(resp, protocoltest.Reply(req), nil); err != nil {
			t.Fatalf("%v", err)
		}
		want, err := plain.Chat.Completions.New(context.Background(), params)
		if err != nil {
			t.Fatalf("%v", err)
		}
		got := openai.ChatCompletionAccumulator{}
		s := streaming.Chat.Completions.NewStreaming(context.Background(), params)
		for s.Next() {
			if !got.AddChunk(s.Current()) {
				t.Fatalf("chunk refused: %s", s.Current().RawJSON())
			}
		}
		if err := s.Err(); err != nil {
			t.Fatalf("%v\n%s", err, stream)
		}
		compareSDK(t, want, &got.ChatCompletion)
	})
}

func compareSDK(t *rapid.T, want, got *openai.ChatCompletion) {
	if want.ID != got.ID || want.Model != got.Model || len(want.Choices) != len(got.Choices) {
		t.Fatalf("%s %s %d, want %s %s %d", got.ID, got.Model, len(got.Choices), want.ID, want.Model, len(want.Choices))
	}
	if want.Usage.PromptTokens != got.Usage.PromptTokens || want.Usage.CompletionTokens != got.Usage.CompletionTokens {
		t.Fatalf("usage %+v, want %+v", got.Usage, want.Usage)
	}
	for i := range want.Choices {
		w, g := want.Choices[i], got.Choices[i]
		if w.Message.Content != g.Message.Content || w.Message.Refusal != g.Message.Refusal || w.FinishReason != g.FinishReason {
			t.Fatalf("choice %d: %+v, want %+v", i, g.Message, w.Message)
		}
		if len(w.Message.ToolCalls) != len(g.Message.ToolCalls) || len(w.Logprobs.Content) != len(g.Logprobs.Content) {
			t.Fatalf("choice %d: calls or logprobs differ", i)
		}
		for j, call := range w.Message.ToolCalls {
			other := g.Message.ToolCalls[j]
			if call.ID != other.ID || call.Function.Name != other.Function.Name || call.Function.Arguments != other.Function.Arguments {
				t.Fatalf("choice %d call %d: %+v, want %+v", i, j, other, call)
			}
		}
	}
}

// The SDK reports the error frame of a stream, with its message.
func TestGoSDKError(t *testing.T) {
	enc := codec.NewStreamEncoder(protocoltest.Reply(nil), nil)
	stream, err := enc.Encode(nil, llm.Event{Kind: llm.EventOpen})
	if err != nil {
		t.Fatal(err)
	}
	stream = enc.Error(stream, fault.New(fault.UpstreamProtocol, "the upstream cut the stream"))
	client := serve(t, "text/event-stream", &stream)
	s := client.Chat.Completions.NewStreaming(context.Background(), params)
	for s.Next() {
	}
	if err := s.Err(); err == nil || !strings.Contains(err.Error(), "the upstream cut the stream") {
		t.Errorf("%v", err)
	}
}
