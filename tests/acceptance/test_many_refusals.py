"""Anonymous requests in numbers: the book stays small and tells how many there were; a good caller is served."""

import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from test_attacks import JOBS, QUERIES, shaped, sql

from acceptance_gateway import Gateway, gateway_on
from gatebook.issuer.serving import ServedIssuer

IN_FULL, ANSWERED = 10, 50


@pytest.fixture
def strict(tmp_path: Path, issuer: ServedIssuer, sandbox_url: str) -> Iterator[Gateway]:
    with gateway_on(tmp_path / "g", issuer, sandbox_url, refusals_in_full=IN_FULL) as gateway:
        yield gateway


def test_refusals_without_end_are_counted(tmp_path: Path, issuer: ServedIssuer, sandbox_url: str) -> None:
    paths = [JOBS, "/bigquery/v3/x"]
    answers: list[tuple[int, str]] = []
    with gateway_on(tmp_path / "g", issuer, sandbox_url, refusals_in_full=IN_FULL) as gateway:
        for number in range(150):
            status, headers, answer = gateway.request("GET", paths[number % 2], token="nonsense")
            answers.append((status, headers["x-gatebook-record"]))
            if status == 429:
                assert "accepted, or try again" in shaped(answer, "tooManyRefusals")
                assert headers["retry-after"] == "60"
        assert gateway.request("POST", QUERIES, sql("SELECT 1"))[0] == 200, "a good caller is served meanwhile"
        denied = gateway.request("POST", QUERIES, sql("SELECT 1", useLegacySql=True))
        assert denied[0] == 403
        assert gateway.record(denied[1]["x-gatebook-record"])["status"] == "refused", "a proven caller's is in full"
    statuses = Counter(status for status, _ in answers)
    assert statuses[401] + statuses[404] >= ANSWERED
    assert statuses[429] > 0
    refusals = gateway.book("--status", "refused", "--all")
    counted = [row for row in refusals if row["call"]["method"] == "gatebook.refusals.counted"]
    alone = [row for row in refusals if row not in counted and row["caller"] is None]
    numbers: Counter[str] = Counter()
    for row in counted:
        assert row["origin"]["address"] == "127.0.0.1"
        numbers.update({reason: int(number) for reason, number in row["call"]["resource"].items()})
    assert len(alone) + numbers.total() == 150, "none is lost, none is counted twice"
    assert len(alone) <= 2 * IN_FULL, "of one minute, or of two when it turned meanwhile"
    assert numbers.keys() == {"token_malformed", "path_unknown"}
    assert {record for _, record in answers} <= {row["id"] for row in refusals}, "every answer names a record"


def test_the_token_endpoint_is_bounded_too(strict: Gateway) -> None:
    form = b"grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange&subject_token=x&subject_token_type=y"
    statuses = []
    for _ in range(130):
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(f"{strict.url}/v1/token", form, timeout=30)
        statuses.append(caught.value.code)
    assert set(statuses) == {400, 429}
    assert strict.request("POST", QUERIES, sql("SELECT 1"))[0] == 200
