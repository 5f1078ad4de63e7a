package llm

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ErrIncomplete is the error of a stream that ended without its terminal
// event.
var ErrIncomplete = errors.New("the stream ended before the reply was complete")

// Collect gathers a stream into a whole Response. The error of the stream, or
// ErrIncomplete when the terminal event is missing, is returned together with
// what had arrived.
func Collect(stream Stream) (*Response, error) {
	c := NewCollector()
	for ev, err := range stream {
		if err != nil {
			return c.Response(), err
		}
		c.Add(ev)
	}
	if !c.Complete() {
		return c.Response(), ErrIncomplete
	}
	return c.Response(), nil
}

// Collector builds a Response from events, one by one.
type Collector struct {
	resp    Response
	choices []*choiceBuilder
}

type choiceBuilder struct {
	parts    []*partBuilder
	logprobs []TokenLogprob
	close    *Close
}

type partBuilder struct {
	index int
	part  Part
	text  strings.Builder
	args  strings.Builder
}

// NewCollector returns an empty Collector.
func NewCollector() *Collector { return &Collector{} }

// Add takes the next event.
func (c *Collector) Add(ev Event) {
	switch ev.Kind {
	case EventOpen:
		c.resp.ID, c.resp.Model = ev.ID, ev.Model
	case EventMeter:
		c.resp.Usage = ev.Usage
	case EventPartOpen:
		ch := c.choice(ev.Choice)
		pb := &partBuilder{index: ev.Index, part: copyPart(ev.Part)}
		ch.parts = append(ch.parts, pb)
	case EventDelta:
		c.delta(ev)
	case EventClose:
		ch := c.choice(ev.Choice)
		ch.close = ev.Close
		ch.logprobs = append(ch.logprobs, ev.Logprobs...)
	}
}

// copyPart makes a part that deltas may grow without touching the event's.
func copyPart(p *Part) Part {
	if p == nil {
		return Part{}
	}
	out := *p
	out.Citations = slices.Clip(p.Citations)
	if p.Call != nil {
		call := *p.Call
		out.Call = &call
	}
	return out
}

func (c *Collector) delta(ev Event) {
	ch := c.choice(ev.Choice)
	ch.logprobs = append(ch.logprobs, ev.Logprobs...)
	pb := ch.part(ev.Index)
	if pb == nil {
		return
	}
	pb.text.WriteString(ev.Text)
	pb.args.WriteString(ev.Args)
	if ev.Seal != nil {
		pb.part.Seal = ev.Seal
	}
	if ev.Citation != nil {
		pb.part.Citations = append(pb.part.Citations, *ev.Citation)
	}
}

func (c *Collector) choice(i int) *choiceBuilder {
	for len(c.choices) <= i {
		c.choices = append(c.choices, &choiceBuilder{})
	}
	return c.choices[i]
}

func (ch *choiceBuilder) part(index int) *partBuilder {
	for i := len(ch.parts) - 1; i >= 0; i-- {
		if ch.parts[i].index == index {
			return ch.parts[i]
		}
	}
	return nil
}

// Complete reports whether every choice has ended.
func (c *Collector) Complete() bool {
	for _, ch := range c.choices {
		if ch.close == nil {
			return false
		}
	}
	return len(c.choices) > 0
}

// Response returns what has arrived so far.
func (c *Collector) Response() *Response {
	out := c.resp
	for _, ch := range c.choices {
		choice := Choice{Logprobs: ch.logprobs}
		if ch.close != nil {
			choice.Close = *ch.close
		}
		for i := range ch.parts {
			choice.Parts = append(choice.Parts, ch.parts[i].whole())
		}
		out.Choices = append(out.Choices, choice)
	}
	return &out
}

func (pb *partBuilder) whole() Part {
	p := pb.part
	p.Text += pb.text.String()
	if p.Call != nil {
		call := *p.Call
		call.Args += pb.args.String()
		p.Call = &call
	}
	return p
}

