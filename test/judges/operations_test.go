package judges

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/openai/openai-go/v3"
	"google.golang.org/genai"

	"antigravity-tools/test/fakeanthropic"
	"antigravity-tools/test/fakegemini"
	"antigravity-tools/test/fakeopenai"
)

const geminiEmbedder = "gemini-embedding-001"

// launchOperations is a gateway before a Gemini, an OpenAI and an Anthropic
// fake at once.
func launchOperations(t *testing.T) *upstreams {
	t.Helper()
	u := launchUpstreams(t)
	u.run(keyOne+"\n", "account", "add", "--provider", "gemini", "--name", "google", "--base-url", u.fake.URL(), "--api-key-stdin", "--test")
	return u
}

// refusedAs wants an error in OpenAI's shape that names a field and a code.
func (u *upstreams) refusedAs(t *testing.T, path, body string, status int, param, code string) {
	t.Helper()
	r := u.ask(t, "POST", path, body)
	var e struct {
		Error struct{ Message, Type, Param, Code string }
	}
	if err := json.Unmarshal([]byte(r.body), &e); err != nil || r.status != status || e.Error.Param != param || (code != "" && e.Error.Code != code) || e.Error.Message == "" {
		t.Errorf("%s %s: %d %s", path, body, r.status, r.body)
	}
}

// requests ends the program and counts the requests of its usage.
func (u *upstreams) requests(t *testing.T) int64 {
	t.Helper()
	u.stop()
	return runJSON[struct {
		Totals struct{ Requests int64 }
	}](u.gateway, "usage").Totals.Requests
}

func TestEmbeddings(t *testing.T) {
	u := launchOperations(t)
	c := u.openai()
	for _, model := range []string{fakeopenai.Embedder, geminiEmbedder} {
		for name, p := range map[string]openai.EmbeddingNewParams{
			"text":       {Input: openai.EmbeddingNewParamsInputUnion{OfString: openai.String(mark)}},
			"texts":      {Input: openai.EmbeddingNewParamsInputUnion{OfArrayOfStrings: []string{mark, "b", "c"}}},
			"dimensions": {Input: openai.EmbeddingNewParamsInputUnion{OfString: openai.String(mark)}, Dimensions: openai.Int(5)},
			"float":      {Input: openai.EmbeddingNewParamsInputUnion{OfString: openai.String(mark)}, EncodingFormat: openai.EmbeddingNewParamsEncodingFormatFloat},
		} {
			p.Model = model
			r, err := c.Embeddings.New(ctx(t), p)
			if err != nil {
				t.Errorf("%s %s: %v", model, name, err)
				continue
			}
			want, size := max(1, len(p.Input.OfArrayOfStrings)), 3
			if name == "dimensions" {
				size = 5
			}
			if len(r.Data) != want || len(r.Data[0].Embedding) != size || r.Data[want-1].Embedding[2] != float64(want-1) ||
				r.Data[0].Embedding[1] != -0.5 || r.Data[want-1].Index != int64(want-1) || r.Usage.PromptTokens == 0 || r.Model == "" {
				t.Errorf("%s %s: %s", model, name, r.RawJSON())
			}
		}
	}
	var sum float64
	for _, v := range fakeopenai.Vector(0) {
		sum += float64(v)
	}
	if sum == 0 || !slices.Equal(fakegemini.Vector(0), []float64{0.25, -0.5, 0}) {
		t.Error("the fakes' vectors tell nothing apart")
	}
}

// TestEmbeddingsBase64: the compact form comes from either upstream, and the
// largest list that OpenAI takes crosses to one that takes a hundred at once.
func TestEmbeddingsBase64(t *testing.T) {
	u := launchOperations(t)
	for _, model := range []string{fakeopenai.Embedder, geminiEmbedder} {
		r := u.ask(t, "POST", "/v1/embeddings", `{"model":"`+model+`","input":["`+mark+`"],"encoding_format":"base64"}`)
		if r.status != 200 || !strings.Contains(r.body, `"embedding":"AACAPgAAAL8AAAAA"`) {
			t.Errorf("%s: %d %s", model, r.status, r.body)
		}
	}
	texts := make([]string, 2048)
	for i := range texts {
		texts[i] = fmt.Sprint(mark, i)
	}
	c := u.openai()
	got, err := c.Embeddings.New(ctx(t), openai.EmbeddingNewParams{Model: geminiEmbedder, Input: openai.EmbeddingNewParamsInputUnion{OfArrayOfStrings: texts}})
	if err != nil || len(got.Data) != len(texts) || got.Data[2047].Index != 2047 || got.Data[2047].Embedding[2] != 47 {
		t.Fatalf("%v", err)
	}
	if n := u.requests(t); n != 3 {
		t.Errorf("%d usage rows for three requests", n)
	}
}

