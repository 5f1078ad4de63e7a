package family

import "antigravity-tools/backend/llm"

// budgets holds Google's compatibility table of effort words, extended to the
// newer ones (mapping.md section 11). "max" is the family's own maximum.
func budgets() []struct {
	effort llm.Effort
	tokens int64
} {
	return []struct {
		effort llm.Effort
		tokens int64
	}{
		{llm.EffortMinimal, 512},
		{llm.EffortLow, 1024},
		{llm.EffortMedium, 8192},
		{llm.EffortHigh, 24576},
		{llm.EffortXHigh, 32768},
	}
}

// BudgetOf is the budget in tokens that a word stands for, maximum for "max"
// and 0 for no word.
func BudgetOf(e llm.Effort, maximum int64) int64 {
	if e == llm.EffortMax {
		return maximum
	}
	for _, row := range budgets() {
		if row.effort == e {
			return row.tokens
		}
	}
	return 0
}

// EffortOf is the word for a budget in tokens.
func EffortOf(budget int64) llm.Effort {
	for _, row := range budgets() {
		if budget <= row.tokens {
			return row.effort
		}
	}
	return llm.EffortMax
}

// rank orders the words; -1 is no word.
func rank(e llm.Effort) int {
	for i, w := range []llm.Effort{
		llm.EffortMinimal, llm.EffortLow, llm.EffortMedium, llm.EffortHigh, llm.EffortXHigh, llm.EffortMax,
	} {
		if w == e {
			return i
		}
	}
	return -1
}

// Nearest is the level closest to the word, on a tie the lower one; "" if
// there are no levels.
func Nearest(e llm.Effort, levels []llm.Effort) llm.Effort {
	var best llm.Effort
	want, distance := rank(e), 1<<30
	for _, level := range levels { // rising, so the lower wins a tie
		d := rank(level) - want
		if d < 0 {
			d = -d
		}
		if d < distance {
			best, distance = level, d
		}
	}
	return best
}
