package protocol_test

import (
	"fmt"
	"strings"
	"testing"

	"antigravity-tools/backend/protocol/protocoltest"
)

// choiceMembers are the members in which an upstream takes the choice of tools.
func choiceMembers(upstream string) []string {
	switch upstream {
	case "A":
		return []string{"tool_choice", "thinking", "system"}
	case "G":
		return []string{"toolConfig"}
	}
	return []string{"tool_choice", "parallel_tool_calls"}
}

// choiceModels differ in what they take of a choice.
func choiceModels(upstream string) []string {
	switch upstream {
	case "C":
		return []string{"gpt-5.2", "gpt-4.1", "llama-4"}
	case "R":
		return []string{"gpt-5.2", "gpt-4.1", "llama-4"}
	case "A":
		return []string{"claude-3-5-haiku", "claude-sonnet-4-5", "claude-opus-5", "claude-opus-5-5"}
	}
	return []string{"gemini-3-flash"}
}

// choices are the forms of a client's protocol; the name "c d" is not legal
// everywhere.
func choices(client string) []string {
	switch client {
	case "C":
		named := func(names ...string) string {
			for i, n := range names {
				names[i] = `{"type":"function","function":{"name":"` + n + `"}}`
			}
			return strings.Join(names, ",")
		}
		return []string{
			``, `"tool_choice":"auto"`, `"tool_choice":"none"`, `"tool_choice":"required"`, `"tool_choice":` + named("b"), `"tool_choice":` + named("c d"),
			`"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[` + named("a", "b") + `]}}`,
			`"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[` + named("c d") + `]}}`,
			`"parallel_tool_calls":false`, `"parallel_tool_calls":true`, `"tool_choice":"required","parallel_tool_calls":false`,
			`"tool_choice":"none","parallel_tool_calls":false`,
			`"tool_choice":"required","reasoning_effort":"high"`, `"tool_choice":` + named("missing"),
		}
	case "R":
		named := func(n string) string { return `{"type":"function","name":"` + n + `"}` }
		return []string{
			``, `"tool_choice":"none"`, `"tool_choice":"required"`, `"tool_choice":` + named("b"), `"tool_choice":` + named("c d"),
			`"tool_choice":{"type":"allowed_tools","mode":"required","tools":[` + named("a") + `,` + named("b") + `]}`,
			`"tool_choice":{"type":"allowed_tools","mode":"auto","tools":[` + named("c d") + `]}`,
			`"parallel_tool_calls":false`, `"tool_choice":"required","reasoning":{"effort":"high"}`,
		}
	case "A":
		return []string{
			``, `"tool_choice":{"type":"none"}`, `"tool_choice":{"type":"any"}`, `"tool_choice":{"type":"tool","name":"b"}`,
			`"tool_choice":{"type":"auto","disable_parallel_tool_use":true}`, `"tool_choice":{"type":"tool","name":"b","disable_parallel_tool_use":true}`,
		}
	}
	config := func(s string) string { return `"toolConfig":{"functionCallingConfig":{` + s + `}}` }
	return []string{
		``, config(`"mode":"AUTO"`), config(`"mode":"NONE"`), config(`"mode":"ANY"`), config(`"mode":"ANY","allowedFunctionNames":["b"]`),
		config(`"mode":"ANY","allowedFunctionNames":["a","b"]`), config(`"mode":"VALIDATED"`), config(`"mode":"VALIDATED","allowedFunctionNames":["a"]`),
	}
}

// choiceBody is a request with three tools and this choice.
func choiceBody(client, choice string) string {
	tools := map[string]string{
		"C": `"tools":[{"type":"function","function":{"name":"a"}},{"type":"function","function":{"name":"b"}},{"type":"function","function":{"name":"c d"}}]`,
		"R": `"tools":[{"type":"function","name":"a","strict":false},{"type":"function","name":"b","strict":false},{"type":"function","name":"c d","strict":false}]`,
		"A": `"max_tokens":9000,"tools":[{"name":"a","input_schema":{"type":"object"}},{"name":"b","input_schema":{"type":"object"}}]`,
		"G": `"tools":[{"functionDeclarations":[{"name":"a"},{"name":"b"}]}]`,
	}[client]
	if choice != "" {
		tools += "," + choice
	}
	return effortBody(client, tools)
}

// TestToolChoices is the table of mapping.md section 6 for the pairs that cross;
// of C-G TestToolChoice shows more.
func TestToolChoices(t *testing.T) {
	for _, pair := range allPairs() {
		client, upstream := pair[:1], pair[2:]
		if client == upstream || pair == "C-G" {
			continue
		}
		models := byOutcome(choiceModels(upstream), func(model string) string { return choiceRows(t, pair, model) })
		protocoltest.Golden(t, models, "43_tool_choice", pair+"_table", "table.txt")
	}
}

func choiceRows(t *testing.T, pair, model string) string {
	t.Helper()
	var rows []string
	for _, choice := range choices(pair[:1]) {
		s := sendTo(t, pair, model, choiceBody(pair[:1], choice), choiceMembers(pair[2:])...)
		losses := strings.Join(s.losses, "; ")
		rows = append(rows, strings.TrimRight(fmt.Sprintf("%-60s %s  %s", choice, strings.Join(s.members, " "), losses), " "))
	}
	return strings.Join(rows, "\n")
}
