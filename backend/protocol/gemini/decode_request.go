package gemini

import (
	"slices"
	"strings"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
)

// DecodeRequest reads the body of generateContent, streamGenerateContent or
// countTokens (both of its forms).
func (Client) DecodeRequest(in protocol.Inbound, losses *llm.Losses) (*llm.Request, error) {
	d := requestDecoder{req: &llm.Request{Model: BareModel(in.Model), Stream: in.Stream, StreamUsage: true}, losses: losses}
	if err := wantKind(in.Body, rawjson.KindObject); err != nil {
		return nil, wire.Explain(err)
	}
	body, prefix := in.Body, ""
	if inner := countRequest(in.Body); inner != nil {
		body, prefix = inner, "generateContentRequest"
	}
	if err := d.decode(body); err != nil {
		if prefix != "" {
			err = within(err, prefix)
		}
		return nil, wire.Explain(err)
	}
	if in.Header != nil {
		d.req.Affinity = wire.Session(in.Header)
	}
	return d.req, nil
}

// BareModel is a model name without the collection that Gemini paths put in
// front of it.
func BareModel(name string) string {
	name = strings.TrimPrefix(name, "models/")
	return strings.TrimPrefix(name, "tunedModels/")
}

// countRequest returns the request within the longer form of countTokens.
func countRequest(body []byte) []byte {
	for key, v := range rawjson.Members(body) {
		if camel(key) == "generateContentRequest" && rawjson.KindOf(v) == rawjson.KindObject {
			return v
		}
	}
	return nil
}

type requestDecoder struct {
	req      *llm.Request
	losses   *llm.Losses
	contents bool
	rest     rest
}

func (d *requestDecoder) decode(body []byte) error {
	for key, v := range rawjson.Members(body) {
		if err := d.member(key, v); err != nil {
			return err
		}
	}
	d.req.Native = llm.Native{Protocol: llm.Gemini, Rest: d.rest.json()}
	says := func(p llm.Part) bool { return p.Media != nil || (p.Kind == llm.KindText && p.Text != "") }
	if !d.contents && !slices.ContainsFunc(d.req.System, says) {
		return fault.Invalid("contents", "the request has no contents")
	}
	return nil
}

func (d *requestDecoder) member(key string, raw []byte) error {
	switch camel(key) {
	case "contents":
		return eachItem(key, raw, func(i int, item []byte) error {
			d.contents = true
			turn, err := decodeContent(item)
			d.req.Turns = append(d.req.Turns, turn)
			return err
		})
	case "systemInstruction":
		return d.system(key, raw)
	case "tools":
		return eachItem(key, raw, func(_ int, item []byte) error { return d.tool(item) })
	case "toolConfig":
		return d.toolConfig(key, raw)
	case "generationConfig":
		return d.config(key, raw)
	case "serviceTier":
		return d.tier(key, raw)
	case "model": // the longer form of countTokens repeats it
		if d.req.Model == "" {
			err := readStr(&d.req.Model, key, raw)
			d.req.Model = BareModel(d.req.Model)
			return err
		}
		return nil
	}
	d.rest.add(key, raw)
	return nil
}

// tier keeps words that other vendors share in the model, all else native.
func (d *requestDecoder) tier(key string, raw []byte) error {
	var tier string
	if err := readStr(&tier, key, raw); err != nil {
		return err
	}
	switch tier {
	case "flex", "priority":
		d.req.ServiceTier = tier
	case "standard":
		d.req.ServiceTier = "default"
	default:
		d.rest.add(key, raw)
	}
	return nil
}

func (d *requestDecoder) system(key string, raw []byte) error {
	ok, err := readObject(key, raw)
	if !ok {
		return err
	}
	turn, inner, err := decodeParts(raw, "")
	if err != nil {
		return within(err, key)
	}
	d.req.System = turn.Parts
	d.rest.addRest("systemInstruction", inner)
	return nil
}

func decodeContent(raw []byte) (llm.Turn, error) {
	if err := wantKind(raw, rawjson.KindObject); err != nil {
		return llm.Turn{}, err
	}
	turn, inner, err := decodeParts(raw, "")
	if err != nil {
		return turn, err
	}
	if role := member(inner.json(), "role"); role != nil {
		var name string
		if err := readStr(&name, "role", role); err != nil {
			return turn, err
		}
		inner = inner.without("role")
		switch name {
		case roleModel:
			turn.Role = llm.RoleModel
		case roleUser, "", "function":
		default:
			return turn, fault.Invalid("role", "expected user or model, but got another role")
		}
	}
	turn.Native = inner.native()
	return turn, nil
}

// decodeParts reads the parts of a content. The other members, the role among
// them, are returned as they are, save the one that is to be left out.
func decodeParts(raw []byte, without string) (turn llm.Turn, others *rest, err error) {
	turn.Role = llm.RoleUser
	others = &rest{}
	for key, v := range rawjson.Members(raw) {
		if key == without {
			continue
		}
		if key != "parts" {
			others.add(key, v)
			continue
		}
		err = eachItem(key, v, func(_ int, item []byte) error {
			p, err := decodePart(item)
			turn.Parts = append(turn.Parts, p)
			return err
		})
		if err != nil {
			return turn, others, err
		}
	}
	return turn, others, nil
}

func (r *rest) without(key string) *rest {
	out := &rest{}
	for k, v := range rawjson.Members(r.json()) {
		if k != key {
			out.add(k, v)
		}
	}
	return out
}
