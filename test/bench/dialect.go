package main

import (
	"encoding/json"
	"fmt"
)

type object = map[string]any

// dialect is one of the four protocols, as a client speaks it and as the fake
// provider answers in it.
type dialect struct {
	name    string
	model   string // what the provider serves in this dialect
	account []string
	base    string // of the account's base URL, behind the provider's address; no resource's name, which would be cut off
	path    func(model string, stream bool) string
	request func(c conversation, model string, stream bool) []byte
	models  string   // the provider's list
	whole   string   // its answer
	frames  []string // its streamed answer, one write each
}

func dialects() []dialect {
	return []dialect{chatDialect(), responsesDialect(), anthropicDialect(), geminiDialect()}
}

func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

// frames puts what opens a stream before its first piece of text and what
// closes it behind the last one, as providers flush them.
func frames(opens string, piece func(i int) string, closes string) []string {
	var out []string
	for i := range chunkCount {
		out = append(out, piece(i))
	}
	out[0] = opens + out[0]
	out[len(out)-1] += closes
	return out
}

func word(i int) string { return fmt.Sprintf("word %d of the answer ", i) }

// answer is the text of a whole answer.
const answer = "A short answer of one sentence."

func fixed(path string) func(string, bool) string {
	return func(string, bool) string { return path }
}