func TestEmbeddingsGemini(t *testing.T) {
	u := launchOperations(t)
	c := u.genai(t)
	for _, model := range []string{geminiEmbedder, fakeopenai.Embedder} {
		r, err := c.Models.EmbedContent(ctx(t), model, []*genai.Content{genai.NewContentFromText(mark+" one", genai.RoleUser), genai.NewContentFromText("two", genai.RoleUser)},
			&genai.EmbedContentConfig{OutputDimensionality: genai.Ptr[int32](4), TaskType: "RETRIEVAL_QUERY"})
		if err != nil {
			t.Fatalf("%s: %v", model, err)
		}
		if len(r.Embeddings) != 2 || len(r.Embeddings[1].Values) != 4 || r.Embeddings[1].Values[2] != 1 {
			t.Errorf("%s: %+v", model, r)
		}
		one := u.ask(t, "POST", "/v1beta/models/"+model+":embedContent", `{"content":{"parts":[{"text":"`+mark+`"}]}}`)
		if one.status != 200 || !strings.Contains(one.body, `"embedding"`) || strings.Contains(one.body, `"embeddings"`) || !strings.Contains(one.body, "0.25") {
			t.Errorf("%s: %d %s", model, one.status, one.body)
		}
	}
}

// TestEmbeddingsIdentity: between ends of one protocol bytes pass both ways.
func TestEmbeddingsIdentity(t *testing.T) {
	u := launchOperations(t)
	body := `{ "model":"` + fakeopenai.Embedder + `", "input":[[1,2,3],[4]],"user":"` + mark + `" }`
	if r := u.ask(t, "POST", "/v1/embeddings", body); r.status != 200 || !strings.Contains(r.body, `{"prompt_tokens":8,"total_tokens":8}`) {
		t.Errorf("%d %s", r.status, r.body)
	}
	seen := u.chat.Requests()
	if got := seen[len(seen)-1]; string(got.Body) != body {
		t.Errorf("sent %s", got.Body)
	}
	body = `{"requests":[ {"model":"models/` + geminiEmbedder + `","content":{"parts":[{"text":"` + mark + `"}]},"outputDimensionality":7} ]}`
	if r := u.ask(t, "POST", "/v1beta/models/"+geminiEmbedder+":batchEmbedContents", body); r.status != 200 {
		t.Errorf("%d %s", r.status, r.body)
	}
	if got := u.lastCall("batchEmbedContents"); string(got.Body) != body {
		t.Errorf("sent %s", got.Body)
	}
}

func TestEmbeddingsRefusals(t *testing.T) {
	u := launchOperations(t)
	const path = "/v1/embeddings"
	u.refusedAs(t, path, `{"input":"x"}`, 400, "model", "")
	u.refusedAs(t, path, `{"model":7,"input":"x"}`, 400, "model", "")
	u.refusedAs(t, path, `{"model":"no-such","input":"x"}`, 404, "model", "model_not_found")
	for body, param := range map[string]string{
		`{"user":"u"}`: "input", `{"input":[]}`: "input", `{"input":""}`: "input", `{"input":["a",""]}`: "input[1]", `{"input":["a",7]}`: "input[1]",
		`{"input":{"a":1}}`: "input", `{"input":"a","dimensions":0}`: "dimensions", `{"input":"a","encoding_format":"hex"}`: "encoding_format",
		`{"input":[1,2]}`: "input", `{"input":[[1],["x"]]}`: "input[1][0]",
	} {
		u.refusedAs(t, path, strings.Replace(body, "{", `{"model":"`+geminiEmbedder+`",`, 1)+"", 400, param, "")
	}
	for _, model := range []string{fakeanthropic.Adaptive, flash} {
		u.refusedAs(t, path, `{"model":"`+model+`","input":"x"}`, 400, "model", "operation_not_supported")
	}
	// A model for vectors does not talk.
	for _, model := range []string{geminiEmbedder, fakeopenai.Embedder} {
		u.refusedAs(t, "/v1/chat/completions", `{"model":"`+model+`","messages":[{"role":"user","content":"x"}]}`, 400, "model", "operation_not_supported")
	}
	r := u.ask(t, "POST", "/v1beta/models/"+fakeopenai.Embedder+":embedContent", `{"content":{"parts":[{"inlineData":{"mimeType":"image/png","data":"`+pngPixel+`"}}]}}`)
	if r.status != http.StatusBadRequest || !strings.Contains(r.body, "content.parts[0]") || !strings.Contains(r.body, "INVALID_ARGUMENT") {
		t.Errorf("%d %s", r.status, r.body)
	}
}

