package family

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"antigravity-tools/backend/llm"
)

func TestGeminiTable(t *testing.T) {
	for model, want := range map[string]string{
		"gemini-2.0-flash":                "gemini-2.0 none 8192",
		"gemini-1.5-pro":                  "gemini-2.0 none 8192",
		"gemini-2.5-pro":                  "gemini-2.5-pro budget 128-32768 65536",
		"gemini-2.5-pro-preview-06-05":    "gemini-2.5-pro budget 128-32768 65536",
		"models/gemini-2.5-flash":         "gemini-2.5-flash budget 0-24576 65536",
		"gemini-2.5-flash-lite":           "gemini-2.5-flash-lite budget 512-24576 65536",
		"gemini-2.5-flash-image":          "gemini-2.5-image none 65536",
		"gemini-2.5-flash-preview-tts":    "gemini-tts none 65536",
		"gemini-3-pro-preview":            "gemini-3-pro level low,high 65536",
		"gemini-3-pro-image-preview":      "gemini-3-pro-image level low,high 65536",
		"gemini-3.1-pro-preview":          "gemini-3.1-pro level low,medium,high 65536",
		"gemini-3-flash-preview":          "gemini-3-flash level minimal,low,medium,high 65536",
		"gemini-3.6-flash":                "gemini-3-flash level minimal,low,medium,high 65536",
		"gemini-3.5-flash-lite":           "gemini-3-flash level minimal,low,medium,high 65536",
		"gemini-3.7-flash":                "gemini-3.7-flash level low,medium,high 65536",
		"gemini-3.1-flash-image-preview":  "gemini-3-flash-image level minimal,high 65536",
		"gemini-4-flash":                  "gemini-4 level low,medium,high 65536",
		"gemini-4-hydrogen":               "gemini-4-hydrogen level low,medium,high,xhigh 65536",
		"gemini-7.2-ultra":                "gemini-4 level low,medium,high 65536",
		"gemini-pro-latest":               "gemini-4 level low,medium,high 65536",
		"gemini-flash-improved-sprocket":  "gemini-4 level low,medium,high 65536",
		"gemma-3-27b-it":                  "gemma none 8192",
		"something-else":                  "gemini level low,medium,high 65536",
		"gemini-2.5-flash-professional-x": "gemini-2.5-flash budget 0-24576 65536", // words, not pieces of text
	} {
		c := Gemini(model)
		got := fmt.Sprintf("%s %s %d", c.Family, dialect(c.Reasoning), c.MaxOutput)
		if got != want {
			t.Errorf("%s: got %q, want %q", model, got, want)
		}
	}
}

func dialect(r ReasoningCaps) string {
	switch r.Dialect {
	case DialectBudget:
		return fmt.Sprintf("budget %d-%d", r.Min, r.Max)
	case DialectLevel:
		var words []string
		for _, l := range r.Levels {
			words = append(words, string(l))
		}
		return "level " + strings.Join(words, ",")
	}
	return "none"
}

func TestGenerations(t *testing.T) {
	old, recent := Gemini("gemini-2.5-pro"), Gemini("gemini-9-new")
	if old.SealRequired || old.ResultMedia || old.MixTools || old.URLMedia || !old.JSONSchema || !old.SystemText {
		t.Errorf("2.5: %+v", old)
	}
	if !recent.SealRequired || !recent.Placeholder || !recent.ResultMedia || !recent.MixTools || !recent.URLMedia {
		t.Errorf("9: %+v", recent)
	}
	if g := Gemini("gemma-3-27b-it"); g.SystemText || g.SealRequired {
		t.Errorf("gemma: %+v", g)
	}
	if c := old.With(Announced{OutputLimit: 100, Thinking: llm.Ptr(false)}); c.MaxOutput != 100 || c.Reasoning.Dialect != DialectNone {
		t.Errorf("announced: %+v", c)
	}
}

// settle words what Settle made of a request.
func settle(req *llm.Request, model string) string {
	var losses llm.Losses
	s := Settle(req, Gemini(model), &losses)
	var out []string
	if s.MaxTokens != nil {
		out = append(out, fmt.Sprintf("max=%d", *s.MaxTokens))
	}
	if s.Level != "" {
		out = append(out, "level="+string(s.Level))
	}
	if s.Budget != nil {
		out = append(out, fmt.Sprintf("budget=%d", *s.Budget))
	}
	if s.Show {
		out = append(out, "show")
	}
	for _, l := range losses.List() {
		out = append(out, l.Code)
	}
	return strings.Join(out, " ")
}

