package clients

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"

	"antigravity-tools/backend/fault"
)

// Bounds of the call that verify makes.
const (
	callWait    = 60 * time.Second
	maxEvent    = 4 << 20 // bytes of one line
	maxAnswer   = 4 << 10 // characters shown
	maxProblem  = 64 << 10
	maxTransfer = 32 << 20
)

// Verification is the outcome of starting a client, or of the call that it would make.
type Verification struct {
	Client    string `json:"client"`
	Command   string `json:"command"` // how the client was started; empty: the call was made in its place
	URL       string `json:"url"`     // of the call; its base URL where the client was started
	Model     string `json:"model"`
	OK        bool   `json:"ok"`
	Status    int    `json:"status"` // of the call; 0: none was made, or nothing answered
	Answer    string `json:"answer"`
	Error     string `json:"error"`
	Note      string `json:"note"` // what the call tells where the client itself fails
	LatencyMS int64  `json:"latency_ms"`
}

// Verify starts the client with one question where its program is installed, and makes the call that it
// would make otherwise: with the address, the key and the model that stand in its own files. Where the
// client fails the call is made too, for it tells on whose side the fault lies. A refusal is an outcome,
// not an error.
func (s *Setup) Verify(ctx context.Context, name string) (Verification, error) {
	c, err := find(name)
	if err != nil {
		return Verification{}, err
	}
	st, f, err := s.status(c, "")
	if err != nil {
		return Verification{}, err
	}
	if st.State == StateBroken {
		for _, one := range st.Files {
			if one.Error != "" {
				return Verification{}, fault.New(fault.InvalidRequest, one.Error).WithCode("broken_file").WithHint("mend it there, then try again")
			}
		}
	}
	if st.BaseURL == "" || st.Model == "" {
		return Verification{}, fault.New(fault.InvalidRequest, c.Title+" is not set up").WithCode("not_set_up").
			WithHint("run `client apply " + c.Name + "` first")
	}
	key := f.values[RoleKey]
	if key == "" && c.KeyEnv != "" {
		key = s.system.Getenv(c.KeyEnv)
	}
	ran, ok := s.started(ctx, c, st, key)
	if ok && ran.OK {
		return ran, nil
	}
	called, err := call(ctx, c, st, key)
	if err != nil || !ok {
		return called, err
	}
	return together(c, ran, called), nil
}

// together words a client's failure beside the outcome of the same call by this program.
func together(c Client, ran, called Verification) Verification {
	ran.URL, ran.Status = called.URL, called.Status
	if called.OK {
		ran.Note = "The same call made by this program is answered: the gateway, the key and the model are right. " +
			c.Title + " may need longer, or read something else too: a sign-in, settings of a project, variables of the environment."
		return ran
	}
	ran.Note = ran.Error
	ran.Error = called.Error
	return ran
}

// call makes the call that the client would make.
func call(ctx context.Context, c Client, st Status, key string) (Verification, error) {
	v := Values{Model: st.Model}
	out := Verification{Client: c.Name, Model: st.Model, URL: strings.TrimRight(st.BaseURL, "/") + v.fill(c.Call.Path)}
	model, err := encodeJSON(st.Model)
	if err != nil {
		return out, err
	}
	body := strings.ReplaceAll(c.Call.Body, `"{model}"`, model)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, out.URL, strings.NewReader(body))
	if err != nil {
		out.Error = "the base URL " + st.BaseURL + " is none"
		return out, nil
	}
	req.Header.Set("Content-Type", "application/json")
	for _, h := range c.Call.Extra {
		req.Header.Set(h[0], h[1])
	}
	if key != "" {
		if c.Call.Header == "Authorization" {
			key = "Bearer " + key
		}
		req.Header.Set(c.Call.Header, key)
	}
	ctx, cancel := context.WithTimeout(ctx, callWait)
	defer cancel()
	req = req.WithContext(ctx)
	transport := &http.Transport{DisableKeepAlives: true}
	start := time.Now()
	res, err := (&http.Client{Transport: transport}).Do(req)
	if err != nil {
		out.Error = "nothing answers at " + st.BaseURL + ": is the gateway running?"
		return out, nil
	}
	defer res.Body.Close()
	out.Status = res.StatusCode
	if res.StatusCode != http.StatusOK {
		out.Error = problem(res.Body)
	} else {
		out.Answer, out.Error = readAnswer(io.LimitReader(res.Body, maxTransfer), c.Call)
		out.OK = out.Error == ""
	}
	out.LatencyMS = time.Since(start).Milliseconds()
	return out, nil
}

// problem takes the message out of an error body: the place of it is the same in all protocols.
func problem(body io.Reader) string {
	raw, err := io.ReadAll(io.LimitReader(body, maxProblem))
	var shape struct {
		Error struct {
			Message string `json:"message"`
		} `json:"error"`
	}
	if err == nil && json.Unmarshal(raw, &shape) == nil && shape.Error.Message != "" {
		return shape.Error.Message
	}
	return "the answer is no error of an LLM gateway: something else listens there"
}

// readAnswer puts the text of a stream together. An error inside the stream is told, as is a stream
// without any text.
func readAnswer(body io.Reader, c Call) (answer, failure string) {
	var text strings.Builder
	scan := bufio.NewScanner(body)
	scan.Buffer(nil, maxEvent)
	for scan.Scan() {
		data, ok := strings.CutPrefix(scan.Text(), "data:")
		if !ok {
			continue
		}
		var event map[string]any
		if json.Unmarshal([]byte(data), &event) != nil {
			continue
		}
		if e, ok := event["error"].(map[string]any); ok {
			message, _ := e["message"].(string)
			return "", "the answer broke off: " + message
		}
		if kind, _ := event["type"].(string); c.Event == "" || kind == c.Event {
			gather(&text, event, c.Text)
		}
	}
	answer = strings.TrimSpace(text.String())
	switch {
	case scan.Err() != nil:
		return "", "the answer broke off"
	case answer == "":
		return "", "the answer holds no text"
	}
	if runes := []rune(answer); len(runes) > maxAnswer {
		answer = string(runes[:maxAnswer]) + "…"
	}
	return answer, ""
}

// gather appends the text that a path leads to. Thoughts are no answer.
func gather(text *strings.Builder, at any, path TextPath) {
	switch at := at.(type) {
	case []any:
		for _, one := range at {
			gather(text, one, path)
		}
	case map[string]any:
		if thought, _ := at["thought"].(bool); len(path) > 0 && !thought {
			gather(text, at[path[0]], path[1:])
		}
	case string:
		if len(path) == 0 {
			text.WriteString(at)
		}
	}
}
