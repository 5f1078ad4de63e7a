package fakegemini

import "strings"

// Field tables of the API's messages (types). A line is a message; each entry
// is name:type, `[]` marks a repeated field. Types: string int32 int64 float
// bool bytes duration timestamp, struct (any object), value (any JSON),
// enum.X (values below) or a message. Fields that exist on the enterprise
// platform alone are left out on purpose: this service refuses them.
const messageTable = `
GenerateContentRequest model:string contents:Content[] systemInstruction:Content tools:Tool[] toolConfig:ToolConfig safetySettings:SafetySetting[] generationConfig:GenerationConfig cachedContent:string serviceTier:enum.ServiceTier store:bool continuationToken:string labels:struct
CountTokensRequest model:string contents:Content[] generateContentRequest:GenerateContentRequest
EmbedContentRequest model:string content:Content taskType:enum.TaskType title:string outputDimensionality:int32
BatchEmbedContentsRequest requests:EmbedContentRequest[]
Content role:string parts:Part[]
Part text:string inlineData:Blob fileData:FileData functionCall:FunctionCall functionResponse:FunctionResponse executableCode:ExecutableCode codeExecutionResult:CodeExecutionResult toolCall:ToolCall toolResponse:ToolResponse thought:bool thoughtSignature:bytes videoMetadata:VideoMetadata mediaResolution:PartMediaResolution mediaProcessing:enum.MediaProcessing partMetadata:struct speechMetadata:SpeechMetadata
Blob mimeType:string data:bytes displayName:string
FileData fileUri:string mimeType:string displayName:string
FunctionCall name:string args:struct id:string
FunctionResponse name:string response:struct id:string parts:FunctionResponsePart[] willContinue:bool scheduling:enum.Scheduling
FunctionResponsePart inlineData:Blob fileData:FileData
ExecutableCode code:string language:enum.Language id:string
CodeExecutionResult outcome:enum.Outcome output:string id:string
ToolCall id:string toolType:enum.ToolType args:struct
ToolResponse id:string toolType:enum.ToolType response:struct
VideoMetadata startOffset:duration endOffset:duration fps:float
PartMediaResolution level:enum.PartMediaResolution numTokens:int32
SpeechMetadata speaker:string style:string
Tool functionDeclarations:FunctionDeclaration[] googleSearch:GoogleSearch googleSearchRetrieval:GoogleSearchRetrieval codeExecution:Empty urlContext:Empty googleMaps:GoogleMaps fileSearch:FileSearch computerUse:ComputerUse mcpServers:McpServer[]
FunctionDeclaration name:string description:string parameters:Schema parametersJsonSchema:value response:Schema responseJsonSchema:value behavior:enum.Behavior
GoogleSearch searchTypes:SearchTypes timeRangeFilter:Interval
SearchTypes webSearch:Empty imageSearch:Empty
Interval startTime:timestamp endTime:timestamp
GoogleSearchRetrieval dynamicRetrievalConfig:DynamicRetrievalConfig
DynamicRetrievalConfig mode:enum.DynamicMode dynamicThreshold:float
GoogleMaps enableWidget:bool
FileSearch fileSearchStoreNames:string[] topK:int32 metadataFilter:string
ComputerUse environment:enum.Environment excludedPredefinedFunctions:string[] enablePromptInjectionDetection:bool disabledSafetyPolicies:string[]
McpServer name:string streamableHttpTransport:McpTransport
McpTransport url:string headers:struct timeout:duration sseReadTimeout:duration terminateOnClose:bool
Empty
ToolConfig functionCallingConfig:FunctionCallingConfig retrievalConfig:RetrievalConfig includeServerSideToolInvocations:bool
FunctionCallingConfig mode:enum.CallingMode allowedFunctionNames:string[]
RetrievalConfig latLng:LatLng languageCode:string
LatLng latitude:float longitude:float
SafetySetting category:enum.HarmCategory threshold:enum.HarmThreshold
GenerationConfig temperature:float topP:float topK:float seed:int32 candidateCount:int32 maxOutputTokens:int32 stopSequences:string[] presencePenalty:float frequencyPenalty:float responseLogprobs:bool logprobs:int32 responseMimeType:string responseSchema:Schema responseJsonSchema:value responseFormat:ResponseFormat[] responseModalities:enum.Modality[] thinkingConfig:ThinkingConfig imageConfig:ImageConfig speechConfig:SpeechConfig audioTranscriptionConfig:struct mediaResolution:enum.MediaResolution enableEnhancedCivicAnswers:bool translationConfig:TranslationConfig
ResponseFormat text:struct image:struct audio:struct video:struct
TranslationConfig targetLanguageCode:string echoTargetLanguage:bool
ThinkingConfig includeThoughts:bool thinkingBudget:int32 thinkingLevel:enum.ThinkingLevel
ImageConfig aspectRatio:string imageSize:string
SpeechConfig voiceConfig:struct languageCode:string multiSpeakerVoiceConfig:struct
Schema type:enum.Type format:string title:string description:string nullable:bool enum:string[] items:Schema maxItems:int64 minItems:int64 properties:Schema{} required:string[] minProperties:int64 maxProperties:int64 minimum:float maximum:float minLength:int64 maxLength:int64 pattern:string example:value anyOf:Schema[] propertyOrdering:string[] default:value
`

