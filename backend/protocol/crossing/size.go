package crossing

import "antigravity-tools/backend/llm"

// SizeHint estimates the bytes of the upstream's body, with room to spare, so
// that writing a large image does not grow the buffer over and over.
func SizeHint(req *llm.Request) int {
	n := 1024 + len(req.Native.Rest) + SizeOf(req.System)
	for i := range req.Turns {
		n += 64 + SizeOf(req.Turns[i].Parts)
	}
	for i := range req.Tools {
		t := &req.Tools[i]
		n += 128 + len(t.Name) + len(t.Description) + len(t.Description)/16 + len(t.Schema) + len(t.Native.Rest)
	}
	return n
}

// SizeOf estimates the bytes of parts in an upstream's body.
func SizeOf(parts []llm.Part) (n int) {
	for i := range parts {
		p := &parts[i]
		n += 80 + len(p.Text) + len(p.Text)/16 + len(p.Native.Rest)
		if p.Seal != nil {
			n += 32 + len(p.Seal.Data)
		}
		switch {
		case p.Media != nil:
			n += 96 + len(p.Media.Data) + len(p.Media.URL) + 2*len(p.Media.Plain)
		case p.Call != nil:
			n += 96 + len(p.Call.Args) + len(p.Call.Args)/8
		case p.Result != nil:
			n += 96 + SizeOf(p.Result.Parts)
		}
	}
	return n
}
