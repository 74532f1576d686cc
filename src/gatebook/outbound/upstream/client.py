"""HttpUpstream: sends one request to BigQuery with the credential that stands for its caller, and returns the reply."""

from gatebook.core.model import Caller
from gatebook.errors import Reason, UpstreamFailed
from gatebook.outbound.upstream.connection import ConnectionLost
from gatebook.outbound.upstream.credentials import Credentials, load_credentials
from gatebook.outbound.upstream.endpoint import Endpoint, Timeouts
from gatebook.outbound.upstream.heads import render_head
from gatebook.outbound.upstream.pool import Pool
from gatebook.outbound.upstream.reply import Reply, broken
from gatebook.ports import UpstreamRequest
from gatebook.settings import Upstream as UpstreamSettings

_REDIRECTS = (300, 301, 302, 303, 305, 306, 307)


class HttpUpstream:
    """Implements ports.Upstream over pooled HTTP/1.1 connections. Belongs to one event loop."""

    def __init__(self, endpoint: Endpoint, credentials: Credentials, timeouts: Timeouts, connections: int) -> None:
        self._authority = endpoint.authority
        self._credentials = credentials
        self._pool = Pool(endpoint, timeouts, connections)

    @classmethod
    def from_settings(cls, settings: UpstreamSettings) -> "HttpUpstream":
        """Read certificate authorities and credentials (files, environment). Raises SettingsError."""
        return cls(
            Endpoint.of(settings.endpoint, settings.ca_file),
            load_credentials(settings),
            Timeouts(settings.connect_seconds, settings.reply_seconds, settings.idle_seconds),
            settings.connections,
        )

    async def forward(self, request: UpstreamRequest, caller: Caller) -> Reply:
        """Send the request; return when the reply's head is there.

        Raises UpstreamFailed (UPSTREAM_*), Unavailable (OVERLOADED: no connection became free), Refused (a head that
        HTTP does not allow, a body shorter or longer than announced, no service account for this caller) and whatever
        the body's iterator raises. Cancelling closes the connection, which cancels upstream's work.
        """
        authorization = await self._credentials.authorization(caller)
        head = render_head(request, self._authority, authorization)
        reply = await self._exchange(request, head)
        try:
            self._check(reply, caller, authorization)
        except UpstreamFailed:
            await reply.close()
            raise
        return reply

    async def close(self) -> None:
        """Close every connection; exchanges under way fail."""
        await self._pool.close()

    async def _exchange(self, request: UpstreamRequest, head: bytes) -> Reply:
        """Send once; once more only when a kept connection proves dead and saying it twice changes nothing."""
        connection = self._pool.kept() or await self._pool.acquire()
        kept = connection.served > 0
        try:
            return await connection.exchange(request, head)
        except ConnectionLost:
            if not (kept and request.repeatable and (request.body is None or isinstance(request.body, bytes))):
                raise
        connection = await self._pool.acquire_new()
        return await connection.exchange(request, head)

    def _check(self, reply: Reply, caller: Caller, authorization: str | None) -> None:
        if reply.status == 401 and authorization is not None:
            # Not the caller's credential: a 401 would send its client to renew a token that is good.
            self._credentials.rejected(caller)
            raise UpstreamFailed(Reason.UPSTREAM_CREDENTIAL, "BigQuery does not accept Gatebook's own credential.")
        moved = reply.status == 308 and any(name == "location" for name, _ in reply.headers)
        if moved or reply.status in _REDIRECTS:
            # A client that followed would go around the gateway. (308 without Location is a resumable upload's answer.)
            raise broken("answered with a redirect")
