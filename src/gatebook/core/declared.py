"""Declared Provenance: what a caller says of itself in job labels, headers and SQL comments. None of it is proof.

Read are BigQuery job labels (Airflow's, dbt's, one's own), JSON in a comment (dbt's query comment), sqlcommenter's
`key='value'` comments (https://google.github.io/sqlcommenter/spec/), and the header X-Goog-Request-Reason.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

import msgspec

from gatebook.core import documents
from gatebook.core.model import Call, Provenance

# Each field of Provenance, by the names under which tools declare it; the first that is there counts.
_NAMES: dict[str, tuple[str, ...]] = {
    "repository": ("repository",),
    "commit": ("commit", "commit_sha", "git_sha"),
    "ref": ("ref", "branch"),
    "workflow": ("workflow", "airflow-dag", "dag_id", "app", "application"),
    "run": (
        "run", "dbt_invocation_id", "invocation_id", "dbt_cloud_run_id", "dag_run_id", "run_id", "traceparent",
    ),
    "job": ("job", "airflow-task", "task_id", "node_id", "dbt_cloud_job_id", "action", "route", "controller"),
    "actor": ("actor",),
    "environment": ("environment", "target_name"),
    "run_url": ("run_url",),
    "reason": ("reason",),
}  # fmt: skip
_KNOWN = frozenset(name for names in _NAMES.values() for name in names)
_NOTHING = Provenance()
_VALUE_CHARACTERS = 256
_COMMENT_CHARACTERS = 4096
_COMMENTS = 4  # at either end of the SQL

# Comments and white space before the first word of the SQL; the group is what a /* */ comment holds.
_LEADING = re.compile(r"\s*+(?:/\*(.*?)\*/|(?:--|#)[^\n]*+\n)", re.DOTALL)
_PAIR = r"[^\s=,'/*]{1,128}+='(?:[^'\\]|\\.)*+'"
_SQLCOMMENTER = re.compile(rf"\s*+{_PAIR}(?:\s*+,\s*+{_PAIR})*+\s*+", re.DOTALL)
_KEY_AND_VALUE = re.compile(r"([^\s=,'/*]{1,128}+)='((?:[^'\\]|\\.)*+)'", re.DOTALL)


def declared_provenance(call: Call) -> Provenance:
    """Give what the call declares. Labels come before comments. Values are bounded; whatever is sent, no error."""
    sources = [source for source in (*_labels(call), *_comments(call)) if not _KNOWN.isdisjoint(source)]
    if not sources and call.origin.request_reason is None:
        return _NOTHING
    fields = {field: value for field, names in _NAMES.items() if (value := _first(sources, names)) is not None}
    reason = _plain(call.origin.request_reason)
    if reason is not None:
        fields["reason"] = reason
    return Provenance(**fields)  # type: ignore[arg-type]  # every field named above is a text


def _labels(call: Call) -> Iterator[Mapping[str, Any]]:
    for path in (("labels",), ("configuration", "labels")):
        labels = documents.obj(call.document, *path)
        if labels:
            yield labels


def _comments(call: Call) -> Iterator[Mapping[str, Any]]:
    sql = documents.text(call.document, "query") or documents.text(call.document, "configuration", "query", "query")
    if sql is None or "/*" not in sql:
        return
    for comment in (*_leading_comments(sql), *_trailing_comments(sql)):
        yield _read_comment(comment)


def _leading_comments(sql: str) -> Iterator[str]:
    head, at = sql[: _COMMENTS * _COMMENT_CHARACTERS], 0
    for _ in range(_COMMENTS):
        match = _LEADING.match(head, at)
        if match is None:
            return
        at = match.end()
        if match[1] is not None:
            yield match[1]


def _trailing_comments(sql: str) -> Iterator[str]:
    tail = sql[-_COMMENTS * _COMMENT_CHARACTERS :]
    for _ in range(_COMMENTS):
        tail = tail.rstrip("; \t\r\n")
        start = tail.rfind("/*")
        if not tail.endswith("*/") or start < 0:
            return
        yield tail[start + 2 : -2]
        tail = tail[:start]


def _read_comment(comment: str) -> Mapping[str, Any]:
    if len(comment) > _COMMENT_CHARACTERS:
        return {}
    if comment.lstrip().startswith("{"):
        try:
            return documents.obj(msgspec.json.decode(comment.strip()))
        except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):
            return {}
    if _SQLCOMMENTER.fullmatch(comment):
        pairs = _KEY_AND_VALUE.findall(comment)
        return {unquote(key): unquote(value.replace("\\'", "'")) for key, value in pairs}
    return {}


def _first(sources: list[Mapping[str, Any]], names: tuple[str, ...]) -> str | None:
    for source in sources:
        for name in names:
            value = _plain(source.get(name))
            if value is not None:
                return value
    return None


def _plain(value: object) -> str | None:
    """Give a text or number as one line of bounded length; None for anything else and for nothing."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 64:
        return str(value)
    if not isinstance(value, str):
        return None
    text = value[:_VALUE_CHARACTERS]
    if not text.isprintable():
        text = "".join(c if c.isprintable() else " " for c in text)
    return text.strip() or None
