// npm install openai
import OpenAI from "openai";

const client = new OpenAI({ baseURL: "{root}/v1", apiKey: "{key}" });

const answer = await client.chat.completions.create({
  model: "{model}",
  messages: [{ role: "user", content: "Say hello." }],
});
console.log(answer.choices[0].message.content);
