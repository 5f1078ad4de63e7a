package gemini

import (
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/rawjson"
)

// readLogprobs reads logprobsResult: the chosen tokens, and for each step the
// likeliest ones.
func (c *candidate) readLogprobs(key string, raw []byte) error {
	if ok, err := readObject(key, raw); !ok {
		return err
	}
	var top [][]llm.TokenLogprob
	var inner rest
	for k, v := range rawjson.Members(raw) {
		var err error
		switch camel(k) {
		case "chosenCandidates":
			c.logprobs, err = readTokens(k, v)
		case "topCandidates":
			err = eachItem(k, v, func(_ int, item []byte) error {
				list, err := readTokens("candidates", orNull(member(item, "candidates")))
				top = append(top, list)
				return err
			})
		default:
			inner.add(k, v)
		}
		if err != nil {
			return within(err, key)
		}
	}
	for i := range c.logprobs {
		if i < len(top) {
			c.logprobs[i].Top = top[i]
		}
	}
	c.native.addRest(key, &inner)
	return nil
}

func readTokens(key string, raw []byte) (list []llm.TokenLogprob, err error) {
	err = eachItem(key, raw, func(_ int, item []byte) error {
		var t llm.TokenLogprob
		for k, v := range rawjson.Members(item) {
			var err error
			switch camel(k) {
			case "token":
				err = readStr(&t.Token, k, v)
			case "tokenId":
				err = readIntPtr(&t.TokenID, k, v)
			case "logProbability":
				err = readNumber(&t.Logprob, k, v)
			}
			if err != nil {
				return err
			}
		}
		list = append(list, t)
		return nil
	})
	return list, err
}

// writeLogprobs writes logprobsResult, if there is anything in it.
func writeLogprobs(w *rawjson.Writer, tokens []llm.TokenLogprob, native []byte) {
	if len(tokens) == 0 {
		return
	}
	w.Key("logprobsResult")
	w.Obj()
	w.Key("chosenCandidates")
	writeTokens(w, tokens)
	top := false
	for i := range tokens {
		top = top || len(tokens[i].Top) > 0
	}
	if top {
		w.Key("topCandidates")
		w.Arr()
		for i := range tokens {
			w.Obj()
			w.Key("candidates")
			writeTokens(w, tokens[i].Top)
			w.End()
		}
		w.EndArr()
	}
	writeRest(w, native)
	w.End()
}

func writeTokens(w *rawjson.Writer, tokens []llm.TokenLogprob) {
	w.Arr()
	for _, t := range tokens {
		w.Obj()
		w.StrField("token", t.Token)
		if t.TokenID != nil {
			w.IntField("tokenId", *t.TokenID)
		}
		if t.Logprob != "" {
			w.RawField("logProbability", []byte(t.Logprob))
		}
		w.End()
	}
	w.EndArr()
}
