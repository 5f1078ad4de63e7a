package protocol_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"antigravity-tools/backend/protocol/protocoltest"
)

// effortMembers are the members in which an upstream takes max tokens and
// reasoning control.
func effortMembers(upstream string) []string {
	switch upstream {
	case "C":
		return []string{"max_completion_tokens", "max_tokens", "reasoning_effort", "thinking", "enable_thinking"}
	case "R":
		return []string{"max_output_tokens", "reasoning", "include"}
	case "A":
		return []string{"max_tokens", "thinking", "output_config"}
	}
	return []string{"generationConfig.maxOutputTokens", "generationConfig.thinkingConfig"}
}

// effortModels has a model for each row of the table of mapping.md section 11.
func effortModels(upstream string) []string {
	switch upstream {
	case "C":
		return []string{
			"gpt-4o", "gpt-4.1", "gpt-5-chat-latest", "o1", "o3-mini", "o4-mini", "gpt-5", "gpt-5-pro", "gpt-5.1", "gpt-5.2", "gpt-5.5",
			"gpt-5.6", "gpt-6", "gpt-6-sol", "gpt-6-luna", "gpt-6.1-terra", "gpt-9-unheard",
			"deepseek-v4", "glm-5", "kimi-k3", "qwen3-max", "gpt-oss-120b", "gemini-3-pro", "gemini-2.5-flash", "llama-4",
		}
	case "R":
		return []string{
			"gpt-4.1", "o1", "o4-mini", "gpt-5", "gpt-5-pro", "gpt-5.1", "gpt-5.2", "gpt-5.5", "gpt-5.6", "gpt-6", "gpt-6-sol",
			"gpt-6-luna", "gpt-6.1-terra", "gpt-9-unheard", "deepseek-v4", "llama-4",
		}
	case "A":
		return []string{
			"claude-3-5-haiku", "claude-3-7-sonnet", "claude-opus-4", "claude-opus-4-1", "claude-sonnet-4", "claude-sonnet-4-5",
			"claude-haiku-4-5", "claude-opus-4-5", "claude-opus-4-6", "claude-sonnet-4-6", "claude-opus-4-7", "claude-opus-4-8",
			"claude-sonnet-5", "claude-opus-5", "claude-haiku-5-5", "claude-fable-5", "claude-fable-5-1", "claude-mythos-5",
			"claude-opus-5-5", "claude-sonnet-5-5", "claude-opus-9-unheard",
		}
	}
	return []string{
		"gemini-2.5-pro", "gemini-2.5-flash", "gemini-2.5-flash-lite", "gemini-3-pro-preview", "gemini-3-pro-image",
		"gemini-3.1-pro-preview", "gemini-3-flash", "gemini-3.6-flash", "gemini-3.5-flash-lite", "gemini-3.7-flash",
		"gemini-3.8-flash", "gemini-3.1-flash-image", "gemini-4-pro", "gemini-4-hydrogen", "gemini-2.0-flash", "gemma-3-27b-it",
		"gemini-9-unheard",
	}
}

