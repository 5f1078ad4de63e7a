package relay_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"testing"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/gemini"
	"antigravity-tools/backend/relay"
)

// TestSignatureSurvives: a chat client that cannot carry a signature gets it
// put back with its next turn (golden case 27).
func TestSignatureSurvives(t *testing.T) {
	for name, id := range map[string]string{"id of the upstream": `,"id":"fc1"`, "no id": ""} {
		t.Run(name, func(t *testing.T) { signatureSurvives(t, id) })
	}
}

func signatureSurvives(t *testing.T, upstreamID string) {
	b := newBed(t, "one")
	call := fmt.Sprintf(`{"candidates":[{"content":{"role":"model","parts":[{"functionCall":{"name":"look","args":{"at":"x"}%s},"thoughtSignature":"c2lnbmF0dXJl"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":5,"candidatesTokenCount":1,"totalTokenCount":6}}`, upstreamID)
	b.script("one", refuses(200, call), says("Done."))
	tools := `"tools":[{"type":"function","function":{"name":"look","parameters":{"type":"object","properties":{"at":{"type":"string"}}}}}]`
	first := b.post(context.Background(), relay.Call{Protocol: llm.OpenAIChat, Inbound: protocol.Inbound{Body: []byte(
		`{"model":"` + model + `","messages":[{"role":"user","content":"look"}],` + tools + `}`)}})
	wantStatus(t, first, 200)
	var reply struct {
		Choices []struct {
			Message struct {
				Calls []struct {
					ID string `json:"id"`
				} `json:"tool_calls"`
			}
		}
	}
	if err := json.Unmarshal(first.Body.Bytes(), &reply); err != nil || len(reply.Choices) != 1 || len(reply.Choices[0].Message.Calls) != 1 {
		t.Fatalf("no call: %v %s", err, first.Body)
	}
	id := reply.Choices[0].Message.Calls[0].ID
	second := b.post(context.Background(), relay.Call{Protocol: llm.OpenAIChat, Inbound: protocol.Inbound{Body: []byte(
		`{"model":"` + model + `","messages":[{"role":"user","content":"look"},{"role":"assistant","tool_calls":[{"id":"` + id + `","type":"function","function":{"name":"look","arguments":"{\"at\":\"x\"}"}}]},{"role":"tool","tool_call_id":"` + id + `","content":"seen"}],` + tools + `}`)}})
	wantStatus(t, second, 200)
	if !bytes.Contains(b.bodies[1], []byte(`"thoughtSignature":"c2lnbmF0dXJl"`)) {
		t.Errorf("the signature is missing: %s", b.bodies[1])
	}
}

// TestSignatureOfAPictureSurvives: a chat client sends a picture back as text;
// it goes up as the picture it was, with its signature.
func TestSignatureOfAPictureSurvives(t *testing.T) {
	b := newBed(t, "one")
	b.script("one", refuses(200, `{"candidates":[{"content":{"role":"model","parts":[{"inlineData":{"mimeType":"image/png","data":"cGljdHVyZQ=="},"thoughtSignature":"c2lnbmF0dXJl"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":5,"candidatesTokenCount":1,"totalTokenCount":6}}`), says("Done."))
	ask := func(messages string) *httptest.ResponseRecorder {
		w := b.post(context.Background(), relay.Call{Protocol: llm.OpenAIChat, Inbound: protocol.Inbound{Body: []byte(
			`{"model":"` + model + `","messages":[{"role":"user","content":"draw"}` + messages + `]}`)}})
		wantStatus(t, w, 200)
		return w
	}
	first := ask("")
	wantBody(t, first, "![image](data:image/png;base64,cGljdHVyZQ==)")
	ask(`,{"role":"assistant","content":"![image](data:image/png;base64,cGljdHVyZQ==)"},{"role":"user","content":"now in blue"}`)
	for _, want := range []string{`"data":"cGljdHVyZQ=="`, `"thoughtSignature":"c2lnbmF0dXJl"`} {
		if !bytes.Contains(b.bodies[1], []byte(want)) {
			t.Errorf("the second request lacks %s: %s", want, b.bodies[1])
		}
	}
}

// TestRejectedSealIsDropped: a refused signature costs one resend without it,
// not the account.
func TestRejectedSealIsDropped(t *testing.T) {
	b := newBed(t, "one")
	b.script("one", refuses(400, `{"error":{"code":400,"message":"Corrupted thought signature.","status":"INVALID_ARGUMENT"}}`), says("Hello."))
	w := b.gemini(`{"contents":[{"role":"user","parts":[{"text":"look"}]},{"role":"model","parts":[{"functionCall":{"name":"look","args":{}},"thoughtSignature":"YmFk"}]},{"role":"user","parts":[{"functionResponse":{"name":"look","response":{"output":"seen"}}}]}]}`, true, true)
	wantStatus(t, w, 200)
	wantBody(t, w, "Hello.")
	if len(b.bodies) != 2 || bytes.Contains(b.bodies[1], []byte("YmFk")) || !bytes.Contains(b.bodies[1], []byte(gemini.Placeholder)) {
		t.Errorf("second body: %s", b.bodies[1])
	}
	if x := b.record(); x.Failed() {
		t.Errorf("record: %+v", x)
	}
}