// TestDetect: where a name goes, what it can be asked for there, and how
// faithfully each client is served.
func TestDetect(t *testing.T) {
	u := launchOperations(t)
	type detected struct {
		Found      bool
		Provider   string
		Candidates []struct {
			Operations   map[string]string
			Clients      []struct{ Client, Upstream, Fidelity string }
			Capabilities struct {
				ImageOutput bool `json:"image_output"`
			}
		}
	}
	for model, want := range map[string]map[string]string{
		flash:                    {"generate": "native", "count_tokens": "native", "complete": "as_chat", "transcribe": "as_chat"},
		painter:                  {"generate": "native", "count_tokens": "native", "make_image": "as_chat", "edit_image": "as_chat"},
		speaker:                  {"generate": "native", "count_tokens": "native", "speak": "as_chat"},
		geminiEmbedder:           {"embed": "native", "embed_batch": "native"},
		fakeopenai.Embedder:      {"embed": "native", "embed_batch": "native"},
		fakeopenai.Completer:     {"generate": "native", "count_tokens": "native", "complete": "native"},
		fakeanthropic.Adaptive:   {"generate": "native", "count_tokens": "native", "complete": "as_chat"},
		fakeopenai.Speaker:       {"speak": "native"},
		fakeopenai.Listener:      {"transcribe": "native"},
		fakeopenai.Painter:       {"make_image": "native", "edit_image": "native"},
		"no-such-model-anywhere": nil,
	} {
		for _, method := range []string{"GET", "POST"} {
			path, body := "/v1/models/detect", `{"model":"`+model+`"}`
			if method == "GET" {
				path, body = path+"?model="+model, ""
			}
			r := u.ask(t, method, path, body)
			var d detected
			if err := json.Unmarshal([]byte(r.body), &d); err != nil || r.status != 200 || d.Found != (want != nil) {
				t.Fatalf("%s: %d %s", model, r.status, r.body)
			}
			if want == nil {
				continue
			}
			if len(d.Candidates) != 1 || !maps.Equal(d.Candidates[0].Operations, want) || d.Candidates[0].Capabilities.ImageOutput != (model == painter) {
				t.Errorf("%s: %s", model, r.body)
				continue
			}
			identical := 0
			for _, c := range d.Candidates[0].Clients {
				if c.Fidelity == "identical" && c.Client == c.Upstream {
					identical++
				}
			}
			if talks := want["generate"] != ""; talks && (identical != 1 || len(d.Candidates[0].Clients) != 4) || !talks && len(d.Candidates[0].Clients) != 0 {
				t.Errorf("%s: %s", model, r.body)
			}
		}
	}
	for _, secret := range []string{keyOne, openAIKey, anthropicKey, "google"} {
		if r := u.ask(t, "GET", "/v1/models/detect?model="+flash, ""); strings.Contains(r.body, secret) {
			t.Errorf("the answer names %q", secret)
		}
	}
}

// TestOperationsMoveOn: each part of a request has the whole of the attempt
// loop; a fault moves it to another account and nothing is done twice.
func TestOperationsMoveOn(t *testing.T) {
	u := launchOperations(t)
	u.refusals = true
	u.run(keyTwo+"\n", "account", "add", "--provider", "gemini", "--name", "second", "--base-url", u.fake.URL(), "--api-key-stdin", "--test")
	limited := fakegemini.Step{Error: &fakegemini.Error{Code: 429, Status: "RESOURCE_EXHAUSTED", Message: "Quota exceeded. Please retry in 40s."}}
	u.script(picture(), limited, picture())
	c := u.openai()
	r, err := c.Images.Generate(ctx(t), openai.ImageGenerateParams{Model: painter, Prompt: mark, N: openai.Int(2)})
	if err != nil || len(r.Data) != 2 {
		t.Fatalf("%v %+v", err, r)
	}
	if n := len(u.fake.Generates()); n != 3 {
		t.Errorf("%d calls upwards, want 3", n)
	}
	limited.Op = "embed"
	u.script(limited)
	e, err := c.Embeddings.New(ctx(t), openai.EmbeddingNewParams{Model: geminiEmbedder, Input: openai.EmbeddingNewParamsInputUnion{OfString: openai.String(mark)}})
	if err != nil || len(e.Data) != 1 {
		t.Errorf("%v", err)
	}
	u.script()
	u.chat.Script(fakeopenai.Reply{Status: 400, Body: `{"error":{"message":"That cannot be said.","type":"invalid_request_error","param":"input","code":"invalid_value"}}`})
	res := u.ask(t, "POST", "/v1/audio/speech", `{"model":"`+fakeopenai.Speaker+`","voice":"alloy","input":"`+mark+`"}`)
	if res.status != 400 || !strings.Contains(res.body, "That cannot be said.") {
		t.Errorf("%d %s", res.status, res.body)
	}
}

// TestPictureInConversation: what a model draws in a chat comes as text that
// shows it, and goes back as a picture.
func TestPictureInConversation(t *testing.T) {
	u := launchOperations(t)
	u.script(picture())
	r, err := u.gateway.chat(t, false, openai.ChatCompletionNewParams{Model: painter, Messages: userSays("draw")})
	if err != nil || !strings.Contains(r.Choices[0].Message.Content, "](data:image/png;base64,"+pngPixel+")") {
		t.Fatalf("%v %s", err, r.RawJSON())
	}
	u.script(picture())
	messages := append(userSays("draw"), r.Choices[0].Message.ToParam(), openai.UserMessage(mark+" bluer"))
	if _, err := u.gateway.chat(t, true, openai.ChatCompletionNewParams{Model: painter, Messages: messages}); err != nil {
		t.Fatal(err)
	}
	if p := u.upstream(t, -1).Contents[1].Parts; len(p) != 1 || p[0].InlineData == nil || p[0].InlineData.Data != pngPixel {
		t.Errorf("%+v", p)
	}
}
