package family

import "testing"

// BenchmarkCaps looks a model's abilities up, which each request does.
func BenchmarkCaps(b *testing.B) {
	for name, look := range map[string]func() Caps{
		"gemini":    func() Caps { return Gemini("gemini-2.5-flash") },
		"openai":    func() Caps { return OpenAI("gpt-4.1") },
		"responses": func() Caps { return OpenAIResponses("gpt-5.2") },
		"anthropic": func() Caps { return Anthropic("claude-sonnet-4-5") },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if look().Family == "" {
					b.Fatal("unknown")
				}
			}
		})
	}
}
