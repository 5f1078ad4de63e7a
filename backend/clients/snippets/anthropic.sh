curl -sS '{root}/v1/messages' \
  -H 'x-api-key: {key}' \
  -H 'anthropic-version: 2023-06-01' \
  -H 'Content-Type: application/json' \
  -d '{"model": "{model}", "max_tokens": 1024, "messages": [{"role": "user", "content": "Say hello."}]}'
