package anthropic_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	sdk "github.com/anthropics/anthropic-sdk-go"
	"github.com/anthropics/anthropic-sdk-go/option"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol/protocoltest"
)

// serve answers every request with body and returns a client of it.
func serve(t *testing.T, contentType string, body *[]byte) sdk.Client {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		_, _ = w.Write(*body)
	}))
	t.Cleanup(server.Close)
	return sdk.NewClient(option.WithBaseURL(server.URL), option.WithAPIKey("sk-fake"), option.WithMaxRetries(0))
}

var params = sdk.MessageNewParams{
	Model: "m", MaxTokens: 10, Messages: []sdk.MessageParam{sdk.NewUserMessage(sdk.NewTextBlock("hi"))},
}

// Anthropic's Go SDK gathers from our stream what it reads from our whole
// reply.
func TestGoSDK(t *testing.T) {
	var stream, whole []byte
	streaming := serve(t, "text/event-stream", &stream)
	plain := serve(t, "application/json", &whole)
	rapid.Check(t, func(t *rapid.T) {
		events := protocoltest.Events(t, protocoltest.Shape{})
		req := &llm.Request{SealsInBand: rapid.Bool().Draw(t, "inBand")}
		enc := codec.NewStreamEncoder(protocoltest.Reply(req), nil)
		stream = append(enc.KeepAlive(nil), protocoltest.Stream(t, enc, events)...)
		var err error
		if whole, err = codec.EncodeResponse(protocoltest.Collect(t, events), protocoltest.Reply(req), nil); err != nil {
			t.Fatalf("%v", err)
		}
		want, err := plain.Messages.New(context.Background(), params)
		if err != nil {
			t.Fatalf("%v", err)
		}
		got := sdk.Message{}
		s := streaming.Messages.NewStreaming(context.Background(), params)
		for s.Next() {
			if err := got.Accumulate(s.Current()); err != nil {
				t.Fatalf("%v", err)
			}
		}
		if err := s.Err(); err != nil {
			t.Fatalf("%v\n%s", err, stream)
		}
		if d := cmp.Diff(seen(want), seen(&got)); d != "" {
			t.Fatalf("%s\n%s", d, stream)
		}
	})
}

// seen is what a program reads from the SDK's message.
func seen(m *sdk.Message) (out []string) {
	out = append(out, m.ID, string(m.Model), string(m.StopReason), m.StopSequence, string(m.StopDetails.Explanation))
	for _, b := range m.Content {
		out = append(out, b.Type, b.Text, b.Thinking, b.Signature, b.Data, b.ID, b.Name, string(b.Input))
		for _, c := range b.Citations {
			out = append(out, c.Type, c.URL, c.Title, c.CitedText)
		}
	}
	u := m.Usage
	for _, n := range []int64{u.InputTokens, u.OutputTokens, u.CacheReadInputTokens, u.CacheCreationInputTokens, u.OutputTokensDetails.ThinkingTokens} {
		out = append(out, strconv.FormatInt(n, 10))
	}
	return out
}

// The SDK reports the error event of a stream, with its message and type.
func TestGoSDKError(t *testing.T) {
	enc := codec.NewStreamEncoder(protocoltest.Reply(nil), nil)
	var stream []byte
	var err error
	for _, ev := range respond(llm.ReasonEnd, llm.TextPart("half"))[:3] {
		if stream, err = enc.Encode(stream, ev); err != nil {
			t.Fatal(err)
		}
	}
	stream = enc.Error(stream, fault.New(fault.UpstreamProtocol, "the upstream cut the stream"))
	client := serve(t, "text/event-stream", &stream)
	s := client.Messages.NewStreaming(context.Background(), params)
	for s.Next() {
	}
	if err := s.Err(); err == nil || !strings.Contains(err.Error(), "the upstream cut the stream") {
		t.Errorf("%v", err)
	}
}