func TestSettle(t *testing.T) {
	on := func(e llm.Effort) llm.Reasoning { return llm.Reasoning{Mode: llm.ReasoningOn, Effort: e} }
	budget := func(n int64) llm.Reasoning { return llm.Reasoning{Mode: llm.ReasoningOn, Budget: &n} }
	off := llm.Reasoning{Mode: llm.ReasoningOff}
	const pro25, flash25, lite25, pro3, pro31, flash3, flash37 = "gemini-2.5-pro", "gemini-2.5-flash", "gemini-2.5-flash-lite", "gemini-3-pro", "gemini-3.1-pro", "gemini-3-flash", "gemini-3.7-flash"
	for _, tc := range []struct {
		model string
		r     llm.Reasoning
		max   int64 // 0: none asked
		want  string
	}{
		{pro25, llm.Reasoning{}, 0, ""},
		{pro25, llm.Reasoning{}, 128000, "max=65536 max_tokens"},
		{pro25, llm.Reasoning{Visible: llm.VisibleText}, 0, "show"},
		{pro25, off, 0, "budget=128 reasoning.effort"},
		{flash25, off, 0, "budget=0"},
		{lite25, off, 100, "max=100 budget=0"},
		{lite25, on(""), 0, "budget=-1 show"},
		{flash25, on(llm.EffortLow), 0, "budget=1024 show"},
		{flash25, on(llm.EffortHigh), 0, "budget=24576 show"},
		{flash25, on(llm.EffortMax), 0, "budget=24576 show"},
		{flash25, on(llm.EffortXHigh), 0, "budget=24576 show reasoning.effort"},
		{pro25, on(llm.EffortMax), 0, "budget=32768 show"},
		{pro25, budget(31999), 32000, "max=32000 budget=31999 show"},
		{pro25, budget(1), 0, "budget=128 show reasoning.effort"},
		{lite25, budget(1), 0, "budget=512 show reasoning.effort"},
		{flash25, budget(99999), 0, "budget=24576 show reasoning.effort"},
		{flash25, on(llm.EffortHigh), 8192, "max=8192 budget=7168 show reasoning.effort"},
		{flash25, on(llm.EffortHigh), 1000, "max=1000 budget=0 reasoning.effort"},
		{pro25, on(llm.EffortHigh), 1000, "max=1000 budget=128 show reasoning.tight reasoning.effort"},
		{pro3, on(llm.EffortMedium), 0, "level=low show reasoning.effort"}, // a tie: the lower
		{pro3, on(llm.EffortMax), 0, "level=high show reasoning.effort"},
		{pro3, off, 0, "level=low reasoning.effort"},
		{pro3, on(""), 0, "show"},
		{pro31, on(llm.EffortMinimal), 0, "level=low show reasoning.effort"},
		{pro31, budget(8192), 0, "level=medium show"},
		{flash3, off, 0, "level=minimal reasoning.effort"},
		{flash3, budget(100), 0, "level=minimal show"},
		{flash3, llm.Reasoning{Mode: llm.ReasoningOn, Effort: llm.EffortHigh, Visible: llm.VisibleOmit}, 0, "level=high"},
		{flash37, on(llm.EffortMinimal), 0, "level=low show reasoning.effort"},
		{flash37, llm.Reasoning{Effort: llm.EffortHigh}, 500, "max=500 level=high show reasoning.tight"},
		{"gemini-2.0-flash", on(llm.EffortHigh), 0, "reasoning.effort"},
	} {
		req := &llm.Request{Reasoning: tc.r}
		if tc.max > 0 {
			req.Sampling.MaxTokens = &tc.max
		}
		if got := settle(req, tc.model); got != tc.want {
			t.Errorf("%s %+v max %d: got %q, want %q", tc.model, tc.r, tc.max, got, tc.want)
		}
	}
}

