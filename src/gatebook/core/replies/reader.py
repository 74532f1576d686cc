"""ReplyReader: reads a reply while it passes, of any size in little memory, compressed or not."""

import zlib

from gatebook.core.replies.facts import ReplyFacts
from gatebook.core.replies.pages import WHOLE_BYTES, PageWatch, read_page

_STEP_BYTES = 256 * 1024
_BOMB_BYTES = 64 * 1024 * 1024
_BOMB_RATIO = 250  # gzip can reach 1000; rows of real tables stay far below


def read_reply(content: bytes, content_encoding: str) -> ReplyFacts:
    """Give what a reply told that is here from its first byte to its last. Never raises."""
    if content_encoding == "identity" and len(content) < WHOLE_BYTES:
        return read_page(content)
    reader = ReplyReader(content_encoding)
    reader.feed(content)
    return reader.finish()


class ReplyReader:
    """Fed with the bytes that go to the client. It never raises: what it cannot read, it does not tell."""

    def __init__(self, content_encoding: str | None = None) -> None:
        coding = (content_encoding or "identity").strip().lower()
        self._watch = PageWatch()
        self._gunzip = zlib.decompressobj(31) if coding in ("gzip", "x-gzip") else None
        self._blind = self._gunzip is None and coding != "identity"
        self._bytes_in = 0
        self._bytes_out = 0

    def feed(self, piece: bytes) -> None:
        """Take the next bytes of the body, as they are on the wire."""
        if self._blind:
            return
        if self._gunzip is None:
            self._watch.feed(piece)
            return
        try:
            self._feed_compressed(piece)
        except zlib.error:
            self._blind = True

    def finish(self) -> ReplyFacts:
        """Give what the reply told, after its last byte."""
        return ReplyFacts() if self._blind else self._watch.finish()

    def _feed_compressed(self, piece: bytes) -> None:
        self._bytes_in += len(piece)
        while piece and self._gunzip is not None:
            if self._gunzip.eof:  # several members in a row are one stream (RFC 1952 2.2)
                self._gunzip = zlib.decompressobj(31)
            plain = self._gunzip.decompress(piece, _STEP_BYTES)
            piece = self._gunzip.unused_data if self._gunzip.eof else self._gunzip.unconsumed_tail
            self._bytes_out += len(plain)
            if self._bytes_out > _BOMB_BYTES and self._bytes_out > _BOMB_RATIO * (self._bytes_in - len(piece)):
                self._blind = True  # reading it would cost much more than sending it did
                return
            self._watch.feed(plain)
