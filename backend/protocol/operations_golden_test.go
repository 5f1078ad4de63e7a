package protocol_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/crossing"
	"antigravity-tools/backend/protocol/gemini"
	"antigravity-tools/backend/protocol/openai"
	"antigravity-tools/backend/protocol/openai/media"
	"antigravity-tools/backend/protocol/protocoltest"
)

// Golden case 60: the operations beside conversation. Each row of a table is a
// request of a client, what goes up, what comes back and what the client gets.

// operation is a client's operation before a conversation with one model.
type operation struct {
	pair  string // "C-G"
	model string
	op    protocol.Operation
	up    protocol.Upstream // nil for the pair's own
	most  int               // answers of one call, 0 for one
}

// ask is one request and the upstream's answer to each part of it.
type asking60 struct {
	title  string
	in     protocol.Inbound
	answer string
}

func jsonBody(body string) protocol.Inbound {
	return protocol.Inbound{Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(body)}
}

// formBody60 is a form as clients send it: fields are name and value, a name
// with a "@" in front is a file, whose value is its bytes.
func formBody60(fields ...string) protocol.Inbound {
	var b strings.Builder
	for i := 0; i < len(fields); i += 2 {
		name, file, isFile := strings.Cut(fields[i], "@")
		fmt.Fprintf(&b, "--B\r\nContent-Disposition: form-data; name=%q", name)
		if isFile {
			kind := "image/png"
			if strings.HasSuffix(file, ".wav") {
				kind = "audio/wav"
			}
			fmt.Fprintf(&b, "; filename=%q\r\nContent-Type: %s", file, kind)
		}
		fmt.Fprintf(&b, "\r\n\r\n%s\r\n", fields[i+1])
	}
	return protocol.Inbound{Header: http.Header{"Content-Type": {"multipart/form-data; boundary=B"}}, Body: []byte(b.String() + "--B--\r\n")}
}

// play carries a request up as a conversation and its answer down.
func (o operation) play(t *testing.T, a asking60) string {
	t.Helper()
	var b strings.Builder
	c := golden{dir: o.pair, model: o.model}.cell()
	c.Target.Stream = false
	if o.up != nil {
		c.Upstream = o.up
	}
	losses := &llm.Losses{}
	refused := func(err error) string {
		f := fault.From(err)
		return b.String() + protocoltest.ErrorAnswer(o.op, f) + protocoltest.LossLines(losses, f)
	}
	req, err := o.op.DecodeRequest(a.in, losses)
	if err != nil {
		return refused(err)
	}
	crossing.Normalize(req, losses)
	parts := []*llm.Request{req}
	if s, ok := o.op.(protocol.Splitter); ok {
		parts = s.Split(req, max(o.most, 1))
	}
	all := &llm.Response{}
	for i, part := range parts {
		enc, err := c.Upstream.EncodeRequest(part, c.Target, losses)
		if err != nil {
			return refused(err)
		}
		if i > 0 {
			fmt.Fprintf(&b, "and part %d\n", i+1)
		}
		b.WriteString("up: " + protocoltest.Indent(enc.Body))
		resp, err := c.Upstream.DecodeResponse([]byte(a.answer), losses)
		if err != nil {
			return refused(err)
		}
		all.ID, all.Model, all.Usage = resp.ID, resp.Model, resp.Usage
		all.Choices = append(all.Choices, resp.Choices...)
	}
	reply := protocoltest.Reply(req)
	if req.Stream {
		var events []llm.Event
		for ev, err := range llm.Replay(all) {
			if err != nil {
				return refused(err)
			}
			events = append(events, ev)
		}
		b.WriteString("down:\n" + string(protocoltest.Stream(t, o.op.NewStreamEncoder(reply, losses), events)))
		return b.String() + protocoltest.LossLines(losses, nil)
	}
	out, err := o.op.EncodeResponse(all, reply, losses)
	if err != nil {
		return refused(err)
	}
	kind := "application/json"
	if typed, ok := o.op.(protocol.Typed); ok {
		kind = typed.ResponseType(reply)
	}
	if strings.HasPrefix(kind, "audio/") {
		out = fmt.Appendf(nil, "%q\n", out)
	}
	b.WriteString("down: " + kind + " " + protocoltest.Indent(out))
	return b.String() + protocoltest.LossLines(losses, nil)
}

