"""Stand-in for the package anthropic: it puts /v1/messages behind the base URL, the key is x-api-key."""

from _call import call


class Anthropic:
    def __init__(self, *, api_key, base_url):
        self.messages = _Messages(base_url, {"X-Api-Key": api_key, "Anthropic-Version": "2023-06-01"})


class _Messages:
    def __init__(self, base_url, headers):
        self._base_url, self._headers = base_url, headers

    def create(self, *, max_tokens, messages, model):
        body = {"max_tokens": max_tokens, "messages": messages, "model": model}
        return call(self._base_url, "/v1/messages", self._headers, body)
