"""Digests of texts and requests, as `sha256:<hex>`."""

from hashlib import sha256

import msgspec

from gatebook.core.book.canonical import unicode_text
from gatebook.core.model import Call

_encoder = msgspec.json.Encoder(order="sorted")


def digest_of_text(text: str) -> str:
    """Give the digest of a text's UTF-8 bytes, as they are recorded."""
    try:
        octets = text.encode()
    except UnicodeEncodeError:
        octets = unicode_text(text).encode()
    return "sha256:" + sha256(octets).hexdigest()


def digest_of_request(call: Call) -> str:
    """Give the digest of what a Call asks: its method, path variables, query string and document, as sorted JSON.

    Two Calls have the same digest when they ask the same; who asks, when, and from where is not in it.
    """
    method = call.method
    asked = [method.name, method.verb, method.template, dict(call.resource), call.parameters, call.document]
    try:
        document = _encoder.encode(asked)
    except UnicodeEncodeError:
        document = repr(asked).encode("utf-8", "backslashreplace")
    return "sha256:" + sha256(document).hexdigest()
