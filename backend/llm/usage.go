package llm

// Usage counts tokens in disjoint classes (mapping.md section 17).
type Usage struct {
	Input      int64 // neither read from nor written to a cache
	CacheRead  int64
	CacheWrite int64 // all lifetimes
	CacheLong  int64 // of CacheWrite: the part with the long lifetime (1h, 12h)
	Output     int64 // visible
	Reasoning  int64
	// ReasoningKnown tells "none" from "not reported".
	ReasoningKnown bool
	Estimated      bool // counted here, not by the upstream

	InputKinds  Modalities // of all input, cached or not
	OutputKinds Modalities // of the output, reasoning apart
}

// Modalities split a count of tokens by what they stand for, as far as an
// upstream tells.
type Modalities struct{ Text, Image, Audio, Video, Document int64 }

// Known reports whether anything was told.
func (m Modalities) Known() bool { return m != Modalities{} }

func (m Modalities) plus(n Modalities) Modalities {
	return Modalities{
		Text: m.Text + n.Text, Image: m.Image + n.Image, Audio: m.Audio + n.Audio,
		Video: m.Video + n.Video, Document: m.Document + n.Document,
	}
}

// TotalInput is all input, cached or not.
func (u Usage) TotalInput() int64 { return u.Input + u.CacheRead + u.CacheWrite }

// TotalOutput is all output, reasoning included.
func (u Usage) TotalOutput() int64 { return u.Output + u.Reasoning }

// Plus is the usage of two calls together.
func (u Usage) Plus(v Usage) Usage {
	return Usage{
		Input: u.Input + v.Input, CacheRead: u.CacheRead + v.CacheRead,
		CacheWrite: u.CacheWrite + v.CacheWrite, CacheLong: u.CacheLong + v.CacheLong,
		Output: u.Output + v.Output, Reasoning: u.Reasoning + v.Reasoning,
		ReasoningKnown: u.ReasoningKnown || v.ReasoningKnown, Estimated: u.Estimated || v.Estimated,
		InputKinds: u.InputKinds.plus(v.InputKinds), OutputKinds: u.OutputKinds.plus(v.OutputKinds),
	}
}
