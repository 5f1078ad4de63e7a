package wire

import (
	"bytes"
	"io"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/sse"
)

// DoneMark ends the streams of OpenAI's chat protocol, and those of servers
// that put it behind every stream.
const DoneMark = "[DONE]"

// FrameDecoder turns the frames of one streamed answer into events. Events that
// it returns are valid until the next call; those that come with an error are
// told before it.
type FrameDecoder interface {
	// Frame reads the data of a frame, which is JSON. The data is the decoder's
	// to keep.
	Frame(data []byte) ([]llm.Event, error)
	// Done reads DoneMark.
	Done() ([]llm.Event, error)
	// Over tells that the terminal signal came: nothing behind it counts.
	Over() bool
	// Ended reads the end of the stream; ok is false if the answer is not
	// complete without more.
	Ended() (events []llm.Event, ok bool, err error)
}

// DecodeStream reads server-sent events until the answer is complete. What stands
// behind the terminal signal is left unread: it no longer matters.
func DecodeStream(r io.Reader, provider string, d FrameDecoder) llm.Stream {
	return func(yield func(llm.Event, error) bool) {
		scanner := sse.NewScanner(r, 0)
		defer scanner.Release()
		send := func(events []llm.Event, err error) bool {
			for _, ev := range events {
				if !yield(ev, nil) {
					return false
				}
			}
			if err != nil {
				yield(llm.Event{}, err)
			}
			return err == nil
		}
		for !d.Over() {
			frame, err := scanner.Next()
			if err != nil {
				events, ok, failed := d.Ended()
				if !ok {
					events, failed = nil, ReadError(provider, err)
				}
				send(events, failed)
				return
			}
			data := FrameData(frame)
			if data == nil {
				continue
			}
			if !send(decodeFrame(provider, d, data, frame)) {
				return
			}
		}
	}
}

func decodeFrame(provider string, d FrameDecoder, data []byte, frame sse.Frame) ([]llm.Event, error) {
	if string(data) == DoneMark {
		return d.Done()
	}
	data = bytes.Clone(data) // what is decoded outlives the scanner's buffer
	if err := CheckFrame(provider, data, frame); err != nil {
		return nil, err
	}
	return d.Frame(data)
}
