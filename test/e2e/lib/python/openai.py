"""Stand-in for the package openai: the base URL ends in the version, the key is a bearer token."""

from _call import call


class OpenAI:
    def __init__(self, *, api_key, base_url):
        def post(path, body):
            return call(base_url, path, {"Authorization": "Bearer " + api_key}, body)

        self.chat = _Chat(post)
        self.responses = _Responses(post)


class _Chat:
    def __init__(self, post):
        self.completions = _Completions(post)


class _Completions:
    def __init__(self, post):
        self._post = post

    def create(self, *, messages, model):
        return self._post("/chat/completions", {"messages": messages, "model": model})


class _Responses:
    def __init__(self, post):
        self._post = post

    def create(self, *, input, model):
        answer = self._post("/responses", {"input": input, "model": model})
        # The SDK's output_text: all texts of all messages.
        texts = [part.text for item in answer.output if item.type == "message" for part in item.content if part.type == "output_text"]
        answer.output_text = "".join(texts)
        return answer