func (o operation) golden(t *testing.T, name string, rows []asking60) {
	t.Helper()
	var w table
	for _, a := range rows {
		w.row(a.title, o.play(t, a))
	}
	protocoltest.Golden(t, strings.ReplaceAll(w.b.String(), "\r", ""), "60_operations", o.pair+"_"+name, "table.txt")
}

const usage60 = `"usageMetadata":{"promptTokenCount":11,"candidatesTokenCount":1290,"totalTokenCount":1301},"modelVersion":"m","responseId":"r1"`

func geminiAnswer(finish string, parts ...string) string {
	return `{"candidates":[{"content":{"role":"model","parts":[` + strings.Join(parts, ",") + `]},"finishReason":"` + finish + `","index":0}],` + usage60 + `}`
}

func TestGoldenImages(t *testing.T) {
	const model, old = "gemini-3-pro-image", "gemini-2.5-flash-image"
	drawn := geminiAnswer("STOP", `{"text":"Here."}`, `{"inlineData":{"mimeType":"image/png","data":"REFUQQ=="}}`)
	row := func(title, body string) asking60 {
		return asking60{title, jsonBody(`{"model":"m","prompt":"a cat"` + body + `}`), drawn}
	}
	operation{pair: "C-G", model: model, op: media.Images{}}.golden(t, "images", []asking60{
		row("plain", ``), row("size and quality", `,"size":"1536x1024","quality":"medium"`), row("a size between ratios", `,"size":"1792x1024"`),
		row("a ratio", `,"size":"21:9","quality":"4k"`), row("two", `,"n":2`), row("as an address", `,"response_format":"url"`),
		row("streamed", `,"stream":true`), row("what is not there", `,"background":"transparent","output_format":"webp","moderation":"low","user":"u","style":"vivid"`),
		row("too many", `,"n":11`), row("in the making", `,"stream":true,"partial_images":1`), row("several in a stream", `,"stream":true,"n":2`),
		{"refused", jsonBody(`{"model":"m","prompt":"x"}`), geminiAnswer("IMAGE_SAFETY", `{"text":"No."}`)},
		{"no picture", jsonBody(`{"model":"m","prompt":"x"}`), geminiAnswer("STOP", `{"text":"A cat sits."}`)},
	})
	operation{pair: "C-G", model: old, op: media.Images{}}.golden(t, "images_older", []asking60{row("size and quality", `,"size":"1024x1536","quality":"high"`)})
	edit := []string{"model", "m", "prompt", "bluer", "image[]@a.png", "one", "image[]@b.png", "two", "n", "1", "input_fidelity", "high"}
	operation{pair: "C-G", model: model, op: media.Images{Edit: true}}.golden(t, "edits", []asking60{
		{"two pictures", formBody60(edit...), drawn},
		{"with a mask", formBody60(append(edit, "mask@m.png", "mask")...), drawn},
		{"no picture", formBody60("model", "m", "prompt", "x"), drawn},
		{"as JSON", jsonBody(`{"model":"m","prompt":"bluer","images":[{"image_url":"data:image/png;base64,b25l"}]}`), drawn},
		{"by address", jsonBody(`{"model":"m","prompt":"bluer","image":["https://x.example/a.png"],"stream":true}`), drawn},
		{"a file id", jsonBody(`{"model":"m","prompt":"bluer","images":[{"file_id":"file-1"}]}`), drawn},
		{"a mask in JSON", jsonBody(`{"model":"m","prompt":"bluer","images":[{"image_url":"data:image/png;base64,b25l"}],"mask":{"file_id":"f"}}`), drawn},
	})
}

