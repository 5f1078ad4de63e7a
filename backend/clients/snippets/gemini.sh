curl -sS '{root}/v1beta/models/{model}:generateContent' \
  -H 'x-goog-api-key: {key}' \
  -H 'Content-Type: application/json' \
  -d '{"contents": [{"role": "user", "parts": [{"text": "Say hello."}]}]}'
