package fakegemini

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

const testKey = "AIza-fake-one"

// The vendor SDK brings a package that starts a worker when it is loaded.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("go.opencensus.io/stats/view.(*worker).start"))
}

func start(t *testing.T, opts Options) *Server {
	t.Helper()
	s, err := New(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func post(t *testing.T, s *Server, path, body string, header ...string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Goog-Api-Key", testKey)
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
		if header[i+1] == "" {
			req.Header.Del(header[i])
		}
	}
	return do(t, req)
}

func do(t *testing.T, req *http.Request) (int, string) {
	t.Helper()
	req.Close = true
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

const hi = `{"role":"user","parts":[{"text":"hi"}]}`

// with puts members beside a harmless history.
func with(members string) string  { return `{"contents":[` + hi + `],` + members + `}` }
func history(turns string) string { return `{"contents":[` + turns + `]}` }
func fn(members string) string {
	return with(`"tools":[{"functionDeclarations":[{"name":"f",` + members + `}]}]`)
}
func params(schema string) string  { return fn(`"parameters":` + schema) }
func jparams(schema string) string { return fn(`"parametersJsonSchema":` + schema) }

func call(id, sig string) string {
	return fmt.Sprintf(`{"functionCall":{"name":"f","args":{"a":1},"id":%q},"thoughtSignature":%q}`, id, sig)
}
func result(name, id string) string {
	return fmt.Sprintf(`{"functionResponse":{"name":%q,"id":%q,"response":{"output":"ok"}}}`, name, id)
}
func model(parts ...string) string {
	return `{"role":"model","parts":[` + strings.Join(parts, ",") + `]}`
}
func user(parts ...string) string {
	return `{"role":"user","parts":[` + strings.Join(parts, ",") + `]}`
}

// TestRefusals proves each rule: the body is refused by that rule and no
// other, with words that tell why.
func TestRefusals(t *testing.T) {
	s := start(t, Options{})
	skip := placeholder
	cases := []struct{ name, model, body, rule, says string }{
		{"bad json", "2.5-flash", `{"contents":[`, "fields", "Unexpected end"},
		{"trailing", "2.5-flash", `{} {}`, "fields", "Unexpected token"},
		{"root list", "2.5-flash", `[]`, "fields", "Root element must be a message"},
		{"unknown top", "2.5-flash", with(`"messages":[]`), "fields", `Unknown name "messages": Cannot find field.`},
		{"unknown nested", "2.5-flash", history(`{"role":"user","parts":[{"text":"a","cache_control":{}}]}`), "fields", `Unknown name "cache_control" at 'contents[0].parts[0]'`},
		{"unknown in map", "2.5-flash", params(`{"type":"object","properties":{"a":{"type":"string","const":"x"}}}`), "fields", `Unknown name "const" at 'tools[0].function_declarations[0].parameters.properties[0].value'`},
		{"schema $ref", "2.5-flash", params(`{"type":"object","$ref":"#/x"}`), "fields", `Unknown name "$ref"`},
		{"schema additionalProperties", "2.5-flash", params(`{"type":"object","additionalProperties":false}`), "fields", "additionalProperties"},
		{"schema type list", "2.5-flash", params(`{"type":["string","null"]}`), "fields", "Invalid value"},
		{"enterprise field", "2.5-flash", with(`"generationConfig":{"audioTimestamp":true}`), "fields", "audioTimestamp"},
		{"wrong type text", "2.5-flash", history(`{"role":"user","parts":[{"text":5}]}`), "fields", "TYPE_STRING"},
		{"wrong type int", "2.5-flash", with(`"generationConfig":{"maxOutputTokens":"many"}`), "fields", "TYPE_INT32"},
		{"fraction", "2.5-flash", with(`"generationConfig":{"candidateCount":1.5}`), "fields", "TYPE_INT32"},
		{"seed too big", "2.5-flash", with(`"generationConfig":{"seed":4294967296}`), "fields", "TYPE_INT32"},
		{"wrong type bool", "2.5-flash", with(`"store":"yes"`), "fields", "TYPE_BOOL"},
		{"args text", "2.5-flash", history(model(`{"functionCall":{"name":"f","args":"{}"}}`)), "fields", "TYPE_STRUCT"},
		{"response text", "2.5-flash", history(user(`{"functionResponse":{"name":"f","response":"x"}}`)), "fields", "TYPE_STRUCT"},
		{"bad enum", "2.5-flash", with(`"toolConfig":{"functionCallingConfig":{"mode":"REQUIRED"}}`), "fields", "CallingMode"},
		{"enum case", "2.5-flash", with(`"toolConfig":{"functionCallingConfig":{"mode":"auto"}}`), "fields", "CallingMode"},
		{"bad base64", "2.5-flash", history(user(`{"inlineData":{"mimeType":"image/png","data":"***"}}`)), "fields", "Base64 decoding failed"},
		{"bad signature base64", "2.5-flash", history(hi + `,` + model(`{"text":"a","thoughtSignature":"sig!"}`) + `,` + hi), "fields", "Base64"},
		{"bad duration", "2.5-flash", history(user(`{"text":"a","videoMetadata":{"startOffset":"3"}}`)), "fields", "TYPE_DURATION"},
		{"field twice", "2.5-flash", with(`"generationConfig":{},"generation_config":{}`), "fields", "already set"},
		{"too deep", "2.5-flash", params(strings.Repeat(`{"type":"array","items":`, 120) + `{"type":"string"}` + strings.Repeat(`}`, 120)), "fields", "too deep"},

		{"no contents", "2.5-flash", `{}`, "contents present", "contents is not specified"},
		{"empty contents", "2.5-flash", `{"contents":[]}`, "contents present", "contents is not specified"},
		{"empty parts", "2.5-flash", history(`{"role":"user","parts":[]}`), "parts present", "parts must not be empty"},
		{"empty system", "2.5-flash", with(`"systemInstruction":{"parts":[]}`), "parts present", "system_instruction"},
		{"no datum", "2.5-flash", history(user(`{}`)), "one datum", "required oneof field 'data'"},
		{"thought alone", "2.5-flash", history(user(`{"thought":true}`)), "one datum", "required oneof"},
		{"two data", "2.5-flash", history(user(`{"text":"a","inlineData":{"mimeType":"image/png","data":"aGk="}}`)), "one datum", "already set"},
		{"role assistant", "2.5-flash", history(`{"role":"assistant","parts":[{"text":"a"}]}`), "valid role", "valid role: user, model"},
		{"role system", "2.5-flash", history(`{"role":"system","parts":[{"text":"a"}]}`), "valid role", "valid role"},
		{"role function", "2.5-flash", history(`{"role":"function","parts":[{"text":"a"}]}`), "valid role", "valid role"},
		{"blob no mime", "2.5-flash", history(user(`{"inlineData":{"data":"aGk="}}`)), "media typed", "mime_type"},
		{"blob empty", "2.5-flash", history(user(`{"inlineData":{"mimeType":"image/png","data":""}}`)), "media typed", "data must not be empty"},
		{"response no name", "2.5-flash", history(user(`{"functionResponse":{"response":{}}}`)), "media typed", "Name cannot be empty"},
		{"response no body", "2.5-flash", history(user(`{"functionResponse":{"name":"f"}}`)), "media typed", "response is required"},
		{"model first", "2.5-flash", history(model(`{"text":"a"}`) + `,` + hi), "first turn user", "alternate"},
		{"call first", "2.5-flash", history(model(call("1", skip)) + `,` + user(result("f", "1"))), "first turn user", "function call turn"},
		{"call after model", "2.5-flash", history(hi + `,` + model(`{"text":"a"}`) + `,` + model(call("1", skip)) + `,` + user(result("f", "1"))), "calls after user", "immediately after a user turn"},
		{"call in user turn", "2.5-flash", history(hi + `,` + user(call("1", skip))), "calls after user", "function call turn"},
		{"orphan response", "2.5-flash", history(hi + `,` + model(`{"text":"a"}`) + `,` + user(result("f", "1"))), "responses after calls", "immediately after a function call turn"},
		{"response in model turn", "2.5-flash", history(hi + `,` + model(call("1", skip)) + `,` + model(result("f", "1"))), "responses after calls", "function response turn"},
		{"too few responses", "2.5-flash", history(hi + `,` + model(call("1", skip), call("2", skip)) + `,` + user(result("f", "1"))), "responses match calls", "number of function response parts"},
		{"too many responses", "2.5-flash", history(hi + `,` + model(call("1", skip)) + `,` + user(result("f", "1"), result("f", "1"))), "responses match calls", "number of function response parts"},
		{"wrong name", "2.5-flash", history(hi + `,` + model(call("1", skip)) + `,` + user(result("g", "1"))), "responses match calls", "name matches"},
		{"wrong order", "2.5-flash", history(hi + `,` + model(call("1", skip), call("2", skip)) + `,` + user(result("f", "2"), result("f", "1"))), "responses match calls", "id matches"},
		{"id dropped", "3-pro-preview", history(hi + `,` + model(call("1", skip)) + `,` + user(result("f", ""))), "responses match calls", "id matches"},
		{"unanswered inside", "2.5-flash", history(hi + `,` + model(call("1", skip)) + `,` + hi), "calls answered", "number of function response parts"},
		{"unanswered last", "2.5-flash", history(hi + `,` + model(call("1", skip))), "calls answered", "number of function response parts"},
		{"no signature on 3", "3-pro-preview", history(hi + `,` + model(`{"functionCall":{"name":"f","id":"1"}}`) + `,` + user(result("f", "1"))), "signatures present", "missing a thought_signature"},
		{"second step unsigned", "3-flash-preview", history(hi + `,` + model(call("1", skip)) + `,` + user(result("f", "1")) + `,` + model(`{"functionCall":{"name":"f","id":"2"}}`) + `,` + user(result("f", "2"))), "signatures present", "position 4"},
		{"foreign signature", "2.5-flash", history(hi + `,` + model(call("1", b64([]byte("agt1\x00something")))) + `,` + user(result("f", "1"))), "signatures genuine", "Corrupted thought signature."},
		{"placeholder on text", "3-pro-preview", history(hi + `,` + model(`{"text":"a","thoughtSignature":"`+skip+`"}`) + `,` + hi), "signatures genuine", "Corrupted"},

		{"embedding model", "embedding-001", history(hi), "method supported", "not supported"},
		{"budget and level", "3-pro-preview", with(`"generationConfig":{"thinkingConfig":{"thinkingBudget":1024,"thinkingLevel":"HIGH"}}`), "thinking either or", "only one"},
		{"thinking on image", "2.5-flash-image", with(`"generationConfig":{"thinkingConfig":{"includeThoughts":true}}`), "thinking supported", "not enabled"},
		{"budget 0 on pro", "2.5-pro", with(`"generationConfig":{"thinkingConfig":{"thinkingBudget":0}}`), "thinking budget", "only works in thinking mode"},
		{"budget high pro", "2.5-pro", with(`"generationConfig":{"thinkingConfig":{"thinkingBudget":32769}}`), "thinking budget", "between 128 and 32768"},
		{"budget high flash", "2.5-flash", with(`"generationConfig":{"thinkingConfig":{"thinkingBudget":24577}}`), "thinking budget", "between 1 and 24576"},
		{"budget low lite", "2.5-flash-lite", with(`"generationConfig":{"thinkingConfig":{"thinkingBudget":511}}`), "thinking budget", "512"},
		{"level on 2.5", "2.5-pro", with(`"generationConfig":{"thinkingConfig":{"thinkingLevel":"LOW"}}`), "thinking level", "not supported"},
		{"medium on 3 pro", "3-pro-preview", with(`"generationConfig":{"thinkingConfig":{"thinkingLevel":"MEDIUM"}}`), "thinking level", "MEDIUM"},
		{"minimal on 3.1 pro", "3.1-pro-preview", with(`"generationConfig":{"thinkingConfig":{"thinkingLevel":"MINIMAL"}}`), "thinking level", "MINIMAL"},
		{"temperature", "2.5-flash", with(`"generationConfig":{"temperature":2.1}`), "sampling ranges", "temperature"},
		{"top_p", "2.5-flash", with(`"generationConfig":{"top_p":1.1}`), "sampling ranges", "top_p"},
		{"top_k", "2.5-flash", with(`"generationConfig":{"topK":0}`), "sampling ranges", "top_k"},
		{"penalty", "2.5-flash", with(`"generationConfig":{"presencePenalty":3}`), "penalty ranges", "presence_penalty"},
		{"output 0", "2.5-flash", with(`"generationConfig":{"maxOutputTokens":0}`), "output limit", "positive"},
		{"output high", "2.5-flash", with(`"generationConfig":{"maxOutputTokens":128000}`), "output limit", "128000"},
		{"six stops", "2.5-flash", with(`"generationConfig":{"stopSequences":["a","b","c","d","e","f"]}`), "stop sequences", "must not exceed 5"},
		{"empty stop", "2.5-flash", with(`"generationConfig":{"stopSequences":[""]}`), "stop sequences", "empty"},
		{"candidates", "2.5-flash", with(`"generationConfig":{"candidateCount":9}`), "candidate count", "[1, 8]"},
		{"logprobs alone", "2.5-flash", with(`"generationConfig":{"logprobs":2}`), "logprobs", "response_logprobs"},
		{"logprobs many", "2.5-flash", with(`"generationConfig":{"logprobs":21,"responseLogprobs":true}`), "logprobs", "[0, 20]"},
		{"schema no mime", "2.5-flash", with(`"generationConfig":{"responseSchema":{"type":"OBJECT"}}`), "schema needs mime", "response_mime_type"},
		{"json schema no mime", "2.5-flash", with(`"generationConfig":{"responseJsonSchema":{"type":"object"}}`), "schema needs mime", "response_mime_type"},
		{"both response schemas", "2.5-flash", with(`"generationConfig":{"responseMimeType":"application/json","responseSchema":{"type":"OBJECT"},"responseJsonSchema":{"type":"object"}}`), "one response schema", "only one"},
		{"odd mime", "2.5-flash", with(`"generationConfig":{"responseMimeType":"text/html"}`), "response mime", "allowed mimetypes"},
		{"response schema word", "2.5-flash", with(`"generationConfig":{"responseMimeType":"application/json","responseJsonSchema":{"type":"object","patternProperties":{}}}`), "response schema", "patternProperties"},
		{"response schema default", "2.5-flash", with(`"generationConfig":{"responseMimeType":"application/json","responseJsonSchema":{"type":"string","default":"x"}}`), "response schema", "default"},
		{"ratio", "2.5-flash-image", with(`"generationConfig":{"imageConfig":{"aspectRatio":"7:3"}}`), "image config", "aspect_ratio"},
		{"image size", "2.5-flash-image", with(`"generationConfig":{"imageConfig":{"imageSize":"8K"}}`), "image config", "image_size"},
		{"name digit", "2.5-flash", with(`"tools":[{"functionDeclarations":[{"name":"1f"}]}]`), "function names", "Must start with a letter"},
		{"name slash", "2.5-flash", with(`"tools":[{"functionDeclarations":[{"name":"a/b"}]}]`), "function names", "Invalid function name"},
		{"name long", "2.5-flash", with(`"tools":[{"functionDeclarations":[{"name":"` + strings.Repeat("a", 129) + `"}]}]`), "function names", "128"},
		{"name twice", "2.5-flash", with(`"tools":[{"functionDeclarations":[{"name":"a"},{"name":"a"}]}]`), "function names", "Duplicate"},
		{"513 functions", "2.5-flash", with(`"tools":[{"functionDeclarations":[` + many(513) + `]}]`), "function count", "512"},
		{"both parameter forms", "2.5-flash", fn(`"parameters":{"type":"OBJECT"},"parametersJsonSchema":{"type":"object"}`), "one parameter schema", "only one"},
		{"parameters no object", "2.5-flash", params(`{"type":"STRING"}`), "parameter schema", "type OBJECT"},
		{"array no items", "2.5-flash", params(`{"type":"OBJECT","properties":{"a":{"type":"ARRAY"}}}`), "parameter schema", "items: missing field"},
		{"enum on integer", "2.5-flash", params(`{"type":"OBJECT","properties":{"a":{"type":"INTEGER","enum":["1"]}}}`), "parameter schema", "only allowed for STRING"},
		{"string format", "2.5-flash", params(`{"type":"OBJECT","properties":{"a":{"type":"STRING","format":"uri"}}}`), "parameter schema", "'enum' and 'date-time'"},
		{"required unknown", "2.5-flash", params(`{"type":"OBJECT","properties":{},"required":["a"]}`), "parameter schema", "property is not defined"},
		{"no type", "2.5-flash", params(`{"type":"OBJECT","properties":{"a":{"description":"x"}}}`), "parameter schema", "must be specified"},
		{"json schema word", "2.5-flash", jparams(`{"type":"object","properties":{"a":{"type":"string","pattern":"x"}}}`), "parameter json schema", `"pattern"`},
		{"json schema examples", "2.5-flash", jparams(`{"examples":[{}],"type":"object"}`), "parameter json schema", `"examples"`},
		{"json schema deep", "2.5-flash", jparams(`{"$defs":{"x":{"anyOf":[{"items":{"not":{}}}]}}}`), "parameter json schema", `"not"`},
		{"json schema ref", "2.5-flash", jparams(`{"properties":{"a":{"$ref":"#/$defs/x","description":"d"}},"$defs":{"x":{"type":"string"}}}`), "parameter json schema", "$ref"},
		{"json schema enum", "2.5-flash", jparams(`{"properties":{"a":{"enum":[true]}}}`), "parameter json schema", "strings and numbers"},
		{"json schema type", "2.5-flash", jparams(`{"type":"text"}`), "parameter json schema", "unknown type"},
		{"json schema root", "2.5-flash", jparams(`{"anyOf":[{"type":"object"}]}`), "parameter json schema", "OBJECT"},
		{"json schema text", "2.5-flash", jparams(`"object"`), "parameter json schema", "must be an object"},
		{"any without functions", "2.5-flash", with(`"toolConfig":{"functionCallingConfig":{"mode":"ANY"}}`), "calling mode", "without function_declarations"},
		{"names with auto", "2.5-flash", with(`"tools":[{"functionDeclarations":[{"name":"a"}]}],"toolConfig":{"functionCallingConfig":{"mode":"AUTO","allowedFunctionNames":["a"]}}`), "calling mode", "ANY or VALIDATED"},
		{"undeclared name", "2.5-flash", with(`"tools":[{"functionDeclarations":[{"name":"a"}]}],"toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["b"]}}`), "calling mode", "not declared"},
		{"search mix 2.5", "2.5-pro", with(`"tools":[{"functionDeclarations":[{"name":"a"}]},{"googleSearch":{}}]`), "built-in mixing", "unsupported"},
		{"search mix 3", "3-pro-preview", with(`"tools":[{"functionDeclarations":[{"name":"a"}]},{"googleSearch":{}}]`), "built-in mixing", "include_server_side_tool_invocations"},
		{"search mix 3 auto", "3-pro-preview", with(`"tools":[{"functionDeclarations":[{"name":"a"}]},{"googleSearch":{}}],"toolConfig":{"includeServerSideToolInvocations":true}`), "built-in mixing", "VALIDATED"},
		{"json and functions", "2.5-flash", with(`"tools":[{"functionDeclarations":[{"name":"a"}]}],"generationConfig":{"responseMimeType":"application/json"}`), "json with functions", "unsupported"},
		{"speech of a chat model", "2.5-flash", with(`"generationConfig":{"responseModalities":["AUDIO"]}`), "modalities", "(AUDIO) is not supported"},
		{"text of a speaking model", "2.5-flash-preview-tts", history(hi), "modalities", "is not supported"},
		{"picture of a chat model", "2.5-flash", with(`"generationConfig":{"responseModalities":["IMAGE"]}`), "modalities", "(IMAGE)"},
		{"picture's form of a chat model", "2.5-flash", with(`"generationConfig":{"imageConfig":{"aspectRatio":"1:1"}}`), "modalities", "image_config"},
		{"picture's size on 2.5", "2.5-flash-image", with(`"generationConfig":{"imageConfig":{"imageSize":"2K"}}`), "modalities", "image_size"},
		{"several pictures", "2.5-flash-image", with(`"generationConfig":{"candidateCount":2}`), "modalities", "Multiple candidates"},
		{"speaks of a picture", "2.5-flash-preview-tts", "{" + `"contents":[` + user(`{"inlineData":{"mimeType":"image/png","data":"aGk="}}`) + `],"generationConfig":{"responseModalities":["AUDIO"]}}`, "speech", "no text"},
		{"instructed voice", "2.5-flash-preview-tts", with(`"systemInstruction":{"parts":[{"text":"x"}]},"generationConfig":{"responseModalities":["AUDIO"]}`), "speech", "Developer instruction"},
		{"unknown voice", "2.5-flash-preview-tts", with(`"generationConfig":{"responseModalities":["AUDIO"],"speechConfig":{"voiceConfig":{"prebuiltVoiceConfig":{"voiceName":"alloy"}}}}`), "speech", "alloy is not supported"},
		{"unknown recording", "2.5-flash", history(user(`{"inlineData":{"mimeType":"audio/midi","data":"aGk="}}`)), "recordings", "audio/midi"},
		{"safety twice", "2.5-flash", with(`"safetySettings":[{"category":"HARM_CATEGORY_HARASSMENT","threshold":"OFF"},{"category":"HARM_CATEGORY_HARASSMENT","threshold":"OFF"}]`), "safety settings", "duplicate"},
		{"cache handle", "2.5-flash", with(`"cachedContent":"cachedContents/x"`), "cached content", "CachedContent not found"},
		{"made-up token", "2.5-flash", with(`"continuationToken":"AAAA"`), "continuation token", "Invalid continuation token"},
		{"token of another request", "2.5-flash", with(`"store":true,"continuationToken":"` + goOn(t, s) + `"`), "continuation token", "does not belong"},
	}
	proven := map[string]bool{}
	for _, c := range cases {
		proven[c.rule] = true
		t.Run(c.name, func(t *testing.T) {
			status, body := post(t, s, "/v1beta/models/gemini-"+c.model+":generateContent", c.body)
			all := s.Requests()
			rec := all[len(all)-1]
			if status < 400 || rec.Rule != c.rule || !strings.Contains(rec.Error, c.says) {
				t.Fatalf("status %d, rule %q, error %q; want rule %q saying %q", status, rec.Rule, rec.Error, c.rule, c.says)
			}
			var e struct {
				Error struct {
					Code            int
					Message, Status string
				}
			}
			if err := json.Unmarshal([]byte(body), &e); err != nil || e.Error.Code != status || e.Error.Status == "" || e.Error.Message != rec.Error {
				t.Fatalf("error body %s (%v)", body, err)
			}
		})
	}
	for _, r := range generateRules() {
		if !proven[r.name] {
			t.Errorf("rule %q is proven by no case", r.name)
		}
	}
}

// goOn is a token that the fake gave out, for a request that it takes back.
func goOn(t *testing.T, s *Server) string {
	t.Helper()
	s.Script("", Step{Reply: &Reply{Parts: []Part{{Text: "Hel"}}, Finish: "CONTINUATION"}})
	const path = "/v1beta/models/gemini-2.5-flash:generateContent"
	status, body := post(t, s, path, history(hi))
	var reply struct {
		Candidates []struct{ ContinuationToken string }
	}
	if err := json.Unmarshal([]byte(body), &reply); err != nil || status != 200 || len(reply.Candidates) != 1 || reply.Candidates[0].ContinuationToken == "" {
		t.Fatalf("%d %v %s", status, err, body)
	}
	token := reply.Candidates[0].ContinuationToken
	again := strings.TrimSuffix(history(hi), "}") + `,"continuationToken":"` + token + `"}`
	if status, body := post(t, s, path, again); status != 200 {
		t.Fatalf("%d %s", status, body)
	}
	return token
}

func many(n int) string {
	var out []string
	for i := range n {
		out = append(out, fmt.Sprintf(`{"name":"f%d"}`, i))
	}
	return strings.Join(out, ",")
}

// TestAccepts guards against a judge that refuses what the service takes.
func TestAccepts(t *testing.T) {
	s := start(t, Options{})
	skip := placeholder
	cases := []struct{ name, model, body string }{
		{"snake case", "2.5-flash", `{"contents":[{"parts":[{"inline_data":{"mime_type":"image/png","data":"aGk"}}]}],"system_instruction":{"parts":{"text":"s"}},"generation_config":{"max_output_tokens":65536,"top_k":40,"stop_sequences":["a"]}}`},
		{"numbers as text", "2.5-flash", with(`"generationConfig":{"maxOutputTokens":"100","temperature":"0.5","candidateCount":1.0}`)},
		{"nulls", "2.5-flash", with(`"tools":null,"generationConfig":{"seed":null}`)},
		{"lower case types", "2.5-flash", params(`{"type":"object","properties":{"pattern":{"type":"string","enum":["a"],"nullable":true},"b":{"anyOf":[{"type":"string"},{"type":"null"}]}},"required":["pattern"]}`)},
		{"json schema", "2.5-flash", jparams(`{"type":"object","properties":{"const":{"type":["string","null"]},"l":{"type":"array","items":{"$ref":"#/$defs/x"},"minItems":1}},"additionalProperties":false,"$defs":{"x":{"type":"integer","minimum":0,"enum":[1,2]}}}`)},
		{"words of the Gemini CLI", "2.5-flash", jparams(`{"$schema":"x","type":"object","properties":{"a":{"type":"string","minLength":1,"default":"x"}}}`)},
		{"no parameters", "2.5-flash", with(`"tools":[{"functionDeclarations":[{"name":"default_api:x.y-z"}]}]`)},
		{"prefill", "2.5-flash", history(hi + `,` + model(`{"text":"a"}`))},
		{"placeholder", "3-pro-preview", history(hi + `,` + model(call("1", skip), `{"functionCall":{"name":"f","id":"2"}}`) + `,` + user(result("f", "1"), result("f", "2"), `{"text":"image"}`))},
		{"old turn unsigned", "3-pro-preview", history(hi + `,` + model(`{"functionCall":{"name":"f"}}`) + `,` + user(result("f", "")) + `,` + model(`{"text":"a"}`) + `,` + hi)},
		{"unsigned on 2.5", "2.5-pro", history(hi + `,` + model(`{"functionCall":{"name":"f"}}`) + `,` + user(result("f", "")))},
		{"budget on 3", "3-flash-preview", with(`"generationConfig":{"thinkingConfig":{"thinkingBudget":1024,"includeThoughts":true}}`)},
		{"level in lower case", "3-flash-preview", with(`"generationConfig":{"thinkingConfig":{"thinkingLevel":"low"}}`)},
		{"budget dynamic", "2.5-pro", with(`"generationConfig":{"thinkingConfig":{"thinkingBudget":-1}}`)},
		{"budget off", "2.5-flash-lite", with(`"generationConfig":{"thinkingConfig":{"thinkingBudget":0}}`)},
		{"search alone", "2.5-flash", with(`"tools":[{"google_search":{}}]`)},
		{"search mixed", "3-pro-preview", with(`"tools":[{"functionDeclarations":[{"name":"a"}]},{"googleSearch":{}}],"toolConfig":{"includeServerSideToolInvocations":true,"functionCallingConfig":{"mode":"VALIDATED"}}`)},
		{"json with functions on 3", "3-pro-preview", with(`"tools":[{"functionDeclarations":[{"name":"a"}]}],"generationConfig":{"responseMimeType":"application/json"}`)},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if status, body := post(t, s, "/v1beta/models/gemini-"+c.model+":generateContent", c.body); status != 200 {
				t.Fatalf("%d %s", status, body)
			}
		})
	}
}

