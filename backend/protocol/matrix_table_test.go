package protocol_test

// marks are texts by which a protocol's wire shows a feature, by the letter of
// the protocol. A protocol that has none has no form for the feature.
type marks map[string]string

// feature is a row of the matrix: something that a client may ask for, that an
// upstream may answer, or both. Its files lie below testdata/matrix/<name>:
//
//	client.<letter>.json   the request, as a client of that protocol sends it
//	upstream.<letter>.sse  the answer, as an upstream of that protocol streams it
//	<pair>/                what a crossing pair makes of them
//
// A feature without requests of its own borrows those of "talk", one without
// answers of its own likewise.
type feature struct {
	name, title string
	// asks and tells show the feature in requests and in answers. Where the
	// other side has a mark, either it is there or a loss says why not.
	asks, tells marks
	// why tells of a protocol, by letter, why it has no request or no answer.
	noAsk, noTell marks
	// plain is for models that take sampling and do not reason adaptively.
	plain bool
	// models are the upstream's models where others are needed.
	models marks
	// again: a second turn follows, made of what the client got.
	again bool
}

// Reasons that several rows share.
const (
	noField   = "it has no field for this"
	noBuiltin = "it has no such tool"
)

// features are the rows, in the order of the page.
func features() []feature {
	return append(append(append(promptFeatures(), toolFeatures()...), mediaFeatures()...), knobFeatures()...)
}

func promptFeatures() []feature {
	return []feature{
		{name: "talk", title: "A question and its answer",
			asks:  marks{"C": `"content":"Say hello."`, "R": `Say hello.`, "A": `Say hello.`, "G": `{"text":"Say hello."}`},
			tells: marks{"C": `Hello`, "R": `Hello`, "A": `Hello`, "G": `Hello`}},
		{name: "system", title: "System prompt in several parts",
			asks: marks{"C": `"text":"Be kind."`, "R": `Be kind.`, "A": `{"type":"text","text":"Be kind."}`, "G": `{"text":"Be kind."}`}},
		{name: "developer", title: "Instructions in mid-conversation",
			asks:  marks{"C": `"role":"developer","content":"Answer in French."`, "R": `"role":"developer"`, "A": `"role":"system"`},
			noAsk: marks{"G": "its conversations have the user's and the model's turns alone"}},
		{name: "turns", title: "Conversation of several turns",
			asks: marks{"C": `"content":"Two."`, "R": `"text":"Two."`, "A": `"Two."`, "G": `"text":"Two."`}},
		{name: "schema", title: "Structured output by JSON schema",
			asks: marks{"C": `"type":"json_schema"`, "R": `"type":"json_schema"`, "A": `"type":"json_schema"`, "G": `"responseJsonSchema"`}},
		{name: "json_mode", title: "JSON mode",
			asks:  marks{"C": `"json_object"`, "R": `"json_object"`, "G": `"responseMimeType":"application/json"`},
			noAsk: marks{"A": "it knows JSON by a schema alone"}},
		{name: "enum", title: "One word of a list",
			asks:  marks{"C": `"type":"json_schema"`, "R": `"type":"json_schema"`, "A": `"type":"json_schema"`, "G": `text/x.enum`},
			tells: marks{"C": `blue`, "R": `blue`, "A": `blue`, "G": `"text":"blue"`},
			noAsk: marks{"C": "it words the list in a schema", "R": "it words the list in a schema", "A": "it words the list in a schema"}},
		{name: "reasoning", title: "Reasoning effort, and reasoning that is shown",
			asks:  marks{"C": `"reasoning_effort":"high"`, "R": `"effort":"high"`, "A": `"effort":"high"`, "G": `"thinkingLevel":"HIGH"`},
			tells: marks{"C": `"reasoning_content"`, "R": `"summary_text"`, "A": `"thinking"`, "G": `"thought":true`}},
		{name: "reasoning_budget", title: "Reasoning by a budget of tokens", plain: true,
			asks:   marks{"R": `"effort":"medium"`, "C": `"reasoning_effort":"medium"`, "A": `"budget_tokens":4096`, "G": `"thinkingBudget":4096`},
			models: marks{"C": "gpt-5", "R": "gpt-5"},
			noAsk:  marks{"C": "it words the effort instead", "R": "it words the effort instead"}},
		{name: "reasoning_off", title: "Reasoning switched off",
			asks:   marks{"C": `"reasoning_effort":"none"`, "R": `"effort":"none"`, "A": `"type":"disabled"`, "G": `"thinkingBudget":0`},
			models: marks{"C": "gpt-5.6", "R": "gpt-5.6", "G": "gemini-2.5-flash"}},
		{name: "signatures", title: "Signatures of reasoning over turns", again: true,
			asks:  marks{"C": `"tools"`, "R": `"tools"`, "A": `"tools"`, "G": `"tools"`},
			tells: marks{"C": `"tool_calls"`, "R": `"function_call"`, "A": `"tool_use"`, "G": `"functionCall"`}},
	}
}

