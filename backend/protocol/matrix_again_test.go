package protocol_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"antigravity-tools/backend/protocol/protocoltest"
	"antigravity-tools/backend/rawjson"
	"antigravity-tools/test/fakeanthropic"
)

// Seals of the feature "signatures", as each vendor gives them.
const (
	googleSeal = "c2lnbmF0dXJlLXdlYXRoZXI="
	openAISeal = "gAAA-orgA-thought1"
)

func anthropicSeal() string { return fakeanthropic.Sign(newestModels["A"], "I look it up.") }

// secondTurn sends what the client got back as history, with the result of its
// call, as its SDK would do it: what the upstream signed comes back to it byte
// for byte, whatever the client's protocol can hold.
func (m *matrixCell) secondTurn(t *testing.T, files *protocoltest.Files, first protocoltest.Crossed) {
	t.Helper()
	next := *m
	cell := *m.cell
	next.cell = &cell
	cell.Inbound.Body = followUp(t, m.client, cell.Inbound.Body, []byte(first.Whole))
	talk, _ := (&feature{name: "talk"}).input(t, "upstream", m.upstream, "sse")
	got := cell.Cross(t, talk)
	files.Golden(t, got.Losses, "loss.2.txt")
	if got.Refused != "" {
		t.Fatalf("the second turn is refused: %s", got.Refused)
	}
	files.Golden(t, protocoltest.Indent(got.Up), "upstream.2.json")
	if err := m.accepted(got.Up); err != nil {
		t.Errorf("the upstream refuses the second turn: %v\n%s", err, got.Up)
	}
	seals := map[string]string{"R": openAISeal, "A": anthropicSeal(), "G": googleSeal}
	if seal := seals[m.upstream]; !strings.Contains(string(got.Up), `"`+seal+`"`) && seal != "" {
		t.Errorf("the upstream's seal does not come back: %s", got.Up)
	}
	checkSDK(t, m.client, got)
}

// followUp is the client's next request: its first one, the reply as its own
// protocol has it, and the result of the call in it.
func followUp(t *testing.T, client string, body, reply []byte) []byte {
	t.Helper()
	get := func(raw []byte, path ...string) string {
		v, ok := rawjson.Get(raw, path...)
		if !ok {
			t.Fatalf("the reply has no %v: %s", path, raw)
		}
		return string(v)
	}
	text := func(raw string) (out string) {
		if err := json.Unmarshal([]byte(raw), &out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	const result = "Sunny, 21 °C"
	list, add := "messages", ""
	switch client {
	case "C":
		message := get(lastOf(t, get(reply, "choices")), "message")
		add = message + fmt.Sprintf(`,{"role":"tool","tool_call_id":%s,"content":%q}`, get(lastOf(t, get([]byte(message), "tool_calls")), "id"), result)
	case "A":
		content := get(reply, "content")
		add = `{"role":"assistant","content":` + content + `},` +
			fmt.Sprintf(`{"role":"user","content":[{"type":"tool_result","tool_use_id":%s,"content":%q}]}`, get(lastOf(t, content), "id"), result)
	case "R":
		list = "input"
		output := get(reply, "output")
		add = strings.Trim(output, "[]\n ") + fmt.Sprintf(`,{"type":"function_call_output","call_id":%s,"output":%q}`, get(lastOf(t, output), "call_id"), result)
	case "G":
		list = "contents"
		content := get(lastOf(t, get(reply, "candidates")), "content")
		call := lastOf(t, get([]byte(content), "parts"))
		add = content + fmt.Sprintf(`,{"role":"user","parts":[{"functionResponse":{"id":%s,"name":"weather","response":{"output":%q}}}]}`, get(call, "functionCall", "id"), result)
	}
	turns := get(body, list)
	if client == "R" && strings.HasPrefix(turns, `"`) {
		turns = fmt.Sprintf(`[{"role":"user","content":%q}]`, text(turns))
	}
	out, err := rawjson.Set(body, []byte(strings.TrimSuffix(strings.TrimSpace(turns), "]")+","+add+"]"), list)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// lastOf is the last element of a list.
func lastOf(t *testing.T, list string) []byte {
	t.Helper()
	var all []json.RawMessage
	if err := json.Unmarshal([]byte(list), &all); err != nil || len(all) == 0 {
		t.Fatalf("%v %s", err, list)
	}
	return all[len(all)-1]
}
