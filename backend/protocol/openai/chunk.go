package openai

import (
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
)

// chunk is what one frame of a stream, or a whole answer, says.
type chunk struct {
	id, model string
	choices   []choiceChunk
	usage     *llm.Usage
	failure   []byte // the error member, nil if there is none
}

// choiceChunk is what it says of one choice. Members that a frame leaves out
// are empty.
type choiceChunk struct {
	index       int64
	reasoning   string
	seal        *llm.Seal // of reasoning_details
	content     []llm.Part
	refusal     string
	calls       []callChunk
	annotations []llm.Citation
	audio       audioChunk
	media       []llm.Part
	finish      string
	logprobs    []llm.TokenLogprob
	refused     []llm.TokenLogprob // of the refusal
}

// callChunk opens a call or goes on with it.
type callChunk struct {
	index    int64 // -1 if the server sent none
	id, name string
	kind     llm.CallKind
	args     string
	seal     *llm.Seal
}

type audioChunk struct{ data, transcript string }

// maxChoices bounds indexes of choices, maxCalls those of calls: far above
// what the service allows.
const (
	maxChoices = 128
	maxCalls   = 1024
)

// readChunk reads a chunk or a whole answer; the message of a choice reads
// like its delta.
func readChunk(raw []byte) (c chunk, err error) {
	err = wire.Members(raw, func(key string, raw []byte) error {
		switch key {
		case "id":
			return wire.Str(raw, &c.id)
		case "model":
			return wire.Str(raw, &c.model)
		case "choices":
			return wire.Each(raw, func(i int, raw []byte) error {
				ch, usage, err := readChoice(i, raw)
				c.choices = append(c.choices, ch)
				if usage != nil && c.usage == nil {
					c.usage = usage
				}
				return err
			})
		case "usage":
			u, err := wire.OpenAIUsage(raw)
			c.usage = u
			return err
		case "error":
			c.failure = raw
		}
		return nil
	})
	return c, err
}

func readChoice(i int, raw []byte) (c choiceChunk, usage *llm.Usage, err error) {
	c.index = int64(i)
	err = wire.Members(raw, func(key string, raw []byte) error {
		switch key {
		case "index":
			n, err := rawjson.Int(raw)
			c.index = n
			if err != nil || n < 0 || n >= maxChoices {
				return wire.Wrong("the number of a choice", raw)
			}
		case "delta":
			return c.readDelta(raw)
		case "message":
			err := c.readDelta(raw)
			for i := range c.calls {
				c.calls[i].index = int64(i) // each is a call of its own
			}
			return err
		case "finish_reason":
			return wire.Str(raw, &c.finish)
		case "logprobs":
			return c.readLogprobs(raw)
		case "usage": // Moonshot tells it here
			usage, err = wire.OpenAIUsage(raw)
			return err
		}
		return nil
	})
	return c, usage, err
}

func (c *choiceChunk) readDelta(raw []byte) error {
	var router []byte
	err := wire.Members(raw, func(key string, raw []byte) error {
		switch key {
		case "content":
			return c.readContent(raw)
		case "refusal":
			return wire.Str(raw, &c.refusal)
		case "reasoning_content":
			return wire.Str(raw, &c.reasoning)
		case "reasoning": // OpenRouter, vLLM
			router = raw
		case "reasoning_details":
			return c.readDetails(raw)
		case "tool_calls":
			return wire.Each(raw, func(i int, raw []byte) error {
				call, err := readCall(raw)
				c.calls = append(c.calls, call)
				return err
			})
		case "function_call":
			return c.readOldCall(raw)
		case "annotations":
			return c.readAnnotations(raw)
		case "audio":
			return c.readAudio(raw)
		case "images":
			return wire.Each(raw, func(_ int, raw []byte) error {
				part, err := contentPart(raw, anyPart)
				if part.Kind == llm.KindMedia {
					c.media = append(c.media, part)
				}
				return err
			})
		}
		return nil
	})
	if err == nil && c.reasoning == "" && rawjson.KindOf(router) == rawjson.KindString {
		err = wire.Str(router, &c.reasoning)
	}
	return err
}

