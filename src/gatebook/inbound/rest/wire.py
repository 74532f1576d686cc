"""What a request knows of the connection that it came on."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Protocol

from gatebook.errors import Fault

WIRE = "gatebook.wire"  # the key of the Wire in the ASGI scope

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class Wire(Protocol):
    """One request's side of its connection."""

    fault: Fault | None  # what broke the request after its headers were read; its body will not come
    response_started: bool
    on_gone: Callable[[], object] | None  # called once, when the client goes away before the reply is complete

    @property
    def gone(self) -> bool:
        """Tell whether the client went away."""
        ...

    @property
    def arrived(self) -> bool:
        """Tell whether the whole request is here already."""
        ...

    def cut(self) -> None:
        """Close the connection so that the client cannot take a part of the reply for the whole."""
        ...
