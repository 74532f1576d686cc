"""Doors for tests of the REST door."""

import contextlib
from collections.abc import Iterator

import pytest
from door_harness import Journey, Open, Running

from gatebook.settings import Limits, Listen


@pytest.fixture
def open_door() -> Iterator[Open]:
    """Open doors with chosen limits; all are closed at the end."""
    opened: list[Running] = []

    def start(journey: Journey | None = None, listen: Listen | None = None, **limits: object) -> Running:
        running = Running(
            journey or Journey(),
            Limits(**{"drain_seconds": 1.0, **limits}),
            listen or Listen(host="127.0.0.1", port=0),
        )
        opened.append(running)
        return running

    yield start
    for running in opened:
        with contextlib.suppress(RuntimeError):
            running.stop()
    for running in opened:
        running.join()


@pytest.fixture
def door(open_door: Open) -> Running:
    """A door with the default limits."""
    return open_door()
