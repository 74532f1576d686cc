"""How the issuer's documents can fail to arrive, for tests of whoever reads them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from enum import StrEnum
from typing import Any

from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse

SLOW_SECONDS = 2.0
TRICKLE_SECONDS = 30
HUGE_BYTES = 64 * 1024 * 1024


class Failure(StrEnum):
    """What the issuer answers instead of its documents. For an issuer that is down, stop it."""

    NONE = "none"
    ERROR = "error"  # HTTP 500
    GARBAGE = "garbage"  # not JSON
    SLOW = "slow"  # the documents, later
    TRICKLE = "trickle"  # one byte at a time, for half a minute
    HUGE = "huge"  # 64 MiB
    REDIRECT = "redirect"  # to the same document under another name
    OTHER_ISSUER = "other_issuer"  # a discovery document that names somebody else
    PLAIN_KEYS_URL = "plain_keys_url"  # keys over http from another host
    NO_KEYS = "no_keys"  # an empty key set


Document = dict[str, Any]


async def respond(failure: Failure, document: Document) -> Response:
    """Answer with the document, or as the failure says."""
    return await _RESPONSES[failure](document)


async def _none(document: Document) -> Response:
    return JSONResponse(document)


async def _error(_document: Document) -> Response:
    return PlainTextResponse("the issuer has a fault", status_code=500)


async def _garbage(_document: Document) -> Response:
    return PlainTextResponse("<html>maintenance</html>", media_type="text/html")


async def _slow(document: Document) -> Response:
    await asyncio.sleep(SLOW_SECONDS)
    return JSONResponse(document)


async def _trickle(_document: Document) -> Response:
    async def drops() -> AsyncIterator[bytes]:
        for _ in range(TRICKLE_SECONDS * 20):
            yield b" "
            await asyncio.sleep(0.05)

    return StreamingResponse(drops(), media_type="application/json")


async def _huge(_document: Document) -> Response:
    async def flood() -> AsyncIterator[bytes]:
        for _ in range(HUGE_BYTES // 65536):
            yield b" " * 65536
            await asyncio.sleep(0)  # a client that went away is noticed

    return StreamingResponse(flood(), media_type="application/json")


async def _redirect(document: Document) -> Response:
    return RedirectResponse("/elsewhere/keys" if "keys" in document else "/elsewhere/discovery")


async def _other_issuer(document: Document) -> Response:
    return JSONResponse({**document, "issuer": "https://issuer.example"} if "issuer" in document else document)


async def _plain_keys_url(document: Document) -> Response:
    url = "http://keys.example/jwks"
    return JSONResponse({**document, "jwks_uri": url} if "jwks_uri" in document else document)


async def _no_keys(document: Document) -> Response:
    return JSONResponse({"keys": []} if "keys" in document else document)


_RESPONSES: dict[Failure, Callable[[Document], Awaitable[Response]]] = {
    Failure.NONE: _none,
    Failure.ERROR: _error,
    Failure.GARBAGE: _garbage,
    Failure.SLOW: _slow,
    Failure.TRICKLE: _trickle,
    Failure.HUGE: _huge,
    Failure.REDIRECT: _redirect,
    Failure.OTHER_ISSUER: _other_issuer,
    Failure.PLAIN_KEYS_URL: _plain_keys_url,
    Failure.NO_KEYS: _no_keys,
}
