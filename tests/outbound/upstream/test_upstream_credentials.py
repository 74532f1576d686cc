"""Gatebook's own credentials, against an endpoint that behaves as Google's and at times does not."""

import asyncio
import dataclasses
import json
import logging
import threading

import pytest
import uvloop
from fake_google import GATEWAY_ACCOUNT, fake_google
from misbehaving import CALLER, GET, QUICK, answering, body_of, misbehaving, ok

from gatebook.errors import Reason, Refused, UpstreamFailed
from gatebook.outbound.upstream import access_tokens
from gatebook.outbound.upstream.client import HttpUpstream
from gatebook.outbound.upstream.credentials import load_credentials
from gatebook.outbound.upstream.endpoint import Endpoint
from gatebook.settings import SettingsError, Upstream

ETL = dataclasses.replace(CALLER, name="acme/etl")
AGENT = dataclasses.replace(CALLER, subject="agent", name="agent")
SCOPE = "https://www.googleapis.com/auth/bigquery"


@pytest.fixture
def google():
    with fake_google() as google:
        yield google


@pytest.fixture
def settings(google, tmp_path):
    return {"credential": "key_file", "key_file": google.key_file(tmp_path / "key.json")}


def load(google, settings, **more):
    return load_credentials(Upstream(**settings, **more), iam_endpoint=google.url)


def authorizations(credentials, *callers):
    async def scene():
        return [await credentials.authorization(caller) for caller in callers]

    return uvloop.run(scene())


def test_a_key_file_becomes_a_token_that_is_kept(google, settings):
    assert authorizations(load(google, settings), ETL, AGENT, ETL) == ["Bearer ya29.own-1"] * 3
    assert [(grant["iss"], grant["scope"]) for grant in google.grants] == [(GATEWAY_ACCOUNT, SCOPE)]


def test_the_application_default_credential_is_found_in_the_environment(google, settings, monkeypatch):
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(settings["key_file"]))
    assert authorizations(load(google, {}), ETL) == ["Bearer ya29.own-1"]
    assert google.grants[0]["scope"] == SCOPE


def test_no_application_default_credential_is_a_settings_error(google, monkeypatch, tmp_path):
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "missing.json"))
    with pytest.raises(SettingsError, match=r"upstream\.credential: .*missing\.json"):
        load(google, {})


def test_none_sends_none_and_a_401_is_upstreams_own(google):
    credentials = load(google, {"credential": "none", "endpoint": "http://127.0.0.1"})
    asked, status = forwarded(credentials, b"HTTP/1.1 401 X\r\nContent-Length: 0\r\n\r\n")
    assert ("authorization" in asked.headers, status) == (False, 401)


def test_the_token_is_sent_instead_of_the_callers(google, settings):
    asked, _ = forwarded(load(google, settings), ok(), headers=(("Authorization", "Bearer callers-own"),))
    assert asked.headers["authorization"] == "Bearer ya29.own-1"
    assert b"callers-own" not in asked.raw_head


def forwarded(credentials, answer, headers=()):
    async def scene():
        async with misbehaving(answering(answer)) as stage:
            upstream = HttpUpstream(Endpoint.of(stage.url), credentials, QUICK, 1)
            reply = await upstream.forward(dataclasses.replace(GET, headers=headers), ETL)
            await body_of(reply)
            await upstream.close()
            return stage.requests[0], reply.status

    return uvloop.run(scene())


def test_one_account_is_impersonated_for_all(google, settings):
    credentials = load(google, settings, impersonate="reader@acme.iam.gserviceaccount.com")
    assert authorizations(credentials, ETL, AGENT) == ["Bearer ya29.reader-1"] * 2
    assert google.impersonations == [
        {"account": "reader@acme.iam.gserviceaccount.com", "delegates": None, "scope": [SCOPE], "lifetime": "3600s"}
    ]
    assert google.grants[0]["scope"] == "https://www.googleapis.com/auth/iam"


