package wire

import (
	"strings"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
)

// DataURL cuts a base64 data: URL into its MIME type, without parameters, and
// its data, which stays as it is. Data URLs in another encoding are refused:
// no protocol has a place for them.
func DataURL(url string) (mime, data string, err error) {
	head, data, ok := strings.Cut(url[len("data:"):], ",")
	if !ok {
		return "", "", fault.Invalid("", "this data: URL has no comma, so it holds no data")
	}
	head, ok = strings.CutSuffix(head, ";base64")
	if !ok {
		return "", "", fault.Invalid("", "only base64 data: URLs are understood")
	}
	if data == "" {
		return "", "", fault.Invalid("", "this data: URL is empty")
	}
	mime, _, _ = strings.Cut(head, ";")
	return strings.ToLower(mime), data, nil
}

// IsDataURL reports whether url is a data: URL.
func IsDataURL(url string) bool {
	return len(url) >= 5 && strings.EqualFold(url[:5], "data:")
}

// MediaURL reads a URL of an image, a document or a file into m: base64 data,
// or an address that the upstream or the relay may fetch. Paths of a file
// system are never read, so they are refused.
func MediaURL(url string, m *llm.Media) error {
	if IsDataURL(url) {
		mime, data, err := DataURL(url)
		if err != nil {
			return err
		}
		m.MIME, m.Data = mime, data
		FillMIME(m)
		return nil
	}
	scheme, _, ok := strings.Cut(url, "://")
	switch {
	case strings.HasPrefix(url, "files/"):
		m.FileID = url
		return nil
	case !ok:
		return fault.Invalid("", "expected an https: or a data: URL")
	case strings.EqualFold(scheme, "https"), strings.EqualFold(scheme, "http"):
		m.URL = url
		return nil
	case scheme == "gs":
		m.FileID = url
		return nil
	}
	return fault.Invalid("", "URLs of this scheme are not fetched; expected an https: or a data: URL")
}

// FillMIME finds the MIME type of m where it is absent: by the name, then by
// the first bytes of the data. It stays empty if neither tells.
func FillMIME(m *llm.Media) {
	if m.MIME != "" {
		return
	}
	if dot := strings.LastIndexByte(m.Name, '.'); dot >= 0 {
		m.MIME = mimeOfExtension(strings.ToLower(m.Name[dot+1:]))
	}
	if m.MIME == "" {
		m.MIME = mimeOfBase64(m.Data)
	}
}

func mimeOfExtension(ext string) string {
	switch ext {
	case "pdf":
		return "application/pdf"
	case "txt", "log":
		return "text/plain"
	case "md", "markdown":
		return "text/markdown"
	case "csv":
		return "text/csv"
	case "htm", "html":
		return "text/html"
	case "xml":
		return "text/xml"
	case "json":
		return "application/json"
	case "png", "webp", "gif", "heic", "heif":
		return "image/" + ext
	case "jpg", "jpeg":
		return "image/jpeg"
	case "wav", "mp3", "flac", "aac", "ogg":
		return "audio/" + ext
	case "mp4", "webm":
		return "video/" + ext
	}
	return ""
}

// mimeOfBase64 knows the base64 form of the first bytes of common types.
func mimeOfBase64(data string) string {
	for _, magic := range [...]struct{ head, mime string }{
		{"JVBERi0", "application/pdf"},
		{"iVBORw0KGgo", "image/png"},
		{"/9j/", "image/jpeg"},
		{"R0lGOD", "image/gif"},
		{"SUQz", "audio/mp3"},
		{"ZkxhQ", "audio/flac"},
		{"T2dnUw", "audio/ogg"},
	} {
		if strings.HasPrefix(data, magic.head) {
			return magic.mime
		}
	}
	if strings.HasPrefix(data, "UklGR") && len(data) >= 16 {
		// RIFF, four bytes of length, then the type, whose last three bytes
		// fill one group of the base64 text.
		switch data[12:16] {
		case "RUJQ":
			return "image/webp"
		case "QVZF":
			return "audio/wav"
		}
	}
	return ""
}

const imageOpen = "](data:image/"

// SplitImages cuts text at Markdown images with base64 data, which is how
// this gateway shows generated images to clients that have no other place for
// them. It returns nil if there is none. Empty stretches of text are left out.
func SplitImages(text string) []llm.Part {
	var out []llm.Part
	from := 0 // start of the text not yet taken
	for at := 0; ; {
		i := strings.Index(text[at:], imageOpen)
		if i < 0 {
			break
		}
		i += at
		at = i + len(imageOpen)
		end := strings.IndexByte(text[i:], ')')
		start := strings.LastIndex(text[from:i], "![")
		if end < 0 || start < 0 || strings.ContainsAny(text[from+start:i], "\n)") {
			continue
		}
		url, _, _ := strings.Cut(text[i+2:i+end], " ")
		mime, data, err := DataURL(url)
		if err != nil {
			continue
		}
		out = appendText(out, text[from:from+start])
		out = append(out, llm.Part{Kind: llm.KindMedia, Media: &llm.Media{MIME: mime, Data: data}})
		from = i + end + 1
		at = from
	}
	if out == nil {
		return nil
	}
	return appendText(out, text[from:])
}

func appendText(parts []llm.Part, text string) []llm.Part {
	if strings.TrimSpace(text) == "" {
		return parts
	}
	return append(parts, llm.TextPart(text))
}

// MediaMarkdown shows media in text.
func MediaMarkdown(m *llm.Media) string {
	url := m.URL
	if m.Data != "" {
		url = "data:" + m.MIME + ";base64," + m.Data
	}
	if strings.HasPrefix(m.MIME, "image/") || m.MIME == "" {
		return "![image](" + url + ")"
	}
	kind, _, _ := strings.Cut(m.MIME, "/")
	return "[" + kind + "](" + url + ")"
}

// CodeMarkdown shows code that the upstream ran, or its output, as a fenced
// block, whose fence is longer than any in the text.
func CodeMarkdown(c *llm.Code) string {
	language := c.Language
	if c.Output {
		language = "output"
	}
	fence := "```"
	for strings.Contains(c.Text, fence) {
		fence += "`"
	}
	text := strings.TrimSuffix(c.Text, "\n")
	return fence + language + "\n" + text + "\n" + fence
}