// Whatever is asked for, what comes out lies in the family's range and leaves
// room for an answer; the limit is never raised.
func TestSettleRange(t *testing.T) {
	models := rapid.SampledFrom([]string{"gemini-2.5-pro", "gemini-2.5-flash", "gemini-2.5-flash-lite", "gemini-3-pro", "gemini-3-flash", "gemini-4", "gemini-2.0-flash"})
	efforts := rapid.SampledFrom([]llm.Effort{"", llm.EffortMinimal, llm.EffortLow, llm.EffortMedium, llm.EffortHigh, llm.EffortXHigh, llm.EffortMax})
	modes := rapid.SampledFrom([]llm.ReasoningMode{llm.ReasoningUnset, llm.ReasoningOff, llm.ReasoningOn})
	rapid.Check(t, func(t *rapid.T) {
		model := models.Draw(t, "model")
		req := &llm.Request{Reasoning: llm.Reasoning{Mode: modes.Draw(t, "mode"), Effort: efforts.Draw(t, "effort")}}
		if rapid.Bool().Draw(t, "budget") {
			req.Reasoning.Budget = llm.Ptr(rapid.Int64Range(1, 300000).Draw(t, "tokens"))
		}
		if rapid.Bool().Draw(t, "limit") {
			req.Sampling.MaxTokens = llm.Ptr(rapid.Int64Range(1, 200000).Draw(t, "max"))
		}
		caps := Gemini(model)
		s := Settle(req, caps, nil)
		if s.MaxTokens != nil && (*s.MaxTokens > *req.Sampling.MaxTokens || *s.MaxTokens > caps.MaxOutput) {
			t.Fatalf("limit %d", *s.MaxTokens)
		}
		if s.Level != "" && s.Budget != nil {
			t.Fatal("both a level and a budget")
		}
		if b := s.Budget; b != nil && *b > 0 {
			if *b < caps.Reasoning.Min || *b > caps.Reasoning.Max {
				t.Fatalf("budget %d", *b)
			}
			if s.MaxTokens != nil && *b >= *s.MaxTokens && *b != caps.Reasoning.Min {
				t.Fatalf("budget %d leaves nothing of %d", *b, *s.MaxTokens)
			}
		}
	})
}

func TestSuffix(t *testing.T) {
	for in, want := range map[string]string{
		"m":                "m",
		"m(high)":          "m on high",
		"m(NONE)":          "m off ",
		"m(8192)":          "m on  8192",
		"m(0)":             "m off ",
		"m[1m]":            "m",
		"m[1M](low)":       "m on low",
		"m(low)[1m]":       "m on low",
		"m(huge)":          "m(huge)",
		"m(-1)":            "m(-1)",
		"m(99999999999)":   "m(99999999999)",
		"(high)":           "(high)",
		"[1m]":             "[1m]",
		"gemini-3-high":    "gemini-3-high",
		"a(b)(max)":        "a(b) on max",
		"m()":              "m()",
		"claude-x(medium)": "claude-x on medium",
	} {
		req := &llm.Request{Model: in}
		ApplySuffix(req)
		got := req.Model
		if r := req.Reasoning; r.FromSuffix {
			got += " " + string(r.Mode) + " " + string(r.Effort)
			if r.Budget != nil {
				got += fmt.Sprintf(" %d", *r.Budget)
			}
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", in, got, want)
		}
	}
	req := &llm.Request{Model: "m(low)", Reasoning: llm.Reasoning{Mode: llm.ReasoningOn, Effort: llm.EffortMax, Budget: llm.Ptr(int64(9)), Visible: llm.VisibleOmit}}
	ApplySuffix(req)
	if r := req.Reasoning; r.Effort != llm.EffortLow || r.Budget != nil || r.Visible != llm.VisibleOmit {
		t.Errorf("the suffix did not win: %+v", r)
	}
}

func TestEffortTable(t *testing.T) {
	for n, want := range map[int64]llm.Effort{1: "minimal", 512: "minimal", 513: "low", 8192: "medium", 8193: "high", 24577: "xhigh", 32769: "max"} {
		if got := EffortOf(n); got != want {
			t.Errorf("%d: %s", n, got)
		}
	}
	if BudgetOf(llm.EffortMax, 7) != 7 || BudgetOf("", 7) != 0 || BudgetOf(llm.EffortMedium, 7) != 8192 {
		t.Error("BudgetOf")
	}
}

