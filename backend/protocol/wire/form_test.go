package wire

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/textproto"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"antigravity-tools/backend/fault"
)

// TestFormAgrees: what the standard library writes is read, every byte of it.
func TestFormAgrees(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		type field struct {
			name, file string
			data       []byte
		}
		var want []field
		for range rapid.IntRange(0, 5).Draw(t, "fields") {
			f := field{
				name: rapid.StringMatching(`[a-z_\[\]"]{1,9}`).Draw(t, "name"),
				file: rapid.StringMatching(`[a-zA-Z0-9._ é-]{0,9}`).Draw(t, "file"),
				data: rapid.SliceOf(rapid.SampledFrom([]byte("a-\r\n\x00\xff"))).Draw(t, "data"),
			}
			h := textproto.MIMEHeader{}
			d := `form-data; name="` + strings.ReplaceAll(f.name, `"`, `\"`) + `"`
			if f.file != "" {
				d += `; filename="` + f.file + `"`
				h.Set("Content-Type", "audio/wav")
			}
			h.Set("Content-Disposition", d)
			part, err := w.CreatePart(h)
			if err != nil {
				t.Fatal(err)
			}
			part.Write(f.data)
			want = append(want, f)
		}
		if len(want) == 0 {
			return // the library writes no boundary line then
		}
		w.Close()
		form, err := ParseForm(w.FormDataContentType(), b.Bytes())
		if err != nil {
			t.Fatalf("%v\n%q", err, b.Bytes())
		}
		if len(form.Parts) != len(want) {
			t.Fatalf("%d parts, want %d", len(form.Parts), len(want))
		}
		for i, p := range form.Parts {
			if p.Name != want[i].name || p.FileName != want[i].file || !bytes.Equal(p.Data, want[i].data) {
				t.Fatalf("part %d: %+v, want %+v", i, p, want[i])
			}
		}
		out, err := ParseForm(w.FormDataContentType(), form.With(want[0].name, "new value"))
		if err != nil || out.Parts[0].Text() != "new value" || len(out.Parts) != len(want) {
			t.Fatalf("with: %+v %v", out, err)
		}
	})
}

func TestFormRefuses(t *testing.T) {
	const ct = "multipart/form-data; boundary=B"
	head := "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n"
	for name, c := range map[string][2]string{
		"other type":       {"application/json", head + "x\r\n--B--"},
		"no boundary":      {"multipart/form-data", head + "x\r\n--B--"},
		"wrong boundary":   {"multipart/form-data; boundary=C", head + "x\r\n--B--"},
		"empty":            {ct, ""},
		"cut in data":      {ct, head + "x"},
		"cut in header":    {ct, "--B\r\nContent-Disposition: form-da"},
		"no disposition":   {ct, "--B\r\nContent-Type: text/plain\r\n\r\nx\r\n--B--"},
		"no name":          {ct, "--B\r\nContent-Disposition: form-data\r\n\r\nx\r\n--B--"},
		"encoded":          {ct, "--B\r\nContent-Disposition: form-data; name=\"a\"\r\nContent-Transfer-Encoding: base64\r\n\r\nx\r\n--B--"},
		"too many":         {ct, strings.Repeat(head+"x\r\n", maxFormParts+1) + "--B--"},
		"long header":      {ct, "--B\r\nX: " + strings.Repeat("y", maxPartHeader) + "\r\n\r\nx\r\n--B--"},
		"no line end":      {ct, head + "--B--"},
		"junk behind mark": {ct, "--Bjunk\r\n\r\n\r\nx\r\n--B--"},
	} {
		f, err := ParseForm(c[0], []byte(c[1]))
		if !fault.Is(err, fault.InvalidRequest) {
			t.Errorf("%s: %+v %v", name, f, err)
		}
	}
}

func FuzzForm(f *testing.F) {
	f.Add("--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x.wav\"\r\n\r\n\r\n--B--\r\n")
	f.Add("preamble\r\n--B\r\nContent-Disposition: form-data; name=a\r\n\r\n--B--\r\n--B--")
	f.Fuzz(func(t *testing.T, body string) {
		form, err := ParseForm("multipart/form-data; boundary=B", []byte(body))
		if err != nil {
			return
		}
		for i := range form.Parts {
			p := &form.Parts[i]
			if string(p.Data) != body[p.start:p.start+len(p.Data)] || bytes.Contains(p.Data, []byte("\r\n--B")) {
				t.Fatalf("part %d is not where it says: %q", i, p.Data)
			}
		}
		// What this reads, the standard library reads the same way.
		r := multipart.NewReader(strings.NewReader(body), "B")
		for i := range form.Parts {
			part, err := r.NextRawPart()
			if err != nil {
				return // it is stricter with headers
			}
			data, err := io.ReadAll(part)
			if err != nil {
				return
			}
			if part.FormName() == form.Parts[i].Name && !bytes.Equal(data, form.Parts[i].Data) {
				t.Fatalf("part %d: %q, the library reads %q", i, form.Parts[i].Data, data)
			}
		}
	})
}
