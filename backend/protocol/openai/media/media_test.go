package media

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"runtime"
	"strings"
	"testing"
	"time"

	"antigravity-tools/backend/family"
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/gemini"
)

func jsonBody(body string) protocol.Inbound {
	return protocol.Inbound{Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(body)}
}

func formBody(t testing.TB, file []byte, fields ...string) protocol.Inbound {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for i := 0; i+1 < len(fields); i += 2 {
		w.WriteField(fields[i], fields[i+1])
	}
	part, err := w.CreatePart(textproto.MIMEHeader{"Content-Disposition": {`form-data; name="image"; filename="a.png"`}, "Content-Type": {"image/png"}})
	if err != nil {
		t.Fatal(err)
	}
	part.Write(file)
	w.Close()
	return protocol.Inbound{Header: http.Header{"Content-Type": {w.FormDataContentType()}}, Body: b.Bytes()}
}

// TestSizes is the table of wire.md (i): named ratios within a tolerance, the
// quality before the number of pixels.
func TestSizes(t *testing.T) {
	for _, c := range []struct{ size, quality, aspect, detail, loss string }{
		{"", "", "", "", ""}, {"auto", "auto", "", "", ""},
		{"1024x1024", "", "1:1", "", ""}, {"1280x720", "", "16:9", "", ""}, {"1792x1024", "", "16:9", "", ""},
		{"1024x1792", "", "9:16", "", ""}, {"1536x1024", "", "3:2", "", ""}, {"1024x1536", "", "2:3", "", ""},
		{"3840x2160", "", "16:9", "4K", ""}, {"2048x2048", "", "1:1", "2K", ""}, {"3840x2160", "low", "16:9", "1K", ""},
		{"21:9", "hd", "21:9", "4K", ""}, {"1:1", "medium", "1:1", "2K", ""}, {"", "standard", "", "1K", ""},
		{"1000X1000", "HIGH", "1:1", "4K", ""}, {"512x1536", "", "9:16", "", "adapted image.aspect size 9:16"},
	} {
		var losses llm.Losses
		req, err := Images{}.DecodeRequest(jsonBody(`{"model":"m","prompt":"p","size":"`+c.size+`","quality":"`+c.quality+`"}`), &losses)
		if err != nil {
			t.Errorf("%s %s: %v", c.size, c.quality, err)
			continue
		}
		got := ""
		for _, l := range losses.List() {
			got += l.String()
		}
		if *req.Image != (llm.ImageOut{Aspect: c.aspect, Size: c.detail}) || got != c.loss {
			t.Errorf("%s %s: %+v %q", c.size, c.quality, req.Image, got)
		}
	}
	for _, bad := range []string{"1024", "x", "0x1", "1x0", "99999x99999", "1024x100", "-1x-1", "7:5"} {
		if _, err := (Images{}).DecodeRequest(jsonBody(`{"model":"m","prompt":"p","size":"`+bad+`"}`), nil); !fault.Is(err, fault.InvalidRequest) || fault.From(err).Param != "size" {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

// TestWithModel: nothing but the model's name changes, in either form.
func TestWithModel(t *testing.T) {
	in := formBody(t, []byte("\x89PNG\r\n--"), "model", "old", "prompt", "old")
	out, err := Images{Edit: true}.WithModel(in, "a-new-name")
	if err != nil || string(out) != strings.Replace(string(in.Body), "\r\n\r\nold", "\r\n\r\na-new-name", 1) {
		t.Errorf("%q %v", out, err)
	}
	out, err = Images{}.WithModel(jsonBody(`{"x":1.50, "model" :"old" }`), "new")
	if err != nil || string(out) != `{"x":1.50, "model" :"new" }` {
		t.Errorf("%s %v", out, err)
	}
}

// TestLargePicture: of a picture of five megabytes no more than three copies
// are held: the body, its base64 and the request (performance.md).
func TestLargePicture(t *testing.T) {
	const size = 5 << 20
	in := formBody(t, bytes.Repeat([]byte{1, 2, 3, 4}, size/4), "model", "gemini-2.5-flash-image", "prompt", "p")
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	req, err := Images{Edit: true}.DecodeRequest(in, nil)
	if err != nil {
		t.Fatal(err)
	}
	enc, err := gemini.Upstream{}.EncodeRequest(Images{}.Split(req, 1)[0], protocol.Target{Model: req.Model, Caps: family.Gemini(req.Model)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	text := base64.StdEncoding.EncodedLen(size)
	if len(enc.Body) < text {
		t.Fatal("the picture is not in the request")
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > uint64(2*text+text/5) {
		t.Errorf("%d bytes allocated beside the body, for a picture of %d in base64", used, text)
	}
}

func reply(req *llm.Request) protocol.Reply {
	return protocol.Reply{Request: req, Model: "m", Created: time.Unix(1, 0)}
}

func TestUnsaid(t *testing.T) {
	text := []llm.Choice{{Parts: []llm.Part{llm.TextPart("No.")}, Close: llm.Close{Reason: llm.ReasonEnd}}}
	filtered := []llm.Choice{{Close: llm.Close{Reason: llm.ReasonFilter}}}
	for name, op := range map[string]protocol.Operation{"images": Images{}, "speech": Speech{}} {
		if _, err := op.EncodeResponse(&llm.Response{Choices: text}, reply(nil), nil); fault.From(err).Code != "no_output" {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := op.EncodeResponse(&llm.Response{Choices: filtered}, reply(nil), nil); fault.From(err).Code != "moderation_blocked" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := (Transcriptions{}).EncodeResponse(&llm.Response{Choices: filtered}, reply(nil), nil); fault.From(err).Code != "moderation_blocked" {
		t.Errorf("%v", err)
	}
	other := []llm.Choice{{Parts: []llm.Part{{Kind: llm.KindMedia, Media: &llm.Media{MIME: "audio/mp3", Data: "AAAA"}}}}}
	if _, err := (Speech{}).EncodeResponse(&llm.Response{Choices: other}, reply(nil), nil); !fault.Is(err, fault.UpstreamProtocol) {
		t.Errorf("%v", err)
	}
}

// TestStreamsEndInWords: an error in a stream is one that OpenAI's clients know.
func TestStreamsEndInWords(t *testing.T) {
	for name, op := range map[string]protocol.Operation{"images": Images{}, "edits": Images{Edit: true}, "transcriptions": Transcriptions{}} {
		enc := op.NewStreamEncoder(reply(nil), nil)
		out := []byte{}
		for ev, err := range llm.Replay(&llm.Response{Choices: []llm.Choice{{Close: llm.Close{Reason: llm.ReasonFilter}}}}) {
			if err != nil {
				t.Fatal(err)
			}
			if out, err = enc.Encode(out, ev); err != nil {
				t.Fatal(err)
			}
		}
		if got := string(enc.End(out)); !strings.HasPrefix(got, "event: error\ndata: {\"error\":{") || !strings.Contains(got, "moderation_blocked") {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func FuzzMedia(f *testing.F) {
	f.Add(true, `{"model":"m","prompt":"p","images":[{"image_url":"data:image/png;base64,AAAA"}],"size":"1x1"}`)
	f.Add(false, "--B\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\nx\r\n--B\r\nContent-Disposition: form-data; name=\"prompt\"\r\n\r\np\r\n--B--\r\n")
	f.Add(true, `{"model":"m","input":"x","voice":"alloy","speed":1.5}`)
	f.Fuzz(func(t *testing.T, isJSON bool, body string) {
		in := protocol.Inbound{Header: http.Header{"Content-Type": {"multipart/form-data; boundary=B"}}, Body: []byte(body)}
		if isJSON {
			if !json.Valid(in.Body) {
				return
			}
			in.Header.Set("Content-Type", "application/json")
		}
		for _, op := range []protocol.Operation{Images{}, Images{Edit: true}, Transcriptions{}, Speech{}} {
			var losses llm.Losses
			_, _ = op.Ask(in)
			if model, err := op.WithModel(in, "other"); err == nil && isJSON && !json.Valid(model) {
				t.Fatalf("%T: %s", op, model)
			}
			req, err := op.DecodeRequest(in, &losses)
			if err != nil {
				if f := fault.From(err); f.Class != fault.InvalidRequest {
					t.Fatalf("%T: %v", op, err)
				}
				continue
			}
			if s, ok := op.(protocol.Splitter); ok {
				req = s.Split(req, 1)[0]
			}
			req.Model = "gemini-2.5-flash"
			caps := family.Gemini(req.Model)
			caps.ImageOut, caps.AudioOut = true, true
			enc, err := gemini.Upstream{}.EncodeRequest(req, protocol.Target{Model: req.Model, Caps: caps}, &losses)
			if err == nil && !json.Valid(enc.Body) {
				t.Fatalf("%T: %s", op, enc.Body)
			}
		}
	})
}