// TestDirect: clients that talk to the fake without a gateway may send what
// clients send.
func TestDirect(t *testing.T) {
	s := start(t, Options{Direct: true})
	if status, body := post(t, s, "/v1beta/models/gemini-2.5-flash:generateContent", history(hi), "Sec-Fetch-Mode", "cors", "X-Session-Id", "1"); status != 200 {
		t.Fatalf("%d %s", status, body)
	}
}

func TestAdmission(t *testing.T) {
	s := start(t, Options{Keys: []string{testKey}})
	path := "/v1beta/models/gemini-2.5-flash:generateContent"
	cases := []struct {
		name, path string
		header     []string
		status     int
		says       string
	}{
		{"good", path, nil, 200, "candidates"},
		{"v1", strings.Replace(path, "v1beta", "v1", 1), nil, 200, "candidates"},
		{"no key", path, []string{"X-Goog-Api-Key", ""}, 403, "unregistered callers"},
		{"bad key", path, []string{"X-Goog-Api-Key", "AIza-fake-two"}, 400, "API_KEY_INVALID"},
		{"key in query", path + "?key=" + testKey, []string{"X-Goog-Api-Key", ""}, 200, "candidates"},
		{"bearer", path, []string{"X-Goog-Api-Key", "", "Authorization", "Bearer x"}, 401, "UNAUTHENTICATED"},
		{"both", path, []string{"Authorization", "Bearer x"}, 400, "authorization"},
		{"cookie", path, []string{"Cookie", "a=b"}, 400, "cookie"},
		{"forwarded", path, []string{"X-Forwarded-For", "1.2.3.4"}, 400, "x-forwarded-for"},
		{"foreign vendor", path, []string{"Anthropic-Version", "2023-06-01"}, 400, "anthropic-version"},
		{"stainless", path, []string{"X-Stainless-Lang", "go"}, 400, "x-stainless-lang"},
		{"unknown model", "/v1beta/models/gpt-5:generateContent", nil, 404, "NOT_FOUND"},
		{"unknown verb", "/v1beta/models/gemini-2.5-flash:chat", nil, 404, "404"},
		{"doubled version", "/v1beta/v1beta/models/gemini-2.5-flash:generateContent", nil, 404, "404"},
		{"no version", "/models/gemini-2.5-flash:generateContent", nil, 404, "404"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			status, body := post(t, s, c.path, history(hi), c.header...)
			if status != c.status || !strings.Contains(body, c.says) {
				t.Fatalf("%d %s", status, body)
			}
		})
	}
}
