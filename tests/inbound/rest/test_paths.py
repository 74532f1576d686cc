"""Paths: what clients send, and the law that anything else is refused or is exactly what it says."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatebook.core.methods import METHODS
from gatebook.core.model import Method
from gatebook.core.resource_names import NAMES
from gatebook.core.targets import target
from gatebook.errors import Reason, Refused
from gatebook.inbound.rest.parameters import read_parameters
from gatebook.inbound.rest.paths import match

VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")
SAMPLE = {
    "projectId": "example.com:acme",
    "datasetId": "_d1",
    "tableId": "Größe 1$20260131",
    "jobId": "bqjob_r1-2",
    "routineId": "f",
    "modelId": "m",
    "policyId": "p",
}


@pytest.mark.parametrize("method", METHODS, ids=lambda m: m.name)
def test_every_method_is_found_by_the_target_that_is_built_for_it(method: Method) -> None:
    resource = {name: value for name, value in SAMPLE.items() if f"{{{name}}}" in method.template}
    found = match(method.verb, target(method, resource, ()).encode())
    assert found.method is method
    assert found.resource == resource


@pytest.mark.parametrize(
    "path",
    [
        "/upload/bigquery/v2/projects/acme/jobs",
        "/resumable/upload/bigquery/v2/projects/acme/jobs",
        "/bigquery/v2/upload/bigquery/v2/projects/acme/jobs",
    ],
)
def test_the_upload_paths_of_all_clients(path: str) -> None:
    found = match("POST", path.encode())
    assert (found.method, found.resource) == (None, {"projectId": "acme"})


def test_refusals_are_not_remembered_as_answers() -> None:
    for _ in range(2):
        with pytest.raises(Refused) as refused:
            match("GET", b"/bigquery/v2/projects/acme/queries")
        assert refused.value.reason is Reason.PATH_UNKNOWN
        assert "POST" in refused.value.message


def test_prefixless_paths_say_how_to_set_up_node() -> None:
    with pytest.raises(Refused, match="BIGQUERY_EMULATOR_HOST"):
        match("POST", b"/projects/acme/queries")


WORDS = b"bigquery v2 projects datasets tables jobs upload data acme t d :getIamPolicy /bigquery/v2/projects/acme"
TRICKS = b"/ .. . %2f %2e %00 %25 % \\ $ : @ %41 %C3%9F \xff \xc0\xaf"
PIECES = [*WORDS.split(), *TRICKS.split()]
hostile_bytes = st.lists(st.one_of(st.sampled_from(PIECES), st.binary(max_size=4)), max_size=14).map(b"".join)


@settings(max_examples=600, deadline=None)
@given(st.sampled_from(VERBS), hostile_bytes.map(lambda tail: b"/" + tail.removeprefix(b"/")))
def test_any_path_is_refused_or_has_clean_parts_and_round_trips(verb: str, raw: bytes) -> None:
    try:
        found = match(verb, raw)
    except Refused:
        return
    for name, value in found.resource.items():
        assert NAMES[name](value)
        assert not set(value) & set("/\\%?#\x00\r\n")
    if found.method is not None:
        assert found.method.verb == verb
        assert match(verb, target(found.method, found.resource, ()).encode()) == found


names = {
    "projectId": st.from_regex(r"[a-z][a-z0-9-]{0,20}[a-z0-9]", fullmatch=True),
    "datasetId": st.from_regex(r"[A-Za-z0-9_]{1,30}", fullmatch=True),
    "tableId": st.text(min_size=1, max_size=20).filter(NAMES["tableId"]),
    "jobId": st.from_regex(r"[A-Za-z0-9_-]{1,40}", fullmatch=True),
    "routineId": st.from_regex(r"[A-Za-z0-9_]{1,30}", fullmatch=True),
    "modelId": st.from_regex(r"[A-Za-z0-9_-]{1,30}", fullmatch=True),
    "policyId": st.from_regex(r"[A-Za-z0-9_]{1,30}", fullmatch=True),
}


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(METHODS), st.fixed_dictionaries(names))
def test_every_good_name_round_trips(method: Method, values: dict[str, str]) -> None:
    resource = {name: value for name, value in values.items() if f"{{{name}}}" in method.template}
    found = match(method.verb, target(method, resource, ()).encode())
    assert (found.method, found.resource) == (method, resource)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60))
def test_any_query_string_is_refused_or_round_trips(raw: bytes) -> None:
    try:
        parameters = read_parameters(b"pageToken=" + raw)
    except Refused:
        return
    built = target(METHODS[0], {"projectId": "p", "datasetId": "d"}, parameters).partition("?")[2]
    assert read_parameters(built.encode()) == parameters
    assert built.isascii()


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"", ()),
        (b"maxResults=0", (("maxResults", "0"),)),
        (b"pageToken=a%2Bb+c%3D", (("pageToken", "a+b c="),)),
        (b"stateFilter=done&stateFilter=pending", (("stateFilter", "done"), ("stateFilter", "pending"))),
        (b"formatOptions.useInt64Timestamp=True", (("formatOptions.useInt64Timestamp", "True"),)),
        (b"fields=items(id,%20name)&&alt=json", (("fields", "items(id, name)"), ("alt", "json"))),
    ],
)
def test_query_strings_of_clients(raw: bytes, expected: tuple[tuple[str, str], ...]) -> None:
    assert read_parameters(raw) == expected
