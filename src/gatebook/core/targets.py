"""Request targets, built from what was understood: upstream never sees a path or query string as a client wrote it."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from urllib.parse import parse_qsl, quote, urlsplit

from gatebook.core.methods import UPLOAD_CONTINUE
from gatebook.core.model import Method

# Beside the unreserved characters these stand in names (`example.com:warehouse`, `events$20260131`) and, in a path
# segment, for nothing but themselves (RFC 3986 section 3.3).
_SAFE_IN_SEGMENT = ":$"


def target(method: Method, resource: Mapping[str, str], parameters: Iterable[tuple[str, str]]) -> str:
    """Give path and query string, percent-encoded, for a method, its path variables and its parameters in order."""
    return _target(method.template, tuple(resource.items()), tuple(parameters))


@lru_cache(maxsize=1024)  # clients repeat themselves
def _target(template: str, resource: tuple[tuple[str, str], ...], parameters: tuple[tuple[str, str], ...]) -> str:
    path = template
    if resource:
        path = path.format_map({name: quote(value, safe=_SAFE_IN_SEGMENT) for name, value in resource})
    query = "&".join(f"{quote(name, safe='$')}={quote(value, safe='')}" for name, value in parameters)
    return f"{path}?{query}" if query else path


def upload_url(public_url: str, project: str, upload_id: str) -> str:
    """Give the URL at which a client continues a resumable upload through Gatebook.

    `public_url` is how clients reach the gateway, without a trailing slash. The pair of parameters is what Google's
    own `Location` carries, and what the door takes back.
    """
    parameters = (("uploadType", "resumable"), ("upload_id", upload_id))
    return public_url + target(UPLOAD_CONTINUE, {"projectId": project}, parameters)


def upload_id_of(location: str) -> str | None:
    """Give the upload id in the `Location` that upstream answers to the start of a resumable upload, or None."""
    try:
        parameters = parse_qsl(urlsplit(location).query, strict_parsing=True, max_num_fields=32)
    except ValueError:
        return None
    found = [value for name, value in parameters if name == "upload_id"]
    return found[0] if len(found) == 1 and found[0] else None
