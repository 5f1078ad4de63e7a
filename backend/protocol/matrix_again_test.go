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
// call or another question, as its SDK would do it: the upstream takes it, and what the upstream signed comes back to it byte
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
	if seal := seals[m.upstream]; strings.Contains(string(m.frames), seal) && !strings.Contains(string(got.Up), `"`+seal+`"`) && seal != "" {
		t.Errorf("the upstream's seal does not come back: %s", got.Up)
	}
	checkSDK(t, m.client, got)
}

// followUp is the client's next request: its first one, the reply as its own
// protocol has it, and the result of the call in it, or another question.
func followUp(t *testing.T, client string, body, reply []byte) []byte {
	t.Helper()
	get := func(raw []byte, path ...string) string {
		v, ok := rawjson.Get(raw, path...)
		if !ok {
			t.Fatalf("the reply has no %v: %s", path, raw)
		}
		return string(v)
	}
	const result, question = "Sunny, 21 °C", "And then?"
	list, turn, next := "messages", "", ""
	answer := func(id []byte, calls bool, form, plain string) {
		if calls {
			next = fmt.Sprintf(form, id, result)
		} else {
			next = fmt.Sprintf(plain, question)
		}
	}
	switch client {
	case "C":
		turn = get(lastOf(t, get(reply, "choices")), "message")
		var id []byte
		calls, ok := rawjson.Get([]byte(turn), "tool_calls")
		if ok {
			id, _ = rawjson.Get(lastOf(t, string(calls)), "id")
		}
		answer(id, ok, `{"role":"tool","tool_call_id":%s,"content":%q}`, `{"role":"user","content":%q}`)
	case "A":
		content := get(reply, "content")
		turn = `{"role":"assistant","content":` + content + `}`
		id, ok := rawjson.Get(lastOf(t, content), "id")
		answer(id, ok, `{"role":"user","content":[{"type":"tool_result","tool_use_id":%s,"content":%q}]}`, `{"role":"user","content":%q}`)
	case "R":
		list = "input"
		output := get(reply, "output")
		turn = strings.Trim(output, "[]\n ")
		id, ok := rawjson.Get(lastOf(t, output), "call_id")
		answer(id, ok, `{"type":"function_call_output","call_id":%s,"output":%q}`, `{"role":"user","content":%q}`)
	case "G":
		list = "contents"
		turn = get(lastOf(t, get(reply, "candidates")), "content")
		id, ok := rawjson.Get(lastOf(t, get([]byte(turn), "parts")), "functionCall", "id")
		answer(id, ok, `{"role":"user","parts":[{"functionResponse":{"id":%s,"name":"weather","response":{"output":%q}}}]}`, `{"role":"user","parts":[{"text":%q}]}`)
	}
	turns := get(body, list)
	if client == "R" && strings.HasPrefix(turns, `"`) {
		var text string
		if err := json.Unmarshal([]byte(turns), &text); err != nil {
			t.Fatal(err)
		}
		turns = fmt.Sprintf(`[{"role":"user","content":%q}]`, text)
	}
	out, err := rawjson.Set(body, []byte(strings.TrimSuffix(strings.TrimSpace(turns), "]")+","+turn+","+next+"]"), list)
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
