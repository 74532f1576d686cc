"""A real door on a loopback port, in front of a journey that only notes what it is given."""

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import msgspec
import uvloop

from gatebook.core.book.exchange import Exchange
from gatebook.core.model import Call, Credential
from gatebook.errors import Fault, Reason, Refused
from gatebook.inbound.rest.app import Door, Form
from gatebook.inbound.rest.server import base_url, listening, serving
from gatebook.ports import Content, Reply
from gatebook.settings import Limits, Listen

JSON = (("content-type", "application/json; charset=UTF-8"),)
Answer = Callable[[Call, bytes], Awaitable[Reply]]


def json_reply(value: object, status: int = 200) -> Reply:
    return Reply(status, JSON, msgspec.json.encode(value))


async def plain_answer(call: Call, content: bytes) -> Reply:
    return json_reply({"kind": call.method.name})


@dataclass
class Journey:
    """What stands behind the door: reads the content, keeps what came, answers as told."""

    answer: Answer = plain_answer
    reads_content: bool = True
    calls: list[Call] = field(default_factory=list)
    credentials: list[Credential | None] = field(default_factory=list)
    contents: list[Content | None] = field(default_factory=list)
    content_bytes: list[bytes] = field(default_factory=list)
    refused: list[tuple[Call, Fault]] = field(default_factory=list)
    admitted: list[Credential | None] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)
    stranger: bool = False
    book_fault: Fault | None = None
    ready: bool = True
    now: int = 1_790_000_000_000_000

    async def travel(self, call: Call, credential: Credential | None, content: Content | None) -> Reply:
        self.calls.append(call)
        self.credentials.append(credential)
        self.contents.append(content)
        read = b""
        try:
            if content is not None and self.reads_content:
                read = b"".join([chunk async for chunk in content.chunks])
            self.content_bytes.append(read)
            return await self.answer(call, read)
        except asyncio.CancelledError:
            self.gone.append("travel")
            raise

    async def admit(self, credential: Credential | None) -> None:
        self.admitted.append(credential)
        if self.stranger:
            raise Refused(Reason.TOKEN_SIGNATURE, "The token's signature does not match.")

    async def refuse(self, call: Call, fault: Fault) -> None:
        self.refused.append((call, fault))
        if self.book_fault is not None:
            raise self.book_fault

    async def exchange(self, form: Form) -> Reply:
        self.forms.append(form)
        return json_reply({"access_token": "t"})

    async def own_record(self, record_id: str, credential: Credential | None) -> Exchange:
        raise Refused(Reason.RECORD_NOT_FOUND, f"{record_id} for {credential}")

    def is_ready(self) -> bool:
        return self.ready

    def now_microseconds(self) -> int:
        self.now += 1
        return self.now


class Running:
    """A door that serves from a thread of its own until it is stopped."""

    def __init__(self, journey: Journey, limits: Limits, listen: Listen) -> None:
        self.journey, self.limits = journey, limits
        self._opened = listening(listen)
        self.url = base_url(listen, self._opened)
        self.port: int = self._opened.getsockname()[1]
        self.door = Door(
            journey.travel,
            journey.admit,
            journey.refuse,
            journey.exchange,
            journey.own_record,
            journey.is_ready,
            journey,
            limits,
            self.url,
        )
        self._listen = listen
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.loop: asyncio.AbstractEventLoop
        self._thread.start()
        assert self._started.wait(10)

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        self.loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        async with serving(self.door, self._opened, self._listen, self.limits):
            self._started.set()
            await self._stopping.wait()

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self._stopping.set)

    def join(self, seconds: float = 15) -> None:
        self._thread.join(seconds)
        assert not self._thread.is_alive()

    def connect(self, timeout_seconds: float = 10) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout_seconds)


Open = Callable[..., Running]
