# pip install anthropic
from anthropic import Anthropic

client = Anthropic(base_url="{root}", api_key="{key}")

answer = client.messages.create(
    model="{model}",
    max_tokens=1024,
    messages=[{"role": "user", "content": "Say hello."}],
)
print("".join(block.text for block in answer.content if block.type == "text"))
