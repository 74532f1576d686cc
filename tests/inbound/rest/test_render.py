"""Every Reason has a rendering, and none that makes a client repeat what will not change."""

import re
from pathlib import Path

import msgspec
import pytest

import gatebook
from gatebook.errors import Reason, Refused
from gatebook.inbound.rest.records import with_link
from gatebook.inbound.rest.render import RENDERINGS, render

# google-cloud-bigquery, bigquery/retry.py: these are repeated for ten minutes, whatever the status.
REPEATED_BY_PYTHON = {"rateLimitExceeded", "backendError", "internalError", "badGateway"}
# google-cloud-java, BigQueryRetryAlgorithm: an error whose text matches is repeated, whatever it is.
REPEATED_BY_JAVA = re.compile(r".*exceed.*rate.*limit.*|Exceeded rate limits:", re.IGNORECASE | re.DOTALL)
PASSES_BY_ITSELF = {
    Reason.BOOK_UNAVAILABLE,
    Reason.ANALYZER_UNAVAILABLE,
    Reason.ISSUER_UNAVAILABLE,
    Reason.OVERLOADED,
    Reason.UPSTREAM_UNREACHABLE,
    Reason.UPSTREAM_TIMEOUT,
    Reason.UPSTREAM_BROKEN,
}


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_bigquerys_shape(reason):
    rendering = RENDERINGS[reason]
    reply = render(Refused(reason, "what to do: see https://gw/help"))
    error = msgspec.json.decode(reply.body)["error"]
    assert reply.status == error["code"] == rendering.http_status
    assert error["status"] == rendering.status
    assert error["message"] == error["errors"][0]["message"] == "what to do: see https://gw/help"
    assert error["errors"][0]["reason"] == rendering.reason


@pytest.mark.parametrize("reason", Reason)
def test_only_what_passes_by_itself_is_repeated(reason):
    assert (RENDERINGS[reason].reason in REPEATED_BY_PYTHON) == (reason in PASSES_BY_ITSELF)
    assert (RENDERINGS[reason].http_status >= 502) >= (reason in PASSES_BY_ITSELF)


def test_denials_and_tokens_have_the_statuses_that_clients_show_at_once():
    assert (RENDERINGS[Reason.DENIED].http_status, RENDERINGS[Reason.DENIED].reason) == (403, "accessDenied")
    for reason in Reason:
        if reason.name.startswith("TOKEN_"):
            assert RENDERINGS[reason].http_status == 401
            assert RENDERINGS[reason].headers[0][0] == "www-authenticate"


def test_refusals_that_a_person_will_look_into_say_where_their_record_is():
    linked = {
        reason
        for reason in Reason
        if with_link(Refused(reason, "No.", "ab12"), "https://gw") == "No. Record: https://gw/v1/records/ab12"
    }
    assert linked == {Reason.DENIED, Reason.HELD, Reason.LIMIT, Reason.SQL_OPAQUE, Reason.SQL_CONTRADICTED}
    assert with_link(Refused(Reason.DENIED, "No."), "https://gw") == "No."  # nothing was written down


def test_a_query_error_points_at_the_query():
    error = msgspec.json.decode(render(Refused(Reason.SQL_INVALID, "Syntax error at [1:8]")).body)["error"]
    assert (error["errors"][0]["location"], error["errors"][0]["reason"]) == ("query", "invalidQuery")


def test_no_text_of_ours_reads_like_a_rate_limit_to_java():
    for source in Path(gatebook.__file__).parent.rglob("*.py"):
        for text in re.findall(r'"([^"\n]*)"', source.read_text(encoding="utf-8")):
            assert not REPEATED_BY_JAVA.match(text) or "pattern" in text or ".*" in text, f"{source}: {text}"
