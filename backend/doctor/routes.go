package doctor

// Operation is what a route does; the server chooses its handler by it.
type Operation string

// The operations of the public routes.
const (
	OpHealth              Operation = "health"
	OpRoot                Operation = "root"
	OpModels              Operation = "models"
	OpModel               Operation = "model"
	OpModelDetect         Operation = "model_detect"
	OpChatCompletions     Operation = "chat_completions"
	OpCompletions         Operation = "completions"
	OpResponses           Operation = "responses"
	OpResponsesSocket     Operation = "responses_socket"
	OpResponseGet         Operation = "response_get"
	OpResponseDelete      Operation = "response_delete"
	OpResponseInputItems  Operation = "response_input_items"
	OpResponseCancel      Operation = "response_cancel"
	OpResponsesCompact    Operation = "responses_compact"
	OpResponsesTokens     Operation = "responses_input_tokens"
	OpEmbeddings          Operation = "embeddings"
	OpImagesGenerations   Operation = "images_generations"
	OpImagesEdits         Operation = "images_edits"
	OpAudioTranscriptions Operation = "audio_transcriptions"
	OpAudioSpeech         Operation = "audio_speech"
	OpMessages            Operation = "messages"
	OpMessagesCount       Operation = "messages_count_tokens"
	OpGenerate            Operation = "generate_content"
	OpStreamGenerate      Operation = "stream_generate_content"
	OpCountTokens         Operation = "count_tokens"
	OpEmbedContent        Operation = "embed_content"
	OpBatchEmbed          Operation = "batch_embed_contents"
	OpSink                Operation = "sink"
	OpMetrics             Operation = "metrics"
)

// Route is one row of the public route table. A pattern holds literal segments
// and at most one of {id} (one segment), {model} (one or more) and {rest} (none
// or more); {model} may be followed by a Gemini verb, as in {model}:countTokens.
type Route struct {
	Method      string // GET routes answer HEAD too
	Pattern     string
	Protocol    Protocol
	Operation   Operation
	Description string
	Alias       bool // another way to reach a route listed elsewhere
}

// Routes gives the public route table in the order in which to show it. The
// answer is the caller's own copy.
func Routes() []Route {
	table := append([]Route(nil), fixedRoutes()...)
	return append(table, geminiRoutes()...)
}

func fixedRoutes() []Route {
	return []Route{
		{"GET", "/", None, OpRoot, "names the base URLs; the web console for a browser", false},
		{"GET", "/healthz", None, OpHealth, "whether the gateway runs, and its version", false},
		{"GET", "/health", None, OpHealth, "whether the gateway runs, and its version", true},

		{"POST", "/v1/chat/completions", OpenAI, OpChatCompletions, "chat completion, JSON or stream", false},
		{"POST", "/v1/completions", OpenAI, OpCompletions, "legacy completion", false},
		{"POST", "/v1/embeddings", OpenAI, OpEmbeddings, "embeddings", false},
		{"POST", "/v1/images/generations", OpenAI, OpImagesGenerations, "makes images", false},
		{"POST", "/v1/images/edits", OpenAI, OpImagesEdits, "edits images", false},
		{"POST", "/v1/audio/transcriptions", OpenAI, OpAudioTranscriptions, "speech to text", false},
		{"POST", "/v1/audio/speech", OpenAI, OpAudioSpeech, "text to speech", false},
		{"GET", "/v1/models", OpenAI, OpModels, "every model that can be served, in the caller's shape", false},
		{"GET", "/v1/models/detect", OpenAI, OpModelDetect, "where a model name would be routed", false},
		{"POST", "/v1/models/detect", OpenAI, OpModelDetect, "where a model name would be routed", true},
		{"GET", "/v1/models/{model}", OpenAI, OpModel, "one model, in the caller's shape", false},

		{"POST", "/v1/responses", Responses, OpResponses, "response, JSON or stream", false},
		{"GET", "/v1/responses", Responses, OpResponsesSocket, "upgrade to a WebSocket", false},
		{"POST", "/v1/responses/compact", Responses, OpResponsesCompact, "compacts a conversation", false},
		{"POST", "/v1/responses/input_tokens", Responses, OpResponsesTokens, "counts a request's tokens", false},
		{"GET", "/v1/responses/{id}", Responses, OpResponseGet, "a stored response", false},
		{"DELETE", "/v1/responses/{id}", Responses, OpResponseDelete, "removes a stored response", false},
		{"GET", "/v1/responses/{id}/input_items", Responses, OpResponseInputItems, "a stored response's input", false},
		{"POST", "/v1/responses/{id}/cancel", Responses, OpResponseCancel, "cancels a stored response", false},

		{"POST", "/v1/messages", Anthropic, OpMessages, "message, JSON or stream", false},
		{"POST", "/v1/messages/count_tokens", Anthropic, OpMessagesCount, "counts a request's tokens", false},

		{"POST", "/api/event_logging/{rest}", None, OpSink, "telemetry that clients post; thrown away", false},
		{"POST", "/v1/api/event_logging/{rest}", None, OpSink, "telemetry that clients post; thrown away", true},
		{"POST", "/api/claude_code/metrics", None, OpSink, "telemetry that clients post; thrown away", true},
		{"GET", "/api/hello", None, OpSink, "a client's check that somebody answers", false},
		{"GET", "/v1/api/hello", None, OpSink, "a client's check that somebody answers", true},
		{"GET", "/metrics", None, OpMetrics, "Prometheus metrics, off by default", false},
	}
}

// verb is a Gemini operation as it stands behind the model's name.
type verb struct {
	name        string
	operation   Operation
	description string
}

func verbs() []verb {
	return []verb{
		{"generateContent", OpGenerate, "answers at once"},
		{"streamGenerateContent", OpStreamGenerate, "answers as a stream, with and without alt=sse"},
		{"countTokens", OpCountTokens, "counts a request's tokens"},
		{"embedContent", OpEmbedContent, "embedding of one content"},
		{"batchEmbedContents", OpBatchEmbed, "embeddings of several contents"},
	}
}

// geminiRoutes spells out the Gemini routes for every version that is served. The
// verb makes the path unambiguous, which is why it is served without a version as
// well: Kilo Code's Gemini provider asks so when its base URL is the bare origin.
func geminiRoutes() []Route {
	var out []Route
	for _, version := range []string{"/v1beta", "/v1", "/v1alpha", ""} {
		alias := version != "/v1beta"
		if version == "/v1beta" || version == "/v1alpha" {
			out = append(out,
				Route{"GET", version + "/models", Gemini, OpModels, "every model that can be served, in pages", alias},
				Route{"GET", version + "/models/{model}", Gemini, OpModel, "one model", alias},
				Route{"GET", version + "/tunedModels/{model}", Gemini, OpModel, "one tuned model", true})
		}
		for _, v := range verbs() {
			out = append(out,
				Route{"POST", version + "/models/{model}:" + v.name, Gemini, v.operation, v.description, alias},
				Route{"POST", version + "/tunedModels/{model}:" + v.name, Gemini, v.operation, v.description, true})
		}
	}
	return out
}
