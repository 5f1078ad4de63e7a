package judges

import (
	"net/http"
	"strings"
	"testing"

	"github.com/openai/openai-go/v3"
	"google.golang.org/genai"

	"antigravity-tools/test/fakegemini"
	"antigravity-tools/test/fakevertex"
)

// judgeImagen asks a model that draws and knows no conversation.
func judgeImagen(t *testing.T, u *upstreams, predicts func() int) {
	c := u.openai()
	r, err := c.Images.Generate(ctx(t), openai.ImageGenerateParams{Model: fakegemini.Painter, Prompt: mark + " a cat", N: openai.Int(3), Size: "1536x1024", Quality: "high"})
	if err != nil || len(r.Data) != 3 || r.Data[2].B64JSON != pngPixel || r.OutputFormat != "png" {
		t.Fatalf("%v %+v", err, r)
	}
	if n := predicts(); n != 1 {
		t.Errorf("%d calls for three pictures", n)
	}
	r, err = c.Images.Generate(ctx(t), openai.ImageGenerateParams{Model: fakegemini.Painter, Prompt: mark, N: openai.Int(10)})
	if err != nil || len(r.Data) != 10 {
		t.Fatalf("%v", err)
	}
	if n := predicts(); n != 4 { // 4 + 4 + 2
		t.Errorf("%d calls after ten more", n)
	}
	s := c.Images.GenerateStreaming(ctx(t), openai.ImageGenerateParams{Model: fakegemini.Painter, Prompt: mark})
	var kinds []string
	for s.Next() {
		kinds = append(kinds, s.Current().Type+" "+s.Current().B64JSON)
	}
	if err := s.Err(); err != nil || len(kinds) != 1 || kinds[0] != "image_generation.completed "+pngPixel {
		t.Errorf("%v %v", kinds, err)
	}
	const path = "/v1/images/generations"
	u.refusedAs(t, path, `{"model":"`+fakegemini.Painter+`","prompt":"something forbidden"}`, 400, "", "moderation_blocked")
	u.refusedAs(t, "/v1/images/edits", `{"model":"`+fakegemini.Painter+`","prompt":"x","images":[{"image_url":"data:image/png;base64,`+pngPixel+`"}]}`, 400, "model", "operation_not_supported")
	u.refusedAs(t, "/v1/chat/completions", `{"model":"`+fakegemini.Painter+`","messages":[{"role":"user","content":"x"}]}`, 400, "model", "operation_not_supported")
}

func TestImagen(t *testing.T) {
	u := launchOperations(t)
	judgeImagen(t, u, func() int {
		n := 0
		for _, r := range u.fake.Requests() {
			if r.Op == "predict" {
				n++
			}
		}
		return n
	})
}

func TestVertexImagen(t *testing.T) {
	v := launchVertex(t, projectOne)
	judgeImagen(t, v.upstreams, func() int { return countPredicts(v.service) })
}

func countPredicts(service *fakevertex.Server) int {
	n := 0
	for _, r := range service.Requests() {
		if strings.HasSuffix(r.Path, ":predict") || strings.HasSuffix(r.Path, ":embedContent") {
			n++
		}
	}
	return n
}

// TestVertexEmbeddings: by predict, by one text at a time, and by embedContent,
// as the model has it; for clients of both protocols that ask for vectors.
func TestVertexEmbeddings(t *testing.T) {
	v := launchVertex(t, projectOne)
	u := v.upstreams
	c, g := u.openai(), u.genai(t)
	calls := 0
	for model, each := range map[string]int{fakevertex.Embedder: 1, fakevertex.OneEmbedder: 3, fakevertex.NewEmbedder: 3} {
		r, err := c.Embeddings.New(ctx(t), openai.EmbeddingNewParams{Model: model, Dimensions: openai.Int(4),
			Input: openai.EmbeddingNewParamsInputUnion{OfArrayOfStrings: []string{mark + " one", "two", "three words here"}}})
		if err != nil {
			t.Fatalf("%s: %v", model, err)
		}
		if len(r.Data) != 3 || len(r.Data[2].Embedding) != 4 || r.Data[2].Embedding[0] != 0.5 || r.Usage.PromptTokens != 6 {
			t.Errorf("%s: %s", model, r.RawJSON())
		}
		if calls += each; countPredicts(v.service) != calls {
			t.Errorf("%s: %d calls, want %d", model, countPredicts(v.service), calls)
		}
		e, err := g.Models.EmbedContent(ctx(t), model, []*genai.Content{genai.NewContentFromText(mark, genai.RoleUser)},
			&genai.EmbedContentConfig{TaskType: "RETRIEVAL_DOCUMENT", Title: "T", OutputDimensionality: genai.Ptr[int32](2)})
		if err != nil || len(e.Embeddings) != 1 || len(e.Embeddings[0].Values) != 2 {
			t.Errorf("%s: %v %+v", model, err, e)
		}
		calls++
		if r := u.ask(t, "POST", "/v1/chat/completions", `{"model":"`+model+`","messages":[{"role":"user","content":"x"}]}`); r.status != http.StatusBadRequest || !strings.Contains(r.body, "operation_not_supported") {
			t.Errorf("%s: %d %s", model, r.status, r.body)
		}
	}
}
