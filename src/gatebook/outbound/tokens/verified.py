"""Tokens that were verified a moment ago, known by digest: one dictionary look-up instead of one signature."""

import hashlib

from gatebook.core.model import Identity

ENTRIES = 4096  # identities held; the oldest goes first


class VerifiedTokens:
    """Identities by the SHA-256 of their token, each until it must be proven again. Token texts are not held."""

    def __init__(self) -> None:
        self._entries: dict[bytes, tuple[Identity, float]] = {}

    def get(self, digest: bytes, now_seconds: float) -> Identity | None:
        """Give the identity, None when the token is not known or its time is over."""
        entry = self._entries.get(digest)
        if entry is None or now_seconds >= entry[1]:
            return None
        return entry[0]

    def put(self, digest: bytes, identity: Identity, until_seconds: float) -> None:
        """Hold an identity until a time. Only proven tokens get in, so strangers cannot push others out."""
        self._entries.pop(digest, None)
        if len(self._entries) >= ENTRIES:
            del self._entries[next(iter(self._entries))]
        self._entries[digest] = (identity, until_seconds)


def digest_of(text: str) -> bytes:
    """Give the key of a token."""
    return hashlib.sha256(text.encode("ascii")).digest()
