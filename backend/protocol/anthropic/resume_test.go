package anthropic

import (
	"testing"
)

func TestResume(t *testing.T) {
	const (
		user  = `{"role":"user","content":"go"}`
		first = `{"model":"m","messages":[` + user + `],"stream":true}`
		text  = `{"type":"text","text":"a","citations":[{"type":"web_search_result_location","url":"https://a","title":"A","cited_text":"c","encrypted_index":"eA=="}]}`
		use   = `{"type":"server_tool_use","id":"srvtoolu_1","name":"web_search","input":{"query":"q"}}`
		think = `{"type":"thinking","thinking":"t","signature":"c2ln"}`
		dark  = `{"type":"redacted_thinking","data":"ZGF0YQ=="}`
		empty = `{"type":"text","text":""}`
		call  = `{"type":"tool_use","id":"toolu_1","name":"f","input":{}}`
	)
	paused := func(blocks, more string) string {
		return `{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[` + blocks + `],"stop_reason":"pause_turn"` + more + `}`
	}
	goesOn := func(first, blocks string) string {
		return first[:len(first)-len(`],"stream":true}`)] + `,{"role":"assistant","content":[` + blocks + `]}],"stream":true`
	}
	for name, c := range map[string]struct{ first, reply, next string }{
		"as it is":              {first, paused(think+","+text+","+use, ""), goesOn(first, think+","+text+","+use) + "}"},
		"hidden thinking":       {first, paused(dark+","+use, ""), goesOn(first, dark+","+use) + "}"},
		"an empty text":         {first, paused(empty+","+use, ""), goesOn(first, use) + "}"},
		"in a container":        {first, paused(use, `,"container":{"id":"c1","expires_at":"x"}`), goesOn(first, use) + `,"container":"c1"}`},
		"in a given container":  {`{"container":{"id":null,"skills":[]},"messages":[` + user + `],"stream":true}`, paused(use, `,"container":{"id":"c1"}`), `{"container":{"id":"c1","skills":[]},"messages":[` + user + `,{"role":"assistant","content":[` + use + `]}],"stream":true}`},
		"a call of the client":  {first, paused(use+","+call, ""), ""},
		"nothing said":          {first, paused("", ""), ""},
		"behind the model":      {`{"messages":[` + user + `,{"role":"assistant","content":"So"}]}`, paused(use, ""), ""},
		"not a paused one":      {first, `{"id":"msg_1","content":[` + use + `],"stop_reason":"max_tokens"}`, ""},
		"a body of other shape": {`{"messages":7}`, paused(use, ""), ""},
	} {
		resp, err := Upstream{}.DecodeResponse([]byte(c.reply), nil)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		next, ok := Upstream{}.Resume([]byte(c.first), resp, &resp.Choices[0].Close)
		if ok != (c.next != "") || string(next) != c.next {
			t.Errorf("%s: %v\n%s\nwant\n%s", name, ok, next, c.next)
		}
	}
}
