curl -sS '{root}/v1/responses' \
  -H 'Authorization: Bearer {key}' \
  -H 'Content-Type: application/json' \
  -d '{"model": "{model}", "input": "Say hello."}'
