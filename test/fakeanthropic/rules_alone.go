package fakeanthropic

// Check judges a Messages body by the rules of the service without a server:
// nil if it would be answered.
func Check(body []byte) error {
	_, err := parse(body, false)
	return err
}

// Sign is the signature that the service gives a thought of a model.
func Sign(model, thought string) string { return signature(model, thought) }
