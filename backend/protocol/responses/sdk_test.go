package responses_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	sdk "github.com/openai/openai-go/v3/responses"
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

func params() sdk.ResponseNewParams {
	return sdk.ResponseNewParams{Model: "m", Input: sdk.ResponseNewParamsInputUnion{OfString: openai.String("hi")}}
}

// OpenAI's Go SDK reads from our stream what it reads from our whole reply; its
// accumulator gathers the same from the deltas as from the items.
func TestGoSDK(t *testing.T) {
	var stream, body []byte
	streaming := serve(t, "text/event-stream", &stream)
	plain := serve(t, "application/json", &body)
	rapid.Check(t, func(t *rapid.T) {
		events := protocoltest.Events(t, protocoltest.Shape{Logprobs: true, Custom: true})
		req := drawRequest(t)
		enc := codec.NewStreamEncoder(reply(req), nil)
		stream = append(enc.KeepAlive(nil), protocoltest.Stream(t, enc, events)...)
		var err error
		if body, err = codec.EncodeResponse(protocoltest.Collect(t, events), reply(req), nil); err != nil {
			t.Fatalf("%v", err)
		}
		want, err := plain.Responses.New(context.Background(), params())
		if err != nil {
			t.Fatalf("%v", err)
		}
		got := readSDK(t, streaming)
		if want.RawJSON() != got.RawJSON() || want.OutputText() != got.OutputText() || want.Usage.TotalTokens != got.Usage.TotalTokens {
			t.Fatalf("%s\nwant %s", got.RawJSON(), want.RawJSON())
		}
		for _, it := range want.Output {
			checkItem(t, &it)
		}
	})
}

// readSDK reads the stream with the SDK and returns the terminal response.
func readSDK(t *rapid.T, client openai.Client) *sdk.Response {
	var terminal *sdk.Response
	var deltas, final sdk.ResponseAccumulator
	s := client.Responses.NewStreaming(context.Background(), params())
	for s.Next() {
		ev := s.Current()
		if ev.AsAny() == nil {
			t.Fatalf("an event that the SDK does not know: %s", ev.RawJSON())
		}
		var wire sdk.ResponsesServerEventUnion
		if err := json.Unmarshal([]byte(ev.RawJSON()), &wire); err != nil {
			t.Fatalf("%v", err)
		}
		switch ev.Type {
		case "response.completed", "response.incomplete":
			r := ev.Response
			terminal = &r
			before := deltas.Snapshot()
			if err := final.AddEvent(wire); err != nil {
				t.Fatalf("%v", err)
			}
			after := final.Snapshot()
			if d := cmp.Diff(after.Output, before.Output); d != "" {
				t.Fatalf("deltas made something else than the response:\n%s", d)
			}
			continue
		case "response.output_item.done":
			continue // must not be needed
		}
		if err := deltas.AddEvent(wire); err != nil {
			t.Fatalf("%v in %s", err, ev.RawJSON())
		}
	}
	if err := s.Err(); err != nil {
		t.Fatalf("%v", err)
	}
	if terminal == nil {
		t.Fatalf("no terminal event")
	}
	return terminal
}

