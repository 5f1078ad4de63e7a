// Package llm is the vocabulary of the gateway: one canonical model of a
// request, a reply and a stream of events, into which every protocol decodes
// and from which every protocol encodes.
//
// Three rules hold for all of it:
//
//   - Text that came from outside may alias the request body it was decoded
//     from. Bodies are immutable and never pooled, so that is safe; whoever
//     keeps a small piece beyond the exchange clones it.
//   - Schemas, tool arguments and members that the model does not know stay
//     raw JSON: key order and number literals survive.
//   - What cannot be expressed is a Loss, never silence.
package llm