// Enum values (types). Values are case-sensitive on the wire except Type,
// which the service takes in either case (the project's wire notes, d 15).
const enumTable = `
ServiceTier unspecified flex standard priority
TaskType TASK_TYPE_UNSPECIFIED RETRIEVAL_QUERY RETRIEVAL_DOCUMENT SEMANTIC_SIMILARITY CLASSIFICATION CLUSTERING QUESTION_ANSWERING FACT_VERIFICATION CODE_RETRIEVAL_QUERY
Scheduling SCHEDULING_UNSPECIFIED SILENT WHEN_IDLE INTERRUPT
Language LANGUAGE_UNSPECIFIED PYTHON
Outcome OUTCOME_UNSPECIFIED OUTCOME_OK OUTCOME_FAILED OUTCOME_DEADLINE_EXCEEDED
ToolType TOOL_TYPE_UNSPECIFIED GOOGLE_SEARCH_WEB GOOGLE_SEARCH_IMAGE URL_CONTEXT GOOGLE_MAPS FILE_SEARCH MEDIA_PROCESSING
MediaProcessing MEDIA_PROCESSING_UNSPECIFIED STATIC AGENTIC
PartMediaResolution MEDIA_RESOLUTION_UNSPECIFIED MEDIA_RESOLUTION_LOW MEDIA_RESOLUTION_MEDIUM MEDIA_RESOLUTION_HIGH MEDIA_RESOLUTION_ULTRA_HIGH
MediaResolution MEDIA_RESOLUTION_UNSPECIFIED MEDIA_RESOLUTION_LOW MEDIA_RESOLUTION_MEDIUM MEDIA_RESOLUTION_HIGH
Behavior UNSPECIFIED BLOCKING NON_BLOCKING
DynamicMode MODE_UNSPECIFIED MODE_DYNAMIC
Environment ENVIRONMENT_UNSPECIFIED ENVIRONMENT_BROWSER ENVIRONMENT_MOBILE ENVIRONMENT_DESKTOP
CallingMode MODE_UNSPECIFIED AUTO ANY NONE VALIDATED
HarmCategory HARM_CATEGORY_UNSPECIFIED HARM_CATEGORY_HARASSMENT HARM_CATEGORY_HATE_SPEECH HARM_CATEGORY_SEXUALLY_EXPLICIT HARM_CATEGORY_DANGEROUS_CONTENT HARM_CATEGORY_CIVIC_INTEGRITY HARM_CATEGORY_JAILBREAK HARM_CATEGORY_IMAGE_HATE HARM_CATEGORY_IMAGE_DANGEROUS_CONTENT HARM_CATEGORY_IMAGE_HARASSMENT HARM_CATEGORY_IMAGE_SEXUALLY_EXPLICIT
HarmThreshold HARM_BLOCK_THRESHOLD_UNSPECIFIED BLOCK_LOW_AND_ABOVE BLOCK_MEDIUM_AND_ABOVE BLOCK_ONLY_HIGH BLOCK_NONE OFF
Modality MODALITY_UNSPECIFIED TEXT IMAGE AUDIO VIDEO
ThinkingLevel THINKING_LEVEL_UNSPECIFIED MINIMAL LOW MEDIUM HIGH
Type TYPE_UNSPECIFIED STRING NUMBER INTEGER BOOLEAN ARRAY OBJECT NULL
`

// lowerEnums are accepted in lower case too: schema types (wire notes, d 15)
// and thinking levels, which real clients send as `low` (clients notes, Kilo).
func lowerEnums(name string) bool { return name == "Type" || name == "ThinkingLevel" }

type field struct {
	name     string
	typ      string
	repeated bool
	isMap    bool
}

type catalogue struct {
	messages map[string]map[string]field
	enums    map[string]map[string]bool
}

func newCatalogue() *catalogue {
	c := &catalogue{messages: parseTable(messageTable), enums: map[string]map[string]bool{}}
	for _, line := range strings.Split(strings.TrimSpace(enumTable), "\n") {
		words := strings.Fields(line)
		values := map[string]bool{}
		for _, w := range words[1:] {
			values[w] = true
		}
		c.enums[words[0]] = values
	}
	return c
}

func parseTable(table string) map[string]map[string]field {
	messages := map[string]map[string]field{}
	for _, line := range strings.Split(strings.TrimSpace(table), "\n") {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		fields := map[string]field{}
		for _, w := range words[1:] {
			name, typ, _ := strings.Cut(w, ":")
			f := field{name: name, typ: typ}
			if t, ok := strings.CutSuffix(typ, "[]"); ok {
				f.typ, f.repeated = t, true
			} else if t, ok := strings.CutSuffix(typ, "{}"); ok {
				f.typ, f.isMap = t, true
			}
			fields[name] = f
			fields[snake(name)] = f
		}
		messages[words[0]] = fields
	}
	return messages
}

// snake turns a JSON name into its proto name: inlineData → inline_data.
func snake(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r >= 'A' && r <= 'Z' {
			b.WriteByte('_')
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String()
}