// TestGoldenPredict: pictures of a model that knows no conversation.
func TestGoldenPredict(t *testing.T) {
	const drawn = `{"predictions":[{"mimeType":"image/png","bytesBase64Encoded":"REFUQQ=="},{"raiFilteredReason":"no"},{"bytesBase64Encoded":"REFUQQ=="}]}`
	row := func(title, body, answer string) asking60 {
		return asking60{title, jsonBody(`{"model":"m","prompt":"a cat"` + body + `}`), answer}
	}
	for model, name := range map[string]string{"imagen-4.0-generate-001": "predict", "imagen-3.0-fast-generate-001": "predict_older"} {
		operation{pair: "C-G", model: model, op: media.Images{}, up: gemini.Pictures{}, most: gemini.MaxPictures}.golden(t, name, []asking60{
			row("plain", ``, drawn), row("size and quality", `,"size":"1024x1536","quality":"high"`, drawn), row("six", `,"n":6`, drawn),
			row("streamed", `,"stream":true,"user":"u"`, drawn), row("all filtered", ``, `{"predictions":[{"raiFilteredReason":"no"}]}`), row("nothing", ``, `{}`),
			row("not JSON", ``, `<html>`),
		})
	}
	edit := []string{"model", "m", "prompt", "bluer", "image@a.png", "one"}
	operation{pair: "C-G", model: "imagen-4.0-generate-001", op: media.Images{Edit: true}, up: gemini.Pictures{}}.golden(t, "predict_edit", []asking60{{"a picture", formBody60(edit...), drawn}})

	var w table
	for _, r := range []struct {
		title, body, answer string
		up                  gemini.VertexEmbeddings
	}{
		{"predict", `"input":["a","b"],"dimensions":2,"user":"u"`, `{"predictions":[{"embeddings":{"values":[1,2],"statistics":{"token_count":3,"truncated":false}}},{"embeddings":{"values":[3,4],"statistics":{"token_count":4}}}]}`, gemini.VertexEmbeddings{Inputs: 20}},
		{"predict without counts", `"input":"a"`, `{"predictions":[{"embeddings":{"values":[1,2]}}]}`, gemini.VertexEmbeddings{Inputs: 1}},
		{"embedContent", `"input":"a","dimensions":2`, `{"embedding":{"values":[1,2]},"usageMetadata":{"promptTokenCount":5},"truncated":false}`, gemini.VertexEmbeddings{Inputs: 1, Content: true}},
		{"too few", `"input":["a","b"]`, `{"predictions":[{"embeddings":{"values":[1,2]}}]}`, gemini.VertexEmbeddings{Inputs: 20}},
		{"no vector", `"input":"a"`, `{"embedding":{}}`, gemini.VertexEmbeddings{Inputs: 1, Content: true}},
		{"token numbers", `"input":[1]`, `{}`, gemini.VertexEmbeddings{Inputs: 20}},
	} {
		w.row(r.title, embedPair(t, openai.Embeddings{}, r.up, jsonBody(`{"model":"m",`+r.body+`}`), r.answer))
	}
	task := protocol.Inbound{Model: "models/m", Body: []byte(`{"content":{"parts":[{"text":"a"}]},"taskType":"RETRIEVAL_DOCUMENT","title":"T"}`)}
	w.row("task and title, predict", embedPair(t, gemini.Embeddings{}, gemini.VertexEmbeddings{Inputs: 1}, task, `{"predictions":[{"embeddings":{"values":[1]}}]}`))
	w.row("task and title, embedContent", embedPair(t, gemini.Embeddings{}, gemini.VertexEmbeddings{Inputs: 1, Content: true}, task, `{"embedding":{"values":[1]}}`))
	protocoltest.Golden(t, w.b.String(), "60_operations", "X-G_vertex_embeddings", "table.txt")
}

func TestGoldenSound(t *testing.T) {
	const flash, tts = "gemini-2.5-flash", "gemini-2.5-flash-preview-tts"
	heard := geminiAnswer("STOP", `{"text":"Good morning "}`, `{"text":"to you."}`)
	row := func(title string, more ...string) asking60 {
		return asking60{title, formBody60(append([]string{"model", "m", "file@a.wav", "RIFF"}, more...)...), heard}
	}
	operation{pair: "C-G", model: flash, op: media.Transcriptions{}}.golden(t, "transcription", []asking60{
		row("plain"), row("language, prompt, temperature", "language", "en", "prompt", "Names: Ada", "temperature", "0.2"),
		row("as text", "response_format", "text"), row("streamed", "stream", "true"), row("srt", "response_format", "srt"),
		row("times of words", "timestamp_granularities[]", "word"), row("probabilities", "include[]", "logprobs"), row("what is not there", "chunking_strategy", "auto"),
		{"silence", formBody60("model", "m", "file@a.wav", "RIFF"), geminiAnswer("STOP", `{"text":""}`)},
		{"no file", formBody60("model", "m"), heard},
	})
	pcm := base64.StdEncoding.EncodeToString([]byte{1, 0, 2, 0})
	spoken := geminiAnswer("STOP", `{"inlineData":{"mimeType":"audio/L16;codec=pcm;rate=24000","data":"`+pcm+`"}}`)
	say := func(title, more string) asking60 {
		return asking60{title, jsonBody(`{"model":"m","input":"Good morning","voice":"alloy"` + more + `}`), spoken}
	}
	operation{pair: "C-G", model: tts, op: media.Speech{}}.golden(t, "speech", []asking60{
		say("wav", `,"response_format":"wav"`), say("pcm", `,"response_format":"pcm"`), say("no format", ``), say("mp3", `,"response_format":"mp3"`),
		say("instructions and speed", `,"response_format":"wav","instructions":"Whisper.","speed":1.5`), say("events", `,"response_format":"wav","stream_format":"sse"`),
		{"its own voice", jsonBody(`{"model":"m","input":"Hi","voice":"Kore","response_format":"pcm"}`), spoken},
		{"no voice", jsonBody(`{"model":"m","input":"Hi"}`), spoken},
		{"mute", jsonBody(`{"model":"m","input":"Hi","voice":"Kore","response_format":"pcm"}`), geminiAnswer("STOP", `{"text":"Hm."}`)},
	})
}

