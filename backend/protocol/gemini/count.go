package gemini

import (
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/rawjson"
)

var _ protocol.Counter = Upstream{}

// EncodeCount writes the request of countTokens. Contents alone go in the
// short form, which every version of the service takes; system text and tools
// count only in the longer one, which repeats the model.
func (u Upstream) EncodeCount(req *llm.Request, target protocol.Target, losses *llm.Losses) (protocol.Encoded, error) {
	plain := *req
	plain.Sampling, plain.Reasoning, plain.Format = llm.Sampling{}, llm.Reasoning{}, llm.Format{}
	plain.Modalities, plain.Audio, plain.ServiceTier = nil, nil, ""
	enc, err := u.EncodeRequest(&plain, target, losses)
	if err != nil {
		return enc, err
	}
	contents := member(enc.Body, "contents")
	w := rawjson.NewWriter(len(enc.Body) + 64)
	w.Obj()
	if member(enc.Body, "systemInstruction") == nil && member(enc.Body, "tools") == nil {
		w.RawField("contents", contents)
	} else {
		w.Key("generateContentRequest")
		w.Obj()
		w.StrField("model", "models/"+BareModel(target.Model))
		writeRest(w, enc.Body, "generationConfig", "safetySettings", "labels", "store")
		w.End()
	}
	w.End()
	return protocol.Encoded{Body: w.Bytes(), Tools: enc.Tools}, nil
}

// DecodeCount reads the answer of countTokens.
func (Upstream) DecodeCount(body []byte) (llm.Usage, error) {
	if err := rawjson.Check(body, maxDepth); err != nil {
		return llm.Usage{}, malformed("the upstream's token count is not JSON", err)
	}
	var total, cached int64 = -1, 0
	for key, v := range rawjson.Members(body) {
		var err error
		switch camel(key) {
		case "totalTokens":
			err = readInt(&total, key, v)
		case "cachedContentTokenCount":
			err = readInt(&cached, key, v)
		}
		if err != nil {
			return llm.Usage{}, malformed("the upstream's token count has another form than its protocol's", err)
		}
	}
	if total < 0 {
		return llm.Usage{}, malformed("the upstream's answer holds no token count", nil)
	}
	cached = floor(cached)
	return llm.Usage{Input: floor(total - cached), CacheRead: cached}, nil
}
