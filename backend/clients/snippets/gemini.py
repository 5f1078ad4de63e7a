# pip install google-genai
from google import genai
from google.genai import types

client = genai.Client(
    api_key="{key}",
    http_options=types.HttpOptions(base_url="{root}"),
)

answer = client.models.generate_content(model="{model}", contents="Say hello.")
print(answer.text)
