"""What the stand-ins for the vendors' Python SDKs share.

They take the arguments that the snippets may use, under the SDKs' names and nothing else (any other is a TypeError, as
there), make the one HTTP request that the SDK makes, and give the answer as objects.
"""

import json
import types
import urllib.request


def call(base_url, path, headers, body):
    """Posts a body to a path behind the base URL, a slash between them whatever the base URL ends in."""
    request = urllib.request.Request(
        base_url.rstrip("/") + path,
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json", **headers},
        method="POST",
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer, object_hook=lambda members: types.SimpleNamespace(**members))
