"""What a record must never hold although a client may send it in the wrong place: the text of credentials."""

import re

from gatebook.core.book.digests import digest_of_text
from gatebook.core.methods import PARAMETERS

WITHHELD = "[token withheld]"
_KEPT = PARAMETERS | {"uploadType"}

# A compact JWS (RFC 7515 section 3.1: base64url of `{"`, a dot, ...) and Google's opaque access tokens.
_TOKEN = re.compile(r"eyJ[\w-]{8,}(?:\.[\w-]*){0,4}|ya29\.[\w.-]+")


def without_tokens(text: str) -> str:
    """Give the text with anything that looks like a credential taken out."""
    if "eyJ" in text or "ya29." in text:
        return _TOKEN.sub(WITHHELD, text)
    return text


def recordable(parameters: tuple[tuple[str, str], ...]) -> list[tuple[str, str]]:
    """Give a query string as it may be kept: of a parameter outside BigQuery's own, only a digest of its value.

    An `upload_id` lets anybody who knows it write to the upload; its digest still ties the pieces together.
    """
    return [
        (name, without_tokens(value)) if name in _KEPT else (without_tokens(name), digest_of_text(value))
        for name, value in parameters
    ]
