package gemini

import (
	"testing"

	"antigravity-tools/backend/family"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/rawjson"
)

func modern(model string) protocol.Target {
	return protocol.Target{Model: model, Caps: family.Gemini(model)}
}

// identityRequests must come out as they went in, unknown members included.
func identityRequests() map[string]string {
	return map[string]string{
		"text":           `{"contents":[{"role":"user","parts":[{"text":"hi"}]}]}`,
		"system":         `{"systemInstruction":{"role":"system","parts":[{"text":"a"},{"text":"b"}]},"contents":[{"role":"user","parts":[{"text":"hi","partMetadata":{"k":1}}]}]}`,
		"unknown":        `{"contents":[{"role":"user","parts":[{"text":"hi","newField":[1,2]}],"x":{"y":null}}],"safetySettings":[{"category":"HARM_CATEGORY_HARASSMENT","threshold":"OFF"}],"labels":{"a":"b"},"cachedContent":"cachedContents/1","futureThing":12345678901234567890}`,
		"media":          `{"contents":[{"role":"user","parts":[{"inlineData":{"mimeType":"image/png","data":"aGk=","displayName":"a.png","extra":1}},{"fileData":{"mimeType":"video/mp4","fileUri":"https://generativelanguage.googleapis.com/v1beta/files/a"},"videoMetadata":{"fps":2}},{"fileData":{"fileUri":"https://youtu.be/x"}},{"inlineData":{"mimeType":"image/gif","data":"aGk="},"mediaResolution":{"level":"MEDIA_RESOLUTION_HIGH"}},{"inlineData":{"mimeType":"image/png","data":"aGk="},"mediaResolution":{"level":"MEDIA_RESOLUTION_MEDIUM","numTokens":3}}]}]}`,
		"loop":           `{"contents":[{"role":"user","parts":[{"text":"go"}]},{"role":"model","parts":[{"text":"hm","thought":true},{"functionCall":{"id":"1","name":"f","args":{"b":1.50,"a":[]}},"thoughtSignature":"c2ln"},{"functionCall":{"name":"g","args":{},"willContinue":true}}]},{"role":"user","parts":[{"functionResponse":{"id":"1","name":"f","response":{"output":"x"}}},{"functionResponse":{"name":"g","response":{"result":{"a":1e3}},"scheduling":"SILENT","parts":[{"inlineData":{"mimeType":"image/png","data":"aGk="}}]}}]},{"role":"user","parts":[{"text":"and"}]}]}`,
		"seal tail":      `{"contents":[{"role":"user","parts":[{"text":"go"}]},{"role":"model","parts":[{"text":"a"},{"text":"","thoughtSignature":"c2ln"}]},{"role":"user","parts":[{"text":"b"}]}]}`,
		"opaque":         `{"contents":[{"role":"model","parts":[{"toolCall":{"id":"1","toolType":"GOOGLE_SEARCH_WEB","args":{"q":"x"}},"thoughtSignature":"c2ln"},{"toolResponse":{"id":"1","response":{}}},{"inlineData":{"mimeType":"image/png","data":"aGk="},"thought":true},{"brandNew":{"z":1}},{"executableCode":{"language":"PYTHON","code":"1","id":"e"}},{"codeExecutionResult":{"outcome":"OUTCOME_FAILED","output":"x"}}]}]}`,
		"tools":          `{"contents":[{"role":"user","parts":[{"text":"go"}]}],"tools":[{"functionDeclarations":[{"name":"f","description":"d","parametersJsonSchema":{"$schema":"x","type":"object","properties":{"pattern":{"type":"string","const":"a"}}},"behavior":"NON_BLOCKING"},{"name":"g","parameters":{"type":"OBJECT","properties":{"a":{"type":"STRING","nullable":true}}},"response":{"type":"STRING"}},{"name":"h"}]},{"googleSearch":{"timeRangeFilter":{}}},{"newTool":{"a":1}}],"toolConfig":{"functionCallingConfig":{"mode":"VALIDATED","allowedFunctionNames":["f"]},"retrievalConfig":{"languageCode":"de"},"includeServerSideToolInvocations":true}}`,
		"config":         `{"contents":[{"role":"user","parts":[{"text":"go"}]}],"generationConfig":{"temperature":0.10,"topP":1e-1,"topK":40,"seed":-7,"presencePenalty":0,"frequencyPenalty":-2.0,"maxOutputTokens":5000,"candidateCount":2,"stopSequences":["a","b"],"responseLogprobs":true,"logprobs":5,"responseMimeType":"application/json","responseSchema":{"type":"OBJECT"},"responseModalities":["TEXT","IMAGE"],"imageConfig":{"imageSize":"2K"},"thinkingConfig":{"thinkingLevel":"HIGH","includeThoughts":true,"new":1},"mediaResolution":"MEDIA_RESOLUTION_LOW","speechConfig":{"voiceConfig":{"prebuiltVoiceConfig":{"voiceName":"Kore"}}}},"serviceTier":"flex"}`,
		"json schema":    `{"contents":[{"role":"user","parts":[{"text":"go"}]}],"generationConfig":{"responseMimeType":"application/json","responseJsonSchema":{"type":"object","patternProperties":{}}}}`,
		"enum":           `{"contents":[{"role":"user","parts":[{"text":"go"}]}],"generationConfig":{"responseMimeType":"text/x.enum","responseSchema":{"type":"STRING","enum":["a"]}}}`,
		"thinking off":   `{"contents":[{"role":"user","parts":[{"text":"go"}]}],"generationConfig":{"thinkingConfig":{"includeThoughts":false}},"serviceTier":"standard"}`,
		"empty content":  `{"contents":[{"role":"model","parts":[]},{"role":"user","parts":[{"text":""}]}]}`,
		"model at start": `{"contents":[{"role":"model","parts":[{"text":"a"}]},{"role":"model","parts":[{"text":"b"}]}]}`,
	}
}