def test_accounts_are_impersonated_by_the_callers_key_never_its_name(google, settings):
    twin = dataclasses.replace(CALLER, subject="twin")
    namesake = dataclasses.replace(CALLER, subject="somebody else")
    by_caller = {ETL.key: "etl@acme.iam.gserviceaccount.com", twin.key: "etl@acme.iam.gserviceaccount.com"}
    credentials = load(
        google, settings, impersonate="rest@acme.iam.gserviceaccount.com", impersonate_by_caller=by_caller
    )
    shown = authorizations(credentials, ETL, AGENT, ETL, twin, namesake)
    assert [text.removeprefix("Bearer ya29.") for text in shown] == ["etl-1", "rest-2", "etl-1", "etl-1", "rest-2"]


def test_a_caller_without_an_account_is_refused_rather_than_given_the_gateways_own(google, settings):
    credentials = load(google, settings, impersonate_by_caller={ETL.key: "etl@acme.iam.gserviceaccount.com"})
    with pytest.raises(Refused, match=r"No service account is configured for https://issuer\.example") as refusal:
        authorizations(credentials, AGENT)
    assert refusal.value.reason is Reason.DENIED
    assert google.grants == []


def test_many_calls_at_once_ask_once(google, settings):
    credentials = load(google, settings)

    async def scene():
        return await asyncio.gather(*(credentials.authorization(ETL) for _ in range(50)))

    assert set(uvloop.run(scene())) == {"Bearer ya29.own-1"}
    assert len(google.grants) == 1


def test_a_call_that_goes_away_does_not_end_the_renewal_for_the_others(google, settings):
    google.before_answer = threading.Event()
    credentials = load(google, settings)

    async def scene():
        first, second = (asyncio.create_task(credentials.authorization(ETL)) for _ in range(2))
        await asyncio.sleep(0.05)
        first.cancel()
        await asyncio.sleep(0.01)
        google.before_answer.set()
        return await second

    assert uvloop.run(scene()) == "Bearer ya29.own-1"
    assert len(google.grants) == 1


def aged(credentials, **times):
    """Make the token as old as a test needs, and past the cool-down."""
    token = credentials._token
    token._token = dataclasses.replace(token._token, **times)
    token._may_try_at = 0.0


def test_a_token_is_renewed_in_the_background_before_it_ends(google, settings):
    credentials = load(google, settings)

    async def scene():
        shown = [await credentials.authorization(ETL)]
        aged(credentials, renew_at=0.0)
        google.before_answer = threading.Event()
        shown += [await asyncio.wait_for(credentials.authorization(ETL), 0.5) for _ in range(3)]
        google.before_answer.set()
        await asyncio.wait([credentials._token._renewal])
        return [*shown, await credentials.authorization(ETL)]

    assert uvloop.run(scene()) == ["Bearer ya29.own-1"] * 4 + ["Bearer ya29.own-2"]


def test_a_token_that_ended_is_never_sent(google, settings):
    google.lifetime_seconds = 4  # less than a request may be under way
    credentials = load(google, settings)
    assert authorizations(credentials, ETL, ETL) == ["Bearer ya29.own-1", "Bearer ya29.own-2"]


def test_a_failing_renewal_does_not_harm_while_the_token_is_good(google, settings):
    credentials = load(google, settings)

    async def scene():
        await credentials.authorization(ETL)
        aged(credentials, renew_at=0.0)
        google.instead = LIES["refused"]
        shown = await credentials.authorization(ETL)
        await asyncio.wait([credentials._token._renewal])
        again = await credentials.authorization(ETL)
        aged(credentials, ends_at=0.0)
        with pytest.raises(UpstreamFailed):
            await credentials.authorization(ETL)
        return shown, again

    assert uvloop.run(scene()) == ("Bearer ya29.own-1",) * 2


LIES = {
    "refused": (400, {"error": "invalid_grant", "error_description": "Invalid JWT Signature: s3cret"}),
    "forbidden": (403, {"error": {"status": "PERMISSION_DENIED", "message": "s3cret"}}),
    "a page": (200, b"<html>s3cret</html>"),
    "a list": (200, ["s3cret"]),
    "no token": (200, {"expires_in": 3599, "s3cret": 1}),
    "a token that is no text": (200, {"access_token": ["s3cret"], "expires_in": 3599}),
    "a token that would smuggle": (200, {"access_token": "s3cret\r\nx-evil: 1", "expires_in": 3599}),
    "an endless life": (200, {"access_token": "s3cret", "expires_in": "forever"}),
    "not even text": (200, b"\xff\xfes3cret"),
}


