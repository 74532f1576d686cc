"""The discovery document, answered by the door: it leads clients that read it (bq) back to Gatebook.

Google's own document names Google's endpoints; forwarding it would lead them around the gateway. This one is made of
the method table, so that what it offers is what the door takes. It has no batch path that works: batches are closed.
"""

import re
from collections import defaultdict
from typing import Any

import msgspec

from gatebook.core.methods import METHODS, PARAMETERS, REPEATED_PARAMETERS
from gatebook.core.model import Body, Method

PATHS = frozenset({b"/$discovery/rest", b"/discovery/v1/apis/bigquery/v2/rest"})
_VERSION_QUERIES = frozenset({b"", b"version=v2"})
_SERVICE_PATH = "bigquery/v2/"
# Methods whose replies are empty, in Google's document too.
_WITHOUT_REPLY = re.compile(r"\.(?:delete|batchDelete)$")
_GENERIC = "Resource"
_VARIABLE = re.compile(r"\{(\w+)\}")
_EVERYWHERE = frozenset({"alt", "fields", "prettyPrint"})


def is_discovery(path: bytes, query: bytes) -> bool:
    """Tell a request for the document of BigQuery v2; other APIs' documents are unknown here."""
    return path in PATHS and query in _VERSION_QUERIES


def discovery_document(public_url: str) -> bytes:
    """Write the document (Google's `discovery#restDescription`) for a gateway at this URL."""
    resources: dict[str, dict[str, Any]] = defaultdict(lambda: {"methods": {}})
    for method in METHODS:
        _, collection, name = method.name.split(".")
        resources[collection]["methods"][name] = _method(method)
    document = {
        "kind": "discovery#restDescription",
        "discoveryVersion": "v1",
        "id": "bigquery:v2",
        "name": "bigquery",
        "version": "v2",
        "title": "BigQuery API",
        "protocol": "rest",
        "rootUrl": f"{public_url}/",
        "servicePath": _SERVICE_PATH,
        "baseUrl": f"{public_url}/{_SERVICE_PATH}",
        "basePath": f"/{_SERVICE_PATH}",
        "batchPath": "batch/bigquery/v2",
        "parameters": {name: {"type": "string", "location": "query"} for name in sorted(_EVERYWHERE)},
        "schemas": {_GENERIC: {"id": _GENERIC, "type": "object", "additionalProperties": {"type": "any"}}},
        "resources": resources,
    }
    return msgspec.json.encode(document)


def _method(method: Method) -> dict[str, Any]:
    path = _relative(method)
    variables = re.findall(r"\{\+(\w+)\}", path)
    described: dict[str, Any] = {
        "id": method.name,
        "path": path,
        "flatPath": path.replace("+", ""),
        "httpMethod": method.verb,
        "parameterOrder": variables,
        "parameters": {name: {"type": "string", "location": "path", "required": True} for name in variables}
        | {name: _parameter(name) for name in sorted(PARAMETERS - _EVERYWHERE)},
    }
    if method.body is not Body.NONE:
        described["request"] = {"$ref": _GENERIC}
    if not _WITHOUT_REPLY.search(method.name):
        described["response"] = {"$ref": _GENERIC}
    if method.name == "bigquery.jobs.insert":
        described |= {"supportsMediaUpload": True, "mediaUpload": _uploads(f"{_SERVICE_PATH}{path}")}
    return described


def _relative(method: Method) -> str:
    """Give the path below the service path, as clients expand it; for IAM they have the whole name in one variable."""
    path = _VARIABLE.sub(r"{+\1}", method.template.removeprefix(f"/{_SERVICE_PATH}"))
    _, colon, verb = path.rpartition(":")
    return f"{{+resource}}:{verb}" if colon and "Iam" in verb else path


def _parameter(name: str) -> dict[str, Any]:
    described: dict[str, Any] = {"type": "string", "location": "query"}
    return described | {"repeated": True} if name in REPEATED_PARAMETERS else described


def _uploads(path: str) -> dict[str, Any]:
    return {
        "accept": ["*/*"],
        "protocols": {
            "simple": {"multipart": True, "path": f"/upload/{path}"},
            "resumable": {"multipart": True, "path": f"/resumable/upload/{path}"},
        },
    }
