package gemini

import (
	"io"
	"net/http"
	"slices"
	"strings"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/rawjson"
)

// Pictures is predict of the models that draw and know no conversation
// (Imagen), of the upstream's side: genai v1.77.0, generateImages…ToVertex, and
// "Imagen API" of the Vertex AI reference.
type Pictures struct{}

var _ protocol.Upstream = Pictures{}

// MaxPictures is the highest sampleCount.
const MaxPictures = 4

// Name implements protocol.Upstream.
func (Pictures) Name() llm.Protocol { return llm.Gemini }

// NewObserver implements protocol.Upstream.
func (Pictures) NewObserver() protocol.Observer { return Upstream{}.NewObserver() }

// DecodeError implements protocol.Upstream.
func (Pictures) DecodeError(status int, header http.Header, body []byte) *fault.Error {
	return Upstream{}.DecodeError(status, header, body)
}

// EncodeRequest implements protocol.Upstream: the text of what the user says is
// the prompt.
func (Pictures) EncodeRequest(req *llm.Request, target protocol.Target, losses *llm.Losses) (protocol.Encoded, error) {
	prompt, err := promptText(req)
	if err != nil {
		return protocol.Encoded{}, err
	}
	if req.EndUser != "" {
		losses.Drop("user", "user", "")
	}
	w := rawjson.NewWriter(len(prompt) + 256)
	w.Obj()
	w.Key("instances")
	w.Arr()
	w.Obj()
	w.StrField("prompt", prompt)
	w.End()
	w.EndArr()
	w.Key("parameters")
	w.Obj()
	n := int64(1) // the service's own default is 4
	if req.Sampling.N != nil {
		n = *req.Sampling.N
	}
	w.IntField("sampleCount", n)
	if req.Image != nil {
		pictureForm(w, *req.Image, target.Caps.ImageSize, losses)
	}
	w.Key("includeRaiReason") // without it, what is filtered is silently missing
	w.Bool(true)
	w.End()
	w.End()
	return protocol.Encoded{Body: w.Bytes()}, nil
}

func promptText(req *llm.Request) (string, error) {
	var texts []string
	for i := range req.Turns {
		for j := range req.Turns[i].Parts {
			p := &req.Turns[i].Parts[j]
			if p.Kind != llm.KindText {
				return "", refuse("media.kind", "turns"+index(i)+".parts"+index(j), "this model draws from words alone")
			}
			texts = append(texts, p.Text)
		}
	}
	return strings.Join(texts, "\n"), nil
}

// pictureForm writes ratio and size, as near as these models have them.
func pictureForm(w *rawjson.Writer, form llm.ImageOut, sizes bool, losses *llm.Losses) {
	if aspect := form.Aspect; aspect != "" {
		near := nearRatio(aspect)
		if near != aspect {
			losses.Adapt("image.aspect", "size", near)
		}
		w.StrField("aspectRatio", near)
	}
	switch {
	case form.Size == "":
	case !sizes:
		losses.Drop("image.size", "size", form.Size)
	case form.Size == "4K":
		losses.Adapt("image.size", "size", "2K")
		w.StrField("sampleImageSize", "2K")
	default:
		w.StrField("sampleImageSize", form.Size)
	}
}

// nearRatio gives one of the five ratios that these models draw in.
func nearRatio(aspect string) string {
	switch {
	case slices.Contains([]string{"1:1", "3:4", "4:3", "9:16", "16:9"}, aspect):
		return aspect
	case aspect == "21:9":
		return "16:9"
	case aspect == "3:2":
		return "4:3"
	case aspect == "2:3":
		return "3:4"
	}
	return "1:1" // 5:4, 4:5
}

// DecodeResponse implements protocol.Upstream: a choice for each picture, and
// one for what the provider's filter kept back.
func (Pictures) DecodeResponse(body []byte, _ *llm.Losses) (*llm.Response, error) {
	if rawjson.Check(body, maxDepth) != nil || rawjson.KindOf(body) != rawjson.KindObject {
		return nil, malformed("the upstream's pictures are not JSON", nil)
	}
	resp := &llm.Response{}
	for item := range rawjson.Items(member(body, "predictions")) {
		c := llm.Choice{Close: llm.Close{Reason: llm.ReasonFilter}}
		data, err := rawjson.String(member(item, "bytesBase64Encoded"))
		if err == nil && data != "" {
			m := &llm.Media{MIME: "image/png", Data: data}
			if mime, err := rawjson.String(member(item, "mimeType")); err == nil && mime != "" {
				m.MIME = mime
			}
			c = llm.Choice{Parts: []llm.Part{{Kind: llm.KindMedia, Media: m}}, Close: llm.Close{Reason: llm.ReasonEnd}}
		}
		resp.Choices = append(resp.Choices, c)
	}
	if len(resp.Choices) == 0 { // all were filtered
		resp.Choices = []llm.Choice{{Close: llm.Close{Reason: llm.ReasonFilter}}}
	}
	return resp, nil
}

// DecodeStream implements protocol.Upstream: the service draws at once.
func (p Pictures) DecodeStream(r io.Reader, losses *llm.Losses) llm.Stream {
	return func(yield func(llm.Event, error) bool) {
		body, err := io.ReadAll(io.LimitReader(r, maxPictures+1))
		if err == nil && len(body) > maxPictures {
			err = malformed("the upstream's pictures are too large", nil)
		}
		if err != nil {
			yield(llm.Event{}, err)
			return
		}
		resp, err := p.DecodeResponse(body, losses)
		if err != nil {
			yield(llm.Event{}, err)
			return
		}
		llm.Replay(resp)(yield)
	}
}

// maxPictures bounds an answer, in bytes: four pictures of some megabytes each.
const maxPictures = 64 << 20