func toolFeatures() []feature {
	one := marks{"C": `{"type":"function","function":{"name":"time"}}`, "R": `{"type":"function","name":"time"}`, "A": `{"type":"tool","name":"time"}`, "G": `"allowedFunctionNames":["time"]`}
	return []feature{
		{name: "tools", title: "Tools, and calls side by side",
			asks:  marks{"C": `12345678901234567890`, "R": `12345678901234567890`, "A": `12345678901234567890`, "G": `12345678901234567890`},
			tells: marks{"C": `Europe/Rome`, "R": `Europe/Rome`, "A": `Europe/Rome`, "G": `Europe/Rome`}},
		{name: "schemas", title: "Schemas of tools with references, unions and limits",
			asks: marks{"C": `"zh-Hant-TW"`, "R": `"zh-Hant-TW"`, "A": `"zh-Hant-TW"`, "G": `"zh-Hant-TW"`}},
		{name: "tool_any", title: "A tool has to be called",
			asks: marks{"C": `"tool_choice":"required"`, "R": `"tool_choice":"required"`, "A": `{"type":"any"}`, "G": `"mode":"ANY"`}},
		{name: "tool_named", title: "One tool has to be called", asks: one},
		{name: "tool_none", title: "No tool may be called",
			asks: marks{"C": `"tool_choice":"none"`, "R": `"tool_choice":"none"`, "A": `{"type":"none"}`, "G": `"mode":"NONE"`}},
		{name: "tool_subset", title: "One of some tools has to be called",
			asks:  marks{"C": `"allowed_tools"`, "R": `"allowed_tools"`, "G": `"allowedFunctionNames":["time","news"]`},
			noAsk: marks{"A": noField}},
		{name: "tool_single", title: "One call at a time",
			asks:  marks{"C": `"parallel_tool_calls":false`, "R": `"parallel_tool_calls":false`, "A": `"disable_parallel_tool_use":true`},
			noAsk: marks{"G": noField}},
		{name: "tool_strict", title: "Strict arguments",
			asks: marks{"C": `"strict":true`, "R": `"strict":true`, "A": `"strict":true`, "G": `"VALIDATED"`}},
		{name: "tool_custom", title: "Tools that take free text",
			asks:   marks{"C": `"type":"custom"`, "R": `"type":"custom"`},
			tells:  marks{"C": `roses are red`, "R": `roses are red`, "A": `roses are red`, "G": `roses are red`},
			noAsk:  marks{"A": noBuiltin, "G": noBuiltin},
			noTell: marks{}},
		{name: "results", title: "Tool results",
			asks: marks{"C": `"content":"10:30"`, "R": `"output":"10:30"`, "A": `10:30`, "G": `"response":{"output":"10:30"}`}},
		{name: "result_error", title: "Tool results that are errors",
			asks:  marks{"A": `"is_error":true`, "G": `"error":"no such city"`},
			noAsk: marks{"C": "an error is a text there", "R": "an error is a text there"}},
		{name: "result_image", title: "Images in tool results",
			asks:  marks{"R": `"input_image"`, "A": `"image"`, "G": `"inlineData"`},
			noAsk: marks{"C": "results are text there"}},
		{name: "search", title: "Web search with citations", again: true,
			asks:   marks{"C": `"web_search_options"`, "R": `"web_search"`, "A": `"web_search_20250305"`, "G": `"googleSearch"`},
			tells:  marks{"C": `"url_citation"`, "R": `"url_citation"`, "A": `"web_search_result_location"`, "G": `"groundingChunks"`},
			models: marks{"C": "gpt-4o-search-preview"}},
		{name: "tool_search", title: "Tools that are loaded late", again: true,
			asks:   marks{"R": `"defer_loading":true`, "A": `"defer_loading":true`},
			tells:  marks{"R": `"tool_search_output"`, "A": `"tool_search_tool_result"`},
			noAsk:  marks{"C": noBuiltin, "G": noBuiltin},
			noTell: marks{"C": noBuiltin, "G": noBuiltin}},
		{name: "code", title: "Code that the upstream runs", again: true,
			asks:   marks{"R": `"code_interpreter"`, "A": `"code_execution_20250825"`, "G": `"codeExecution"`},
			tells:  marks{"R": `"code_interpreter_call"`, "A": `code_execution_tool_result"`, "G": `"executableCode"`},
			noAsk:  marks{"C": noBuiltin},
			noTell: marks{"C": noBuiltin}},
	}
}

