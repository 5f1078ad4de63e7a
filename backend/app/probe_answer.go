package app

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"

	"antigravity-tools/backend/doctor"
	"antigravity-tools/backend/provider/loopback"
)

// maxProbeReply bounds what is read of an answer to the doctor, in bytes.
const maxProbeReply = 256 << 10

// probeWord is what the built-in upstream must echo.
const probeWord = "hello from the doctor"

// question is how a protocol is asked at once and as a stream, and what its
// stream ends with.
type question struct {
	path, streamPath string
	body, streamBody string
	end              string
}

func questionIn(p doctor.Protocol) question {
	const model, text = loopback.Echo, probeWord
	switch p {
	case doctor.Responses:
		body := `{"model":"` + model + `","input":"` + text + `"`
		return question{"/v1/responses", "/v1/responses", body + "}", body + `,"stream":true}`, `"response.completed"`}
	case doctor.Anthropic:
		body := `{"model":"` + model + `","max_tokens":64,"messages":[{"role":"user","content":"` + text + `"}]`
		return question{"/v1/messages", "/v1/messages", body + "}", body + `,"stream":true}`, `"message_stop"`}
	case doctor.Gemini:
		body := `{"contents":[{"role":"user","parts":[{"text":"` + text + `"}]}]}`
		at := "/v1beta/models/" + model
		return question{at + ":generateContent", at + ":streamGenerateContent?alt=sse", body, body, `"STOP"`}
	default:
		body := `{"model":"` + model + `","messages":[{"role":"user","content":"` + text + `"}]`
		return question{"/v1/chat/completions", "/v1/chat/completions", body + "}", body + `,"stream":true}`, "[DONE]"}
	}
}

// askBench asks the built-in upstream in one protocol, at once and as a stream.
func askBench(ctx context.Context, bench *http.Client, p doctor.Protocol) doctor.Answer {
	q := questionIn(p)
	status, body, err := post(ctx, bench, benchOrigin+q.path, "", q.body)
	if err != nil || status != http.StatusOK || !bytes.Contains(body, []byte(probeWord)) {
		return failedAnswer(status, body, err, "the answer lacks what was sent")
	}
	status, body, err = post(ctx, bench, benchOrigin+q.streamPath, "", q.streamBody)
	if err != nil || status != http.StatusOK || !bytes.Contains(body, []byte(q.end)) {
		return failedAnswer(status, body, err, "the stream has no end")
	}
	return doctor.Answer{OK: true, Status: status, Text: probeWord}
}

// askModel puts one short question to a model over a live address. Its tokens
// are paid for: 16 are asked of the answer, of which a model that thinks may
// use all for that.
func askModel(ctx context.Context, client *http.Client, origin, key, model string) doctor.Answer {
	name, err := json.Marshal(model)
	if err != nil {
		return doctor.Answer{Problem: "the model's name is no text"}
	}
	body := `{"model":` + string(name) + `,"max_tokens":16,"messages":[{"role":"user","content":"Answer with the word ready."}]}`
	status, reply, err := post(ctx, client, origin+"/v1/chat/completions", key, body)
	if err != nil || status != http.StatusOK {
		return failedAnswer(status, reply, err, "")
	}
	var shape struct {
		Choices []struct {
			Message struct {
				Content string `json:"content"`
			} `json:"message"`
		} `json:"choices"`
	}
	if json.Unmarshal(reply, &shape) != nil || len(shape.Choices) == 0 {
		return doctor.Answer{Status: status, Problem: "the answer is no chat completion"}
	}
	text := strings.TrimSpace(shape.Choices[0].Message.Content)
	if text == "" {
		text = "(no text within 16 tokens)"
	}
	return doctor.Answer{OK: true, Status: status, Text: text}
}

func failedAnswer(status int, body []byte, err error, otherwise string) doctor.Answer {
	if err != nil {
		return doctor.Answer{Problem: transportProblem(err)}
	}
	if status == http.StatusOK {
		return doctor.Answer{Status: status, Problem: otherwise}
	}
	return doctor.Answer{Status: status, Problem: errorMessage(body)}
}

// errorMessage takes the message out of an error body; it stands in the same
// place in all protocols.
func errorMessage(body []byte) string {
	var shape struct {
		Error struct {
			Message string `json:"message"`
		} `json:"error"`
	}
	if json.Unmarshal(body, &shape) == nil && shape.Error.Message != "" {
		return shape.Error.Message
	}
	return "the answer is no error of this gateway"
}

func post(ctx context.Context, client *http.Client, url, key, body string) (int, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	return send(client, req, key)
}

func send(client *http.Client, req *http.Request, key string) (int, []byte, error) {
	req.Header.Set("User-Agent", "antigravity-tools-doctor")
	if key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	res, err := client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = res.Body.Close() }()
	data, err := io.ReadAll(io.LimitReader(res.Body, maxProbeReply))
	return res.StatusCode, data, err
}
