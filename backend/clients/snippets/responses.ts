// npm install openai
import OpenAI from "openai";

const client = new OpenAI({ baseURL: "{root}/v1", apiKey: "{key}" });

const answer = await client.responses.create({ model: "{model}", input: "Say hello." });
console.log(answer.output_text);
