# pip install openai
from openai import OpenAI

client = OpenAI(base_url="{root}/v1", api_key="{key}")

answer = client.responses.create(model="{model}", input="Say hello.")
print(answer.output_text)
