package protocol_test

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"

	"google.golang.org/genai"
	"pgregory.net/rapid"

	"antigravity-tools/backend/protocol/crossing"
	"antigravity-tools/backend/protocol/protocoltest"
	"antigravity-tools/backend/rawjson"
)

// listOf is the member in which an upstream takes the conversation.
var listOf = map[string]string{"C": "messages", "R": "input", "A": "messages", "G": "contents"}

// throughTurns is what a request says up to the end of its conversation, the
// bracket that closes it left out: all that a prompt cache can compare.
func throughTurns(t protocoltest.Failer, upstream string, body []byte) []byte {
	t.Helper()
	list, ok := rawjson.Get(body, listOf[upstream])
	at := bytes.Index(body, list)
	if !ok || at < 0 {
		t.Fatalf("no conversation in %s", body)
	}
	return body[:at+len(list)-1]
}

// TestStablePrefixGolden: what case 17 sent before stands at the beginning of
// what it sends next, with the thinking that the store gave back.
func TestStablePrefixGolden(t *testing.T) {
	var before []byte
	for _, turn := range []string{"1", "2", "3"} {
		raw, err := os.ReadFile("testdata/17_stable_prefix/C-A/" + turn + "/upstream.json")
		if err != nil {
			t.Fatal(err)
		}
		now := throughTurns(t, "A", rawjson.Compact(nil, raw))
		if !bytes.HasPrefix(now, before) {
			t.Errorf("turn %s changes what was sent:\n%s\n%s", turn, before, now)
		}
		before = now
	}
}

// TestStablePrefix: in every pair a conversation that goes on keeps the bytes
// that were sent before (L2), since prompt caches compare them. Where Gemini
// wants signatures they are there: a placeholder marks the current turn, which
// moves by design (mapping.md section 12).
func TestStablePrefix(t *testing.T) {
	for _, target := range []struct {
		upstream, model string
		sealed          bool
	}{
		{"G", "gemini-3-pro", true}, {"G", "gemini-2.5-pro", false}, {"A", "claude-opus-4-8", false}, {"A", "claude-sonnet-4-5", false},
		{"A", "claude-opus-5-5", true}, {"C", "gpt-5.2", false}, {"C", "llama-4", false}, {"C", "deepseek-v4", true}, {"R", "gpt-5.2", false},
		{"R", "gpt-5.6", true},
	} {
		for _, client := range []string{"C", "R", "A", "G"} {
			pair := client + "-" + target.upstream
			t.Run(pair+"."+target.model, func(t *testing.T) {
				rapid.Check(t, func(rt *rapid.T) {
					var before []byte
					var history []string
					for _, turn := range drawTurns(rt, target.sealed) {
						now := throughTurns(rt, target.upstream, encoded(rt, pair, target.model, conversationBody(client, history)))
						if !bytes.HasPrefix(now, before) {
							rt.Fatalf("the prefix changed:\n%s\n%s", before, now)
						}
						before = now
						history = append(history, turn.in(client)...)
					}
				})
			})
		}
	}
}

// encoded is the request that goes up; encoding it twice gives the same.
func encoded(t protocoltest.Failer, pair, model, body string) []byte {
	t.Helper()
	c := pairCell(pair, model)
	c.Inbound.Body = []byte(body)
	req, err := c.Client.DecodeRequest(c.Inbound, nil)
	if err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	crossing.Normalize(req, nil)
	first, err := c.Upstream.EncodeRequest(req, c.Target, nil)
	if err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	second, err := c.Upstream.EncodeRequest(req, c.Target, nil)
	if err != nil || !bytes.Equal(first.Body, second.Body) {
		t.Fatalf("encoding is not a pure function (%v)", err)
	}
	return first.Body
}

// TestEnvelopeThroughGoogleSDK: Google's Go SDK types signatures as bytes and
// encodes them again. What it makes of the replies of case 31 is what the next
// turns of that case send.
func TestEnvelopeThroughGoogleSDK(t *testing.T) {
	const dir = "testdata/31_seal_gemini_client/G-A/"
	read := func(name string) []byte {
		raw, err := os.ReadFile(dir + name)
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	var replies [][]byte
	for _, turn := range []string{"1", "2"} {
		for _, frame := range protocoltest.Frames(t, read(turn+"/client.sse")) {
			replies = append(replies, bytes.Clone(frame))
		}
	}
	checkHistory(t, read("2/client.json"), read("1/client.json.reply"))
	checkHistory(t, read("3/client.json"), replies...)
}

// checkHistory checks that the model's contents of a request are what the SDK
// read from the replies.
func checkHistory(t *testing.T, request []byte, replies ...[]byte) {
	t.Helper()
	var want [][]byte
	sealed := false
	for _, raw := range replies {
		var reply genai.GenerateContentResponse
		if err := json.Unmarshal(raw, &reply); err != nil {
			t.Fatal(err)
		}
		if reply.Candidates[0].Content == nil {
			continue
		}
		for _, p := range reply.Candidates[0].Content.Parts {
			sealed = sealed || len(p.ThoughtSignature) > 0
		}
		content, err := json.Marshal(reply.Candidates[0].Content)
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, content)
	}
	var sent struct{ Contents []json.RawMessage }
	if err := json.Unmarshal(request, &sent); err != nil {
		t.Fatal(err)
	}
	for _, content := range sent.Contents {
		if role, _ := rawjson.Get(content, "role"); string(role) != `"model"` {
			continue
		}
		if len(want) == 0 || !rawjson.Equal(content, want[0]) {
			t.Fatalf("the request holds %s, the SDK had %s", content, want)
		}
		want = want[1:]
	}
	if len(want) > 0 || !sealed {
		t.Errorf("not sent: %s (sealed: %t)", want, sealed)
	}
}
