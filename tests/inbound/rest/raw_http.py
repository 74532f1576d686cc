"""Raw HTTP for tests: bytes out, responses in, without a client's help or hindrance."""

import json
import socket
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Response:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def error(self) -> dict[str, Any]:
        """The error object, held against BigQuery's shape."""
        document = json.loads(self.body)
        error: dict[str, Any] = document["error"]
        assert document.keys() == {"error"}
        assert error.keys() == {"code", "message", "errors", "status"}
        assert error["code"] == self.status
        assert error["message"] == error["errors"][0]["message"]
        assert error["errors"][0]["domain"] == "global"
        assert self.headers["content-type"] == "application/json; charset=UTF-8"
        return error

    @property
    def reason(self) -> str:
        """BigQuery's reason of the error."""
        reason: str = self.error["errors"][0]["reason"]
        return reason


class Responses:
    """Reads responses from a socket, one after the other."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._ahead = b""

    def _more(self) -> bool:
        try:
            piece = self._connection.recv(1 << 20)
        except ConnectionResetError:
            return False
        self._ahead += piece
        return bool(piece)

    def next(self, head_only: bool = False) -> Response | None:
        """Read one response; None when the connection ends without one."""
        while b"\r\n\r\n" not in self._ahead:
            if not self._more():
                assert not self._ahead, self._ahead
                return None
        head, _, self._ahead = self._ahead.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        assert first.startswith("HTTP/1.1 ")
        status = int(first.split(" ")[1])
        if head_only or status in (100, 204, 304):
            return Response(status, headers, b"")
        if headers.get("transfer-encoding") == "chunked":
            return Response(status, headers, self._chunked())
        length = int(headers["content-length"])
        while len(self._ahead) < length:
            assert self._more(), "cut short"
        body, self._ahead = self._ahead[:length], self._ahead[length:]
        return Response(status, headers, body)

    def _chunked(self) -> bytes:
        body = b""
        while True:
            while b"\r\n" not in self._ahead:
                assert self._more(), "cut short"
            size, _, self._ahead = self._ahead.partition(b"\r\n")
            length = int(size, 16)
            while len(self._ahead) < length + 2:
                assert self._more(), "cut short"
            body += self._ahead[:length]
            self._ahead = self._ahead[length + 2 :]
            if not length:
                return body


def exchange(connection: socket.socket, request: bytes) -> Response | None:
    """Send one request, read one response."""
    connection.sendall(request)
    return Responses(connection).next()


def post(path: str, body: bytes, *headers: str, content_type: str = "application/json") -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: gw", f"Content-Type: {content_type}", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, *headers, "", ""]).encode() + body


def get(path: str, *headers: str, verb: str = "GET") -> bytes:
    return "\r\n".join([f"{verb} {path} HTTP/1.1", "Host: gw", *headers, "", ""]).encode()


def chunked(*pieces: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
