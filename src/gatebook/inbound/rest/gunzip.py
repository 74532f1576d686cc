"""Compressed request bodies, unpacked piece by piece and only as far as they keep a sane size."""

import zlib
from collections.abc import AsyncGenerator, AsyncIterator

from gatebook.errors import Reason, Refused

_GZIP_ONLY = 31  # zlib's window bits for the gzip format (RFC 1952) and no other
_PIECE_BYTES = 64 * 1024
_MAX_RATIO = 100  # deflate reaches 1032:1 on a bomb; data that people send stays far below this


async def gunzip(pieces: AsyncIterator[bytes], spare_bytes: int) -> AsyncGenerator[bytes, None]:
    """Unpack one gzip member. Above `spare_bytes`, more than a hundredfold growth is taken for a bomb.

    Raises Refused (BODY_MALFORMED when it is broken, cut short or followed by more; BODY_TOO_LARGE).
    """
    inflater = zlib.decompressobj(_GZIP_ONLY)
    consumed = produced = 0
    async for piece in pieces:
        consumed += len(piece)
        rest = piece
        while True:
            unpacked = _inflate(inflater, rest)
            rest = inflater.unconsumed_tail
            produced += len(unpacked)
            if produced > max(spare_bytes, _MAX_RATIO * consumed):
                raise Refused(Reason.BODY_TOO_LARGE, "The compressed body grows more than a hundredfold.")
            if unpacked:
                yield unpacked
            if not rest and len(unpacked) < _PIECE_BYTES:
                break
        if inflater.unused_data:
            raise Refused(Reason.BODY_MALFORMED, "The compressed body goes on after its end.")
    if not inflater.eof:
        raise Refused(Reason.BODY_MALFORMED, "The compressed body is cut short.")


def _inflate(inflater: "zlib._Decompress", packed: bytes) -> bytes:
    if inflater.eof and packed:
        raise Refused(Reason.BODY_MALFORMED, "The compressed body goes on after its end.")
    try:
        return inflater.decompress(packed, _PIECE_BYTES)
    except zlib.error:
        raise Refused(Reason.BODY_MALFORMED, "The body is not what content-encoding: gzip promises.") from None
