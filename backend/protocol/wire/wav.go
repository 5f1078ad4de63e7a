package wire

import (
	"encoding/binary"
	"math"
	"strconv"
	"strings"
)

// PCMRate tells raw 16-bit samples, as Gemini sends them
// ("audio/L16;codec=pcm;rate=24000"), and their rate per second.
func PCMRate(mime string) (rate uint32, raw bool) {
	kind, params, _ := strings.Cut(mime, ";")
	switch strings.ToLower(kind) {
	case "audio/l16", "audio/pcm", "audio/raw":
	default:
		return 0, false
	}
	rate = 24_000
	for param := range strings.SplitSeq(params, ";") {
		if val, ok := strings.CutPrefix(strings.TrimSpace(param), "rate="); ok {
			if n, err := strconv.ParseUint(val, 10, 32); err == nil {
				rate = uint32(n)
			}
		}
	}
	return rate, true
}

// WAVHead is the length of the header that AppendWAVHead writes, in bytes.
const WAVHead = 44

// AppendWAVHead appends the header of a WAV file with one channel of 16-bit
// samples; SetWAVLengths completes it when the samples stand behind it.
func AppendWAVHead(out []byte, rate uint32) []byte {
	le := binary.LittleEndian
	out = append(out, "RIFF\x00\x00\x00\x00WAVEfmt "...)
	out = le.AppendUint32(out, 16)     // length of the format
	out = le.AppendUint16(out, 1)      // PCM
	out = le.AppendUint16(out, 1)      // channels
	out = le.AppendUint32(out, rate)   // samples a second
	out = le.AppendUint32(out, rate*2) // bytes a second
	out = le.AppendUint16(out, 2)      // bytes a sample
	out = le.AppendUint16(out, 16)     // bits a sample
	return append(out, "data\x00\x00\x00\x00"...)
}

// SetWAVLengths writes the lengths into the header of a whole WAV file.
func SetWAVLengths(wav []byte) {
	n := uint64(len(wav))
	binary.LittleEndian.PutUint32(wav[4:], uint32(min(n-8, math.MaxUint32)))
	binary.LittleEndian.PutUint32(wav[40:], uint32(min(n-WAVHead, math.MaxUint32)))
}
