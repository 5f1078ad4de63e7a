package protocol_test

import (
	"fmt"
	"strings"
	"testing"

	"antigravity-tools/backend/protocol/protocoltest"
)

// samplingMembers are the members in which an upstream takes sampling, stops
// and limits.
func samplingMembers(upstream string) []string {
	switch upstream {
	case "A":
		return []string{"max_tokens", "temperature", "top_p", "top_k", "stop_sequences", "thinking.type"}
	case "G":
		return []string{"generationConfig"}
	}
	return []string{
		"temperature", "top_p", "top_k", "presence_penalty", "frequency_penalty", "seed", "logit_bias", "logprobs", "top_logprobs", "include",
		"n", "stop", "max_tokens", "max_completion_tokens", "max_output_tokens", "verbosity", "text",
	}
}

// samplingModels are families that differ in the knobs they take.
func samplingModels(upstream string) []string {
	switch upstream {
	case "C":
		return []string{"gpt-4.1", "o3", "gpt-5", "gpt-5.1", "gpt-6", "gpt-6-sol", "llama-4"}
	case "R":
		return []string{"gpt-4.1", "o3", "gpt-5", "gpt-5.1", "gpt-6", "gpt-6-sol", "llama-4"}
	case "A":
		return []string{"claude-3-5-haiku", "claude-sonnet-4", "claude-opus-4-1", "claude-sonnet-4-5", "claude-opus-4-6", "claude-opus-4-7", "claude-opus-5"}
	}
	return []string{"gemini-2.5-flash", "gemini-4-pro"}
}

// samplingAsks are the knobs of a client's protocol.
func samplingAsks(client string) []string {
	eight := `["a","b","c","d","e","f","g",""]`
	switch client {
	case "C":
		return []string{
			`"temperature":0.30`, `"temperature":1.7`, `"top_p":0.90`, `"temperature":0.30,"top_p":0.90`, `"temperature":0.30,"reasoning_effort":"none"`,
			`"temperature":0.30,"reasoning_effort":"high"`, `"temperature":1,"reasoning_effort":"high"`, `"presence_penalty":0.5,"frequency_penalty":-0.5`,
			`"seed":42`, `"logit_bias":{"7":-100}`, `"logprobs":true,"top_logprobs":3`, `"n":1`, `"n":3`, `"stop":"END"`, `"stop":` + eight,
			`"max_completion_tokens":7`, `"max_tokens":0`, `"verbosity":"low"`, `"prediction":{"type":"content","content":"x"}`,
		}
	case "R":
		return []string{
			`"temperature":0.30`, `"temperature":1.7,"top_p":0.90`, `"temperature":0.30,"reasoning":{"effort":"none"}`,
			`"top_logprobs":3,"include":["message.output_text.logprobs"]`, `"max_output_tokens":16`, `"text":{"verbosity":"high"}`,
		}
	case "A":
		return []string{
			`"max_tokens":100,"temperature":0.30`, `"max_tokens":100,"temperature":1.0,"top_p":0.90,"top_k":40`,
			`"max_tokens":9000,"temperature":1,"thinking":{"type":"enabled","budget_tokens":2000}`,
			`"max_tokens":9000,"temperature":0.5,"thinking":{"type":"disabled"}`,
			`"max_tokens":100,"stop_sequences":` + eight, `"max_tokens":0`, `"max_tokens":7`,
		}
	}
	config := func(s string) string { return `"generationConfig":{` + s + `}` }
	return []string{
		config(`"temperature":0.30`), config(`"temperature":1.7,"topP":0.90,"topK":40`), config(`"temperature":0.30,"thinkingConfig":{"thinkingBudget":0}`),
		config(`"presencePenalty":0.5,"frequencyPenalty":-0.5`), config(`"seed":42`), config(`"responseLogprobs":true,"logprobs":3`),
		config(`"candidateCount":3`), config(`"stopSequences":["a","b","c","d","e"]`), config(`"maxOutputTokens":7`),
	}
}

// TestSamplingTables is the table of mapping.md section 13 for the pairs that
// cross; of C-G TestSampling shows more.
func TestSamplingTables(t *testing.T) {
	for _, pair := range allPairs() {
		client, upstream := pair[:1], pair[2:]
		if client == upstream || pair == "C-G" {
			continue
		}
		models := byOutcome(samplingModels(upstream), func(model string) string { return samplingRows(t, pair, model) })
		protocoltest.Golden(t, models, "51_sampling", pair+"_table", "table.txt")
	}
}

func samplingRows(t *testing.T, pair, model string) string {
	t.Helper()
	var rows []string
	for _, ask := range samplingAsks(pair[:1]) {
		s := sendTo(t, pair, model, effortBody(pair[:1], ask), samplingMembers(pair[2:])...)
		rows = append(rows, strings.TrimRight(fmt.Sprintf("%-60s %s  %s", ask, strings.Join(s.members, " "), strings.Join(s.losses, "; ")), " "))
	}
	return strings.Join(rows, "\n")
}