// checkItem checks that the SDK knows the item and finds in it what it types
// as required.
func checkItem(t *rapid.T, it *sdk.ResponseOutputItemUnion) {
	switch v := it.AsAny().(type) {
	case sdk.ResponseOutputMessage:
		if !v.JSON.Content.Valid() || !v.JSON.Status.Valid() || !v.JSON.ID.Valid() {
			t.Fatalf("%s", it.RawJSON())
		}
		for _, c := range v.Content {
			if c.Type == "output_text" && (!c.JSON.Annotations.Valid() || !c.JSON.Text.Valid()) {
				t.Fatalf("%s", c.RawJSON())
			}
		}
	case sdk.ResponseReasoningItem:
		if !v.JSON.Summary.Valid() || !v.JSON.ID.Valid() {
			t.Fatalf("%s", it.RawJSON())
		}
	case sdk.ResponseFunctionToolCall:
		if v.CallID == "" || v.Name == "" || !json.Valid([]byte(v.Arguments)) {
			t.Fatalf("%s", it.RawJSON())
		}
	case sdk.ResponseCustomToolCall:
		if v.CallID == "" || v.Name == "" || !v.JSON.Input.Valid() {
			t.Fatalf("%s", it.RawJSON())
		}
	case sdk.ResponseOutputItemImageGenerationCall:
		if v.Result == "" || v.Status != "completed" {
			t.Fatalf("%s", it.RawJSON())
		}
	case sdk.ResponseCodeInterpreterToolCall:
		if v.Code == "" || v.ContainerID == "" || !v.JSON.Outputs.Valid() {
			t.Fatalf("%s", it.RawJSON())
		}
	case sdk.ResponseToolSearchCall:
		if v.ID == "" || v.Status != "completed" || v.Execution != "server" || !v.JSON.Arguments.Valid() {
			t.Fatalf("%s", it.RawJSON())
		}
	case sdk.ResponseToolSearchOutputItem:
		if v.ID == "" || v.Execution != "server" || !v.JSON.Tools.Valid() {
			t.Fatalf("%s", it.RawJSON())
		}
	case sdk.ResponseFunctionWebSearch:
		if v.ID == "" || v.Action.Type != "search" || len(v.Action.Queries) == 0 || (v.Status != "completed" && v.Status != "failed") {
			t.Fatalf("%s", it.RawJSON())
		}
	default:
		t.Fatalf("%T %s", v, it.RawJSON())
	}
}

// The SDK reports an error before the response began, and a response that
// failed as such.
func TestGoSDKErrors(t *testing.T) {
	failure := fault.New(fault.UpstreamProtocol, "the upstream cut the stream")
	enc := codec.NewStreamEncoder(reply(nil), nil)
	stream := enc.Error(enc.KeepAlive(nil), failure)
	client := serve(t, "text/event-stream", &stream)
	s := client.Responses.NewStreaming(context.Background(), params())
	var seen string
	for s.Next() {
		seen += s.Current().Message
	}
	if err := s.Err(); !strings.Contains(seen, failure.Message) && (err == nil || !strings.Contains(err.Error(), failure.Message)) {
		t.Errorf("%v, %q", err, seen)
	}

	enc = codec.NewStreamEncoder(reply(nil), nil)
	stream, _ = enc.Encode(nil, llm.Event{Kind: llm.EventOpen})
	stream = enc.Error(stream, failure)
	s = client.Responses.NewStreaming(context.Background(), params())
	var last sdk.ResponseStreamEventUnion
	for s.Next() {
		last = s.Current()
	}
	if s.Err() != nil || last.Type != "response.failed" || last.Response.Error.Code != "server_error" || last.Response.Error.Message != failure.Message {
		t.Errorf("%v %s", s.Err(), last.RawJSON())
	}
}

// What the SDK sends decodes, its typed items included.
func TestGoSDKRequest(t *testing.T) {
	p := params()
	p.Instructions = openai.String("Be brief.")
	p.Input = sdk.ResponseNewParamsInputUnion{OfInputItemList: sdk.ResponseInputParam{
		sdk.ResponseInputItemParamOfMessage("hi", "user"),
		sdk.ResponseInputItemParamOfFunctionCall(`{"a":1}`, "call_1", "f"),
		{OfFunctionCallOutput: &sdk.ResponseInputItemFunctionCallOutputParam{
			CallID: openai.String("call_1"), Output: sdk.ResponseInputItemFunctionCallOutputOutputUnionParam{OfString: openai.String("out")},
		}},
	}}
	p.Tools = []sdk.ToolUnionParam{sdk.ToolParamOfFunction("f", map[string]any{"type": "object"}, false)}
	body, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	got := dump(t, string(body))
	for _, want := range []string{`system[0] text "Be brief."`, `text "hi"`, `id="call_1" name="f"`, `text "out"`, `strict=false`} {
		if !strings.Contains(got, want) {
			t.Errorf("%s lacks %s", got, want)
		}
	}
}
