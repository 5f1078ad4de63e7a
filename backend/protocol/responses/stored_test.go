package responses

import (
	"bytes"
	"strings"
	"testing"

	"antigravity-tools/backend/rawjson"
)

// counting mints ids that tell their order.
func counting() Mint {
	n := byte('0')
	return func(int, string) string { n++; return string(n) }
}

func TestReadAsk(t *testing.T) {
	a := ReadAsk([]byte(`{"store":false,"background":true,"stream":true,"previous_response_id":"resp_1","model":"m","input":[{"id":"msg_1"}],
		"stream_id":"s","generate":false}`))
	if !a.NoStore || !a.Background || !a.Stream || a.Previous != "resp_1" || a.Model != "m" || !a.References || a.StreamID != "s" || !a.Prepare {
		t.Errorf("%+v", a)
	}
	if a := ReadAsk([]byte(`{"store":null,"generate":true,"prompt_cache_options":{"prewarm":true},"input":"\"id\""}`)); a.NoStore || !a.Prepare || a.References {
		t.Errorf("%+v", a)
	}
	// A member of a wrong type counts as absent here; the decoder refuses it.
	if a := ReadAsk([]byte(`{"store":"no","background":1,"previous_response_id":7,"input":{"id":"x"}}`)); a.NoStore || a.Background || a.Previous != "" || a.References {
		t.Errorf("%+v", a)
	}
	for input, want := range map[string]bool{
		`[{"type":"item_reference","id":"a"}]`: true, `[{"id":"a","type":null}]`: true, `[{"role":"user","id":"a","content":"x"}]`: false,
		`[{"type":"message","id":"a"}]`: false, `[{"type":"item_reference"}]`: false, `"id"`: false, `[{"id":""}]`: false,
	} {
		if a := ReadAsk([]byte(`{"input":` + input + `}`)); a.References != want {
			t.Errorf("%s: %v", input, a.References)
		}
	}
}

func TestEdit(t *testing.T) {
	on := true
	history := [][]byte{
		[]byte(`[{"id":"msg_1","type":"message","role":"user","content":[]}]`),
		[]byte(`[{"id":"rs_1","type":"reasoning","summary":[],"encrypted_content":"x"},{"id":"rs_2","type":"reasoning","summary":[]},
			{"id":"lsh_1","type":"local_shell_call","call_id":"c"},{"id":"fc_1","type":"function_call","call_id":"c","name":"f","arguments":"{\"big\":12345678901234567890}"}]`),
	}
	inFront := `{"type":"message","role":"user","content":[]},{"id":"rs_1","type":"reasoning","summary":[],"encrypted_content":"x"},{"type":"reasoning","summary":[]},` +
		`{"id":"lsh_1","type":"local_shell_call","call_id":"c"},{"type":"function_call","call_id":"c","name":"f","arguments":"{\"big\":12345678901234567890}"}`
	for _, c := range []struct{ body, want string }{
		{`{"model":"m","input":"hi","previous_response_id":"r","store":true,"temperature":1.0}`,
			`{"model":"m","input":[` + inFront + `,{"role":"user","content":"hi"}],"temperature":1.0,"store":false,"stream":true}`},
		{`{"stream":false,"background":true,"input":[{"id":"own","role":"user","content":"x"}]}`,
			`{"input":[` + inFront + `,{"id":"own","role":"user","content":"x"}],"store":false,"stream":true}`},
		{`{"type":"response.create","generate":true,"stream_id":"s","model":"m"}`, `{"model":"m","input":[` + inFront + `],"store":false,"stream":true}`},
		{`{"input":{"no":"item"}}`, `{"input":[` + inFront + `,{"no":"item"}],"store":false,"stream":true}`},
	} {
		got := Edit{History: history, Detach: true, Stream: &on}.Apply([]byte(c.body))
		if string(rawjson.Compact(nil, got)) != c.want {
			t.Errorf("%s\n gave %s\n want %s", c.body, got, c.want)
		}
	}
}

func TestInputItems(t *testing.T) {
	for in, want := range map[string]string{
		`"hi"`: `[{"id":"msg_1","type":"message","role":"user","content":[{"type":"input_text","text":"hi"}],"status":"completed"}]`,
		`[{"role":"assistant","content":"so"},{"type":"function_call_output","call_id":"c","output":"1"},{"type":"item_reference","id":"fc_9"}]`: `[` +
			`{"id":"msg_1","type":"message","role":"assistant","content":[{"type":"output_text","text":"so","annotations":[]}],"status":"completed"},` +
			`{"id":"fco_2","type":"function_call_output","call_id":"c","output":"1"},` +
			`{"id":"fc_9","type":"function_call","call_id":"c","name":"f","arguments":"{}"}]`,
		`null`: `[]`, ``: `[]`,
	} {
		got, ids := InputItems([]byte(in), counting(), func(id string) []byte {
			return []byte(`{"type":"function_call","id":"` + id + `","call_id":"c","name":"f","arguments":"{}"}`)
		})
		if string(got) != want {
			t.Errorf("%s\n gave %s\n want %s", in, got, want)
		}
		if have := ItemIDs(got); strings.Join(have, " ") != strings.Join(ids, " ") {
			t.Errorf("ids %q, but %q are in it", ids, have)
		}
	}
}

