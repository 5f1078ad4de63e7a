package anthropic_test

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"

	sdk "github.com/anthropics/anthropic-sdk-go"

	"antigravity-tools/backend/family"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/anthropic"
	"antigravity-tools/backend/protocol/protocoltest"
)

// found is a reply of a model that searched, to a client that declared tools.
func found(tools ...llm.Tool) (*llm.Response, protocol.Reply) {
	search := &llm.Search{Queries: []string{"who won", "élan"}, Sources: []llm.Citation{{URL: "https://a.example/1", Title: "A"}}}
	resp := &llm.Response{Model: "m", Choices: []llm.Choice{{
		Parts: []llm.Part{llm.TextPart("Élan won.")}, Close: llm.Close{Reason: llm.ReasonEnd, Search: search},
	}}}
	return resp, protocoltest.Reply(&llm.Request{Tools: tools})
}

var searchTool = llm.Tool{Kind: llm.ToolServer, Builtin: llm.BuiltinWebSearch, Name: "web_search"}

// A client that declared the search sees it in its own blocks, through the SDK,
// streamed and whole; another one sees the text alone.
func TestSearchIsShown(t *testing.T) {
	var body []byte
	for _, stream := range []bool{false, true} {
		for _, tools := range [][]llm.Tool{nil, {searchTool}} {
			resp, reply := found(tools...)
			got := &sdk.Message{}
			var err error
			if stream {
				var events []llm.Event
				for ev := range llm.Replay(resp) {
					events = append(events, ev)
				}
				body = protocoltest.Stream(t, codec.NewStreamEncoder(reply, nil), events)
				client := serve(t, "text/event-stream", &body)
				s := client.Messages.NewStreaming(context.Background(), params)
				for s.Next() && err == nil {
					err = got.Accumulate(s.Current())
				}
				if err == nil {
					err = s.Err()
				}
			} else if body, err = codec.EncodeResponse(resp, reply, nil); err == nil {
				client := serve(t, "application/json", &body)
				got, err = client.Messages.New(context.Background(), params)
			}
			if err != nil {
				t.Fatalf("%v\n%s", err, body)
			}
			if len(tools) == 0 {
				if len(got.Content) != 1 || got.Usage.ServerToolUse.WebSearchRequests != 0 {
					t.Errorf("%s", body)
				}
				continue
			}
			if len(got.Content) != 3 || got.Usage.ServerToolUse.WebSearchRequests != 2 {
				t.Fatalf("%s", body)
			}
			use, result := got.Content[1].AsServerToolUse(), got.Content[2].AsWebSearchToolResult()
			input, _ := json.Marshal(use.Input)
			if use.Name != "web_search" || !strings.HasPrefix(use.ID, "srvtoolu_") || string(input) != `{"query":"who won; élan"}` ||
				result.ToolUseID != use.ID || len(result.Content.OfWebSearchResultBlockArray) != 1 || result.Content.OfWebSearchResultBlockArray[0].URL != "https://a.example/1" {
				t.Errorf("%s", body)
			}
		}
	}
}

// Blocks that Anthropic did not make do not go back to it: they would be
// refused. Its own do.
func TestSearchStaysHere(t *testing.T) {
	resp, reply := found(searchTool)
	body, err := codec.EncodeResponse(resp, reply, nil)
	if err != nil {
		t.Fatal(err)
	}
	var shown struct{ Content json.RawMessage }
	if err := json.Unmarshal(body, &shown); err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(shown.Content, []byte(llm.EnvelopePrefix)) {
		t.Fatal("nothing keeps the history from passing unread")
	}
	content := append(bytes.TrimSuffix(bytes.TrimSpace(shown.Content), []byte("]")), `,{"type":"server_tool_use","id":"srvtoolu_real","name":"web_search","input":{"query":"q"}},
		{"type":"web_search_tool_result","tool_use_id":"srvtoolu_real","content":[]}]`...)
	history := `{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"hi"},{"role":"assistant","content":` + string(content) + `},{"role":"user","content":"on"}]}`
	req, err := codec.DecodeRequest(protocol.Inbound{Body: []byte(history)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var losses llm.Losses
	out, err := anthropic.Upstream{}.EncodeRequest(req, protocol.Target{Model: "claude-opus-5", Caps: family.Anthropic("claude-opus-5")}, &losses)
	if err != nil {
		t.Fatal(err)
	}
	if sent := string(out.Body); strings.Contains(sent, "srvtoolu_agt1") || strings.Count(sent, "srvtoolu_real") != 2 || !strings.Contains(sent, "Élan won.") {
		t.Errorf("%s", sent)
	}
}
