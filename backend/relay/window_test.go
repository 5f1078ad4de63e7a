package relay

import "testing"

func TestWindowOf(t *testing.T) {
	for message, want := range map[string][2]int64{
		"This model's maximum context length is 128000 tokens. However, your messages resulted in 150000 tokens (140000 in the messages, 10000 in the functions).": {128000, 150000},
		"prompt is too long: 205000 tokens > 200000 maximum":                                           {200000, 205000},
		"The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).":      {1048576, 1200000},
		"Your input exceeds the context window of this model. Please adjust your input and try again.": {0, 0},
		"maximum 99999999999999999999": {0, 0},
		"":                             {0, 0},
	} {
		if window, asked := windowOf(message); window != want[0] || asked != want[1] {
			t.Errorf("%q: %d %d", message, window, asked)
		}
	}
	for message, want := range map[string]int64{
		"prompt is too long: 400 tokens > 200 maximum": 450, "too long": 500, "prompt is too long: 1 tokens > 200 maximum": 500,
	} {
		if got := roomIn(1000, message); got != want {
			t.Errorf("%q: %d", message, got)
		}
	}
}
