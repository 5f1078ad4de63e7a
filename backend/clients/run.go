package clients

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// prompt is what a client is asked when it is tried.
const prompt = "Say hello."

// maxWords is how much of a client's own words on a failure is shown, in characters.
const maxWords = 1500

// Run is how a client's program answers one prompt without a terminal, with nothing but what its files
// hold.
type Run struct {
	Args   []string // {prompt} and {model} are filled
	Env    []string // beside the user's environment
	Answer Reply
}

// Reply tells where the answer stands in what the program prints: in JSON objects, one of them, a list of
// them or one per line. Without a path all of it is the answer.
type Reply struct {
	When [2]string // a name (with dots where it lies deeper) and the text that it must have in the object
	Text TextPath
	// Failed names a member that is true where the text is no answer but an error.
	Failed string
	// Vague is an error that says nothing, printed behind the one that does.
	Vague string
}

// started runs the client's own program. ok is false where there is none to run.
func (s *Setup) started(ctx context.Context, c Client, st Status, key string) (v Verification, ok bool) {
	if c.Run == nil || st.Binary == "" {
		return Verification{}, false
	}
	fill := strings.NewReplacer("{prompt}", prompt, "{model}", st.Model)
	args := make([]string, len(c.Run.Args))
	for i, arg := range c.Run.Args {
		args[i] = fill.Replace(arg)
	}
	v = Verification{Client: c.Name, Command: commandLine(c.Binaries[0], args), URL: st.BaseURL, Model: st.Model}
	begin := time.Now()
	out := execute(ctx, s.runWait, st.Binary, args, c.Run.Env)
	v.LatencyMS = time.Since(begin).Milliseconds()
	answer, failure := c.Run.Answer.read(out.stdout)
	if answer == "" && failure == "" && len(c.Run.Answer.Text) > 0 {
		_, failure = c.Run.Answer.read(out.stderr)
	}
	switch {
	case out.late:
		v.Error = fmt.Sprintf("%s gave no answer within %d s", c.Title, int(s.runWait.Seconds()))
	case out.err != nil || failure != "" || answer == "":
		v.Error = c.Title + " gave no answer: " + ownWords(failure, out)
	default:
		v.OK, v.Answer = true, answer
	}
	v.Answer, v.Error = shown(v.Answer, key, maxAnswer), shown(v.Error, key, maxWords)
	return v, true
}

// read finds the answer, or the error that the program prints in its place.
func (r Reply) read(stdout string) (answer, failure string) {
	if len(r.Text) == 0 {
		return strings.TrimSpace(stdout), ""
	}
	var texts []string
	for _, object := range objects(stdout) {
		if e := errorIn(object); e != "" && (e != r.Vague || failure == "") {
			failure = e
		}
		at, _ := lookup(object, strings.Split(r.When[0], "."))
		if r.When[0] != "" && at != r.When[1] {
			continue
		}
		var text strings.Builder
		gather(&text, object, r.Text)
		if failed, _ := object[r.Failed].(bool); failed {
			failure = text.String()
			continue
		}
		if text.Len() > 0 {
			texts = append(texts, text.String())
		}
	}
	answer = strings.TrimSpace(strings.Join(texts, "\n"))
	if answer != "" {
		failure = "" // an error that was tried again
	}
	return answer, failure
}

// objects are the JSON objects of an output: the one that it is, those of its list, or one per line.
func objects(stdout string) []map[string]any {
	var one map[string]any
	if json.Unmarshal([]byte(stdout), &one) == nil {
		return []map[string]any{one}
	}
	var list []map[string]any
	if json.Unmarshal([]byte(stdout), &list) == nil {
		return list
	}
	for line := range strings.Lines(stdout) {
		var one map[string]any
		if json.Unmarshal([]byte(line), &one) == nil && one != nil {
			list = append(list, one)
		}
	}
	return list
}

// errorIn is the message of an error object, whose place is much the same in all clients.
func errorIn(object map[string]any) string {
	if kind, _ := object["type"].(string); kind == "error" {
		if text, ok := object["message"].(string); ok {
			return text
		}
	}
	switch e := object["error"].(type) {
	case string:
		return e
	case map[string]any:
		if text, ok := e["message"].(string); ok {
			return text
		}
		if data, ok := e["data"].(map[string]any); ok {
			text, _ := data["message"].(string)
			return text
		}
	}
	return ""
}

// ownWords is what a program says of its failure: the error in its output, else the end of what it printed.
func ownWords(failure string, out outcome) string {
	for _, text := range []string{failure, out.stderr, out.stdout} {
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		if runes := []rune(text); len(runes) > maxWords {
			text = "…" + string(runes[len(runes)-maxWords:])
		}
		return text
	}
	if out.err != nil {
		return out.err.Error()
	}
	return "it printed nothing"
}

// shown makes a program's words fit to be shown: without the key, without control characters, not too long.
func shown(text, key string, limit int) string {
	if key != "" {
		text = strings.ReplaceAll(text, key, "[key]")
	}
	text = strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || r >= ' ' && r != 0x7f {
			return r
		}
		return -1
	}, strings.ToValidUTF8(text, ""))
	if runes := []rune(text); len(runes) > limit {
		text = string(runes[:limit]) + "…"
	}
	return text
}

// commandLine writes a command as a person would type it.
func commandLine(name string, args []string) string {
	words := []string{name}
	for _, arg := range args {
		if strings.ContainsAny(arg, " '\"") {
			arg = "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
		}
		words = append(words, arg)
	}
	return strings.Join(words, " ")
}
