package main

import "fmt"

// cell is one field of a table: what a client sends to the gateway, and what a
// native client of the same provider sends directly and to the floor.
type cell struct {
	name        string
	size        string
	client      string // its dialect
	upstream    string
	concurrency int
	budget      float64 // CPU per request, as a multiple of the floor's (performance.md)
	native      call
	gateway     call
}

// call is a POST.
type call struct {
	path string
	body []byte
}

// size is a body with its concurrency and its budgets, passed and translated.
type size struct {
	name               string
	conversation       conversation
	stream             bool
	concurrency        int
	passed, translated float64
}

func sizes() []size {
	return []size{
		{"1 KB plain", small(), false, 64, 1.5, 2},
		{"1 KB stream", small(), true, 64, 1.3, 1.8},
		{"100 KB plain", agent(), false, 8, 1.5, 4},
		{"5 MB image", image(), false, 4, 3, 3},
	}
}

// cells are all pairs of a client's and a provider's protocol, for every size.
func cells() []cell {
	var out []cell
	for _, s := range sizes() {
		for _, client := range dialects() {
			for _, upstream := range dialects() {
				out = append(out, newCell(s, client, upstream))
			}
		}
	}
	return out
}

func newCell(s size, client, upstream dialect) cell {
	budget := s.translated
	if client.name == upstream.name {
		budget = s.passed
	}
	return cell{
		name:        fmt.Sprintf("%s, %s → %s", s.name, client.name, upstream.name),
		size:        s.name,
		client:      client.name,
		upstream:    upstream.name,
		concurrency: s.concurrency,
		budget:      budget,
		native:      call{upstream.base + upstream.path(upstream.model, s.stream), upstream.request(s.conversation, upstream.model, s.stream)},
		gateway:     call{client.path(upstream.model, s.stream), client.request(s.conversation, upstream.model, s.stream)},
	}
}
