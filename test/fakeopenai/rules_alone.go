package fakeopenai

// Check judges a Chat Completions body by the rules of the service without a
// server: nil if it would be answered.
func Check(body []byte) error {
	_, err := parse(body)
	return err
}

// CheckResponses judges a Responses body likewise.
func CheckResponses(body []byte) error {
	_, err := parseResponses(body)
	return err
}
