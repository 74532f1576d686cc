"""What the gateway and its scribe say to each other: frames of a 4-byte big-endian length and MessagePack."""

from collections.abc import Iterator

import msgspec

_LENGTH_BYTES = 4


class Line(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A record to be written."""

    kind: str
    call_id: str
    at_microseconds: int
    body: bytes


class Claim(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """Something that a Caller is to own. `kind` is job, upload, session or table."""

    kind: str
    name: str
    owner: str


class Writing(msgspec.Struct, array_like=True, frozen=True, gc=False, tag=0):
    """What is to be on the disk together: a line, claims, or both."""

    line: Line | None
    claims: tuple[Claim, ...]
    at_microseconds: int


class End(msgspec.Struct, array_like=True, frozen=True, gc=False, tag=1):
    """The gateway ends in order; nothing follows."""

    at_microseconds: int


class Written(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """How the next `count` writings went: the places of those that are not known to be durable.

    `owners` holds (kind, name, owner) of what was claimed in vain, since it had an owner already, and maybe of more.
    """

    count: int
    failed: tuple[int, ...] = ()
    owners: tuple[tuple[str, str, str], ...] = ()


_encoder = msgspec.msgpack.Encoder()
to_scribe = msgspec.msgpack.Decoder(Writing | End)
to_gateway = msgspec.msgpack.Decoder(Written)


def framed(message: Writing | End | Written) -> bytes:
    """Give a message as a frame. Raises OverflowError for a number that no frame can carry."""
    body = _encoder.encode(message)
    return len(body).to_bytes(_LENGTH_BYTES, "big") + body


class Frames:
    """Takes bytes as they come off a socket, gives the frames that are whole."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[memoryview]:
        """Take bytes; give each frame's content. To be read to its end."""
        held = memoryview(self._rest + data if self._rest else data)
        while len(held) >= _LENGTH_BYTES:
            end = _LENGTH_BYTES + int.from_bytes(held[:_LENGTH_BYTES], "big")
            if len(held) < end:
                break
            yield held[_LENGTH_BYTES:end]
            held = held[end:]
        self._rest = bytes(held)
