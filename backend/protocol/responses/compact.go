package responses

import (
	"strings"

	"antigravity-tools/backend/rawjson"
)

// compactAsk is what a model is asked for when a conversation is compacted.
const compactAsk = "Write a summary of the conversation so far, for somebody who has to go on with it and will see nothing else of it. " +
	"Tell what is wanted and under which conditions, what was decided and why, what was done and found (names, paths, values as they are), " +
	"what is unfinished, and what comes next. Answer with the summary alone."

// CompactRequest makes the body of the call that summarises items. What the body
// of the compaction said of the model and of how it is called stays.
func CompactRequest(body, items []byte) []byte {
	w := rawjson.NewWriter(len(items) + 2048)
	w.Obj()
	hasTools := false
	for key, raw := range rawjson.Members(body) {
		switch key {
		case "model", "instructions", "prompt_cache_key", "service_tier", "reasoning":
			w.RawField(key, raw)
		case "tools":
			hasTools = true
			w.RawField(key, raw)
		}
	}
	if !hasTools {
		writeCalled(w, items)
	}
	w.StrField("tool_choice", "none")
	w.Key("input")
	w.Arr()
	for item := range rawjson.Items(items) {
		w.Raw(forUpstream(item))
	}
	w.Obj()
	w.StrField("role", "user")
	w.StrField("content", compactAsk)
	w.End()
	w.EndArr()
	w.BoolField("store", false)
	w.End()
	return w.Bytes()
}

// writeCalled declares the tools that items call: some upstreams refuse a history
// with calls of tools that they were not told of.
func writeCalled(w *rawjson.Writer, items []byte) {
	seen := map[string]bool{}
	w.Key("tools")
	w.Arr()
	for item := range rawjson.Items(items) {
		name, kind := member(item, "name"), member(item, "type")
		if name == "" || seen[name] || kind != "function_call" && kind != "custom_tool_call" {
			continue
		}
		seen[name] = true
		w.Obj()
		if kind == "custom_tool_call" {
			w.StrField("type", "custom")
		} else {
			w.StrField("type", "function")
			w.RawField("parameters", []byte(`{"type":"object","properties":{}}`))
		}
		w.StrField("name", name)
		w.End()
	}
	w.EndArr()
}

// Compacted makes the answer of a compaction: the messages of the user, and the
// summary that a response brought in place of all else. ok is false if it
// brought none.
func Compacted(items, response []byte, created int64, mint Mint) (answer []byte, ok bool) {
	summary := OutputText(response)
	if strings.TrimSpace(summary) == "" {
		return nil, false
	}
	w := rawjson.NewWriter(len(items) + 2*len(summary) + 512)
	w.Obj()
	w.StrField("id", NewResponseID(mint))
	w.StrField("object", "response.compaction")
	w.IntField("created_at", created)
	w.Key("output")
	w.Arr()
	for item := range rawjson.Items(items) {
		if member(item, "type") == "message" && member(item, "role") == "user" {
			w.Raw(item)
		}
	}
	w.Raw(CompactionItem(summary, mint))
	w.EndArr()
	usage, _ := rawjson.Get(response, "usage")
	w.RawField("usage", usage)
	w.End()
	return w.Bytes(), true
}

// OutputText joins the texts of a response's messages.
func OutputText(response []byte) string {
	var b strings.Builder
	for item := range rawjson.Items(Output(response)) {
		content, _ := rawjson.Get(item, "content")
		if member(item, "type") != "message" {
			continue
		}
		for part := range rawjson.Items(content) {
			if member(part, "type") == "output_text" {
				b.WriteString(member(part, "text"))
			}
		}
	}
	return b.String()
}

// EmptyResponse is the response object of a request that asked for no output.
func EmptyResponse(body []byte, id string, created int64, status string) []byte {
	out := Shown{Status: status}.Apply(QueuedResponse(body, id, created))
	if status == StatusCompleted {
		usage := []byte(`{"input_tokens":0,"input_tokens_details":{"cached_tokens":0,"cache_write_tokens":0},"output_tokens":0,"output_tokens_details":{"reasoning_tokens":0},"total_tokens":0}`)
		if set, err := rawjson.Set(out, usage, "usage"); err == nil {
			out = set
		}
	}
	return out
}