const finished = `{"id":"resp_1","object":"response","created_at":1,"model":"m","status":"incomplete","error":null,"incomplete_details":{"reason":"max_output_tokens"},` +
	`"usage":{"input_tokens":1},"output":[` +
	`{"id":"rs_1","type":"reasoning","summary":[{"type":"summary_text","text":"hm"}],"encrypted_content":"sealed"},` +
	`{"id":"fc_1","type":"function_call","status":"completed","call_id":"c","name":"f","arguments":"{\"a\":1}"},` +
	`{"id":"ctc_1","type":"custom_tool_call","call_id":"c2","name":"g","input":"free"},` +
	`{"id":"ig_1","type":"image_generation_call","status":"completed","result":"AAAA"},` +
	`{"id":"msg_1","type":"message","status":"incomplete","role":"assistant","content":[{"type":"output_text","text":"cut o","annotations":[{"type":"url_citation"}]},` +
	`{"type":"refusal","refusal":"no"}]}]}`

// TestReplay: the events are in the grammar of a stream, and their pieces make
// the items of the response.
func TestReplay(t *testing.T) {
	var kinds []string
	var done []string
	pieces := map[string]string{}
	next := int64(0)
	for seq, frame := range Replay([]byte(finished)) {
		head, data, _ := strings.Cut(strings.TrimSuffix(string(frame), "\n\n"), "\ndata: ")
		kind := member([]byte(data), "type")
		if raw, _ := rawjson.Get([]byte(data), "sequence_number"); head != "event: "+kind || seq != next || string(raw) != string(quotedInt(next)) {
			t.Errorf("event %d: %s", seq, frame)
		}
		next++
		kinds = append(kinds, strings.TrimPrefix(kind, "response."))
		if delta := member([]byte(data), "delta"); delta != "" {
			pieces[member([]byte(data), "item_id")] += delta
		}
		if kind == "response.output_item.done" {
			raw, _ := rawjson.Get([]byte(data), "item")
			done = append(done, string(raw))
		}
		if kind == "response.incomplete" {
			if raw, _ := rawjson.Get([]byte(data), "response"); string(raw) != finished {
				t.Errorf("the end shows %s", raw)
			}
		}
	}
	want := "created in_progress " +
		"output_item.added reasoning_summary_part.added reasoning_summary_text.delta reasoning_summary_text.done reasoning_summary_part.done output_item.done " +
		"output_item.added function_call_arguments.delta function_call_arguments.done output_item.done " +
		"output_item.added custom_tool_call_input.delta custom_tool_call_input.done output_item.done " +
		"output_item.added output_item.done " +
		"output_item.added content_part.added output_text.delta output_text.done content_part.done content_part.added refusal.delta refusal.done content_part.done output_item.done " +
		"incomplete"
	if got := strings.Join(kinds, " "); got != want {
		t.Errorf("events\n%s\nwant\n%s", got, want)
	}
	if got := "[" + strings.Join(done, ",") + "]"; got != string(Output([]byte(finished))) {
		t.Errorf("items %s", got)
	}
	if pieces["rs_1"] != "hm" || pieces["fc_1"] != `{"a":1}` || pieces["ctc_1"] != "free" || pieces["msg_1"] != "cut ono" {
		t.Errorf("%v", pieces)
	}
}

func quotedInt(n int64) []byte {
	var w rawjson.Writer
	w.Int(n)
	return bytes.Clone(w.Bytes())
}

func TestShown(t *testing.T) {
	got := Shown{ID: "resp_2", Previous: "resp_0", Background: true, Store: true, Status: StatusFailed, Failure: "it\nbroke"}.Apply([]byte(`{"id":"resp_1","error":null,"x":1.50}`))
	want := `{"id":"resp_2","error":{"code":"server_error","message":"it\nbroke"},"x":1.50,"previous_response_id":"resp_0","background":true,"store":true,"status":"failed"}`
	if string(got) != want {
		t.Errorf("%s", got)
	}
	if same := []byte(finished); string(Shown{}.Apply(same)) != finished {
		t.Error("changed without need")
	}
}

// FuzzStored feeds requests and responses of any shape to what reads them raw:
// no panic, and what is made of valid JSON is valid JSON.
func FuzzStored(f *testing.F) {
	f.Add([]byte(`{"model":"m","input":[{"id":"a"},{"role":"user","content":"x"}],"previous_response_id":"r"}`))
	f.Add([]byte(finished))
	f.Add([]byte(`{"input":"x","output":[1,null,{"type":"message","content":[[]]},{"type":"reasoning","summary":7}],"status":3}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		if rawjson.Check(body, 50) != nil || rawjson.KindOf(body) != rawjson.KindObject {
			return
		}
		on := false
		a := ReadAsk(body)
		items, ids := InputItems(a.Input, counting(), func(string) []byte { return nil })
		edited := Edit{History: [][]byte{items, Output(body)}, Detach: true, Stream: &on}.Apply(body)
		for what, made := range map[string][]byte{
			"items": items, "edited": edited, "resolved": Resolve(a.Input, func(string) []byte { return []byte(`{"id":"x"}`) }),
			"shown": Shown{ID: "r", Previous: "p", Status: "failed", Failure: "f"}.Apply(body), "queued": QueuedResponse(body, "resp_1", 1),
		} {
			if err := rawjson.Check(made, 60); err != nil {
				t.Fatalf("%s: %v: %s", what, err, made)
			}
		}
		if len(ids) > 0 && len(ItemIDs(items)) != len(ids) {
			t.Fatalf("%q in %s", ids, items)
		}
		for _, frame := range Replay(body) {
			if bytes.Count(frame, []byte("\n")) != 3 {
				t.Fatalf("not one frame: %q", frame)
			}
		}
	})
}