// readContent reads text, or the array of parts that some servers answer with.
func (c *choiceChunk) readContent(raw []byte) error {
	if rawjson.KindOf(raw) == rawjson.KindString {
		var text string
		err := wire.Str(raw, &text)
		if text != "" {
			c.content = []llm.Part{llm.TextPart(text)}
		}
		return err
	}
	return wire.Each(raw, func(_ int, raw []byte) error {
		part, err := contentPart(raw, assistantPart)
		if err != nil {
			return err
		}
		switch {
		case part.Refusal:
			c.refusal += part.Text
		case part.Kind == llm.KindText:
			part.Cache, part.Native = nil, llm.Native{}
			c.content = append(c.content, part)
		case part.Kind == llm.KindMedia:
			c.media = append(c.media, part)
		}
		return nil
	})
}

// readDetails reads OpenRouter's list of reasoning pieces for the signature in
// it; their text counts where no other member has any.
func (c *choiceChunk) readDetails(raw []byte) error {
	part := llm.Part{Text: c.reasoning}
	if err := reasoningDetails(raw, &part); err != nil {
		return err
	}
	c.reasoning, c.seal = part.Text, part.Seal
	return nil
}

func readCall(raw []byte) (c callChunk, err error) {
	c.index, c.kind = -1, llm.CallFunction
	var extra []byte
	err = wire.Members(raw, func(key string, raw []byte) error {
		switch key {
		case "index":
			n, err := rawjson.Int(raw)
			c.index = n
			if err != nil || n < 0 || n >= maxCalls {
				return wire.Wrong("the number of a call", raw)
			}
		case "id":
			return wire.Str(raw, &c.id)
		case "function":
			return c.readBody(raw, "arguments")
		case "custom":
			c.kind = llm.CallCustom
			return c.readBody(raw, "input")
		case "extra_content":
			extra = raw
		}
		return nil
	})
	if err == nil {
		c.seal, err = extraSeal(extra)
	}
	return c, err
}

func (c *callChunk) readBody(raw []byte, args string) error {
	return wire.Members(raw, func(key string, raw []byte) error {
		switch key {
		case "name":
			return wire.Str(raw, &c.name)
		case args:
			// Some servers send the object itself.
			if rawjson.KindOf(raw) == rawjson.KindObject {
				c.args = string(raw)
				return nil
			}
			return wire.Str(raw, &c.args)
		}
		return nil
	})
}

// readOldCall reads the deprecated function_call, of which there is one.
func (c *choiceChunk) readOldCall(raw []byte) error {
	call := callChunk{kind: llm.CallFunction}
	err := call.readBody(raw, "arguments")
	c.calls = append(c.calls, call)
	return err
}

func (c *choiceChunk) readAnnotations(raw []byte) error {
	return wire.Each(raw, func(_ int, raw []byte) error {
		var cite llm.Citation
		inner, ok := rawjson.Get(raw, "url_citation")
		if !ok {
			return nil // of a kind that has no address
		}
		err := wire.Members(inner, func(key string, raw []byte) error {
			switch key {
			case "url":
				return wire.Str(raw, &cite.URL)
			case "title":
				return wire.Str(raw, &cite.Title)
			case "content": // OpenRouter
				return wire.Str(raw, &cite.Cited)
			case "start_index":
				cite.Start = wire.Offset(raw)
			case "end_index":
				cite.End = wire.Offset(raw)
			}
			return nil
		})
		c.annotations = append(c.annotations, cite)
		return err
	})
}

func (c *choiceChunk) readAudio(raw []byte) error {
	return wire.Members(raw, func(key string, raw []byte) error {
		switch key {
		case "data":
			return wire.Str(raw, &c.audio.data)
		case "transcript":
			return wire.Str(raw, &c.audio.transcript)
		}
		return nil
	})
}

func (c *choiceChunk) readLogprobs(raw []byte) error {
	return wire.Members(raw, func(key string, raw []byte) error {
		var err error
		switch key {
		case "content":
			c.logprobs, err = wire.Tokens(raw)
		case "refusal":
			c.refused, err = wire.Tokens(raw)
		}
		return err
	})
}
