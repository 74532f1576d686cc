"""The server's own affairs: addresses, signals, quiet."""

import asyncio
import os
import signal
import socket

import pytest
from raw_http import Responses, get

from gatebook.inbound.rest.server import base_url, listening, until_signal
from gatebook.settings import Listen


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_end_the_wait_and_nothing_else(number):
    async def wait() -> None:
        waiting = asyncio.create_task(until_signal())
        await asyncio.sleep(0)
        os.kill(os.getpid(), number)
        await asyncio.wait_for(waiting, 5)

    asyncio.run(wait())
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


def test_a_taken_port_is_an_error_that_says_so():
    with listening(Listen(port=0)) as first, pytest.raises(OSError, match="in use"):
        listening(Listen(port=first.getsockname()[1]))


def test_urls():
    with listening(Listen(port=0)) as opened:
        assert base_url(Listen(port=0), opened) == f"http://127.0.0.1:{opened.getsockname()[1]}"
    if socket.has_ipv6:
        with listening(Listen(host="::1", port=0)) as opened:
            assert base_url(Listen(host="::1", port=0), opened) == f"http://[::1]:{opened.getsockname()[1]}"


def test_the_server_is_quiet(door, capfd, caplog):
    caplog.set_level("DEBUG")
    with door.connect() as connection:
        responses = Responses(connection)
        connection.sendall(get("/bigquery/v2/projects?pageToken=secret"))
        assert responses.next().status == 200
        connection.sendall(b"nonsense\r\n\r\n")
        assert responses.next().status == 400
    assert capfd.readouterr() == ("", "")
    assert "secret" not in caplog.text
    assert not [record for record in caplog.records if record.name.startswith("uvicorn")]
