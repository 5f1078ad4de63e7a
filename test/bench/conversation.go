package main

import (
	"encoding/base64"
	"fmt"
	"strings"
)

// conversation is what every dialect says in its own words, so that the cells
// of one size carry the same content whichever protocols they join.
type conversation struct {
	system string
	user   string
	image  string // base64 of a PNG, beside the user's text
	tools  int
	rounds int // of one tool call and its result, after the user's text
}

// The sizes that performance.md budgets. They are made when they are asked for:
// the floor is this program too, and what it held would spare it most of its
// garbage collections.

func small() conversation { return conversation{user: words(900)} }

func agent() conversation {
	return conversation{system: words(4000), user: words(2000), tools: 20, rounds: 30}
}

func image() conversation {
	return conversation{user: "What is in this image?", image: picture(5 << 20)}
}

// words is n bytes of plain text.
func words(n int) string {
	const line = "the quick brown fox jumps over the lazy dog, "
	return strings.Repeat(line, n/len(line)+1)[:n]
}

// picture is n bytes of base64.
func picture(n int) string {
	raw := make([]byte, n*3/4)
	for i := range raw {
		raw[i] = byte(i * 31)
	}
	return base64.StdEncoding.EncodeToString(raw)
}

func toolName(i int) string { return fmt.Sprintf("tool_%d", i) }

func callID(i int) string { return fmt.Sprintf("call_%d", i) }

// Of each tool and each round.
var (
	toolText   = words(500)
	toolSchema = object{"type": "object", "properties": object{
		"path":  object{"type": "string", "description": words(120)},
		"lines": object{"type": "integer", "description": words(60)},
		"mode":  object{"type": "string", "enum": []string{"read", "write", "append"}},
	}, "required": []string{"path"}}
	callArgs   = object{"path": words(60)}
	resultText = words(2200)
)