func TestGoldenCompletions(t *testing.T) {
	answers := map[string]string{
		"C-G": geminiAnswer("STOP", `{"text":" upon a time"}`),
		"C-C": `{"id":"c1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":" upon a time"},"finish_reason":"stop"}],"usage":{"prompt_tokens":5,"completion_tokens":3,"total_tokens":8}}`,
		"C-A": `{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":" upon a time"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":5,"output_tokens":3}}`,
		"C-R": `{"id":"resp_1","object":"response","created_at":1,"model":"m","status":"completed","output":[{"type":"message","id":"msg_1","role":"assistant","status":"completed","content":[{"type":"output_text","text":" upon a time","annotations":[]}]}],"usage":{"input_tokens":5,"output_tokens":3,"total_tokens":8,"input_tokens_details":{"cached_tokens":0},"output_tokens_details":{"reasoning_tokens":0}}}`,
	}
	for pair, model := range map[string]string{"C-G": "gemini-2.5-flash", "C-C": "llama-3", "C-A": "claude-opus-4-1", "C-R": "llama-3"} {
		row := func(title, body string) asking60 {
			return asking60{title, jsonBody(`{"model":"m","prompt":` + body + `}`), answers[pair]}
		}
		operation{pair: pair, model: model, op: openai.Completions{}}.golden(t, "completions", []asking60{
			row("plain", `"Once"`), row("knobs", `"Once","max_tokens":9,"temperature":0.5,"top_p":0.9,"stop":["\n","END"],"seed":7,"user":"u"`), row("streamed", `"Once","stream":true,"stream_options":{"include_usage":true}`),
			row("two prompts", `["Once","Twice"]`), row("echo", `"Once","echo":true`), row("suffix", `"Once","suffix":" the end."`), row("token numbers", `[1,2,3]`),
			row("best_of", `"Once","best_of":3`), row("probabilities", `"Once","logprobs":2`), row("no prompt", `""`), row("biases", `"Once","logit_bias":{"50256":-100}`),
		})
	}
}

// embedPair is a client's operation before another protocol's vectors.
func embedPair(t *testing.T, op protocol.EmbedClient, up protocol.EmbedUpstream, in protocol.Inbound, answer string) string {
	t.Helper()
	losses := &llm.Losses{}
	refused := func(err error) string {
		f := fault.From(err)
		return protocoltest.ErrorAnswer(op, f) + protocoltest.LossLines(losses, f)
	}
	req, err := op.DecodeEmbed(in, losses)
	if err != nil {
		return refused(err)
	}
	body, err := up.EncodeEmbedRequest(req, protocol.Target{Model: "the-model"}, losses)
	if err != nil {
		return refused(err)
	}
	out := "up: " + protocoltest.Indent(body)
	resp, err := up.DecodeEmbedResponse([]byte(answer), len(req.Inputs))
	if err != nil {
		return out + refused(err)
	}
	down, err := op.EncodeEmbed(resp, req, protocoltest.Reply(&llm.Request{Model: req.Model}))
	if err != nil {
		return out + refused(err)
	}
	return out + "down: " + protocoltest.Indent(down) + protocoltest.LossLines(losses, nil)
}