func mediaFeatures() []feature {
	const noSound = "it takes no sound"
	return []feature{
		{name: "image", title: "Images in",
			asks: marks{"C": `data:image/png;base64,iVBOR`, "R": `data:image/png;base64,iVBOR`, "A": `"data":"iVBOR`, "G": `"data":"iVBOR`}},
		{name: "image_url", title: "Images by address",
			asks: marks{"C": `"url":"https://example.com/cat.png"`, "R": `"image_url":"https://example.com/cat.png"`, "A": `"url":"https://example.com/cat.png"`, "G": `"fileUri":"https://example.com/cat.png"`}},
		{name: "image_detail", title: "Sharpness of images",
			asks:  marks{"C": `"detail":"low"`, "R": `"detail":"low"`, "G": `MEDIA_RESOLUTION_LOW`},
			noAsk: marks{"A": noField}},
		{name: "pdf", title: "PDF documents",
			asks: marks{"C": `"filename":"a.pdf"`, "R": `"filename":"a.pdf"`, "A": `"title":"a.pdf"`, "G": `"application/pdf"`}},
		{name: "audio", title: "Sound in", plain: true,
			asks:   marks{"C": `"input_audio"`, "G": `"audio/wav"`},
			models: marks{"C": "gpt-audio"},
			noAsk:  marks{"R": noSound, "A": noSound}},
		{name: "file_id", title: "Files that a vendor stores",
			asks: marks{"C": `"file_id"`, "R": `"file_id"`, "A": `"file_id"`, "G": `"fileUri"`}},
		{name: "image_out", title: "Images out",
			asks:   marks{"R": `"image_generation"`, "G": `"IMAGE"`, "C": `"modalities"`},
			tells:  marks{"C": `data:image/png;base64,iVBOR`, "R": `"result":"iVBOR`, "A": `data:image/png;base64,iVBOR`, "G": `"data":"iVBOR`},
			models: marks{"G": "gemini-3-pro-image-preview"},
			noAsk:  marks{"A": "its models draw no images"}, noTell: marks{"A": "its models draw no images"}},
	}
}