func TestOpenAITable(t *testing.T) {
	for model, want := range map[string]string{
		"gpt-4o-mini": "gpt-4o", "gpt-4.1-nano": "gpt-4.1", "gpt-4-turbo": "gpt-4", "gpt-3.5-turbo": "gpt-4",
		"gpt-5-2025-08-07": "gpt-5", "gpt-5-mini": "gpt-5", "gpt-5-chat-latest": "gpt-5-chat", "gpt-5.1-codex-max": "gpt-5.1", "gpt-5.4": "gpt-5.2",
		"gpt-5.7": "gpt-5.6", "gpt-6": "gpt-6", "gpt-6-sol": "gpt-6-sol", "gpt-6.1-terra": "gpt-6.1-terra", "gpt-6-terra": "gpt-6", "gpt-9": "gpt-6",
		"o1": "o1", "o3-mini": "o3", "o4-mini-2025": "o3", "chatgpt-4o-latest": "chatgpt", "ft:gpt-4o-mini:org::id": "gpt-4o", "davinci-002": "openai",
	} {
		if got := OpenAI(model).Family; got != want {
			t.Errorf("%s: %s, want %s", model, got, want)
		}
	}
	for model, want := range map[string]string{
		"deepseek-v3.2": "deepseek", "deepseek/deepseek-v4": "deepseek", "glm-5": "glm", "moonshotai/kimi-k3": "kimi", "qwen3-coder:30b": "qwen",
		"openai/gpt-5.1": "gpt-5.1", "gpt-oss:120b": "gpt-oss", "google/gemini-3-pro": "gemini-3-pro", "llama3.3:70b": "compatible",
	} {
		if got := Compatible(model).Family; got != want {
			t.Errorf("%s: %s, want %s", model, got, want)
		}
	}
	if Compatible("deepseek-v3.2").Replay != ReplayNever || Compatible("deepseek-v4-pro").Replay != ReplayAlways {
		t.Error("replay of DeepSeek")
	}
	for model, want := range map[string]bool{
		"gpt-5": true, "o3": true, "chatgpt-4o-latest": true, "gpt-image-1": false, "gpt-realtime": false, "gpt-4o-mini-tts": false,
		"gpt-oss-20b": false, "omni-moderation": false, "text-embedding-3": false, "claude-opus-5": false, "": false,
	} {
		if got := IsOpenAI(model); got != want {
			t.Errorf("%q: %v", model, got)
		}
	}
}

func TestClaudeTable(t *testing.T) {
	for model, want := range map[string]string{
		"claude-3-opus-20240229": "claude-3", "claude-3-5-sonnet-20241022": "claude-3.5", "claude-3-7-sonnet-latest": "claude-3.7",
		"claude-opus-4-20250514": "claude-opus-4", "claude-sonnet-4-20250514": "claude-4", "claude-sonnet-4@20250514": "claude-4",
		"claude-opus-4-1-20250805": "claude-opus-4.1", "claude-haiku-4-5": "claude-4.5", "claude-sonnet-4-5-20250929": "claude-4.5", "anthropic/claude-opus-4.5": "claude-4.5",
		"claude-opus-4-6": "claude-opus-4.6", "claude-sonnet-4-6": "claude-4.6", "claude-opus-4-7": "claude-opus-4.7", "claude-opus-4-8": "claude-4.8",
		"claude-sonnet-5": "claude-sonnet-5", "claude-opus-5-20260301": "claude-opus-5", "claude-opus-5-5": "claude-5.5", "claude-sonnet-5-5": "claude-sonnet-5.5",
		"claude-haiku-5-5": "claude-haiku-5.5", "claude-fable-5": "claude-fable-5", "claude-fable-5-1": "claude-5.5", "claude-mythos-5-2": "claude-mythos",
		"claude-sonnet-6": "claude-5.5", "claude-next": "claude-5.5",
	} {
		if got := Anthropic(model).Family; got != want {
			t.Errorf("%s: %s, want %s", model, got, want)
		}
	}
	if c := Messages("glm-5"); c.Family != "messages" || c.ServerTools || c.CacheAuto {
		t.Errorf("%+v", c)
	}
	if !IsClaude("claude-opus-5") || IsClaude("gpt-5") {
		t.Error("IsClaude")
	}
}
