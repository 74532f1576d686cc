"""Paths: checked, decoded once, and matched against the table of methods. What does not match is refused."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from gatebook.core.methods import METHODS
from gatebook.core.model import Method
from gatebook.core.resource_names import NAMES
from gatebook.errors import Reason, Refused

MAX_PATH_BYTES = 8192
# RFC 3986 section 3.3: the characters of a path; everything else must be percent-encoded.
_NOT_A_PATH = re.compile(rb"[^A-Za-z0-9\-._~!$&'()*+,;=:@%/]")
_BROKEN_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
# Encoded forms of / \ . % and of control characters: no name holds them, and each has moved some server's idea of
# where a path leads (encoded traversal, double decoding, truncation at NUL).
_MISLEADING_ESCAPE = re.compile(rb"%(?:2[fFeE5]|5[cC]|[01][0-9A-Fa-f]|7[fF])")
_NODE_PREFIX = [b"bigquery", b"v2"]
_UPLOADS = ([b"upload"], [b"resumable", b"upload"])
_UPLOAD_SHAPE = 5  # bigquery/v2/projects/{projectId}/jobs


@dataclass(slots=True)
class _Node:
    """One step in the tree of templates: what may follow, and the methods that end here by verb."""

    literals: dict[bytes, "_Node"] = field(default_factory=dict)
    variable: tuple[str, "_Node"] | None = None
    custom_verbs: dict[bytes, "_Node"] = field(default_factory=dict)
    methods: dict[str, Method] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Match:
    """What a path names. `method` is None for the upload path: query string and headers tell its methods apart."""

    method: Method | None
    resource: Mapping[str, str]


@lru_cache(maxsize=1024)
def match(verb: str, raw_path: bytes) -> Match:
    """Match an undecoded path. Raises Refused (PATH_MALFORMED, PATH_UNKNOWN, ROUTE_CLOSED)."""
    segments = _segments(raw_path)
    project = _upload_project(segments)
    if project is not None:
        return Match(None, {"projectId": _name("projectId", project)})
    node, variables = _walk(segments)
    method = node.methods.get(verb)
    if method is None:
        raise _unknown(node) if not node.methods else _wrong_verb(verb, node)
    return Match(method, {name: _name(name, raw) for name, raw in variables})


def _segments(raw_path: bytes) -> list[bytes]:
    if len(raw_path) > MAX_PATH_BYTES:
        raise Refused(Reason.PATH_MALFORMED, f"The path is longer than {MAX_PATH_BYTES} bytes.")
    if not raw_path.startswith(b"/"):
        raise Refused(
            Reason.PATH_MALFORMED,
            "The request target must be a path. Gatebook is an endpoint, not a forward proxy: "
            "set the client's BigQuery endpoint to it.",
        )
    if _NOT_A_PATH.search(raw_path) or _BROKEN_ESCAPE.search(raw_path):
        raise Refused(Reason.PATH_MALFORMED, "The path holds characters that are not percent-encoded as RFC 3986 asks.")
    if _MISLEADING_ESCAPE.search(raw_path):
        raise Refused(Reason.PATH_MALFORMED, "The path holds an encoded slash, dot, percent or control character.")
    segments = raw_path[1:].split(b"/")
    if raw_path == b"/":
        raise _unknown(_ROOT)
    if b"" in segments or b"." in segments or b".." in segments:
        raise Refused(Reason.PATH_MALFORMED, "The path holds an empty, `.` or `..` segment.")
    if segments[0] == b"batch":
        raise Refused(Reason.ROUTE_CLOSED, "Access Denied: batch requests are closed. Send each request by itself.")
    return segments


def _upload_project(segments: list[bytes]) -> bytes | None:
    """Give the project segment of an upload path, None for any other path.

    Node's client joins its endpoint, which ends in /bigquery/v2, with the whole upload path.
    """
    if segments[:2] == _NODE_PREFIX:
        segments = segments[2:]
    for prefix in _UPLOADS:
        rest = segments[len(prefix) :]
        if segments[: len(prefix)] == prefix and len(rest) == _UPLOAD_SHAPE:
            bigquery, version, projects, project, jobs = rest
            if [bigquery, version] == _NODE_PREFIX and projects == b"projects" and jobs == b"jobs":
                return project
    return None


def _walk(segments: Iterable[bytes]) -> tuple[_Node, list[tuple[str, bytes]]]:
    node, variables = _ROOT, []
    for raw in segments:
        literal = node.literals.get(raw)
        if literal is not None:
            node = literal
            continue
        if node.variable is None:
            raise _unknown(node)
        name, node = node.variable
        # The custom verb is split off before decoding: an encoded colon belongs to the name, which has none.
        before, _, verb = raw.rpartition(b":")
        custom = node.custom_verbs.get(verb)
        variables.append((name, raw if custom is None else before))
        node = custom or node
    return node, variables


def _unknown(node: _Node) -> Refused:
    if node is _ROOT:
        return Refused(
            Reason.PATH_UNKNOWN,
            "Not found: Gatebook serves /bigquery/v2 only. A Node client needs BIGQUERY_EMULATOR_HOST to end in "
            "/bigquery/v2; a Python client needs it without a path.",
        )
    return Refused(Reason.PATH_UNKNOWN, "Not found: Gatebook knows no BigQuery method with this path.")


def _wrong_verb(verb: str, node: _Node) -> Refused:
    return Refused(Reason.PATH_UNKNOWN, f"Not found: this path takes {', '.join(sorted(node.methods))}, not {verb}.")


def _name(variable: str, raw: bytes) -> str:
    """Decode one segment, once, and hold it against the alphabet of its kind of name."""
    try:
        name = unquote_to_bytes(raw).decode("utf-8")
    except UnicodeDecodeError:
        raise Refused(Reason.PATH_MALFORMED, f"The {variable} in the path is not UTF-8.") from None
    if NAMES[variable](name):
        return name
    if variable == "projectId" and name.isdecimal():
        raise Refused(Reason.PATH_MALFORMED, "Use the project's id in the path, not its number.")
    raise Refused(Reason.PATH_MALFORMED, f"The {variable} in the path is not a name that BigQuery gives.")


def _tree(methods: Iterable[Method]) -> _Node:
    root = _Node()
    for method in methods:
        node = root
        for part in method.template[1:].split("/"):
            node = _grow(node, part)
        node.methods[method.verb] = method
    return root


def _grow(node: _Node, part: str) -> _Node:
    if not part.startswith("{"):
        return node.literals.setdefault(part.encode(), _Node())
    name, _, verb = part[1:].partition("}")
    if node.variable is None:
        node.variable = (name, _Node())
    child = node.variable[1]
    return child.custom_verbs.setdefault(verb[1:].encode(), _Node()) if verb else child


_ROOT = _tree(METHODS)