func knobFeatures() []feature {
	return []feature{
		{name: "max_tokens", title: "Limit of tokens",
			asks: marks{"C": `"max_completion_tokens":500`, "R": `"max_output_tokens":500`, "A": `"max_tokens":500`, "G": `"maxOutputTokens":500`}},
		{name: "stop", title: "Stop sequences", plain: true,
			asks:  marks{"C": `"stop":["END","STOP"]`, "A": `"stop_sequences":["END","STOP"]`, "G": `"stopSequences":["END","STOP"]`},
			noAsk: marks{"R": noField}},
		{name: "temperature", title: "Temperature", plain: true,
			asks: marks{"C": `"temperature":0.3`, "R": `"temperature":0.3`, "A": `"temperature":0.3`, "G": `"temperature":0.3`}},
		{name: "top_p", title: "Top-p", plain: true,
			asks: marks{"C": `"top_p":0.9`, "R": `"top_p":0.9`, "A": `"top_p":0.9`, "G": `"topP":0.9`}},
		{name: "top_k", title: "Top-k", plain: true,
			asks: marks{"A": `"top_k":40`, "G": `"topK":40`}, noAsk: marks{"C": noField, "R": noField}},
		{name: "seed", title: "Seed", plain: true,
			asks: marks{"C": `"seed":7`, "G": `"seed":7`}, noAsk: marks{"R": noField, "A": noField}},
		{name: "penalties", title: "Penalties for repetition", plain: true,
			asks:  marks{"C": `"presence_penalty":0.5`, "G": `"presencePenalty":0.5`},
			noAsk: marks{"R": noField, "A": noField}},
		{name: "logprobs", title: "Probabilities of tokens", plain: true,
			asks:  marks{"C": `"top_logprobs":2`, "R": `"top_logprobs":2`, "G": `"responseLogprobs":true`},
			tells: marks{"C": `"logprob":-0.25`, "R": `"logprob":-0.25`, "G": `"logProbability":-0.25`},
			noAsk: marks{"A": noField}, noTell: marks{"A": noField}},
		{name: "n", title: "Several answers", plain: true,
			asks:  marks{"C": `"n":2`, "G": `"candidateCount":2`},
			tells: marks{"C": `Hi!`, "G": `Hi!`},
			noAsk: marks{"R": noField, "A": noField}, noTell: marks{"R": noField, "A": noField}},
		{name: "metadata", title: "Metadata",
			asks:  marks{"C": `"metadata":{"run":"7"}`, "R": `"metadata":{"run":"7"}`, "G": `"labels":{"run":"7"}`},
			noAsk: marks{"A": noField}},
		{name: "user", title: "The end user's name",
			asks:  marks{"C": `"safety_identifier":"u-123"`, "R": `"safety_identifier":"u-123"`, "A": `"user_id":"u-123"`},
			noAsk: marks{"G": noField}},
		{name: "tier", title: "Service tier",
			asks: marks{"C": `"service_tier":"`, "R": `"service_tier":"`, "A": `"service_tier":"`, "G": `"serviceTier":"`}},
		{name: "cache", title: "Marks for the prompt cache",
			asks:   marks{"C": `"prompt_cache_breakpoint"`, "R": `"prompt_cache_breakpoint"`, "A": `"cache_control"`},
			models: marks{"C": "gpt-5.6", "R": "gpt-5.6"},
			noAsk:  marks{"G": noField}},
		{name: "cache_key", title: "Key for the prompt cache (with A and G it keeps the conversation on its account)",
			asks:  marks{"C": `"prompt_cache_key":"k-1"`, "R": `"prompt_cache_key":"k-1"`, "A": "", "G": ""}, // there it keeps the conversation on its account, and that is all
			noAsk: marks{"A": noField, "G": noField}},
		{name: "cached_content", title: "Text that the vendor has cached",
			asks:  marks{"G": `"cachedContent"`},
			noAsk: marks{"C": noField, "R": noField, "A": noField}},
		{name: "options", title: "Options of one vendor alone",
			asks: marks{"C": `"verbosity":"low"`, "R": `"verbosity":"low"`, "A": `"inference_geo"`, "G": `"safetySettings"`}},
		{name: "usage", title: "Tokens counted, cached and thought ones too",
			tells: marks{"C": `"cached_tokens":2000`, "R": `"cached_tokens":2000`, "A": `"cache_read_input_tokens":2000`, "G": `"cachedContentTokenCount":2000`}},
		{name: "finish_length", title: "An end by the limit",
			tells: marks{"C": `"finish_reason":"length"`, "R": `"reason":"max_output_tokens"`, "A": `"max_tokens"`, "G": `"MAX_TOKENS"`}},
		{name: "finish_stop", title: "An end by a stop sequence",
			tells:  marks{"C": `"finish_reason":"stop"`, "R": `"completed"`, "A": `"stop_sequence":"three"`, "G": `"STOP"`},
			noTell: marks{"C": "it does not tell", "R": "it has none", "G": "it does not tell"}},
		{name: "refusal", title: "A model that declines",
			tells: marks{"C": `I cannot `, "R": `I cannot `, "A": `"stop_reason":"refusal"`, "G": `"SAFETY"`}},
		{name: "filter", title: "An answer that a filter ends",
			tells: marks{"C": `"content_filter"`, "R": `"content_filter"`, "A": `"refusal"`, "G": `"SAFETY"`}},
	}
}
