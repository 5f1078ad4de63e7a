package wire

import (
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/rawjson"
)

// Offset reads a count of characters, 0 if it is none.
func Offset(raw []byte) int {
	n, err := rawjson.Int(raw)
	if err != nil || n < 0 || n > 1<<31 {
		return 0
	}
	return int(n)
}

// Tokens reads log probabilities, which both OpenAI protocols write alike.
func Tokens(raw []byte) (out []llm.TokenLogprob, err error) {
	err = Each(raw, func(_ int, raw []byte) error {
		var t llm.TokenLogprob
		err := Members(raw, func(key string, raw []byte) error {
			switch key {
			case "token":
				return Str(raw, &t.Token)
			case "logprob":
				return Num(raw, &t.Logprob)
			case "bytes":
				return Each(raw, func(_ int, raw []byte) error {
					t.Bytes = append(t.Bytes, Offset(raw))
					return nil
				})
			case "top_logprobs":
				top, err := Tokens(raw)
				t.Top = top
				return err
			}
			return nil
		})
		out = append(out, t)
		return err
	})
	return out, err
}

// OpenAIUsage reads the counts into disjoint classes (mapping rules, section
// 17).
func OpenAIUsage(raw []byte) (*llm.Usage, error) {
	var prompt, completion, cached, written, reasoning int64
	u := &llm.Usage{}
	count := func(raw []byte) int64 {
		n, err := rawjson.Int(raw)
		if err != nil {
			return 0
		}
		return max(n, 0)
	}
	err := Members(raw, func(key string, raw []byte) error {
		switch key {
		case "prompt_tokens", "input_tokens":
			prompt = count(raw)
		case "completion_tokens", "output_tokens":
			completion = count(raw)
		case "prompt_cache_hit_tokens": // DeepSeek
			cached = max(cached, count(raw))
		case "cached_tokens": // Moonshot
			cached = max(cached, count(raw))
		case "prompt_tokens_details", "input_tokens_details":
			return Members(raw, func(key string, raw []byte) error {
				switch key {
				case "cached_tokens":
					cached = max(cached, count(raw))
				case "cache_write_tokens":
					written = count(raw)
				case "cache_write_tokens_details":
					long, _ := rawjson.Get(raw, "ttl_12h_tokens")
					u.CacheLong = count(long)
				default:
					kind(&u.InputKinds, key, count(raw))
				}
				return nil
			})
		case "completion_tokens_details", "output_tokens_details":
			return Members(raw, func(key string, raw []byte) error {
				if key == "reasoning_tokens" {
					reasoning, u.ReasoningKnown = count(raw), true
				}
				kind(&u.OutputKinds, key, count(raw))
				return nil
			})
		}
		return nil
	})
	u.CacheRead, u.CacheWrite, u.Reasoning = cached, written, reasoning
	u.CacheLong = min(u.CacheLong, written)
	u.Input, u.Output = max(prompt-cached-written, 0), max(completion-reasoning, 0)
	return u, err
}

// kind notes the tokens of one modality, if the member tells them.
func kind(of *llm.Modalities, member string, n int64) {
	switch member {
	case "text_tokens":
		of.Text = n
	case "image_tokens":
		of.Image = n
	case "audio_tokens":
		of.Audio = n
	}
}
