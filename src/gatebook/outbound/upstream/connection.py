"""One HTTP/1.1 connection to upstream: one exchange at a time, flow control both ways, and deadlines."""

import asyncio
import math
import select
from collections.abc import AsyncIterator
from typing import Protocol, cast

from gatebook.errors import Reason, Refused, UpstreamFailed
from gatebook.outbound.upstream.endpoint import Timeouts
from gatebook.outbound.upstream.reply import HIGH_WATER_BYTES, Reply, broken
from gatebook.ports import UpstreamRequest


class ConnectionLost(UpstreamFailed):
    """The connection ended before a single byte of the answer; whether the request was carried out is not known."""

    def __init__(self) -> None:
        super().__init__(
            Reason.UPSTREAM_BROKEN,
            "BigQuery's endpoint closed the connection without an answer. The call may have been carried out.",
        )


class Owner(Protocol):
    """The pool, as a connection sees it."""

    def give_back(self, connection: "Connection") -> None:
        """Take a connection that is free for another exchange."""

    def discard(self, connection: "Connection") -> None:
        """Forget a connection that is closed; called once or more."""


class Connection(asyncio.Protocol):
    """Made by the pool. `exchange` is its whole use; `served` counts exchanges that ended well."""

    __slots__ = (
        "_owner", "_paused", "_poll", "_reply", "_reply_begun", "_request_sent", "_room", "_timeouts",
        "_transport", "_write_paused", "deadline", "loop", "served",
    )  # fmt: skip

    def __init__(self, owner: Owner, timeouts: Timeouts) -> None:
        self.loop = asyncio.get_running_loop()
        self.deadline = math.inf  # in loop time; the pool's sweep calls `expire` after it
        self.served = 0
        self._owner = owner
        self._timeouts = timeouts
        self._transport: asyncio.Transport
        self._poll = select.poll()
        self._reply: Reply | None = None
        self._reply_begun = False
        self._request_sent = False
        self._paused = False
        self._write_paused = False
        self._room: asyncio.Future[None] | None = None

    async def exchange(self, request: UpstreamRequest, head: bytes) -> Reply:
        """Send one request; return when the head of its reply is there. Closes the connection on any failure."""
        reply = self._reply = Reply(self, request.verb)
        self._reply_begun = self._request_sent = False
        self.deadline = math.inf
        try:
            if request.body is None or isinstance(request.body, bytes):
                self._transport.write(head + request.body if request.body else head)
                self._request_ended()
                await reply.head()
            else:
                self._transport.write(head)
                await self._exchange_stream(reply, request.body, request.content_length)
        except BaseException:  # cancellation too: a connection in mid-exchange serves nobody else
            self.abort()
            raise
        return reply

    @property
    def closed(self) -> bool:
        """Tell whether the connection has ended or is ending."""
        return self._transport.is_closing()

    def usable(self) -> bool:
        """Tell whether a kept connection is still open and silent.

        Bytes that wait here were sent before anything was asked: an answer to nothing, which must not become the
        answer to the next request; or the end of the connection.
        """
        return not self.closed and not self._poll.poll(0)

    def expire(self) -> None:
        """Give up: the deadline has passed."""
        if self._reply is not None:
            what = "did not go on with its answer" if self._reply.status else "did not answer"
            text = f"BigQuery's endpoint {what} in time. The call may have been carried out."
            self._reply.fail(UpstreamFailed(Reason.UPSTREAM_TIMEOUT, text))
        self.abort()

    def abort(self) -> None:
        """Close at once, whatever is under way."""
        self.deadline = math.inf
        self._transport.abort()
        self._end(ConnectionLost())

    def go_on(self) -> None:
        """Read again after a pause."""
        if self._paused:
            self._paused = False
            self._await_upstream(self._timeouts.idle_seconds)
            self._transport.resume_reading()

    # What the event loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:  # noqa: D102 - asyncio's protocol
        self._transport = cast("asyncio.Transport", transport)
        self._poll.register(transport.get_extra_info("socket").fileno(), select.POLLIN)

    def data_received(self, data: bytes) -> None:  # noqa: D102 - asyncio's protocol
        reply = self._reply
        if reply is None:
            self.abort()
            return
        self._reply_begun = True
        reply.feed(data)
        if reply.complete:
            self._exchange_ended(reply)
        elif reply.failure is not None:
            self.abort()
        elif reply.buffered_bytes >= HIGH_WATER_BYTES:
            self._paused = True
            self.deadline = math.inf  # the reader is slow now, not upstream
            self._transport.pause_reading()
        elif reply.status:
            self._await_upstream(self._timeouts.idle_seconds)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: D102 - asyncio's protocol
        self._end(broken("broke off its answer") if self._reply_begun else ConnectionLost())

    def pause_writing(self) -> None:  # noqa: D102 - asyncio's protocol
        self._write_paused = True

    def resume_writing(self) -> None:  # noqa: D102 - asyncio's protocol
        self._write_paused = False
        if self._room is not None and not self._room.done():
            self._room.set_result(None)

    # The two halves of an exchange.

    async def _exchange_stream(self, reply: Reply, body: AsyncIterator[bytes], length: int | None) -> None:
        """Send a body piece by piece while listening: upstream may answer, or go, before the body is all there."""
        sending = self.loop.create_task(self._send(reply, body, length))
        sending.add_done_callback(lambda task: _pass_failure(task, reply))
        try:
            await reply.head()
        finally:
            if not sending.done():
                sending.cancel()
                await asyncio.wait([sending])  # the body is the caller's again only when nothing here reads it

    async def _send(self, reply: Reply, body: AsyncIterator[bytes], length: int | None) -> None:
        sent = 0
        async for piece in body:
            if not piece:
                continue  # an empty chunk would end the body (RFC 9112 7.1)
            sent += len(piece)
            if length is None:
                self._transport.writelines((b"%x\r\n" % len(piece), piece, b"\r\n"))
            elif sent <= length:  # a byte more would be read as the next request
                self._transport.write(piece)
            if sent == length:
                break
            await self._room_to_write()
        if length is None:
            self._transport.write(b"0\r\n\r\n")
        elif sent != length:
            raise Refused(Reason.BODY_MALFORMED, f"The body has {sent} bytes, but {length} were announced.")
        if self._reply is reply:
            self._request_ended()

    async def _room_to_write(self) -> None:
        if self._write_paused:
            self._await_upstream(self._timeouts.idle_seconds)
            self._room = self.loop.create_future()
            try:
                await self._room
            finally:
                self.deadline = math.inf  # the next wait is for the client, which the door bounds

    def _request_ended(self) -> None:
        self._request_sent = True
        self._await_upstream(self._timeouts.reply_seconds)

    def _exchange_ended(self, reply: Reply) -> None:
        self._reply = None
        self.deadline = math.inf
        whole_request = self._request_sent and not self._transport.get_write_buffer_size()
        if whole_request and reply.keep_alive and not reply.surplus and not self.closed:
            self.served += 1
            self._owner.give_back(self)
        else:
            self.abort()

    def _await_upstream(self, seconds: float) -> None:
        self.deadline = self.loop.time() + seconds

    def _end(self, failure: UpstreamFailed) -> None:
        reply, self._reply = self._reply, None
        if reply is not None:
            reply.fail(failure)
        if self._room is not None and not self._room.done():
            self._room.set_result(None)
        self._owner.discard(self)


def _pass_failure(sending: "asyncio.Task[None]", reply: Reply) -> None:
    if not sending.cancelled() and (failure := sending.exception()) is not None:
        reply.fail(failure)