// Replay turns a whole Response into the stream that Collect would gather
// into it again, with one delta a part.
func Replay(resp *Response) Stream {
	return func(yield func(Event, error) bool) {
		send := func(ev Event) bool { return yield(ev, nil) }
		if !send(Event{Kind: EventOpen, ID: resp.ID, Model: resp.Model}) {
			return
		}
		for i := range resp.Choices {
			if !replayParts(&resp.Choices[i], i, send) {
				return
			}
		}
		if resp.Usage != nil && !send(Event{Kind: EventMeter, Usage: resp.Usage}) {
			return
		}
		for i := range resp.Choices {
			ch := &resp.Choices[i]
			end := ch.Close
			ev := Event{Kind: EventClose, Choice: i, Close: &end}
			if !slices.ContainsFunc(ch.Parts, func(p Part) bool { return p.Kind == KindText }) {
				ev.Logprobs = ch.Logprobs // no text carried them
			}
			if !send(ev) {
				return
			}
		}
	}
}

func replayParts(ch *Choice, choice int, send func(Event) bool) bool {
	logprobs := ch.Logprobs
	for i := range ch.Parts {
		p := ch.Parts[i]
		head := p
		head.Text, head.Citations = "", nil
		delta := Event{Kind: EventDelta, Choice: choice, Index: i, Text: p.Text}
		if p.Call != nil {
			call := *p.Call
			delta.Args, call.Args = call.Args, ""
			head.Call = &call
		}
		if p.Kind == KindText {
			delta.Logprobs, logprobs = logprobs, nil
		}
		ok := send(Event{Kind: EventPartOpen, Choice: choice, Index: i, Part: &head})
		if ok && (delta.Text != "" || delta.Args != "" || delta.Logprobs != nil) {
			ok = send(delta)
		}
		for j := range p.Citations {
			ok = ok && send(Event{Kind: EventDelta, Choice: choice, Index: i, Citation: &p.Citations[j]})
		}
		if !ok || !send(Event{Kind: EventPartClose, Choice: choice, Index: i}) {
			return false
		}
	}
	return true
}

// Validate checks the grammar of a stream: one Open first, each part opened
// and closed once with deltas only between, indexes rising from 0 in each
// choice, one Close a choice after its parts, nothing after the last Close.
// It passes the events on and ends with an error at the first breach; tests
// wrap every decoder in it.
func Validate(stream Stream) Stream {
	return func(yield func(Event, error) bool) {
		v := validator{open: map[[2]int]bool{}, next: map[int]int{}, closed: map[int]bool{}}
		for ev, err := range stream {
			if err == nil {
				err = v.check(ev)
			}
			if !yield(ev, err) || err != nil {
				return
			}
		}
	}
}

type validator struct {
	opened bool
	open   map[[2]int]bool
	next   map[int]int
	closed map[int]bool
}

func (v *validator) check(ev Event) error {
	key := [2]int{ev.Choice, ev.Index}
	if ev.Kind != EventOpen && !v.opened {
		return fmt.Errorf("llm: event %d before Open", ev.Kind)
	}
	if ev.Kind != EventMeter && v.closed[ev.Choice] {
		return fmt.Errorf("llm: event %d after Close of choice %d", ev.Kind, ev.Choice)
	}
	switch ev.Kind {
	case EventOpen:
		if v.opened {
			return errors.New("llm: second Open")
		}
		v.opened = true
	case EventPartOpen:
		if ev.Part == nil || ev.Index != v.next[ev.Choice] {
			return fmt.Errorf("llm: part %v opened out of order or without a part", key)
		}
		v.next[ev.Choice]++
		v.open[key] = true
	case EventDelta:
		if !v.open[key] {
			return fmt.Errorf("llm: delta for part %v that is not open", key)
		}
	case EventPartClose:
		if !v.open[key] {
			return fmt.Errorf("llm: close of part %v that is not open", key)
		}
		delete(v.open, key)
	case EventClose:
		return v.checkClose(ev)
	}
	return nil
}

func (v *validator) checkClose(ev Event) error {
	for key := range v.open {
		if key[0] == ev.Choice {
			return fmt.Errorf("llm: choice %d closed with part %d open", ev.Choice, key[1])
		}
	}
	if ev.Close == nil {
		return errors.New("llm: Close event without its payload")
	}
	v.closed[ev.Choice] = true
	return nil
}
