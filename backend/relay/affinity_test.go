package relay_test

import (
	"fmt"
	"slices"
	"testing"

	"antigravity-tools/backend/account"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/provider"
	"antigravity-tools/backend/relay"
)

// TestCacheKeyKeepsTheAccount: the key that OpenAI's clients give for the prompt
// cache has no place in the other protocols; there it keeps its conversations on
// one account, whatever they say.
func TestCacheKeyKeepsTheAccount(t *testing.T) {
	accounts := []string{"one", "two", "three", "four"}
	bodies := map[llm.Protocol]string{
		llm.OpenAIChat: `{"model":%q,"prompt_cache_key":%q,"messages":[{"role":"user","content":%q}]}`,
		llm.Responses:  `{"model":%q,"prompt_cache_key":%q,"input":%q}`,
	}
	upstreams := map[string]struct {
		provider.Provider
		says upstream
	}{
		"anthropic": {claude{}, messages("end_turn", `{"type":"text","text":"Hello."}`)},
		"gemini":    {stub{}, says("Hello.")},
	}
	for kind, up := range upstreams {
		for client, body := range bodies {
			t.Run(fmt.Sprintf("%s to %s", client, kind), func(t *testing.T) {
				b := newBedOf(t, up.Provider, accounts...)
				b.policy = account.CacheFirst
				for _, name := range accounts {
					b.script(name, up.says)
				}
				ask := func(key string) string {
					w := b.post(t.Context(), relay.Call{Protocol: client, Inbound: protocol.Inbound{Body: fmt.Appendf(nil, body, model, key, fmt.Sprint("question ", len(b.asked)))}})
					wantStatus(t, w, 200)
					return b.asked[len(b.asked)-1]
				}
				var seen []string
				for i := range 12 {
					key := fmt.Sprint("conversation ", i)
					first := ask(key)
					seen = append(seen, first)
					if again := ask(key); again != first {
						t.Errorf("%s: %s, then %s", key, first, again)
					}
				}
				slices.Sort(seen)
				if len(slices.Compact(seen)) == 1 {
					t.Errorf("all conversations on one account of %d", len(accounts))
				}
			})
		}
	}
}
