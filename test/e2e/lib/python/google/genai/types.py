"""The options that the client takes."""

import dataclasses


@dataclasses.dataclass(kw_only=True)
class HttpOptions:
    base_url: str
    api_version: str = "v1beta"
