package fakegemini

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestBrainWritesFiles tries the tools of real clients.
func TestBrainWritesFiles(t *testing.T) {
	s := start(t, Options{})
	str := `{"type":"string"}`
	tools := []struct{ name, tool, schema, args string }{
		{"Claude Code", "Write", `{"type":"object","properties":{"file_path":` + str + `,"content":` + str + `},"required":["file_path","content"]}`, `{"file_path":"/w/hello.txt","content":"good day\n"}`},
		{"Gemini CLI", "write_file", `{"type":"object","properties":{"file_path":` + str + `,"content":` + str + `}}`, `{"file_path":"/w/hello.txt","content":"good day\n"}`},
		{"Kilo", "write", `{"type":"object","properties":{"filePath":` + str + `,"content":` + str + `}}`, `{"filePath":"/w/hello.txt","content":"good day\n"}`},
		{"Codex", "exec_command", `{"type":"object","properties":{"cmd":` + str + `}}`, `{"cmd":"printf '%s\\n' 'good day' > '/w/hello.txt'"}`},
		{"grouped", "shell__exec_command", `{"type":"object","properties":{"cmd":` + str + `}}`, `{"cmd":"printf '%s\\n' 'good day' > '/w/hello.txt'"}`},
		{"shell list", "shell", `{"type":"object","properties":{"command":{"type":"array","items":` + str + `}}}`, `{"command":["bash","-lc","printf '%s\\n' 'good day' > '/w/hello.txt'"]}`},
		{"bash with more", "bash", `{"type":"object","properties":{"command":` + str + `,"description":` + str + `},"required":["command","description"]}`, `{"command":"printf '%s\\n' 'good day' > '/w/hello.txt'","description":"text"}`},
	}
	for _, c := range tools {
		t.Run(c.name, func(t *testing.T) {
			body := `{"systemInstruction":{"parts":[{"text":"Working directory: /w\n"}]},"contents":[` + user(`{"text":"Please write the file hello.txt with the content 'good day'."}`) +
				`],"tools":[{"functionDeclarations":[{"name":"Read"},{"name":"` + c.tool + `","parametersJsonSchema":` + c.schema + `}]}]}`
			_, out := post(t, s, unaryPath, body)
			var r struct {
				Candidates []struct{ Content struct{ Parts []part } }
			}
			if err := json.Unmarshal([]byte(out), &r); err != nil || len(r.Candidates) != 1 {
				t.Fatalf("%v %s", err, out)
			}
			got := r.Candidates[0].Content.Parts[0].FunctionCall
			if got == nil || got.Name != c.tool || !sameJSON(got.Args, json.RawMessage(c.args)) {
				t.Fatalf("%s", out)
			}
		})
	}
}

func TestBrain(t *testing.T) {
	s := start(t, Options{})
	schema := `{"type":"object","properties":{"n":{"type":"integer","minimum":3},"k":{"type":"string","enum":["a","b"]},"o":{"$ref":"#/$defs/o"},"x":{"type":"string"}},"required":["n","k","o"],"$defs":{"o":{"type":"object","properties":{"t":{"type":"boolean"}},"required":["t"]}}}`
	cases := []struct{ name, model, body, says string }{
		{"echo", "2.5-flash", history(hi), `"You said: hi"`},
		{"structured", "2.5-flash", with(`"generationConfig":{"responseMimeType":"application/json","responseJsonSchema":` + schema + `}`), `{\"k\":\"a\",\"n\":3,\"o\":{\"t\":true}}`},
		{"title", "2.5-flash", history(user(`{"text":"Make a title for: x"}`)), `"Small test task"`},
		{"forced", "2.5-flash", with(`"tools":[{"functionDeclarations":[{"name":"a"},{"name":"b"}]}],"toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["b"]}}`), `"name": "b"`},
		{"after tools", "3-pro-preview", history(hi + `,` + model(call("1", placeholder)) + `,` + user(result("f", "1"))), "Done. The tool f has answered."},
		{"thoughts", "2.5-pro", with(`"generationConfig":{"thinkingConfig":{"includeThoughts":true}}`), `"thought": true`},
		{"image", "2.5-flash-image", history(hi), "image/png"},
		{"two candidates", "2.5-flash", with(`"generationConfig":{"candidateCount":2}`), `"index": 1`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			status, out := post(t, s, "/v1beta/models/gemini-"+c.model+":generateContent", c.body)
			if status != 200 || !strings.Contains(out, c.says) {
				t.Fatalf("%d %s", status, out)
			}
		})
	}
}

func TestWorkingDirectory(t *testing.T) {
	cases := map[string]string{
		"Keep your working directory and/or path.\n - Primary working directory: /w/a": "/w/a/x",
		"<env>\n  Working directory: /w/b\n</env>":                                     "/w/b/x",
		"<cwd>/w/c</cwd>":                               "/w/c/x",
		"**Workspace Directories:**\n  - /w/d\n":        "/w/d/x",
		"I'm currently working in the directory: /w/e.": "/w/e/x",
		"nothing said":                                  "x",
	}
	for text, want := range cases {
		if got := inDirectory("x", text); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
	if got := inDirectory("/abs", "<cwd>/w</cwd>"); got != "/abs" {
		t.Error(got)
	}
}