func TestGoldenEmbeddings(t *testing.T) {
	const oneG, twoG = `{"embeddings":[{"values":[0.25,-0.5]}]}`, `{"embeddings":[{"values":[0.25,-0.5]},{"values":[1,2]}],"usageMetadata":{"promptTokenCount":9}}`
	const oneC = `{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.25,-0.5]}],"model":"the-model","usage":{"prompt_tokens":4,"total_tokens":4}}`
	const twoC = `{"object":"list","data":[{"object":"embedding","index":1,"embedding":[1,2]},{"object":"embedding","index":0,"embedding":"AACAPgAAAL8="}],"model":"the-model","usage":{"prompt_tokens":9,"total_tokens":9}}`
	var w table
	for _, r := range []struct{ title, body, answer string }{
		{"one text", `"input":"a"`, oneG}, {"two texts", `"input":["a","b"],"dimensions":2,"user":"u"`, twoG}, {"base64", `"input":["a"],"encoding_format":"base64"`, oneG},
		{"token numbers", `"input":[1,2]`, oneG}, {"no input", `"user":"u"`, oneG}, {"too few come back", `"input":["a","b"]`, oneG}, {"no vectors", `"input":"a"`, `{"embeddings":[{"values":["x"]}]}`},
		{"unknown member", `"input":"a","truncate":"END"`, oneG},
	} {
		w.row(r.title, embedPair(t, openai.Embeddings{}, gemini.Embeddings{}, jsonBody(`{"model":"m",`+r.body+`}`), r.answer))
	}
	protocoltest.Golden(t, w.b.String(), "60_operations", "C-G_embeddings", "table.txt")

	const content = `"content":{"parts":[{"text":"a"},{"text":"b"}]}`
	single, batch := table{}, table{}
	for _, r := range []struct{ title, body string }{
		{"plain", `{` + content + `}`}, {"task, title, size", `{` + content + `,"taskType":"RETRIEVAL_DOCUMENT","title":"T","outputDimensionality":2}`}, {"snake case", `{` + content + `,"task_type":"SEMANTIC_SIMILARITY","output_dimensionality":2}`},
		{"a picture", `{"content":{"parts":[{"inlineData":{"mimeType":"image/png","data":"QUFB"}}]}}`}, {"no content", `{}`},
	} {
		in := protocol.Inbound{Model: "models/m", Body: []byte(r.body)}
		single.row(r.title, embedPair(t, gemini.Embeddings{}, openai.Embeddings{}, in, oneC))
	}
	for _, r := range []struct{ title, body string }{
		{"two", `{"requests":[{"model":"models/m",` + content + `},{"model":"models/m","content":{"parts":[{"text":"c"}]}}]}`},
		{"sizes that differ", `{"requests":[{` + content + `,"outputDimensionality":2},{` + content + `}]}`}, {"none", `{"requests":[]}`}, {"unknown member", `{"requests":[{` + content + `},{` + content + `}],"more":1}`},
	} {
		in := protocol.Inbound{Model: "models/m", Body: []byte(r.body)}
		batch.row(r.title, embedPair(t, gemini.Embeddings{Batch: true}, openai.Embeddings{}, in, twoC))
	}
	protocoltest.Golden(t, single.b.String(), "60_operations", "G-C_embedding", "table.txt")
	protocoltest.Golden(t, batch.b.String(), "60_operations", "G-C_embeddings", "table.txt")
}