// effortAsks are the ways in which a client asks for reasoning, and for max
// tokens beside; those of a chat client go through each word and each bound.
func effortAsks(client, upstream string) []string {
	switch client {
	case "C":
		asks := []string{""}
		for _, word := range []string{"none", "minimal", "low", "medium", "high", "xhigh", "max"} {
			asks = append(asks, `"reasoning_effort":"`+word+`"`)
		}
		for _, budget := range budgetBounds(upstream) {
			asks = append(asks, fmt.Sprintf(`"extra_body":{"google":{"thinking_config":{"thinking_budget":%d}}}`, budget))
		}
		return append(asks,
			`"extra_body":{"google":{"thinking_config":{"thinking_budget":9000,"include_thoughts":false}}}`,
			`"extra_body":{"google":{"thinking_config":{"thinking_level":"HIGH"}}}`,
			`"thinking":{"type":"disabled"}`, `"thinking":{"type":"enabled"}`, `"enable_thinking":false`, `"enable_thinking":true`,
			`"reasoning_effort":"high","max_tokens":20000`, `"reasoning_effort":"high","max_tokens":2048`,
			`"reasoning_effort":"high","max_tokens":2047`, `"reasoning_effort":"low","max_tokens":1024`,
			`"reasoning_effort":"none","max_tokens":500`, `"max_tokens":500`, `"max_tokens":999999`,
		)
	case "R":
		return []string{
			``, `"reasoning":{}`, `"reasoning":{"effort":"none"}`, `"reasoning":{"effort":"minimal"}`, `"reasoning":{"effort":"low"}`,
			`"reasoning":{"effort":"medium"}`, `"reasoning":{"effort":"high"}`, `"reasoning":{"effort":"high","summary":"auto"}`,
			`"reasoning":{"effort":"xhigh","summary":"detailed"}`, `"reasoning":{"effort":"max"}`, `"reasoning":{"summary":"concise"}`,
			`"reasoning":{"effort":"max"},"max_output_tokens":2000`, `"reasoning":{"effort":"none"},"max_output_tokens":10`,
		}
	case "A":
		return []string{
			`"max_tokens":9000`, `"max_tokens":9000,"thinking":{"type":"disabled"}`, `"max_tokens":9000,"thinking":{"type":"adaptive"}`,
			`"max_tokens":9000,"thinking":{"type":"adaptive","display":"omitted"},"output_config":{"effort":"xhigh"}`,
			`"max_tokens":9000,"thinking":{"type":"adaptive"},"output_config":{"effort":"max"}`,
			`"max_tokens":9000,"thinking":{"type":"between_tools"}`,
			`"max_tokens":9000,"thinking":{"type":"enabled","budget_tokens":1024}`,
			`"max_tokens":9000,"thinking":{"type":"enabled","budget_tokens":8999}`,
			`"max_tokens":64000,"thinking":{"type":"enabled","budget_tokens":32769}`,
			`"max_tokens":9000,"output_config":{"effort":"low"}`,
			`"max_tokens":1500,"thinking":{"type":"enabled","budget_tokens":1024}`,
			`"max_tokens":9000,"thinking":{"type":"disabled"},"output_config":{"effort":"xhigh"}`,
		}
	}
	config := func(s string) string { return `"generationConfig":{` + s + `}` }
	think := func(s string) string { return config(`"thinkingConfig":{` + s + `}`) }
	return []string{
		``, think(`"thinkingBudget":0`), think(`"thinkingBudget":-1`), think(`"thinkingBudget":512,"includeThoughts":true`),
		think(`"thinkingBudget":1024`), think(`"thinkingBudget":8193`), think(`"thinkingBudget":24577`), think(`"thinkingBudget":32769`), think(`"includeThoughts":true`),
		think(`"thinkingLevel":"MINIMAL"`), think(`"thinkingLevel":"LOW","includeThoughts":true`), think(`"thinkingLevel":"HIGH"`),
		config(`"maxOutputTokens":1500,"thinkingConfig":{"thinkingLevel":"HIGH"}`), config(`"maxOutputTokens":999999`),
	}
}

// budgetBounds are budgets beside each bound: those of the words, and those of
// the families that take a number.
func budgetBounds(upstream string) []int {
	bounds := []int{0, -1, 512, 513, 1024, 1025, 8192, 8193, 24576, 24577, 32768, 32769}
	switch upstream {
	case "A":
		bounds = append(bounds, 1023, 30976, 30977, 63999, 64000, 99999)
	case "G":
		bounds = append(bounds, 1, 127, 128, 511)
	}
	slices.Sort(bounds)
	return bounds
}

// effortBody is a request that asks for it.
func effortBody(client, ask string) string {
	if ask != "" {
		ask = "," + ask
	}
	switch client {
	case "C":
		return `{"model":"m","messages":[{"role":"user","content":"x"}]` + ask + `}`
	case "R":
		return `{"model":"m","store":false,"input":"x"` + ask + `}`
	case "A":
		return `{"model":"m","messages":[{"role":"user","content":"x"}]` + ask + `}`
	}
	return `{"contents":[{"role":"user","parts":[{"text":"x"}]}]` + ask + `}`
}

// TestEffort is the table of mapping.md section 11, row by row. Models of
// which the same becomes of everything stand together.
func TestEffort(t *testing.T) {
	for _, pair := range allPairs() {
		client, upstream := pair[:1], pair[2:]
		if client == upstream { // the bytes pass
			continue
		}
		models := byOutcome(effortModels(upstream), func(model string) string { return effortRows(t, pair, model) })
		protocoltest.Golden(t, models, "50_effort", pair, "table.txt")
	}
}

// effortRows is what becomes of each way of asking, one a line.
func effortRows(t *testing.T, pair, model string) string {
	t.Helper()
	var rows []string
	for _, ask := range effortAsks(pair[:1], pair[2:]) {
		s := sendTo(t, pair, model, effortBody(pair[:1], ask), effortMembers(pair[2:])...)
		got := strings.ReplaceAll(strings.Join(s.members, " "), "generationConfig.", "")
		rows = append(rows, strings.TrimRight(fmt.Sprintf("%-70s %s  %s", ask, got, strings.Join(s.losses, "; ")), " "))
	}
	return strings.Join(rows, "\n")
}
