package fakegemini

import "encoding/json"

// The checked request, as the rules read it. Only what a rule or the brain
// looks at is typed; the field tables have already refused everything else.

type generateRequest struct {
	Contents          []content         `json:"contents"`
	SystemInstruction *content          `json:"systemInstruction"`
	Tools             []tool            `json:"tools"`
	ToolConfig        *toolConfig       `json:"toolConfig"`
	GenerationConfig  *generationConfig `json:"generationConfig"`
	SafetySettings    []struct {
		Category  string `json:"category"`
		Threshold string `json:"threshold"`
	} `json:"safetySettings"`
	CachedContent     string `json:"cachedContent"`
	ContinuationToken string `json:"continuationToken"`
}

type content struct {
	Role  string `json:"role"`
	Parts []part `json:"parts"`
}

type part struct {
	Text                *string         `json:"text"`
	InlineData          *blob           `json:"inlineData"`
	FileData            *fileData       `json:"fileData"`
	FunctionCall        *functionCall   `json:"functionCall"`
	FunctionResponse    *functionResult `json:"functionResponse"`
	ExecutableCode      json.RawMessage `json:"executableCode"`
	CodeExecutionResult json.RawMessage `json:"codeExecutionResult"`
	ToolCall            json.RawMessage `json:"toolCall"`
	ToolResponse        json.RawMessage `json:"toolResponse"`
	Thought             bool            `json:"thought"`
	ThoughtSignature    *string         `json:"thoughtSignature"`
}

type blob struct {
	MIMEType string `json:"mimeType"`
	Data     string `json:"data"`
}

type fileData struct {
	FileURI  string `json:"fileUri"`
	MIMEType string `json:"mimeType"`
}

type functionCall struct {
	Name string          `json:"name"`
	Args json.RawMessage `json:"args"`
	ID   string          `json:"id"`
}

type functionResult struct {
	Name     string          `json:"name"`
	Response json.RawMessage `json:"response"`
	ID       string          `json:"id"`
	Parts    []struct {
		InlineData *blob     `json:"inlineData"`
		FileData   *fileData `json:"fileData"`
	} `json:"parts"`
}

type tool struct {
	Functions             []declaration   `json:"functionDeclarations"`
	GoogleSearch          json.RawMessage `json:"googleSearch"`
	GoogleSearchRetrieval json.RawMessage `json:"googleSearchRetrieval"`
	CodeExecution         json.RawMessage `json:"codeExecution"`
	URLContext            json.RawMessage `json:"urlContext"`
	GoogleMaps            json.RawMessage `json:"googleMaps"`
	FileSearch            json.RawMessage `json:"fileSearch"`
	ComputerUse           json.RawMessage `json:"computerUse"`
}

func (t tool) builtIn() bool {
	return t.GoogleSearch != nil || t.GoogleSearchRetrieval != nil || t.CodeExecution != nil ||
		t.URLContext != nil || t.GoogleMaps != nil || t.FileSearch != nil || t.ComputerUse != nil
}

type declaration struct {
	Name                 string          `json:"name"`
	Description          string          `json:"description"`
	Parameters           json.RawMessage `json:"parameters"`
	ParametersJSONSchema json.RawMessage `json:"parametersJsonSchema"`
	Response             json.RawMessage `json:"response"`
	ResponseJSONSchema   json.RawMessage `json:"responseJsonSchema"`
}

func (d declaration) schema() json.RawMessage {
	if d.ParametersJSONSchema != nil {
		return d.ParametersJSONSchema
	}
	return d.Parameters
}

type toolConfig struct {
	FunctionCalling *struct {
		Mode    string   `json:"mode"`
		Allowed []string `json:"allowedFunctionNames"`
	} `json:"functionCallingConfig"`
	IncludeServerSide bool `json:"includeServerSideToolInvocations"`
}

type generationConfig struct {
	Temperature        *float64        `json:"temperature"`
	TopP               *float64        `json:"topP"`
	TopK               *float64        `json:"topK"`
	CandidateCount     *int            `json:"candidateCount"`
	MaxOutputTokens    *int            `json:"maxOutputTokens"`
	StopSequences      []string        `json:"stopSequences"`
	PresencePenalty    *float64        `json:"presencePenalty"`
	FrequencyPenalty   *float64        `json:"frequencyPenalty"`
	ResponseLogprobs   bool            `json:"responseLogprobs"`
	Logprobs           *int            `json:"logprobs"`
	ResponseMIMEType   string          `json:"responseMimeType"`
	ResponseSchema     json.RawMessage `json:"responseSchema"`
	ResponseJSONSchema json.RawMessage `json:"responseJsonSchema"`
	ResponseModalities []string        `json:"responseModalities"`
	Thinking           *thinkingConfig `json:"thinkingConfig"`
	Speech             *struct {
		Voice *struct {
			Prebuilt *struct {
				Name string `json:"voiceName"`
			} `json:"prebuiltVoiceConfig"`
		} `json:"voiceConfig"`
	} `json:"speechConfig"`
	Image *struct {
		AspectRatio string `json:"aspectRatio"`
		Size        string `json:"imageSize"`
	} `json:"imageConfig"`
}

type thinkingConfig struct {
	IncludeThoughts bool   `json:"includeThoughts"`
	Budget          *int   `json:"thinkingBudget"`
	Level           string `json:"thinkingLevel"`
}

// declared lists every function of the request.
func (r *generateRequest) declared() []declaration {
	var out []declaration
	for _, t := range r.Tools {
		out = append(out, t.Functions...)
	}
	return out
}

// mode is the function calling mode in force, AUTO if none is set.
func (r *generateRequest) mode() string {
	if r.ToolConfig == nil || r.ToolConfig.FunctionCalling == nil || r.ToolConfig.FunctionCalling.Mode == "" {
		return "AUTO"
	}
	return r.ToolConfig.FunctionCalling.Mode
}

func (r *generateRequest) config() generationConfig {
	if r.GenerationConfig == nil {
		return generationConfig{}
	}
	return *r.GenerationConfig
}
