package responses

import (
	"bytes"

	"antigravity-tools/backend/family"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
)

// Edit implements protocol.Editor. All that it does not have to change keeps
// its bytes.
func (Upstream) Edit(body []byte, req *llm.Request, target protocol.Target, losses *llm.Losses) ([]byte, error) {
	out, err := body, error(nil)
	set := func(value []byte, path ...string) {
		if err == nil {
			out, err = rawjson.Set(out, value, path...)
		}
	}
	if raw, ok := rawjson.Get(body, "model"); !ok || string(raw) != string(quoted(target.Model)) {
		set(quoted(target.Model), "model")
	}
	if target.DropSeals || bytes.Contains(body, []byte(llm.EnvelopePrefix)) {
		if input, ok := rawjson.Get(body, "input"); ok && rawjson.KindOf(input) == rawjson.KindArray {
			set(editItems(input, target.DropSeals, losses), "input")
		}
	}
	if effort := suffixEffort(req, target.Caps, losses); effort != "" {
		set(quoted(effort), "reasoning", "effort")
	}
	if err != nil {
		return nil, wire.Explain(wire.Wrong("an object that can be edited", body))
	}
	return out, nil
}

// suffixEffort is the effort that a suffix of the model's name asks for, as the
// model has it; of a model of which nothing is known, as it was asked for.
func suffixEffort(req *llm.Request, caps family.Caps, losses *llm.Losses) string {
	r := &req.Reasoning
	if !r.FromSuffix {
		return ""
	}
	if caps.Reasoning.Dialect == family.DialectLevel || caps.CannotReason() {
		settled := family.Settle(&llm.Request{Reasoning: *r}, caps, losses)
		if settled.Off {
			return "none"
		}
		return string(settled.Level)
	}
	switch {
	case r.Mode == llm.ReasoningOff:
		return "none"
	case r.Effort == "" && r.Budget != nil:
		return string(family.EffortOf(*r.Budget))
	}
	return string(r.Effort)
}

// editItems leaves out the reasoning that the service cannot read, and turns a
// summary of ours back into text.
func editItems(input []byte, dropSeals bool, losses *llm.Losses) []byte {
	w := rawjson.NewWriter(len(input))
	w.Arr()
	for item := range rawjson.Items(input) {
		sealed := wire.WordOf(item, "encrypted_content")
		envelope, ours := llm.ParseEnvelope(sealed)
		switch kind := wire.WordOf(item, "type"); {
		case kind == "reasoning" && ours:
			losses.Drop("reasoning.foreign", "input", string(envelope.Issuer))
		case kind == "reasoning" && dropSeals:
			losses.Adapt("seal.rejected", "input", "")
		case kind == "compaction" && ours && envelope.Slot == slotCompaction:
			writeSummaryItem(w, envelope.Data)
		case dropSeals && wire.WordOf(item, "id") != "":
			// Its id ties it to the reasoning that went with it.
			bare, err := rawjson.Delete(item, "id")
			if err != nil {
				bare = item
			}
			w.Raw(bare)
		default:
			w.Raw(item)
		}
	}
	w.EndArr()
	return w.Bytes()
}

func writeSummaryItem(w *rawjson.Writer, text string) {
	w.Obj()
	w.StrField("type", "message")
	w.StrField("role", "user")
	w.Key("content")
	w.Arr()
	w.Obj()
	w.StrField("type", "input_text")
	w.StrField("text", summaryPrefix+text)
	w.End()
	w.EndArr()
	w.End()
}
