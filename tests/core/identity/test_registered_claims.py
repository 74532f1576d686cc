"""Audience and times, to the second."""

from typing import Any

import pytest

from gatebook.core.identity.registered import LAST_SECOND, check_audience, check_times
from gatebook.errors import Reason, Refused

NOW, LEEWAY = 1_000_000.0, 30.0

TIMES: list[tuple[dict[str, Any], Reason | None]] = [
    ({"iat": NOW - 300, "exp": NOW + 1}, None),
    ({"iat": NOW - 300, "exp": NOW - 29}, None),
    ({"iat": NOW - 300, "exp": NOW - 30}, Reason.TOKEN_EXPIRED),
    ({"iat": NOW + 30, "exp": NOW + 300}, None),
    ({"iat": NOW + 31, "exp": NOW + 300}, Reason.TOKEN_NOT_YET_VALID),
    ({"iat": NOW, "nbf": NOW + 30, "exp": NOW + 300}, None),
    ({"iat": NOW, "nbf": NOW + 30.5, "exp": NOW + 300}, Reason.TOKEN_NOT_YET_VALID),
    ({"iat": NOW, "nbf": None, "exp": NOW + 300}, None),
    ({"iat": NOW, "exp": LAST_SECOND}, None),
    ({"iat": NOW, "exp": LAST_SECOND + 1}, Reason.TOKEN_MALFORMED),
    ({"iat": NOW + 5, "exp": NOW + 5}, Reason.TOKEN_MALFORMED),
    ({"iat": NOW}, Reason.TOKEN_CLAIMS),
    ({"exp": NOW + 300}, Reason.TOKEN_CLAIMS),
    ({"iat": NOW, "exp": float("inf")}, Reason.TOKEN_MALFORMED),
    ({"iat": NOW, "exp": float("nan")}, Reason.TOKEN_MALFORMED),
    ({"iat": False, "exp": NOW + 300}, Reason.TOKEN_MALFORMED),
    ({"iat": "0", "exp": NOW + 300}, Reason.TOKEN_MALFORMED),
]


@pytest.mark.parametrize(("claims", "reason"), TIMES)
def test_times(claims: dict[str, Any], reason: Reason | None) -> None:
    if reason is None:
        assert check_times(claims, NOW, LEEWAY) == int(claims["exp"])
        return
    with pytest.raises(Refused) as refused:
        check_times(claims, NOW, LEEWAY)
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    ("audience", "accepted"),
    [
        ("https://a", True),
        ("https://b", True),
        (["https://a"], True),
        (["https://a", "https://b"], False),
        ([], False),
        ([["https://a"]], False),
        ("", False),
        (None, False),
        (7, False),
        ({"https://a": 1}, False),
        ("https://a ", False),
        ("HTTPS://A", False),
    ],
)
def test_audience(audience: object, accepted: bool) -> None:
    if accepted:
        check_audience({"aud": audience}, {"https://a", "https://b"}, "ask")
        return
    with pytest.raises(Refused, match="ask") as refused:
        check_audience({"aud": audience}, {"https://a", "https://b"}, "ask")
    assert refused.value.reason == Reason.TOKEN_AUDIENCE
