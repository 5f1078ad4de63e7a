package judges

import (
	"bytes"
	"encoding/base64"
	le "encoding/binary"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"github.com/openai/openai-go/v3"

	"antigravity-tools/test/fakeanthropic"
	"antigravity-tools/test/fakegemini"
	"antigravity-tools/test/fakeopenai"
)

const (
	painter    = "gemini-2.5-flash-image"
	bigPainter = "gemini-3-pro-image-preview"
	speaker    = "gemini-2.5-flash-preview-tts"
)

func picture() fakegemini.Step {
	return fakegemini.Answer(fakegemini.Part{Inline: &fakegemini.Inline{MIME: "image/png", Data: pngPixel}})
}

// imageSent is what the Gemini fake got of the last request for a picture.
type imageSent struct {
	sent
	GenerationConfig struct {
		ResponseModalities []string
		ImageConfig        struct{ AspectRatio, ImageSize string }
		SpeechConfig       struct {
			VoiceConfig struct {
				PrebuiltVoiceConfig struct{ VoiceName string }
			}
		}
	}
}

func (u *upstreams) imageSent(t *testing.T) imageSent {
	t.Helper()
	all := u.fake.Generates()
	var s imageSent
	if err := json.Unmarshal(all[len(all)-1].Body, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestImages(t *testing.T) {
	u := launchOperations(t)
	c := u.openai()
	for _, model := range []string{fakeopenai.Painter, painter, bigPainter} {
		u.script(picture(), picture(), picture())
		r, err := c.Images.Generate(ctx(t), openai.ImageGenerateParams{Model: model, Prompt: mark + " a cat", N: openai.Int(3), Size: "1536x1024", Quality: "medium"})
		if err != nil {
			t.Fatalf("%s: %v", model, err)
		}
		if len(r.Data) != 3 || r.Data[2].B64JSON != pngPixel || r.OutputFormat != "png" || r.Usage.TotalTokens == 0 || r.Usage.InputTokens == 0 {
			t.Errorf("%s: %s", model, r.RawJSON())
		}
		if model == fakeopenai.Painter {
			continue
		}
		s := u.imageSent(t)
		size := map[string]string{painter: "", bigPainter: "2K"}[model]
		if g := s.GenerationConfig; len(g.ResponseModalities) != 1 || g.ResponseModalities[0] != "IMAGE" || g.ImageConfig.AspectRatio != "3:2" || g.ImageConfig.ImageSize != size {
			t.Errorf("%s: %+v", model, g)
		}
	}
	u.script(picture())
	if r := u.ask(t, "POST", "/v1/images/generations", `{"model":"`+painter+`","prompt":"`+mark+`","response_format":"url"}`); r.status != 200 || !strings.Contains(r.body, `"url":"data:image/png;base64,`+pngPixel) {
		t.Errorf("%d %s", r.status, r.body)
	}
	if n := u.requests(t); n != 4 {
		t.Errorf("%d usage rows for four requests", n)
	}
}

func TestImageEdits(t *testing.T) {
	u := launchOperations(t)
	c := u.openai()
	png, _ := base64.StdEncoding.DecodeString(pngPixel)
	for _, model := range []string{fakeopenai.Painter, painter} {
		u.script(picture())
		r, err := c.Images.Edit(ctx(t), openai.ImageEditParams{Model: model, Prompt: mark + " make it blue",
			Image: openai.ImageEditParamsImageUnion{OfFileArray: []io.Reader{openai.File(bytes.NewReader(png), "a.png", "image/png"), openai.File(bytes.NewReader(png), "b.png", "image/png")}}})
		if err != nil {
			t.Fatalf("%s: %v", model, err)
		}
		if len(r.Data) != 1 || r.Data[0].B64JSON != pngPixel {
			t.Errorf("%s: %s", model, r.RawJSON())
		}
	}
	parts := u.imageSent(t).Contents[0].Parts
	if len(parts) != 3 || parts[0].InlineData.Data != pngPixel || parts[1].InlineData.MIMEType != "image/png" || *parts[2].Text != mark+" make it blue" {
		t.Errorf("%+v", parts)
	}
	u.script(picture())
	body := `{"model":"` + painter + `","prompt":"` + mark + `","images":[{"image_url":"data:image/png;base64,` + pngPixel + `"}]}`
	if r := u.ask(t, "POST", "/v1/images/edits", body); r.status != 200 || !strings.Contains(r.body, pngPixel) {
		t.Errorf("%d %s", r.status, r.body)
	}
}

func TestImageStreams(t *testing.T) {
	u := launchOperations(t)
	c := u.openai()
	for _, model := range []string{fakeopenai.Painter, painter} {
		u.script(picture())
		p := openai.ImageGenerateParams{Model: model, Prompt: mark}
		want := "image_generation.completed"
		if model == fakeopenai.Painter {
			p.PartialImages = openai.Int(2)
			want = "image_generation.partial_image image_generation.partial_image " + want
		}
		s := c.Images.GenerateStreaming(ctx(t), p)
		var kinds []string
		last := ""
		for s.Next() {
			kinds = append(kinds, s.Current().Type)
			last = s.Current().B64JSON
		}
		if err := s.Err(); err != nil || strings.Join(kinds, " ") != want || last != pngPixel {
			t.Errorf("%s: %v %v", model, kinds, err)
		}
	}
}

func TestImageRefusals(t *testing.T) {
	u := launchOperations(t)
	const path = "/v1/images/generations"
	for body, param := range map[string]string{
		`"user":"x"`: "prompt", `"prompt":"x","n":11`: "n", `"prompt":"x","n":"many"`: "n", `"prompt":"x","size":"big"`: "size",
		`"prompt":"x","size":"3000x10"`: "size", `"prompt":"x","quality":"best"`: "quality", `"prompt":"x","response_format":"gif"`: "response_format",
		`"prompt":"x","stream":true,"partial_images":2`: "partial_images", `"prompt":"x","stream":true,"n":2`: "n", `"prompt":["x"]`: "prompt",
	} {
		u.refusedAs(t, path, `{"model":"`+painter+`",`+body+`}`, 400, param, "")
	}
	for _, model := range []string{flash, fakeanthropic.Adaptive} {
		u.refusedAs(t, path, `{"model":"`+model+`","prompt":"x"}`, 400, "model", "operation_not_supported")
	}
	u.script(fakegemini.Step{Reply: &fakegemini.Reply{Finish: "IMAGE_SAFETY", Parts: []fakegemini.Part{{Text: "I cannot."}}}})
	u.refusedAs(t, path, `{"model":"`+painter+`","prompt":"x"}`, 400, "", "moderation_blocked")
	png, _ := base64.StdEncoding.DecodeString(pngPixel)
	r := u.form(t, "/v1/images/edits", [][2]string{{"model", painter}, {"prompt", "x"}}, upload{"image", "a.png", "image/png", png}, upload{"mask", "m.png", "image/png", png})
	if r.status != 400 || !strings.Contains(r.body, `"param":"mask"`) {
		t.Errorf("%d %s", r.status, r.body)
	}
	r = u.form(t, "/v1/images/edits", [][2]string{{"model", painter}, {"prompt", "x"}})
	if r.status != 400 || !strings.Contains(r.body, `"param":"image"`) {
		t.Errorf("%d %s", r.status, r.body)
	}
	r = u.ask(t, "POST", "/v1/images/edits", "--B\r\nContent-Dis", "Content-Type", "multipart/form-data; boundary=B")
	if r.status != 400 || !strings.Contains(r.body, "invalid_form") {
		t.Errorf("%d %s", r.status, r.body)
	}
	if r := u.ask(t, "POST", path, "x=1", "Content-Type", "multipart/form-data; boundary=B"); r.status != 415 {
		t.Errorf("%d %s", r.status, r.body)
	}
}

// upload is a file of a form.
type upload struct {
	field, name, kind string
	data              []byte
}

func (u *upstreams) form(t *testing.T, path string, fields [][2]string, files ...upload) reply {
	t.Helper()
	body, contentType := formBody(t, fields, files...)
	return u.ask(t, "POST", path, body, "Content-Type", contentType)
}

func formBody(t *testing.T, fields [][2]string, files ...upload) (body, contentType string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, f := range files {
		part, err := w.CreatePart(map[string][]string{"Content-Disposition": {`form-data; name="` + f.field + `"; filename="` + f.name + `"`}, "Content-Type": {f.kind}})
		if err != nil {
			t.Fatal(err)
		}
		part.Write(f.data)
	}
	for _, f := range fields {
		if err := w.WriteField(f[0], f[1]); err != nil {
			t.Fatal(err)
		}
	}
	w.Close()
	return b.String(), w.FormDataContentType()
}

func TestTranscriptions(t *testing.T) {
	u := launchOperations(t)
	c := u.openai()
	for _, model := range []string{fakeopenai.Listener, fakeopenai.Listener4o, flash} {
		u.script(fakegemini.Answer(fakegemini.Part{Text: fakeopenai.Transcript}))
		r, err := c.Audio.Transcriptions.New(ctx(t), openai.AudioTranscriptionNewParams{Model: model, Language: openai.String("en"),
			File: openai.File(strings.NewReader("RIFF....WAVE"), "SECRETNAME.wav", "audio/wav"), Temperature: openai.Float(0.5)})
		if err != nil {
			t.Fatalf("%s: %v", model, err)
		}
		if r.Text != fakeopenai.Transcript || r.Usage.TotalTokens == 0 {
			t.Errorf("%s: %s", model, r.RawJSON())
		}
	}
	u.secrets = append(u.secrets, "SECRETNAME")
	s := u.upstream(t, -1)
	if p := s.Contents[0].Parts; len(p) != 2 || p[0].InlineData.MIMEType != "audio/wav" || p[0].InlineData.Data != base64.StdEncoding.EncodeToString([]byte("RIFF....WAVE")) ||
		!strings.Contains(*p[1].Text, "language is en") || s.GenerationConfig.Temperature != "0.5" {
		t.Errorf("%+v", s)
	}
	wav := upload{"file", "a.mp3", "application/octet-stream", []byte("sound")}
	for model, want := range map[string]string{fakeopenai.Listener: fakeopenai.Transcript + "\n", flash: "Hm.\n"} {
		u.script(fakegemini.Answer(fakegemini.Part{Text: "Hm."}))
		if r := u.form(t, "/v1/audio/transcriptions", [][2]string{{"model", model}, {"response_format", "text"}}, wav); r.status != 200 || r.body != want || !strings.HasPrefix(r.header.Get("Content-Type"), "text/plain") {
			t.Errorf("%s: %d %q %v", model, r.status, r.body, r.header)
		}
	}
	// What only OpenAI's models tell passes to them and is refused for others.
	if r := u.form(t, "/v1/audio/transcriptions", [][2]string{{"model", fakeopenai.Listener}, {"response_format", "srt"}}, wav); r.status != 200 || !strings.HasPrefix(r.body, "1\n00:00") {
		t.Errorf("%d %s", r.status, r.body)
	}
}

// TestTranscriptionIdentity: the form goes up byte by byte.
func TestTranscriptionIdentity(t *testing.T) {
	u := launchOperations(t)
	body, contentType := formBody(t, [][2]string{{"model", fakeopenai.Listener}, {"prompt", mark}}, upload{"file", "a.wav", "audio/wav", []byte("\r\n--x\x00\xff")})
	if r := u.ask(t, "POST", "/v1/audio/transcriptions", body, "Content-Type", contentType); r.status != 200 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	seen := u.chat.Requests()
	if got := seen[len(seen)-1]; string(got.Body) != body || got.Header.Get("Content-Type") != contentType || got.Path != "/v1/audio/transcriptions" {
		t.Errorf("sent %q", got.Body)
	}
}

func TestTranscriptionStreams(t *testing.T) {
	u := launchOperations(t)
	c := u.openai()
	for _, model := range []string{fakeopenai.Listener4o, flash} {
		u.script(fakegemini.Answer(fakegemini.Part{Text: fakeopenai.Transcript}))
		s := c.Audio.Transcriptions.NewStreaming(ctx(t), openai.AudioTranscriptionNewParams{Model: model, File: openai.File(strings.NewReader("x"), "a.wav", "audio/wav")})
		text, done, deltas := "", "", 0
		for s.Next() {
			switch ev := s.Current(); ev.Type {
			case "transcript.text.delta":
				text += ev.Delta
				deltas++
			case "transcript.text.done":
				done = ev.Text
			}
		}
		if err := s.Err(); err != nil || text != fakeopenai.Transcript || done != text || deltas < 2 {
			t.Errorf("%s: %q %q %d %v", model, text, done, deltas, err)
		}
	}
	// whisper-1 ignores the wish.
	r := u.form(t, "/v1/audio/transcriptions", [][2]string{{"model", fakeopenai.Listener}, {"stream", "true"}}, upload{"file", "a.wav", "audio/wav", []byte("x")})
	if r.status != 200 || !strings.HasPrefix(r.body, `{"text"`) || r.header.Get("Content-Type") != "application/json" {
		t.Errorf("%d %s", r.status, r.body)
	}
}

// TestSilentRecording: nothing said in a recording is an answer, whole and
// streamed, and not asked for a second time; what it used counts. A conversation
// without an answer stays an error.
func TestSilentRecording(t *testing.T) {
	u := launchOperations(t)
	c := u.openai()
	for name, reply := range map[string]fakegemini.Step{"no part": {Reply: &fakegemini.Reply{}}, "an empty part": fakegemini.Answer(fakegemini.Part{})} {
		before := len(u.fake.Generates())
		u.script(reply)
		r, err := c.Audio.Transcriptions.New(ctx(t), openai.AudioTranscriptionNewParams{Model: flash, File: openai.File(strings.NewReader("x"), "a.wav", "audio/wav")})
		if err != nil || r.Text != "" || !strings.Contains(r.RawJSON(), `"text":""`) || r.Usage.InputTokens == 0 {
			t.Fatalf("%s: %v %+v", name, err, r)
		}
		u.script(reply)
		s := c.Audio.Transcriptions.NewStreaming(ctx(t), openai.AudioTranscriptionNewParams{Model: flash, File: openai.File(strings.NewReader("x"), "a.wav", "audio/wav")})
		var kinds []string
		for s.Next() {
			kinds = append(kinds, s.Current().Type+s.Current().Text)
		}
		if err := s.Err(); err != nil || strings.Join(kinds, " ") != "transcript.text.done" {
			t.Errorf("%s: %v %v", name, kinds, err)
		}
		u.script(reply)
		f := u.form(t, "/v1/audio/transcriptions", [][2]string{{"model", flash}, {"response_format", "text"}}, upload{"file", "a.wav", "audio/wav", []byte("x")})
		if f.status != 200 || f.body != "\n" {
			t.Errorf("%s: %d %q", name, f.status, f.body)
		}
		if n := len(u.fake.Generates()) - before; n != 3 {
			t.Errorf("%s: %d requests", name, n)
		}
	}
	u.script(fakegemini.Step{Reply: &fakegemini.Reply{}, Times: 2})
	if r := u.ask(t, "POST", "/v1/chat/completions", `{"model":"`+flash+`","messages":[{"role":"user","content":"x"}]}`); r.status != http.StatusBadGateway {
		t.Errorf("%d %s", r.status, r.body)
	}
}

func TestTranscriptionRefusals(t *testing.T) {
	u := launchOperations(t)
	const path = "/v1/audio/transcriptions"
	wav := upload{"file", "a.wav", "audio/wav", []byte("x")}
	for _, c := range []struct {
		fields [][2]string
		files  []upload
		param  string
	}{
		{nil, []upload{wav}, "model"},
		{[][2]string{{"model", flash}}, nil, "file"},
		{[][2]string{{"model", flash}}, []upload{{"file", "a.wav", "audio/wav", nil}}, "file"},
		{[][2]string{{"model", flash}}, []upload{{"file", "a.txt", "text/plain", []byte("x")}}, "file"},
		{[][2]string{{"model", flash}, {"response_format", "srt"}}, []upload{wav}, "response_format"},
		{[][2]string{{"model", flash}, {"response_format", "verbose_json"}}, []upload{wav}, "response_format"},
		{[][2]string{{"model", flash}, {"timestamp_granularities[]", "word"}}, []upload{wav}, "timestamp_granularities[]"},
		{[][2]string{{"model", flash}, {"include[]", "logprobs"}}, []upload{wav}, "include[]"},
		{[][2]string{{"model", flash}, {"temperature", "2"}}, []upload{wav}, "temperature"},
		{[][2]string{{"model", flash}, {"stream", "maybe"}}, []upload{wav}, "stream"},
		{[][2]string{{"model", painter}}, []upload{wav}, "model"},
	} {
		r := u.form(t, path, c.fields, c.files...)
		if param := `"param":"` + c.param + `"`; r.status != 400 || !strings.Contains(r.body, param) {
			t.Errorf("%v: %d %s, want %s", c.fields, r.status, r.body, param)
		}
	}
	if r := u.ask(t, "POST", path, `{"model":"`+flash+`"}`); r.status != http.StatusUnsupportedMediaType {
		t.Errorf("%d %s", r.status, r.body)
	}
}

func TestSpeech(t *testing.T) {
	u := launchOperations(t)
	c := u.openai()
	pcm := []byte{1, 0, 2, 0, 3, 0}
	say := fakegemini.Answer(fakegemini.Part{Inline: &fakegemini.Inline{MIME: "audio/L16;codec=pcm;rate=24000", Data: base64.StdEncoding.EncodeToString(pcm)}})
	speak := func(p openai.AudioSpeechNewParams) (string, string) {
		u.script(say)
		p.Input, p.Voice = mark+" good morning", openai.AudioSpeechNewParamsVoiceUnion{OfString: openai.String("alloy")}
		r, err := c.Audio.Speech.New(ctx(t), p)
		if err != nil {
			t.Fatalf("%s: %v", p.Model, err)
		}
		defer r.Body.Close()
		b, err := io.ReadAll(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(b), r.Header.Get("Content-Type")
	}
	if got, ct := speak(openai.AudioSpeechNewParams{Model: fakeopenai.Speaker}); got != strings.Join(fakeopenai.SpeechPieces(), "") || ct != "audio/mpeg" {
		t.Errorf("%q %s", got, ct)
	}
	for _, format := range []openai.AudioSpeechNewParamsResponseFormat{"", "wav"} {
		got, ct := speak(openai.AudioSpeechNewParams{Model: speaker, ResponseFormat: format, Instructions: openai.String("Say cheerfully")})
		if len(got) != 44+len(pcm) || got[:4] != "RIFF" || got[44:] != string(pcm) || le.LittleEndian.Uint32([]byte(got[40:])) != uint32(len(pcm)) || ct != "audio/wav" {
			t.Errorf("%q %s", got, ct)
		}
	}
	s := u.imageSent(t)
	if text := *s.Contents[0].Parts[0].Text; text != "Say cheerfully:\n"+mark+" good morning" || s.GenerationConfig.SpeechConfig.VoiceConfig.PrebuiltVoiceConfig.VoiceName != "Kore" {
		t.Errorf("%q %+v", text, s.GenerationConfig)
	}
	if got, ct := speak(openai.AudioSpeechNewParams{Model: speaker, ResponseFormat: "pcm"}); got != string(pcm) || ct != "audio/pcm" {
		t.Errorf("%q %s", got, ct)
	}
	if n := u.requests(t); n != 4 {
		t.Errorf("%d usage rows for four requests", n)
	}
}

// TestSpeechFlows: each piece of an upstream's sound reaches the client before
// the next is made, and a sound that breaks off breaks off for the client.
func TestSpeechFlows(t *testing.T) {
	u := launchOperations(t)
	ask := func(input string) *http.Response {
		req, err := http.NewRequestWithContext(ctx(t), "POST", u.url()+"/v1/audio/speech", strings.NewReader(`{"model":"`+fakeopenai.Speaker+`","voice":"alloy","input":"`+input+`"}`))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		return res
	}
	next := u.chat.Step()
	res := ask(mark)
	defer res.Body.Close()
	for i, piece := range fakeopenai.SpeechPieces() {
		if i > 0 {
			next()
		}
		buf := make([]byte, len(piece))
		if _, err := io.ReadFull(res.Body, buf); err != nil || string(buf) != piece {
			t.Fatalf("piece %d: %q %v", i, buf, err)
		}
	}
	broken := ask("break off")
	defer broken.Body.Close()
	if got, err := io.ReadAll(broken.Body); err == nil || string(got) != fakeopenai.SpeechPieces()[0] {
		t.Errorf("%q %v: the client cannot tell that the sound broke off", got, err)
	}
	r := u.ask(t, "POST", "/v1/audio/speech", `{"model":"`+fakeopenai.Speaker+`","voice":"alloy","input":"`+mark+`","stream_format":"sse"}`)
	if r.status != 200 || !strings.Contains(r.body, "speech.audio.done") || !strings.HasPrefix(r.header.Get("Content-Type"), "text/event-stream") {
		t.Errorf("%d %s", r.status, r.body)
	}
}

func TestSpeechRefusals(t *testing.T) {
	u := launchOperations(t)
	const path = "/v1/audio/speech"
	for body, param := range map[string]string{
		`"voice":"Kore"`: "input", `"input":"x"`: "voice", `"input":7,"voice":"Kore"`: "input", `"input":"x","voice":{"id":"v"}`: "voice",
		`"input":"x","voice":"Kore","response_format":"mp3"`: "response_format", `"input":"x","voice":"Kore","response_format":"ogg"`: "response_format",
		`"input":"x","voice":"Kore","speed":9`: "speed", `"input":"x","voice":"Kore","stream_format":"sse"`: "stream_format",
		`"voice":"Kore","input":"` + strings.Repeat("x", 4097) + `"`: "input",
	} {
		u.refusedAs(t, path, `{"model":"`+speaker+`",`+body+`}`, 400, param, "")
	}
	u.refusedAs(t, path, `{"model":"`+flash+`","input":"x","voice":"Kore"}`, 400, "model", "operation_not_supported")
}
