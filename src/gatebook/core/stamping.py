"""Stamping: Gatebook's labels on a job, so that BigQuery's own log points back to the book."""

import hashlib
import re
import unicodedata
from functools import lru_cache
from typing import Any

from gatebook.core.model import Call, Identity, JsonObject
from gatebook.errors import Reason, Refused

OUR_PREFIX = "gatebook_"
RECORD_LABEL = "gatebook_record"
CALLER_LABEL = "gatebook_caller"
RUN_LABEL = "gatebook_run"
OUR_LABELS = (RECORD_LABEL, CALLER_LABEL, RUN_LABEL)

# https://cloud.google.com/bigquery/docs/labels-intro#requirements
_LABELS = 64
_CHARACTERS = 63
_REQUEST_ID_CHARACTERS = 36  # the longest that QueryRequest.requestId may be
_BYTES = 128
_NOT_IN_LABELS = re.compile(r"[^a-z0-9_-]")
_CATEGORIES = frozenset({"Ll", "Lo", "Nd", "Nl", "No"})  # lower-case and caseless letters of any script, numbers


def stamped(call: Call, identity: Identity) -> JsonObject | None:
    """Give the call's document, with Gatebook's labels when it starts a job, and the request id made the caller's own.

    Nothing else of it changes.

    Labels of the user stay; ours replace any of the same name, since the name says who set it.
    Raises Refused(BODY_MALFORMED) when the labels cannot be read or leave no room.
    """
    document = call.document
    if document is None:
        return None
    if call.method.name == "bigquery.jobs.query":
        return {
            **document,
            **_own_request_id(document, identity),
            "labels": _labels(document.get("labels"), call, identity),
        }
    if call.method.name.startswith("bigquery.jobs.insert"):
        configuration = document.get("configuration")
        if not isinstance(configuration, dict):
            raise Refused(Reason.BODY_MALFORMED, "configuration: the configuration of the job is missing.")
        labels = _labels(configuration.get("labels"), call, identity)
        return {**document, "configuration": {**configuration, "labels": labels}}
    return document


def _own_request_id(document: JsonObject, identity: Identity) -> JsonObject:
    """Give a `requestId` that is the caller's alone.

    BigQuery answers a repeated request id with the first request's result, to whoever has the same credential: all
    callers of Gatebook do. One that learned another's request id must not get that one's rows.
    """
    request_id = document.get("requestId")
    if request_id in (None, ""):  # the same to BigQuery: a made-up one would join requests that have none
        return {}
    digest = hashlib.sha256(f"{identity.caller.key}\n{request_id}".encode("utf-8", "backslashreplace")).hexdigest()
    return {"requestId": digest[:_REQUEST_ID_CHARACTERS]}


@lru_cache(maxsize=1024)  # callers and their runs come again and again
def label_value(text: str) -> str:
    """Give the nearest text that BigQuery takes as the value of a label: lower case, `-` for what it does not take."""
    lowered = text.lower()[:_CHARACTERS]
    if lowered.isascii():
        return _NOT_IN_LABELS.sub("-", lowered)
    value = "".join(c if c in "_-" or unicodedata.category(c) in _CATEGORIES else "-" for c in lowered)
    return value.encode()[:_BYTES].decode(errors="ignore")


def _labels(given: Any, call: Call, identity: Identity) -> dict[str, Any]:
    if given is not None and not isinstance(given, dict):
        raise Refused(Reason.BODY_MALFORMED, "labels: must be an object of label names and values.")
    labels = {name: value for name, value in (given or {}).items() if name not in OUR_LABELS}
    ours = {
        RECORD_LABEL: call.id,  # made to be a label
        CALLER_LABEL: label_value(identity.caller.name),
        RUN_LABEL: label_value(identity.attested.run or ""),
    }
    labels.update((name, value) for name, value in ours.items() if value)
    if len(labels) > _LABELS:
        raise Refused(
            Reason.BODY_MALFORMED,
            f"labels: BigQuery takes {_LABELS} labels on a job, of which Gatebook sets {len(OUR_LABELS)}. Give at most"
            f" {_LABELS - len(OUR_LABELS)}.",
        )
    return labels
