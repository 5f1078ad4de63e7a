package adminhttp

import (
	"bytes"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"
)

// csp lets the console load its own files and nothing else. Svelte and the positioning of menus
// need style attributes; scripts and style elements must be files.
const csp = "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; " +
	"img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// OwnsPath tells whether a request is the console's: a file of it or, from a browser, the start page
// (the pages behind it live in the address's fragment). All other paths are the gateway's, whose 404
// teaches.
func (h *Handler) OwnsPath(r *http.Request) bool {
	if h.opts.Console == nil || (r.Method != http.MethodGet && r.Method != http.MethodHead) {
		return false
	}
	name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
	if name == "" {
		return wantsHTML(r) && h.hasFile("index.html")
	}
	return h.hasFile(name)
}

func wantsHTML(r *http.Request) bool { return strings.Contains(r.Header.Get("Accept"), "text/html") }

func (h *Handler) hasFile(name string) bool {
	if !fs.ValidPath(name) || strings.HasPrefix(path.Base(name), ".") {
		return false
	}
	info, err := fs.Stat(h.opts.Console, name)
	return err == nil && info.Mode().IsRegular()
}

// serveConsole answers with a file of the console.
func (h *Handler) serveConsole(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
	if name == "" {
		name = "index.html"
	}
	header := w.Header()
	header.Set("Content-Security-Policy", csp)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("X-Frame-Options", "DENY")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	header.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
	if strings.HasPrefix(name, "assets/") {
		header.Set("Cache-Control", "public, max-age=31536000, immutable") // names hold a hash
	} else {
		header.Set("Cache-Control", "no-cache")
	}
	data, err := fs.ReadFile(h.opts.Console, name)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(data))
}
