package admin

func (f guideFacts) openAISDK() ConnectGuide {
	return ConnectGuide{
		ID: "openai-sdk", Name: "OpenAI SDKs", Kind: "sdk", Protocol: "openai", BaseURL: f.root + "/v1",
		Summary: "The base URL ends in v1.",
		Steps:   []ConnectStep{f.urlStep(f.root + "/v1"), f.keyStep(), f.modelStep()},
		Snippets: []Snippet{
			{Title: "Python", Language: "python", Code: `from openai import OpenAI

client = OpenAI(base_url="` + f.root + `/v1", api_key="` + f.key + `")
reply = client.chat.completions.create(
    model="` + f.model + `",
    messages=[{"role": "user", "content": "Hello"}],
)
print(reply.choices[0].message.content)`},
			{Title: "TypeScript", Language: "typescript", Code: `import OpenAI from 'openai';

const client = new OpenAI({ baseURL: '` + f.root + `/v1', apiKey: '` + f.key + `' });
const reply = await client.chat.completions.create({
  model: '` + f.model + `',
  messages: [{ role: 'user', content: 'Hello' }],
});
console.log(reply.choices[0].message.content);`},
			{Title: "Environment", Language: "sh", Code: "export OPENAI_BASE_URL=" + f.root + "/v1\nexport OPENAI_API_KEY=" + f.key},
		},
		Notes: []string{},
	}
}

func (f guideFacts) anthropicSDK() ConnectGuide {
	return ConnectGuide{
		ID: "anthropic-sdk", Name: "Anthropic SDKs", Kind: "sdk", Protocol: "anthropic", BaseURL: f.root,
		Summary: "The base URL has no version: the SDK adds it.",
		Steps:   []ConnectStep{f.urlStep(f.root), f.keyStep(), f.modelStep()},
		Snippets: []Snippet{
			{Title: "Python", Language: "python", Code: `from anthropic import Anthropic

client = Anthropic(base_url="` + f.root + `", api_key="` + f.key + `")
reply = client.messages.create(
    model="` + f.model + `",
    max_tokens=1024,
    messages=[{"role": "user", "content": "Hello"}],
)
print(reply.content[0].text)`},
			{Title: "TypeScript", Language: "typescript", Code: `import Anthropic from '@anthropic-ai/sdk';

const client = new Anthropic({ baseURL: '` + f.root + `', apiKey: '` + f.key + `' });
const reply = await client.messages.create({
  model: '` + f.model + `',
  max_tokens: 1024,
  messages: [{ role: 'user', content: 'Hello' }],
});
console.log(reply.content);`},
		},
		Notes: []string{},
	}
}

func (f guideFacts) geminiSDK() ConnectGuide {
	return ConnectGuide{
		ID: "gemini-sdk", Name: "Google Gen AI SDKs", Kind: "sdk", Protocol: "gemini", BaseURL: f.root,
		Summary: "The base URL has no version: the SDK adds it.",
		Steps:   []ConnectStep{f.urlStep(f.root), f.keyStep(), f.modelStep()},
		Snippets: []Snippet{
			{Title: "Python", Language: "python", Code: `from google import genai

client = genai.Client(api_key="` + f.key + `", http_options={"base_url": "` + f.root + `"})
print(client.models.generate_content(model="` + f.model + `", contents="Hello").text)`},
			{Title: "TypeScript", Language: "typescript", Code: `import { GoogleGenAI } from '@google/genai';

const ai = new GoogleGenAI({ apiKey: '` + f.key + `', httpOptions: { baseUrl: '` + f.root + `' } });
const reply = await ai.models.generateContent({ model: '` + f.model + `', contents: 'Hello' });
console.log(reply.text);`},
		},
		Notes: []string{},
	}
}

func (f guideFacts) curl() ConnectGuide {
	body := `{"model":"` + f.model + `","messages":[{"role":"user","content":"Hello"}]}`
	return ConnectGuide{
		ID: "curl", Name: "curl", Kind: "sdk", Protocol: "openai", BaseURL: f.root,
		Summary: "A call per protocol.",
		Steps:   []ConnectStep{f.keyStep(), f.modelStep()},
		Snippets: []Snippet{
			{Title: "OpenAI", Language: "sh", Code: "curl " + f.root + "/v1/chat/completions \\\n  -H 'Authorization: Bearer " + f.key +
				"' \\\n  -H 'Content-Type: application/json' \\\n  -d '" + body + "'"},
			{Title: "Anthropic", Language: "sh", Code: "curl " + f.root + "/v1/messages \\\n  -H 'x-api-key: " + f.key +
				"' \\\n  -H 'anthropic-version: 2023-06-01' \\\n  -H 'Content-Type: application/json' \\\n  -d '" +
				`{"model":"` + f.model + `","max_tokens":256,"messages":[{"role":"user","content":"Hello"}]}'`},
			{Title: "Gemini", Language: "sh", Code: "curl " + f.root + "/v1beta/models/" + f.model + ":generateContent \\\n  -H 'x-goog-api-key: " + f.key +
				"' \\\n  -H 'Content-Type: application/json' \\\n  -d '" + `{"contents":[{"parts":[{"text":"Hello"}]}]}'`},
		},
		Notes: []string{},
	}
}
