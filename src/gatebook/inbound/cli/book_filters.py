"""The filters of `gatebook book list`: options in, a Search out."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from gatebook.core.book.exchange import Status
from gatebook.core.book.search import Search
from gatebook.core.book.times import read_time


class Moment(click.ParamType[int]):
    """A time, absolute or as an age, in microseconds since the epoch."""

    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read it, or say why not."""
        if isinstance(value, int):
            return value
        try:
            return read_time(str(value), time.time_ns() // 1000)
        except ValueError as error:
            self.fail(str(error), param, ctx)


_STATUSES = click.Choice([status.value for status in Status])

# One for each field of Search that a user can give.
_OPTIONS = (
    click.option("--caller", metavar="NAME", help="Name, subject or key (`issuer subject`) of the caller."),
    click.option("--service-account", metavar="NAME", help="A caller that is a Google or Kubernetes service account."),
    click.option("--issuer", metavar="URL", help="The issuer that proved the caller."),
    click.option("--repository", metavar="NAME", help="Attested repository, e.g. acme/warehouse-etl."),
    click.option("--commit", metavar="SHA", help="Attested commit, or the beginning of it."),
    click.option("--run", metavar="ID", help="Attested pipeline run."),
    click.option("--declared", is_flag=True, help="Let these three look at declared facts instead of attested ones."),
    click.option("--table", metavar="NAME", help="A table, dataset or project: project[.dataset[.table]]."),
    click.option("--column", metavar="NAME", help="project.dataset.table.column, or a column's name in any table."),
    click.option("--statement", metavar="TYPE", help="Statement type, e.g. SELECT, MERGE, DROP_TABLE."),
    click.option("--method", metavar="NAME", help="REST method, e.g. jobs.query."),
    click.option("--decision", type=click.Choice(["allow", "deny", "hold"]), help="What was decided."),
    click.option("--rule", metavar="ID", help="A rule that decided, would have in shadow mode, or observed."),
    click.option("--finding", metavar="KIND", help="Calls with such a finding, e.g. footprint_contradicted."),
    click.option("--status", type=_STATUSES, help="How the exchange stands."),
    click.option("--since", "since_microseconds", metavar="TIME", type=Moment(),
                 help="From 2026-11-23T04:05:06Z, from 2026-11-23 (UTC), or from 2h or 7d ago."),
    click.option("--until", "until_microseconds", metavar="TIME", type=Moment(), help="Before such a time."),
    click.option("--oldest-first", is_flag=True, help="In the order of the book; otherwise the newest come first."),
    click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help="How many at most."),
    click.option("--all", "everything", is_flag=True, help="As many as there are."),
)  # fmt: skip


def filters(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options, and the Search that they make as `search`."""

    @wraps(command)
    def with_search(*args: Any, everything: bool, limit: int, status: str | None, **given: Any) -> None:
        asked = {name: given.pop(name) for name in Search.__dataclass_fields__ if name in given}
        search = Search(status=None if status is None else Status(status), limit=None if everything else limit, **asked)
        command(*args, search=search, **given)

    decorated: Callable[..., None] = with_search
    for option in reversed(_OPTIONS):
        decorated = option(decorated)
    return decorated