@pytest.mark.parametrize("lie", LIES)
@pytest.mark.parametrize("impersonate", [None, "reader@acme.iam.gserviceaccount.com"])
def test_a_lying_endpoint_yields_one_plain_failure(google, settings, lie, impersonate, caplog):
    google.instead = LIES[lie]
    with pytest.raises(UpstreamFailed) as failure, caplog.at_level(logging.DEBUG, logger="gatebook"):
        authorizations(load(google, settings, impersonate=impersonate), ETL)
    assert failure.value.reason is Reason.UPSTREAM_CREDENTIAL
    assert failure.value.__cause__ is None
    for text in (failure.value.message, *(record.getMessage() for record in caplog.records)):
        assert "s3cret" not in text
        assert "PRIVATE" not in text
    assert any("could not be renewed" in record.getMessage() for record in caplog.records)


def test_an_endpoint_that_is_not_there_or_silent_fails_the_same(google, settings, monkeypatch):
    monkeypatch.setattr(access_tokens, "_RENEWAL_SECONDS", 0.2)
    google.before_answer = threading.Event()
    with pytest.raises(UpstreamFailed) as silent:
        uvloop.run(release_after(load(google, settings).authorization(ETL), google.before_answer))
    key = json.loads(settings["key_file"].read_text())
    settings["key_file"].write_text(json.dumps({**key, "token_uri": "http://127.0.0.1:1/token"}))
    monkeypatch.setattr(access_tokens, "_RENEWAL_SECONDS", 20)
    with pytest.raises(UpstreamFailed) as absent:
        authorizations(load(google, settings), ETL)
    assert [silent.value.reason, absent.value.reason] == [Reason.UPSTREAM_CREDENTIAL] * 2


async def release_after(waiting, event):
    try:
        return await waiting
    finally:
        event.set()


def test_after_a_failure_the_endpoint_is_left_alone_for_a_moment(google, settings):
    google.instead = LIES["refused"]
    credentials = load(google, settings)

    async def scene():
        for _ in range(5):
            with pytest.raises(UpstreamFailed):
                await credentials.authorization(ETL)
        assert google.requests == 1
        google.instead = None
        credentials._token._may_try_at = 0.0
        return await credentials.authorization(ETL)

    assert uvloop.run(scene()) == "Bearer ya29.own-1"


def test_a_forbidden_impersonation_names_its_reason_in_the_log_only(google, settings, caplog):
    credentials = load(google, settings, impersonate="forbidden@acme.iam.gserviceaccount.com")
    with pytest.raises(UpstreamFailed) as failure:
        authorizations(credentials, ETL)
    assert "PERMISSION_DENIED" in caplog.text
    assert "PERMISSION_DENIED" not in failure.value.message


def test_a_401_of_upstream_is_our_failure_and_the_token_is_renewed(google, settings):
    credentials = load(google, settings)
    script = answering(b"HTTP/1.1 401 X\r\nContent-Length: 0\r\n\r\n", ok(b"fine"))

    async def scene():
        async with misbehaving(script) as stage:
            upstream = HttpUpstream(Endpoint.of(stage.url), credentials, QUICK, 1)
            await credentials.authorization(ETL)
            credentials._token._may_try_at = 0.0
            with pytest.raises(UpstreamFailed) as failure:
                await upstream.forward(GET, ETL)
            body = await body_of(await upstream.forward(GET, ETL))
            await upstream.close()
            return failure.value.reason, body, stage.requests[1].headers["authorization"]

    assert uvloop.run(scene()) == (Reason.UPSTREAM_CREDENTIAL, b"fine", "Bearer ya29.own-2")


@pytest.mark.parametrize("content", ["", "{}", "[]", "not json s3cret", '{"type":"authorized_user"}', "\x00"])
def test_a_file_that_is_no_key_is_a_settings_error_without_its_content(google, tmp_path, content):
    path = tmp_path / "key.json"
    path.write_text(content)
    with pytest.raises(SettingsError, match=r"upstream\.key_file: .*key\.json") as failure:
        load(google, {"credential": "key_file", "key_file": path})
    assert "s3cret" not in str(failure.value)


def test_a_missing_key_file_is_a_settings_error(google, tmp_path):
    with pytest.raises(SettingsError, match="cannot be read"):
        load(google, {"credential": "key_file", "key_file": tmp_path / "none.json"})
