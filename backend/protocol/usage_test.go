package protocol_test

import (
	"testing"

	"antigravity-tools/backend/protocol/protocoltest"
)

// usageStory is what an upstream says of its tokens, one after the other.
type usageStory struct {
	name  string
	usage []string
}

// usageStories are those of each upstream; the first of each, and the second
// of Gemini's, are the examples of mapping.md section 17.
func usageStories(upstream string) []usageStory {
	switch upstream {
	case "A":
		return []usageStory{
			{"the example; replaced, not added", []string{
				`{"input_tokens":12,"cache_read_input_tokens":9000,"cache_creation_input_tokens":500,"output_tokens":1}`,
				`{"input_tokens":12,"cache_read_input_tokens":9000,"cache_creation_input_tokens":500,"output_tokens":350,"output_tokens_details":{"thinking_tokens":120}}`}},
			{"the end tells the output alone", []string{
				`{"input_tokens":12,"cache_read_input_tokens":9000,"cache_creation_input_tokens":500,"output_tokens":1}`, `{"output_tokens":350}`}},
			{"the end corrects the input", []string{`{"input_tokens":77,"output_tokens":1}`, `{"input_tokens":12,"cache_read_input_tokens":65,"output_tokens":9}`}},
			{"two lifetimes", []string{`{"input_tokens":1}`,
				`{"input_tokens":3,"cache_creation_input_tokens":500,"cache_creation":{"ephemeral_5m_input_tokens":400,"ephemeral_1h_input_tokens":100},"output_tokens":5}`}},
			{"no thoughts", []string{`{"input_tokens":3,"output_tokens":1}`, `{"output_tokens":5,"output_tokens_details":{"thinking_tokens":0}}`}},
			{"more thoughts than output", []string{`{"input_tokens":3,"output_tokens":1}`, `{"output_tokens":5,"output_tokens_details":{"thinking_tokens":9}}`}},
			{"at the beginning only", []string{`{"input_tokens":3,"output_tokens":1}`, `{}`}},
			{"null and nothing", []string{`{"input_tokens":3,"cache_read_input_tokens":null,"cache_creation":null,"output_tokens":1}`, `{"output_tokens":2,"output_tokens_details":null}`}},
		}
	case "G":
		const early = `{"promptTokenCount":5000,"candidatesTokenCount":150,"thoughtsTokenCount":700,"totalTokenCount":5850}`
		return []usageStory{
			{"the example; replaced, not added", []string{early,
				`{"promptTokenCount":5000,"cachedContentTokenCount":4096,"toolUsePromptTokenCount":300,"candidatesTokenCount":200,"thoughtsTokenCount":800,"totalTokenCount":6300}`}},
			{"v1internal: candidates include thoughts", []string{`{"promptTokenCount":100,"candidatesTokenCount":900,"thoughtsTokenCount":700,"totalTokenCount":1000}`}},
			{"no thoughts", []string{`{"promptTokenCount":10,"candidatesTokenCount":2,"totalTokenCount":12}`}},
			{"at the beginning only", []string{early, ""}},
			{"none", nil},
			{"modalities", []string{`{"promptTokenCount":910,"cachedContentTokenCount":100,"candidatesTokenCount":258,"totalTokenCount":1168,` +
				`"promptTokensDetails":[{"modality":"TEXT","tokenCount":10},{"modality":"AUDIO","tokenCount":320},{"modality":"IMAGE","tokenCount":258},{"modality":"VIDEO","tokenCount":300},{"modality":"DOCUMENT","tokenCount":22},{"modality":"SMELL","tokenCount":1},{}],` +
				`"cacheTokensDetails":[{"modality":"AUDIO","tokenCount":100}],"candidatesTokensDetails":[{"modality":"AUDIO","tokenCount":200},{"modality":"TEXT","tokenCount":58}],"trafficType":"ON_DEMAND"}`}},
			{"a picture made", []string{`{"promptTokenCount":5,"candidatesTokenCount":1290,"totalTokenCount":1295,"promptTokensDetails":[{"modality":"TEXT","tokenCount":5}],"candidatesTokensDetails":[{"modality":"IMAGE","tokenCount":1290}]}`}},
			{"null and negative", []string{`null`, `{"promptTokenCount":3,"cachedContentTokenCount":9,"candidatesTokenCount":0,"totalTokenCount":3}`}},
		}
	}
	return openAIStories(upstream)
}

// openAIStories are those of Chat Completions, or of Responses, which tells
// its usage once, at the end.
func openAIStories(upstream string) []usageStory {
	in, out := "prompt_tokens", "completion_tokens"
	if upstream == "R" {
		in, out = "input_tokens", "output_tokens"
	}
	say := func(input, output, inDetails, outDetails, total string) string {
		return `{"` + in + `":` + input + `,"` + out + `":` + output + `,"total_tokens":` + total +
			`,"` + in + `_details":` + inDetails + `,"` + out + `_details":` + outDetails + `}`
	}
	example := say("2600", "90", `{"cached_tokens":2000,"cache_write_tokens":400}`, `{"reasoning_tokens":64}`, "2690")
	stories := []usageStory{
		{"the example", []string{example}},
		{"two lifetimes", []string{say("2600", "90", `{"cached_tokens":2000,"cache_write_tokens":400,"cache_write_tokens_details":{"ttl_30m_tokens":300,"ttl_12h_tokens":100}}`, `{"reasoning_tokens":64}`, "2690")}},
		{"no details", []string{say("10", "2", "null", "null", "12")}},
		{"more cached than there is, more thoughts than output", []string{say("3", "5", `{"cached_tokens":9}`, `{"reasoning_tokens":8}`, "8")}},
		{"modalities", []string{say("600", "90", `{"cached_tokens":0,"text_tokens":22,"image_tokens":258,"audio_tokens":320}`, `{"reasoning_tokens":10,"audio_tokens":60,"text_tokens":20}`, "690")}},
		{"no sound", []string{say("22", "9", `{"cached_tokens":0,"audio_tokens":0}`, `{"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0}`, "31")}},
		{"none", nil},
		{"null", []string{"null"}},
	}
	if upstream == "C" {
		early := say("2600", "1", `{"cached_tokens":0}`, `{"reasoning_tokens":1}`, "2601")
		stories = append(stories, usageStory{"replaced, not added", []string{early, example}},
			usageStory{"with each chunk, none behind the end", []string{example, "null"}},
			usageStory{"DeepSeek's words", []string{`{"prompt_tokens":100,"completion_tokens":7,"total_tokens":107,"prompt_cache_hit_tokens":64,"prompt_cache_miss_tokens":36}`}},
			usageStory{"Moonshot's words", []string{`{"prompt_tokens":100,"completion_tokens":7,"total_tokens":107,"cached_tokens":64}`}})
	}
	return stories
}

// TestUsage shows each story to every client; that stream and whole reply tell
// the same is checked with each.
func TestUsage(t *testing.T) {
	for _, pair := range allPairs() {
		var w table
		for _, story := range usageStories(pair[2:]) {
			a := toldBy(t, pair, "", spoken{parts: "text", usage: story.usage}.stream(pair[2:]))
			w.row(story.name, heard(t, pair[:1], a).Usage)
		}
		protocoltest.Golden(t, w.b.String(), "55_usage", pair, "table.txt")
	}
}
