"""Large bodies pass in flat memory, with and without TLS."""

import datetime as dt
import re
import socket
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from door_harness import JSON, Journey, json_reply
from raw_http import Responses, exchange, get, post

from gatebook.ports import Reply
from gatebook.settings import Listen

MEGABYTE = 1 << 20
TOTAL = 200 * MEGABYTE
GROWTH = 50 * MEGABYTE
JOBS = "/bigquery/v2/projects/acme/jobs"
UPLOAD = "/upload/bigquery/v2/projects/acme/jobs?uploadType=resumable&upload_id=u"


def resident_bytes() -> int:
    """Give the resident size now, and forget the peak of what came before."""
    Path("/proc/self/clear_refs").write_text("5")
    return peak_bytes()


def peak_bytes() -> int:
    """Give the largest resident size since then (VmHWM of proc(5))."""
    return int(re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())[1]) * 1024


def drain(connection: socket.socket, wanted: int) -> int:
    received, buffer = 0, bytearray(MEGABYTE)
    while received < wanted:
        count = connection.recv_into(buffer)
        if not count:
            break
        received += count
    return received


@pytest.mark.parametrize("sized", [True, False], ids=["with a length", "in chunks"])
def test_a_large_reply_in_flat_memory(open_door, sized):
    piece = b"x" * 262_144

    async def large(_call, _content):
        async def body():
            for _ in range(TOTAL // len(piece)):
                yield piece

        return Reply(200, (*JSON, *((("content-length", str(TOTAL)),) if sized else ())), body())

    door = open_door(Journey(answer=large))
    before = resident_bytes()
    with door.connect() as connection:
        connection.sendall(get(JOBS))
        assert drain(connection, TOTAL) >= TOTAL
    assert peak_bytes() - before < GROWTH


def test_a_large_upload_in_flat_memory(open_door):
    class Counting(Journey):
        async def travel(self, call, credential, content):
            counted = 0
            async for chunk in content.chunks:
                counted += len(chunk)
            return json_reply({"bytes": counted})

    door = open_door(Counting())
    before = resident_bytes()
    with door.connect() as connection:
        connection.sendall(post(UPLOAD, b"").replace(b"Length: 0", b"Length: %d" % TOTAL))
        piece = b"x" * MEGABYTE
        for _ in range(TOTAL // MEGABYTE):
            connection.sendall(piece)
        assert Responses(connection).next().body == b'{"bytes":%d}' % TOTAL
    assert peak_bytes() - before < GROWTH


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    directory = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (directory / "cert.pem").write_bytes(built.public_bytes(serialization.Encoding.PEM))
    (directory / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return directory


def test_tls(open_door, certificate):
    door = open_door(
        listen=Listen(port=0, certificate_file=certificate / "cert.pem", private_key_file=certificate / "key.pem")
    )
    assert door.url.startswith("https://127.0.0.1:")
    context = ssl.create_default_context(cafile=str(certificate / "cert.pem"))
    with door.connect() as plain, context.wrap_socket(plain, server_hostname="localhost") as connection:
        assert connection.version() == "TLSv1.3"
        assert exchange(connection, get(JOBS)).status == 200
    with door.connect() as plain:
        plain.sendall(get(JOBS))
        assert not plain.recv(1000).startswith(b"HTTP/1.1 200")
