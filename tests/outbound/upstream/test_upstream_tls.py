"""TLS to upstream: verified against the given authority or the system's, never skipped."""

import asyncio
import ssl

import pytest
import uvloop
from misbehaving import CALLER, GET, QUICK, answering, body_of, misbehaving, ok

from gatebook.errors import Reason, UpstreamFailed
from gatebook.outbound.upstream.client import HttpUpstream
from gatebook.outbound.upstream.credentials import NoCredentials
from gatebook.outbound.upstream.endpoint import Endpoint
from gatebook.settings import SettingsError
from throwaway_ca import Authority


@pytest.fixture(params=[asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])
def run(request):
    return request.param


def ask_twice(run, server_context, ca_file):
    async def scene():
        async with misbehaving(answering(ok(b"one"), ok(b"two")), server_context) as stage:
            upstream = HttpUpstream(Endpoint.of(stage.url, ca_file), NoCredentials(), QUICK, 2)
            try:
                bodies = [await body_of(await upstream.forward(GET, CALLER)) for _ in range(2)]
            finally:
                await upstream.close()
            return bodies, stage.connections

    return run(scene())


def test_a_certificate_of_the_given_authority_is_trusted(tmp_path, run):
    authority = Authority.make(tmp_path)
    assert ask_twice(run, authority.server_context("localhost"), authority.ca_file) == ([b"one", b"two"], 1)


@pytest.mark.parametrize("case", ["another authority", "the system's authorities", "another host", "expired"])
def test_any_other_certificate_is_not(tmp_path, run, case):
    authority = Authority.make(tmp_path / "right")
    context = authority.server_context(
        "elsewhere.example" if case == "another host" else "localhost", expired=case == "expired"
    )
    ca_file = authority.ca_file
    if case == "another authority":
        ca_file = Authority.make(tmp_path / "wrong").ca_file
    elif case == "the system's authorities":
        ca_file = None
    with pytest.raises(UpstreamFailed) as failure:
        ask_twice(run, context, ca_file)
    assert failure.value.reason is Reason.UPSTREAM_UNREACHABLE
    assert "certificate is not trusted" in failure.value.message


def test_plain_http_on_a_tls_port_is_unreachable(run):
    async def scene():
        async with misbehaving(answering(ok(b"plain"))) as stage:
            upstream = HttpUpstream(Endpoint.of(f"https://localhost:{stage.port}"), NoCredentials(), QUICK, 1)
            with pytest.raises(UpstreamFailed) as failure:
                await upstream.forward(GET, CALLER)
            await upstream.close()
            return failure.value.reason

    assert run(scene()) is Reason.UPSTREAM_UNREACHABLE


def test_old_protocol_versions_are_not_spoken(tmp_path):
    authority = Authority.make(tmp_path)
    tls = Endpoint.of("https://localhost", authority.ca_file).tls
    assert tls.minimum_version == ssl.TLSVersion.TLSv1_2
    assert tls.verify_mode == ssl.CERT_REQUIRED
    assert tls.check_hostname


def test_a_missing_authority_file_is_a_settings_error(tmp_path):
    with pytest.raises(SettingsError, match=r"upstream\.ca_file"):
        Endpoint.of("https://localhost", tmp_path / "missing.pem")
