package fakeopenai

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"
)

// Pixel is the picture that the fake makes: a PNG of one point, in base64.
const Pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

// imageRequest is ImageGenerateParams of openai-go v3 for the GPT image
// models: response_format and style, of the dall-e models alone, are unknown.
type imageRequest struct {
	Model         string `json:"model"`
	Prompt        string `json:"prompt"`
	N             *int   `json:"n"`
	Size          string `json:"size"`
	Quality       string `json:"quality"`
	Background    string `json:"background"`
	OutputFormat  string `json:"output_format"`
	Compression   *int   `json:"output_compression"`
	Moderation    string `json:"moderation"`
	Stream        bool   `json:"stream"`
	PartialImages *int   `json:"partial_images"`
	User          string `json:"user"`
}

func (req *imageRequest) check() error {
	if req.Prompt == "" {
		return refuse("prompt", "Missing required parameter: 'prompt'.")
	}
	if req.N != nil && (*req.N < 1 || *req.N > 10) {
		return refuse("n", "Invalid 'n': must be between 1 and 10.")
	}
	if req.PartialImages != nil && (!req.Stream || *req.PartialImages < 0 || *req.PartialImages > 3) {
		return refuse("partial_images", "Invalid 'partial_images'.")
	}
	if req.Compression != nil && req.OutputFormat != "jpeg" && req.OutputFormat != "webp" {
		return refuse("output_compression", "Compression is supported for jpeg and webp only.")
	}
	return first(needModel(req.Model, Painter),
		oneOf("size", req.Size, "auto", "1024x1024", "1536x1024", "1024x1536"),
		oneOf("quality", req.Quality, "auto", "low", "medium", "high"),
		oneOf("background", req.Background, "auto", "transparent", "opaque"),
		oneOf("output_format", req.OutputFormat, "png", "jpeg", "webp"),
		oneOf("moderation", req.Moderation, "auto", "low"))
}

func (s *Server) generateImages(w http.ResponseWriter, r *http.Request, body []byte) error {
	var req imageRequest
	if err := strictBody(r, body, &req); err != nil {
		return err
	}
	if err := req.check(); err != nil {
		return err
	}
	answerImages(w, &req, "image_generation")
	return nil
}

// editImages takes a form; every field must be known, the pictures must be
// files of a picture's type (images.edits: png, webp or jpg, up to 16).
func (s *Server) editImages(w http.ResponseWriter, r *http.Request, body []byte) error {
	fields, files, err := form(r, body)
	if err != nil {
		return err
	}
	var req imageRequest
	object := map[string]any{}
	for name, value := range fields {
		switch name {
		case "n", "output_compression", "partial_images":
			n, err := strconv.Atoi(value)
			if err != nil {
				return refuse(name, "Invalid type for '%s': expected an integer.", name)
			}
			object[name] = n
		case "stream":
			object[name] = value == "true"
		case "input_fidelity":
			if err := oneOf(name, value, "high", "low"); err != nil {
				return err
			}
		default:
			object[name] = value
		}
	}
	raw, err := json.Marshal(object)
	if err != nil {
		return err
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&req); err != nil {
		return refuse("", "Unknown parameter: %s", err)
	}
	pictures := 0
	for _, f := range files {
		switch f.field {
		case "image", "image[]":
			pictures++
		case "mask":
		default:
			return refuse(f.field, "Unknown parameter: '%s'.", f.field)
		}
		if !strings.HasPrefix(f.kind, "image/") {
			return refuse(f.field, "Invalid file '%s': unsupported mimetype ('%s').", f.field, f.kind)
		}
	}
	if pictures == 0 || pictures > 16 {
		return refuse("image", "Missing required parameter: 'image'.")
	}
	if err := req.check(); err != nil {
		return err
	}
	answerImages(w, &req, "image_edit")
	return nil
}

const imageUsage = `{"total_tokens":1070,"input_tokens":10,"output_tokens":1060,"input_tokens_details":{"text_tokens":10,"image_tokens":0}}`

func answerImages(w http.ResponseWriter, req *imageRequest, event string) {
	if !req.Stream {
		w.Header().Set("Content-Type", "application/json")
		n := 1
		if req.N != nil {
			n = *req.N
		}
		fmt.Fprintf(w, `{"created":1,"background":"opaque","data":[%s],"output_format":"png","quality":"low","size":"1024x1024","usage":%s}`,
			strings.TrimSuffix(strings.Repeat(`{"b64_json":"`+Pixel+`"},`, n), ","), imageUsage)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	common := fmt.Sprintf(`"b64_json":%q,"created_at":1,"size":"1024x1024","quality":"low","background":"opaque","output_format":"png"`, Pixel)
	if req.PartialImages != nil {
		for i := range *req.PartialImages {
			fmt.Fprintf(w, "event: %s.partial_image\ndata: {\"type\":\"%s.partial_image\",%s,\"partial_image_index\":%d}\n\n", event, event, common, i)
			w.(http.Flusher).Flush()
		}
	}
	fmt.Fprintf(w, "event: %s.completed\ndata: {\"type\":\"%s.completed\",%s,\"usage\":%s}\n\n", event, event, common, imageUsage)
}

// file is a file of a form.
type file struct {
	field, name, kind string
	data              []byte
}

// form reads a multipart body; a field that comes twice is refused, but for
// those whose name ends in [].
func form(r *http.Request, body []byte) (map[string]string, []file, error) {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" {
		return nil, nil, &refusal{415, "Invalid Content-Type: expected multipart/form-data.", ""}
	}
	fields, files := map[string]string{}, []file(nil)
	reader := multipart.NewReader(bytes.NewReader(body), params["boundary"])
	for {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			return fields, files, nil
		}
		if err != nil {
			return nil, nil, refuse("", "Could not parse multipart form: %s", err)
		}
		data, err := io.ReadAll(part)
		if err != nil {
			return nil, nil, refuse("", "Could not parse multipart form: %s", err)
		}
		name := part.FormName()
		if part.FileName() != "" {
			files = append(files, file{name, part.FileName(), part.Header.Get("Content-Type"), data})
			continue
		}
		if _, twice := fields[name]; twice && !strings.HasSuffix(name, "[]") {
			return nil, nil, refuse(name, "Duplicate parameter: '%s'.", name)
		}
		fields[name] = string(data)
	}
}
