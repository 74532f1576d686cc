"""The sandbox as a process: it starts, says where, serves TLS when asked, and ends on a signal."""

import asyncio
import datetime as dt
import ipaddress
import signal
import socket
import subprocess
import sys
import time

import grpc
import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from google.api_core.exceptions import NotFound
from google.cloud.bigquery_storage_v1 import BigQueryReadClient
from google.cloud.bigquery_storage_v1.services.big_query_read.transports import BigQueryReadGrpcTransport
from running_sandbox import Running

from gatebook.sandbox.server import Options, Tls, start

PROGRAM = """
from gatebook.sandbox.server import Options, run
run(Options(), lambda addresses: print(addresses.rest_url, flush=True))
"""
SLOW = "SELECT COUNT(*) FROM UNNEST(GENERATE_ARRAY(1, 100000)) a, UNNEST(GENERATE_ARRAY(1, 100000)) b"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_soon_even_with_a_query_running(number):
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        url = process.stdout.readline().strip()
        body = {"configuration": {"query": {"query": SLOW, "useLegacySql": False}}}
        job = requests.post(f"{url}/bigquery/v2/projects/p/jobs", json=body, timeout=10).json()
        assert job["status"]["state"] != "DONE"
        process.send_signal(number)
        started = time.monotonic()
        _, errors = process.communicate(timeout=20)
        assert time.monotonic() - started < 8
        assert process.returncode == 0
        assert errors == ""
    finally:
        process.kill()


@pytest.fixture(scope="module")
def tls(tmp_path_factory):
    directory = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sandbox")])
    now = dt.datetime.now(dt.UTC)
    local = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(local, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    made = Tls(directory / "cert.pem", directory / "key.pem")
    made.certificate.write_bytes(certificate.public_bytes(pem))
    made.key.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return made


def test_tls_on_both_ports(tls):
    running = Running(Options(tls=tls))
    try:
        url = running.addresses.rest_url
        assert url.startswith("https://")
        assert requests.get(f"{url}/bigquery/v2/projects", verify=tls.certificate, timeout=10).status_code == 200
        credentials = grpc.ssl_channel_credentials(tls.certificate.read_bytes())
        with grpc.secure_channel(running.addresses.grpc_address, credentials) as channel:
            client = BigQueryReadClient(transport=BigQueryReadGrpcTransport(channel=channel))
            with pytest.raises(NotFound):
                client.create_read_session(
                    parent="projects/p",
                    read_session={"table": "projects/p/datasets/d/tables/t", "data_format": "ARROW"},
                )
    finally:
        running.stop()


def test_what_keeps_it_from_starting_is_an_os_error(tls):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        missing = Tls(tls.certificate.with_name("nope.pem"), tls.key)
        for options in (Options(port=port), Options(grpc_port=port), Options(tls=missing)):
            with pytest.raises(OSError, match=r"cannot listen|in use|No such file"):
                asyncio.run(_start_and_stop(options))


async def _start_and_stop(options):
    async with start(options):
        pass


def test_data_on_disk_is_there_again(tmp_path):
    def query(url, sql):
        body = {"query": sql, "useLegacySql": False}
        return requests.post(f"{url}/bigquery/v2/projects/demo-project/queries", json=body, timeout=30).json()

    options = Options(data=tmp_path, demo_data=True)
    first = Running(options)
    query(first.addresses.rest_url, "CREATE TABLE shop.kept AS SELECT 5 AS n")
    first.stop()
    second = Running(options)
    try:
        assert query(second.addresses.rest_url, "SELECT n FROM shop.kept")["rows"] == [{"f": [{"v": "5"}]}]
    finally:
        second.stop()
