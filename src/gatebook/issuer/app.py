"""The issuer over HTTP: its documents for everyone, minting and rotation for this machine only."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gatebook.issuer.failures import Failure, respond
from gatebook.issuer.flaws import Flaw
from gatebook.issuer.issuer import Issuer

_LOOPBACK = ("127.0.0.1", "::1")
_MINT = {"kind": str, "audience": str, "algorithm": str, "lifetime_seconds": int, "claims": dict, "flaw": str}


def create_app(issuer: Issuer) -> Starlette:
    """Make the ASGI application of an issuer."""

    async def discovery(_request: Request) -> Response:
        issuer.readings.discovery += 1
        return await respond(issuer.failure, issuer.discovery())

    async def key_set(_request: Request) -> Response:
        issuer.readings.keys += 1
        return await respond(issuer.failure, issuer.key_set())

    async def elsewhere(request: Request) -> Response:
        return JSONResponse(issuer.key_set() if request.path_params["document"] == "keys" else issuer.discovery())

    async def mint(request: Request) -> Response:
        wanted = _checked(await _json(request), _MINT)
        flaw = wanted.pop("flaw", None)
        if flaw is None:
            return JSONResponse({"token": issuer.mint(**wanted)})
        return JSONResponse({"token": issuer.mint_flawed(Flaw(flaw), **wanted)})

    async def rotate(_request: Request) -> Response:
        issuer.rotate()
        return JSONResponse(issuer.key_set())

    async def fail(request: Request) -> Response:
        issuer.failure = Failure(_checked(await _json(request), {"failure": str})["failure"])
        return JSONResponse({"failure": issuer.failure})

    async def start_job(request: Request) -> Response:
        token = issuer.start_job(_checked(await _json(request), {"claims": dict}).get("claims"))
        return JSONResponse({"request_url": f"{issuer.url}/actions/token?api-version=2.0", "request_token": token})

    async def job_token(request: Request) -> Response:
        scheme, _, request_token = request.headers.get("authorization", "").partition(" ")
        audience = request.query_params.get("audience", issuer.url)
        token = issuer.mint_for_job(request_token, audience) if scheme.lower() == "bearer" else None
        return _error("unknown request token", 401) if token is None else JSONResponse({"value": token})

    return Starlette(
        routes=[
            Route("/.well-known/openid-configuration", discovery),
            Route("/.well-known/jwks", key_set),
            Route("/elsewhere/{document}", elsewhere),
            Route("/actions/token", job_token),
            Route("/actions/jobs", _local(start_job), methods=["POST"]),
            Route("/mint", _local(mint), methods=["POST"]),
            Route("/rotate", _local(rotate), methods=["POST"]),
            Route("/fail", _local(fail), methods=["POST"]),
        ]
    )


def _local(endpoint: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    """Keep an endpoint to programs of this machine, and turn mistakes in a request into answers."""

    async def guarded(request: Request) -> Response:
        # A web page in a browser of this machine must not mint tokens: it would send an Origin.
        if request.client is None or request.client.host not in _LOOPBACK or "origin" in request.headers:
            return _error("only for programs on this machine", 403)
        try:
            return await endpoint(request)
        except (ValueError, TypeError, KeyError) as error:
            return _error(f"the request cannot be served: {error}", 400)

    return guarded


async def _json(request: Request) -> dict[str, Any]:
    document = json.loads(await request.body() or b"{}")
    if not isinstance(document, dict):
        raise TypeError("the body is not a JSON object")
    return document


def _checked(document: dict[str, Any], members: dict[str, type]) -> dict[str, Any]:
    for name, value in document.items():
        if name not in members or not isinstance(value, members[name]):
            raise ValueError(f"unknown member, or one of the wrong type: {name}")
    return document


def _error(message: str, status: int) -> Response:
    return JSONResponse({"error": message}, status_code=status)
