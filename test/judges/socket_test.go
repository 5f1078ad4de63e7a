package judges

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/coder/websocket"
	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/responses"

	"antigravity-tools/test/fakegemini"
)

func (g *gateway) connect(t *testing.T) *responses.ResponseConnection {
	t.Helper()
	c := g.openai()
	conn, err := c.Responses.Connect(ctx(t), responses.ResponseConnectionOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Abort)
	return conn
}

// TestSocket: several turns on one connection, nothing stored, on what only the
// connection remembers; a prewarmed one first.
func TestSocket(t *testing.T) {
	g := launch(t)
	conn := g.connect(t)
	g.script(fakegemini.Step{Reply: fakegemini.Calls(weatherCall("Oslo"))}, fakegemini.Answer(fakegemini.Part{Text: "Mild."}))
	turn := func(p responses.ResponsesClientEventResponseCreateParam) *responses.Response {
		t.Helper()
		p.Model, p.Store = pro3, openai.Bool(false)
		p.Tools = []responses.ToolUnionParam{weatherFunction()}
		if err := conn.Create(ctx(t), p); err != nil {
			t.Fatal(err)
		}
		r, err := conn.FinalResponse(ctx(t))
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	items := func(list ...responses.ResponseInputItemUnionParam) responses.ResponsesClientEventResponseCreateInputUnionParam {
		in := responses.ResponseInputParam(list)
		return responses.ResponsesClientEventResponseCreateInputUnionParam{OfResponse: &in}
	}
	warm := turn(responses.ResponsesClientEventResponseCreateParam{Generate: openai.Bool(false),
		Input: items(responses.ResponseInputItemParamOfMessage(mark+" weather?", responses.EasyInputMessageRoleUser))})
	if warm.Status != "completed" || len(warm.Output) != 0 || len(g.fake.Generates()) != 0 {
		t.Errorf("prewarmed: %s", warm.RawJSON())
	}
	first := turn(responses.ResponsesClientEventResponseCreateParam{PreviousResponseID: openai.String(warm.ID), Input: items()})
	if first.PreviousResponseID != warm.ID || arguments(*first) == "" {
		t.Fatalf("%s", first.RawJSON())
	}
	var call string
	for _, item := range first.Output {
		if item.Type == "function_call" {
			call = item.AsFunctionCall().CallID
		}
	}
	second := turn(responses.ResponsesClientEventResponseCreateParam{PreviousResponseID: openai.String(first.ID), Input: items(functionOutput(call, "mild"))})
	if second.OutputText() != "Mild." {
		t.Errorf("%s", second.RawJSON())
	}
	up := g.upstream(t, -1)
	if len(up.Contents) != 3 || up.Contents[1].Parts[0].FunctionCall == nil || up.Contents[1].Parts[0].ThoughtSignature == "" {
		t.Errorf("%+v", up.Contents)
	}
	// Nothing of it is in the store, and another connection does not know it.
	c := g.openai()
	_, err := c.Responses.Get(ctx(t), second.ID, responses.ResponseGetParams{})
	gone(t, "not stored", err, 404, "response_not_found")
}

// TestSocketFrames: errors, steering and streams of a name, frame by frame.
func TestSocketFrames(t *testing.T) {
	g := launch(t)
	conn := g.connect(t)
	say := func(text string) {
		t.Helper()
		if err := conn.SendRaw(ctx(t), json.RawMessage(text)); err != nil {
			t.Fatal(err)
		}
	}
	hear := func() string {
		t.Helper()
		raw, err := conn.RecvRaw(ctx(t))
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	for _, c := range []struct{ say, hear string }{
		{`{"type":"response.create","model":"` + flash + `","input":"x","previous_response_id":"resp_none"}`, `"previous_response_not_found"`},
		{`{"type":"response.create","model":"no-such-model","input":"x"}`, `"model_not_found"`},
		{`{"type":"response.create","model":"` + flash + `"}`, `"input"`},
		{`{"type":"response.steer","previous_response_id":"resp_1","input":"x","stream_id":"a"}`, `"response.steer.failed"`},
		{`{"type":"response.create","model":"m","input":"x","stream_id":"no spaces"}`, `stream_id`},
		{`{"type":"nonsense"}`, `"type"`},
		{`{}`, `"type"`},
		{`[1]`, `invalid_json`},
	} {
		say(c.say)
		if got := hear(); !strings.Contains(got, c.hear) || !strings.Contains(got, `"error":{`) {
			t.Errorf("%s\n gave %s", c.say, got)
		}
	}
	say(`{"type":"response.processed","response_id":"resp_1"}`)
	say(`{"type":"response.create","model":"` + flash + `","input":"hello","stream_id":"lane.1"}`)
	for n := 0; ; n++ {
		var e struct {
			Type     string
			StreamID string `json:"stream_id"`
			Sequence int    `json:"sequence_number"`
			Response struct{ ID string }
		}
		if err := json.Unmarshal([]byte(hear()), &e); err != nil || e.StreamID != "lane.1" || e.Sequence != n {
			t.Fatalf("%v %+v", err, e)
		}
		if e.Type == "response.completed" { // stored, since nothing else was asked for
			c := g.openai()
			if _, err := c.Responses.Get(ctx(t), e.Response.ID, responses.ResponseGetParams{}); err != nil {
				t.Error(err)
			}
			return
		}
	}
}

// TestSocketIsGuarded: a web page gets none, nor who needs a key and has none; a
// key that is revoked ends its connection; binary frames end it as well.
func TestSocketIsGuarded(t *testing.T) {
	g := launch(t)
	dial := func(key, origin string) (*websocket.Conn, int) {
		o := &websocket.DialOptions{HTTPHeader: map[string][]string{"Authorization": {"Bearer " + key}}}
		if origin != "" {
			o.HTTPHeader["Origin"] = []string{origin}
		}
		conn, res, err := websocket.Dial(ctx(t), g.url()+"/v1/responses", o)
		if err != nil && res == nil {
			t.Fatal(err)
		}
		return conn, res.StatusCode
	}
	if _, status := dial(clientKey, "https://evil.example"); status != 403 {
		t.Errorf("a foreign page: %d", status)
	}
	conn, _ := dial(clientKey, "")
	if err := conn.Write(ctx(t), websocket.MessageBinary, []byte("{}")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := conn.Read(ctx(t)); websocket.CloseStatus(err) != websocket.StatusUnsupportedData {
		t.Errorf("binary: %v", err)
	}
	g.run("", "config", "set", "proxy.auth_mode", "all_except_health")
	key := strings.TrimSpace(g.run("", "key", "create", "--name", "laptop"))
	g.secrets = append(g.secrets, key)
	if _, status := dial("sk-agt-wrong", ""); status != 401 {
		t.Errorf("a wrong key: %d", status)
	}
	conn, status := dial(key, "")
	if status != 101 {
		t.Fatal(status)
	}
	g.run("", "key", "disable", "laptop")
	if err := conn.Write(ctx(t), websocket.MessageText, []byte(`{"type":"response.create","model":"`+flash+`","input":"x"}`)); err != nil {
		t.Fatal(err)
	}
	if _, text, err := conn.Read(ctx(t)); err != nil || !strings.Contains(string(text), `"status":40`) {
		t.Errorf("after the key was disabled: %s %v", text, err)
	}
	if _, _, err := conn.Read(ctx(t)); err == nil {
		t.Error("the connection of a disabled key stays open")
	}
	g.run("", "config", "set", "proxy.websocket", "off")
	g.run("", "config", "set", "proxy.auth_mode", "off")
	if _, status := dial(clientKey, ""); status != 426 {
		t.Errorf("switched off: %d", status)
	}
}

// TestCompact: what comes back is an input that any model can go on from.
func TestCompact(t *testing.T) {
	g := launch(t)
	c := g.openai()
	g.script(fakegemini.Step{Reply: fakegemini.Calls(weatherCall("Oslo"))},
		fakegemini.Answer(fakegemini.Part{Text: "Oslo was asked for."}), fakegemini.Answer(fakegemini.Part{Text: "As I said."}))
	first, err := g.respond(t, false, responses.ResponseNewParams{Model: pro3, Input: input("weather?"), Tools: []responses.ToolUnionParam{weatherFunction()}})
	if err != nil {
		t.Fatal(err)
	}
	var call string
	for _, item := range first.Output {
		if item.Type == "function_call" {
			call = item.AsFunctionCall().CallID
		}
	}
	short, err := c.Responses.Compact(ctx(t), responses.ResponseCompactParams{Model: pro3, PreviousResponseID: openai.String(first.ID),
		Input: responses.ResponseCompactParamsInputUnion{OfResponseInputItemArray: []responses.ResponseInputItemUnionParam{functionOutput(call, "mild")}}})
	if err != nil || len(short.Output) != 2 || short.Output[0].Type != "message" || short.Output[1].Type != "compaction" || short.Usage.TotalTokens == 0 {
		t.Fatalf("%v %s", err, short.RawJSON())
	}
	if up := g.upstream(t, -1); len(up.Contents) != 4 && len(up.Contents) != 3 {
		t.Errorf("%+v", up.Contents)
	}
	p := responses.ResponseNewParams{Model: flash}
	for _, item := range short.Output {
		p.Input.OfInputItemList = append(p.Input.OfInputItemList, again(item.RawJSON()))
	}
	r, err := g.respond(t, true, p)
	if have := texts(g.upstream(t, -1)); err != nil || r.OutputText() != "As I said." || !strings.Contains(have, "Summary of the conversation so far:\nOslo was asked for.") {
		t.Errorf("%v %s %s", err, r.RawJSON(), have)
	}
	_, err = c.Responses.Compact(ctx(t), responses.ResponseCompactParams{Model: flash, PreviousResponseID: openai.String("resp_none")})
	gone(t, "an unknown response", err, 400, "previous_response_not_found")
	_, err = c.Responses.Compact(ctx(t), responses.ResponseCompactParams{Model: "no-such-model", PreviousResponseID: openai.String(first.ID)})
	gone(t, "an unknown model", err, 404, "model_not_found")
}
