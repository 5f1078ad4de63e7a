// Package traffic keeps the record of what the gateway did: one Exchange per
// request with its attempts, losses and the pool's decision; a bounded ring of
// the last ones with a live feed; and the list of base-URL problems. Records
// hold no secrets, no prompts and no answers.
package traffic
