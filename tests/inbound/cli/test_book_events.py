"""`gatebook book events`: what happened to the gateway itself, newest first, on a real book."""

import asyncio
import json
from pathlib import Path

import pytest
from test_book_cli import FixedClock, run

import book_samples as samples
from gatebook.core.book.records import Event, EventType
from gatebook.outbound.stores.sqlite_store import SqliteStore

SECOND = 1_000_000
EVENTS = [
    Event("1" * 32, EventType.POLICY_LOADED, {"version": "sha256:a", "files": "policy/rules.yaml"}, samples.NOW),
    Event("2" * 32, EventType.POLICY_REFUSED, {"problems": "rules.yaml:3: \x1b[31mred"}, samples.NOW + SECOND),
    Event("3" * 32, EventType.POLICY_LOADED, {"version": "sha256:b"}, samples.NOW + 2 * SECOND),
]


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("events")

    async def go() -> None:
        store = SqliteStore.open(made, FixedClock())
        await store.book.promise(samples.promise(1))
        for event in EVENTS:
            await store.book.note(event)
        await store.close()

    asyncio.run(go())
    return made


def test_programs_get_all_of_it_newest_first(directory: Path) -> None:
    told = json.loads(run(directory, "events", "--format", "json").stdout)
    assert [(one["id"], one["type"], one["facts"]) for one in told] == [
        (event.id, str(event.type), dict(event.facts)) for event in reversed(EVENTS)
    ]


def test_people_read_it_and_their_terminal_is_safe(directory: Path) -> None:
    told = run(directory, "events").stdout
    assert told.index("sha256:b") < told.index("policy_refused") < told.index("sha256:a")
    assert "\x1b[31m" not in told
    assert "rules.yaml:3: " in told


def test_the_newest_are_given_when_not_all_are_asked_for(directory: Path) -> None:
    told = json.loads(run(directory, "events", "--limit", "2", "--format", "json").stdout)
    assert [one["id"][0] for one in told] == ["3", "2"]


def test_events_are_no_calls(directory: Path) -> None:
    assert len(run(directory, "list", "--format", "ndjson").stdout.splitlines()) == 1


def test_a_gateway_without_events_says_what_would_make_them(tmp_path: Path) -> None:
    told = run(tmp_path, "events")
    assert (told.exit_code, told.stdout) == (0, "")
    assert "docs/policy.md" in told.stderr
