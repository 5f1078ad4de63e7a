// Package protocoltest helps to test protocol codecs: a readable form of a
// request for golden files, random replies, and golden files themselves. Only
// tests import it.
package protocoltest

import (
	"crypto/sha256"
	"fmt"
	"strings"

	"antigravity-tools/backend/llm"
)

// Dump writes a request as lines, the same for equal requests. Zero values are
// left out; long data is shown by length and hash.
func Dump(req *llm.Request) string {
	d := &dumper{}
	d.head(req)
	for i := range req.System {
		d.part(0, fmt.Sprintf("system[%d]", i), &req.System[i])
	}
	for i := range req.Turns {
		t := &req.Turns[i]
		d.line(0, "turn[%d] %s%s", i, t.Role, native(t.Native))
		for j := range t.Parts {
			d.part(1, fmt.Sprintf("[%d]", j), &t.Parts[j])
		}
	}
	for i := range req.Tools {
		d.tool(i, &req.Tools[i])
	}
	d.controls(req)
	return d.b.String()
}

// DumpLosses writes losses as golden files hold them.
func DumpLosses(losses *llm.Losses) string {
	var b strings.Builder
	for _, l := range losses.List() {
		b.WriteString("loss " + l.String() + "\n")
	}
	return b.String()
}

type dumper struct{ b strings.Builder }

func (d *dumper) line(depth int, format string, args ...any) {
	d.b.WriteString(strings.Repeat("  ", depth))
	fmt.Fprintf(&d.b, format, args...)
	d.b.WriteByte('\n')
}

func (d *dumper) head(req *llm.Request) {
	f := fields{}
	f.add("stream", req.Stream)
	f.add("usage", req.StreamUsage)
	f.add("affinity", req.Affinity)
	f.add("user", req.EndUser)
	f.add("tier", req.ServiceTier)
	f.add("metadata", string(req.Metadata))
	f.add("sealsInBand", req.SealsInBand)
	f.cache(req.CacheAuto)
	d.line(0, "request %q%s%s", req.Model, f, native(req.Native))
}

func (d *dumper) part(depth int, label string, p *llm.Part) {
	f := fields{}
	switch p.Kind {
	case llm.KindText, llm.KindReasoning:
		f.text("", p.Text)
		f.add("refusal", p.Refusal)
	case llm.KindMedia:
		f.media(p.Media)
	case llm.KindCall:
		f.add("kind", string(p.Call.Kind))
		f.add("id", p.Call.ID)
		f.add("namespace", p.Call.Namespace)
		f.add("name", p.Call.Name)
		f.add("args", p.Call.Args)
		f.add("trained", p.Call.Trained)
	case llm.KindResult:
		f.add("kind", string(p.Result.Kind))
		f.add("id", p.Result.CallID)
		f.add("name", p.Result.Name)
		f.add("error", p.Result.IsError)
	case llm.KindCode:
		f.add("output", p.Code.Output)
		f.add("language", p.Code.Language)
		f.add("outcome", p.Code.Outcome)
		f.add("id", p.Code.ID)
		f.text("", p.Code.Text)
	}
	f.seal(p.Seal)
	f.cache(p.Cache)
	f.add("dropAs", p.DropAs)
	d.line(depth, "%s %s%s%s", label, p.Kind, f, native(p.Native))
	for i := range p.Citations {
		c := &p.Citations[i]
		d.line(depth+1, "citation %d-%d %q %q %q%s", c.Start, c.End, c.URL, c.Title, c.Cited, native(c.Native))
	}
	if p.Result != nil {
		for i := range p.Result.Parts {
			d.part(depth+1, fmt.Sprintf("[%d]", i), &p.Result.Parts[i])
		}
	}
}

func (d *dumper) tool(i int, t *llm.Tool) {
	f := fields{}
	f.add("builtin", string(t.Builtin))
	f.add("namespace", t.Namespace)
	f.add("name", t.Name)
	f.add("description", t.Description)
	f.add("schema", string(t.Schema))
	f.add("grammar", t.Grammar)
	f.ptr("strict", t.Strict)
	f.add("deferred", t.Deferred)
	f.add("trained", t.Trained)
	f.cache(t.Cache)
	d.line(0, "tool[%d] %s%s%s", i, t.Kind, f, native(t.Native))
}