func TestRequestIdentity(t *testing.T) {
	for name, body := range identityRequests() {
		t.Run(name, func(t *testing.T) {
			req, err := Client{}.DecodeRequest(protocol.Inbound{Model: "models/gemini-3-pro", Body: []byte(body)}, nil)
			if err != nil {
				t.Fatal(err)
			}
			if req.Model != "gemini-3-pro" {
				t.Errorf("model %q", req.Model)
			}
			var losses llm.Losses
			out, err := Upstream{}.EncodeRequest(req, modern("gemini-3-pro"), &losses)
			if err != nil {
				t.Fatal(err)
			}
			if !rawjson.Equal([]byte(body), out.Body) {
				t.Errorf("in  %s\nout %s", body, out.Body)
			}
			if losses.Len() > 0 {
				t.Errorf("losses: %v", losses.List())
			}
		})
	}
}

func identityReplies() map[string]string {
	return map[string]string{
		"text":      `{"candidates":[{"content":{"parts":[{"text":"hi"}],"role":"model"},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":5,"candidatesTokenCount":2,"totalTokenCount":7,"promptTokensDetails":[{"modality":"TEXT","tokenCount":5}]},"modelVersion":"m","responseId":"abcdefghij"}`,
		"usage":     `{"candidates":[{"content":{"parts":[{"text":"hi"}],"role":"model"},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":5000,"cachedContentTokenCount":4096,"toolUsePromptTokenCount":300,"candidatesTokenCount":200,"thoughtsTokenCount":800,"totalTokenCount":6300,"trafficType":"ON_DEMAND"},"modelVersion":"m","responseId":"abcdefghij"}`,
		"parts":     `{"candidates":[{"content":{"parts":[{"text":"t","thought":true},{"text":"a"},{"functionCall":{"name":"f","args":{"x":1.0}},"thoughtSignature":"c2ln"},{"functionCall":{"id":"2","name":"g","args":{}}},{"inlineData":{"mimeType":"image/png","data":"aGk="},"thoughtSignature":"c2ln"},{"executableCode":{"language":"PYTHON","code":"1"}},{"codeExecutionResult":{"outcome":"OUTCOME_OK","output":"1"}},{"newPart":{"a":1}},{"text":"b"},{"text":"","thoughtSignature":"c2ln"}],"role":"model","extra":1},"finishReason":"STOP","index":0,"safetyRatings":[],"avgLogprobs":-0.10}],"modelVersion":"m","responseId":"abcdefghij","modelStatus":{"a":1}}`,
		"blocked":   `{"promptFeedback":{"blockReason":"SAFETY","safetyRatings":[]},"usageMetadata":{"promptTokenCount":5,"candidatesTokenCount":0,"totalTokenCount":5},"modelVersion":"m","responseId":"abcdefghij"}`,
		"filtered":  `{"candidates":[{"content":{"parts":[{"text":"x"}],"role":"model"},"finishReason":"BLOCKLIST","index":0,"finishMessage":"why"}],"modelVersion":"m","responseId":"abcdefghij"}`,
		"two":       `{"candidates":[{"content":{"parts":[{"text":"x"}],"role":"model"},"finishReason":"STOP","index":0},{"content":{"parts":[{"text":"y"}],"role":"model"},"finishReason":"MAX_TOKENS","index":1}],"modelVersion":"m","responseId":"abcdefghij"}`,
		"more":      `{"candidates":[{"content":{"parts":[{"text":"x"}],"role":"model"},"finishReason":"CONTINUATION","continuationToken":"tok","index":0}],"modelVersion":"m","responseId":"abcdefghij"}`,
		"logprobs":  `{"candidates":[{"content":{"parts":[{"text":"x"}],"role":"model"},"finishReason":"STOP","index":0,"logprobsResult":{"chosenCandidates":[{"token":"x","tokenId":7,"logProbability":-0.500}],"topCandidates":[{"candidates":[{"token":"x","logProbability":-0.5},{"token":"y","logProbability":-1}]}],"logProbabilitySum":-0.5}}],"modelVersion":"m","responseId":"abcdefghij"}`,
		"grounding": `{"candidates":[{"content":{"parts":[{"text":"😀 sun"}],"role":"model"},"finishReason":"STOP","index":0,"groundingMetadata":{"groundingChunks":[{"web":{"uri":"https://a","title":"A"}}],"groundingSupports":[{"segment":{"startIndex":5,"endIndex":8,"text":"sun"},"groundingChunkIndices":[0]}],"webSearchQueries":["q"]}}],"modelVersion":"m","responseId":"abcdefghij"}`,
	}
}

func TestReplyIdentity(t *testing.T) {
	for name, body := range identityReplies() {
		t.Run(name, func(t *testing.T) {
			resp, err := Upstream{}.DecodeResponse([]byte(body), nil)
			if err != nil {
				t.Fatal(err)
			}
			reply := protocol.Reply{Model: "m"}
			out, err := Client{}.EncodeResponse(resp, reply, nil)
			if err != nil {
				t.Fatal(err)
			}
			if !rawjson.Equal([]byte(body), out) {
				t.Errorf("in  %s\nout %s", body, out)
			}
		})
	}
}