// TestGoldenPasses: an upstream that has the operation gets the client's bytes,
// but for the model's name where a route changed it.
func TestGoldenPasses(t *testing.T) {
	var w table
	for _, r := range []struct {
		title string
		op    protocol.Operation
		in    protocol.Inbound
	}{
		{"embeddings C-C", openai.Embeddings{}, jsonBody(`{ "input":[[1,2]], "model":"m", "new":1e400 }`)},
		{"embedding G-G", gemini.Embeddings{}, protocol.Inbound{Model: "m", Body: []byte(`{"model":"models/m" ,"content":{"parts":[{"text":"a"}]},"new":1}`)}},
		{"embeddings G-G", gemini.Embeddings{Batch: true}, protocol.Inbound{Model: "m", Body: []byte(`{"requests":[{"model":"models/m","content":{"parts":[]}},{"content":{} }],"new":1}`)}},
		{"completions C-C", openai.Completions{}, jsonBody(`{"model":"m","prompt":[1,2],"suffix":"x"}`)},
		{"images C-C", media.Images{}, jsonBody(`{"model":"m","prompt":"a","n":3,"moderation":"low"}`)},
		{"edits C-C", media.Images{Edit: true}, formBody60("prompt", "a", "model", "m", "image@a.png", "\x89PNG\r\n--C", "mask@m.png", "\x00")},
		{"transcription C-C", media.Transcriptions{}, formBody60("file@a.wav", "\r\n--x\x00", "model", "m", "include[]", "logprobs")},
		{"speech C-C", media.Speech{}, jsonBody(`{"model":"m","input":"a","voice":{"id":"v"},"response_format":"mp3"}`)},
	} {
		before := string(r.in.Body)
		asked, err := r.op.Ask(r.in)
		if err != nil || asked.Model != "m" {
			t.Errorf("%s: %+v %v", r.title, asked, err)
		}
		out, err := r.op.WithModel(r.in, "other")
		if err != nil || string(r.in.Body) != before {
			t.Errorf("%s: %v", r.title, err)
		}
		w.row(r.title, strings.ReplaceAll(fmt.Sprintf("%q", out), `\r\n`, "\n"))
	}
	protocoltest.Golden(t, w.b.String(), "60_operations", "X-X_passes", "table.txt")
}

// TestGoldenCounts: a token count of each client over each upstream that has
// one; where none has, the relay estimates and the answer has the same form.
func TestGoldenCounts(t *testing.T) {
	bodies := map[string][]string{
		"A": {`{"model":"m","messages":[{"role":"user","content":"x"}],"thinking":{"type":"enabled","budget_tokens":2000}}`,
			`{"model":"m","system":"S","messages":[{"role":"user","content":"x"}],"tools":[{"name":"f","input_schema":{"type":"object"}}],"tool_choice":{"type":"any"}}`},
		"R": {`{"model":"m","input":"x","reasoning":{"effort":"high"},"text":{"format":{"type":"json_object"}}}`,
			`{"model":"m","instructions":"S","input":[{"role":"user","content":"x"}],"tools":[{"type":"function","name":"f","parameters":{"type":"object"}}]}`},
		"G": {`{"contents":[{"role":"user","parts":[{"text":"x"}]}]}`,
			`{"generateContentRequest":{"model":"models/m","contents":[{"role":"user","parts":[{"text":"x"}]}],"systemInstruction":{"parts":[{"text":"S"}]},"tools":[{"functionDeclarations":[{"name":"f","parameters":{"type":"OBJECT"}}]}],"generationConfig":{"temperature":1,"maxOutputTokens":5}}}`},
	}
	answers := map[string]string{
		"G": `{"totalTokens":31,"cachedContentTokenCount":4,"promptTokensDetails":[{"modality":"TEXT","tokenCount":31}]}`,
		"A": `{"input_tokens":31}`, "R": `{"object":"response.input_tokens","input_tokens":31}`,
	}
	for up, model := range map[string]string{"G": "gemini-3-flash", "A": "claude-opus-5", "R": "gpt-5"} {
		for client, list := range bodies {
			var w table
			for _, body := range list {
				w.row(client+" "+body, countOver(t, golden{dir: client + "-" + up, model: model}.cell(), body, answers[up]))
			}
			protocoltest.Golden(t, w.b.String(), "60_operations", client+"-"+up+"_count", "table.txt")
		}
	}
}

func countOver(t *testing.T, c *protocoltest.Cell, body, answer string) string {
	t.Helper()
	c.Inbound.Body, c.Inbound.Stream = []byte(body), false
	c.Target.Stream = false
	losses := &llm.Losses{}
	req, err := c.Client.DecodeRequest(c.Inbound, losses)
	if err != nil {
		t.Fatal(body, err)
	}
	crossing.Normalize(req, losses)
	counter, ok := c.Upstream.(protocol.Counter)
	if !ok {
		t.Fatal("the upstream does not count")
	}
	enc, err := counter.EncodeCount(req, c.Target, losses)
	if err != nil {
		t.Fatal(body, err)
	}
	used, err := counter.DecodeCount([]byte(answer))
	if err != nil {
		t.Fatal(err)
	}
	return string(enc.Body) + "\n" + string(c.Client.EncodeCount(used)) + "\n" + protocoltest.LossLines(losses, nil)
}
