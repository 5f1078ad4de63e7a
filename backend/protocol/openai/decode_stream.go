package openai

import (
	"bytes"
	"io"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
	"antigravity-tools/backend/sse"
)

const doneMark = "[DONE]"

// DecodeStream reads the chunks of a streamed completion. It is complete with
// the finish reason of every choice and then [DONE] or the end of the stream:
// the usage comes between the two. Behind [DONE] the rest is read until the
// upstream closes, so that the connection can be used again; what goes wrong
// there no longer matters.
func (Upstream) DecodeStream(r io.Reader, losses *llm.Losses) llm.Stream {
	return func(yield func(llm.Event, error) bool) {
		scanner := sse.NewScanner(r, 0)
		defer scanner.Release()
		d := &answerDecoder{losses: losses}
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
		for {
			frame, err := scanner.Next()
			switch {
			case err != nil && d.finished():
				send(d.end(true))
				return
			case err != nil:
				send(nil, wire.ReadError(upstreamName, err))
				return
			}
			data := wire.FrameData(frame)
			if string(data) == doneMark {
				if send(d.end(true)) {
					drain(scanner)
				}
				return
			}
			if data == nil {
				continue
			}
			data = bytes.Clone(data) // what is decoded outlives the scanner's buffer
			if err := wire.CheckFrame(upstreamName, data, frame); err != nil {
				send(nil, err)
				return
			}
			if !send(d.chunk(data)) {
				return
			}
		}
	}
}

// maxDrained bounds how many frames behind [DONE] are read.
const maxDrained = 4

func drain(scanner *sse.Scanner) {
	for range maxDrained {
		if _, err := scanner.Next(); err != nil {
			return
		}
	}
}

// DecodeResponse reads a completion; it is the stream of one chunk, gathered.
func (Upstream) DecodeResponse(body []byte, losses *llm.Losses) (*llm.Response, error) {
	if err := rawjson.Check(body, wire.MaxDepth); err != nil {
		return nil, wire.Malformed(upstreamName, "the upstream's answer is not JSON", err)
	}
	d := &answerDecoder{losses: losses}
	events, err := d.chunk(body)
	if err != nil {
		return nil, err
	}
	c := llm.NewCollector()
	for _, ev := range events {
		c.Add(ev)
	}
	if events, err = d.end(false); err != nil {
		return nil, err
	}
	for _, ev := range events {
		c.Add(ev)
	}
	return c.Response(), nil
}
