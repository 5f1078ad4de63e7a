"""Stand-in for the package google-genai: it puts the version and the model behind the base URL, the key is x-goog-api-key."""

import types as _types

from _call import call

from . import types


class Client:
    def __init__(self, *, api_key, http_options):
        if not isinstance(http_options, types.HttpOptions):
            raise TypeError("http_options are types.HttpOptions")
        self.models = _Models(api_key, http_options)


class _Models:
    def __init__(self, api_key, options):
        self._key, self._options = api_key, options

    def generate_content(self, *, contents, model):
        if not isinstance(contents, str):
            raise TypeError("the stand-in takes a text alone")
        path = f"/{self._options.api_version}/models/{model}:generateContent"
        body = {"contents": [{"role": "user", "parts": [{"text": contents}]}]}
        answer = call(self._options.base_url, path, {"X-Goog-Api-Key": self._key}, body)
        parts = answer.candidates[0].content.parts
        # The SDK's text: that of the first candidate, without its thoughts.
        text = "".join(part.text for part in parts if hasattr(part, "text") and not getattr(part, "thought", False))
        return _types.SimpleNamespace(text=text, candidates=answer.candidates)
