// npm install @google/genai
import { GoogleGenAI } from "@google/genai";

const client = new GoogleGenAI({ apiKey: "{key}", httpOptions: { baseUrl: "{root}" } });

const answer = await client.models.generateContent({ model: "{model}", contents: "Say hello." });
console.log(answer.text);
