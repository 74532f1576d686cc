"""The REST API as an ASGI application."""

import inspect
import logging
from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gatebook.sandbox.errors import ApiError, internal, not_implemented
from gatebook.sandbox.rest.call import Call
from gatebook.sandbox.rest.load_upload import begin_upload, continue_upload
from gatebook.sandbox.rest.methods import METHODS, UPLOAD_PATHS, Method
from gatebook.sandbox.rest.reply import Reply, render, render_error
from gatebook.sandbox.rest.services import Services
from gatebook.sandbox.rest.uploads import parse_job

_log = logging.getLogger(__name__)

_PREFIX = "/bigquery/v2"
_DEFAULT_USER = "sandbox@example.com"

_Endpoint = Callable[[Request], Awaitable[Response]]
_Upload = Callable[[Services, Call, Request], Awaitable[Reply]]


def application(services: Services) -> Starlette:
    """The application: every method, the uploads, and BigQuery's 404 for any other path."""
    routes = [
        Route(_PREFIX + method.path, _answering(_method(services, method)), methods=[method.verb]) for method in METHODS
    ]
    for path in UPLOAD_PATHS:
        routes.append(Route(path, _answering(_upload(services, begin_upload)), methods=["POST"]))
        routes.append(Route(path, _answering(_upload(services, continue_upload)), methods=["PUT"]))
    return Starlette(
        routes=routes,
        middleware=[Middleware(GZipMiddleware, minimum_size=1024, compresslevel=1)],
        exception_handlers={404: _unknown_path, 405: _unknown_path},
    )


def _method(services: Services, method: Method) -> _Endpoint:
    handler = method.handler

    async def endpoint(request: Request) -> Response:
        if handler is None:
            raise not_implemented(method.name)
        call = _call(request, await request.body())
        if inspect.iscoroutinefunction(handler):
            resource = await handler(services, call)
        else:
            resource = await run_in_threadpool(handler, services, call)
        return render(call, Reply(resource))

    return endpoint


def _upload(services: Services, handler: _Upload) -> _Endpoint:
    async def endpoint(request: Request) -> Response:
        call = _call(request, b"")
        return render(call, await handler(services, call, request))

    return endpoint


def _answering(endpoint: _Endpoint) -> _Endpoint:
    """The endpoint with every refusal, and every fault of our own, in BigQuery's shape."""

    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except ApiError as error:
            return render_error(error)
        except Exception:  # noqa: BLE001 - clients must see BigQuery's shape, and no inner detail
            _log.exception("%s %s failed inside the sandbox", request.method, request.url.path)
            return render_error(internal("An internal error occurred and the request could not be completed."))

    return answer


def _call(request: Request, body: bytes) -> Call:
    if "x-http-method-override" in request.headers:
        raise not_implemented("X-HTTP-Method-Override")
    return Call(
        path=request.path_params,
        query={name: request.query_params.getlist(name) for name in request.query_params},
        body=parse_job(body),
        user_email=request.headers.get("x-sandbox-user", _DEFAULT_USER),
        base_url=str(request.base_url).rstrip("/"),
        if_match=request.headers.get("if-match"),
    )


async def _unknown_path(request: Request, _: Exception) -> Response:
    return render_error(ApiError(404, "notFound", f"Not found: {request.method} {request.url.path}"))