func (d *dumper) controls(req *llm.Request) {
	f := fields{}
	f.add("mode", string(req.ToolChoice.Mode))
	f.add("names", strings.Join(req.ToolChoice.Names, ","))
	f.ptr("parallel", req.ToolChoice.Parallel)
	d.group("choice", f, native(req.ToolChoice.Native))

	s := &req.Sampling
	f = fields{}
	f.int("max", s.MaxTokens)
	f.add("temperature", string(s.Temperature))
	f.add("top_p", string(s.TopP))
	f.add("top_k", string(s.TopK))
	f.add("seed", string(s.Seed))
	f.add("presence", string(s.PresencePenalty))
	f.add("frequency", string(s.FrequencyPenalty))
	if s.Stop != nil {
		f = append(f, fmt.Sprintf(" stop=%q", s.Stop))
	}
	f.int("n", s.N)
	f.ptr("logprobs", s.Logprobs)
	f.int("top", s.TopLogprobs)
	f.add("bias", string(s.LogitBias))
	f.add("verbosity", s.Verbosity)
	d.group("sampling", f, "")

	f = fields{}
	f.add("mode", string(req.Reasoning.Mode))
	f.add("effort", string(req.Reasoning.Effort))
	f.int("budget", req.Reasoning.Budget)
	f.add("visible", string(req.Reasoning.Visible))
	d.group("reasoning", f, "")

	f = fields{}
	f.add("kind", string(req.Format.Kind))
	f.add("name", req.Format.Name)
	f.add("description", req.Format.Description)
	f.ptr("strict", req.Format.Strict)
	f.add("schema", string(req.Format.Schema))
	d.group("format", f, "")

	f = fields{}
	f.add("modalities", strings.Join(req.Modalities, ","))
	if req.Audio != nil {
		f.add("voice", req.Audio.Voice)
		f.add("format", req.Audio.Format)
	}
	d.group("output", f, "")
}

func (d *dumper) group(name string, f fields, rest string) {
	if len(f) > 0 || rest != "" {
		d.line(0, "%s%s%s", name, f, rest)
	}
}

// fields are the words behind the name of a line.
type fields []string

func (f fields) String() string { return strings.Join(f, "") }

func (f *fields) add(key string, val any) {
	switch v := val.(type) {
	case string:
		if v != "" {
			f.text(key+"=", v)
		}
	case bool:
		if v {
			*f = append(*f, " "+key)
		}
	}
}

func (f *fields) text(prefix, s string) { *f = append(*f, " "+prefix+short(s)) }

func (f *fields) ptr(key string, b *bool) {
	if b != nil {
		*f = append(*f, fmt.Sprintf(" %s=%t", key, *b))
	}
}

func (f *fields) int(key string, n *int64) {
	if n != nil {
		*f = append(*f, fmt.Sprintf(" %s=%d", key, *n))
	}
}

func (f *fields) cache(c *llm.Cache) {
	if c != nil {
		*f = append(*f, fmt.Sprintf(" cache(%s)", c.TTL))
	}
}

func (f *fields) seal(s *llm.Seal) {
	if s == nil {
		return
	}
	inner := fields{}
	inner.add("model", s.Model)
	inner.add("realm", s.Realm)
	inner.add("slot", s.Slot)
	inner.add("redacted", s.Redacted)
	*f = append(*f, fmt.Sprintf(" seal(%s %s%s)", s.Issuer, short(s.Data), inner))
}

func (f *fields) media(m *llm.Media) {
	f.add("mime", m.MIME)
	f.add("data", m.Data)
	f.add("url", m.URL)
	f.add("file", m.FileID)
	f.add("name", m.Name)
	f.add("detail", m.Detail)
	f.add("context", m.Context)
	f.add("document", m.Document)
	if m.IsPlain {
		f.text("plain=", m.Plain)
	}
}

func native(n llm.Native) string {
	if n.Rest == nil {
		return ""
	}
	return fmt.Sprintf(" native(%s %s)", n.Protocol, n.Rest)
}

// maxShown is the longest text that a dump shows whole.
const maxShown = 1500

func short(s string) string {
	if len(s) <= maxShown {
		return fmt.Sprintf("%q", s)
	}
	sum := sha256.Sum256([]byte(s))
	return fmt.Sprintf("<%d bytes %x>", len(s), sum[:4])
}
