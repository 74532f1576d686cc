"""`gatebook policy` and `gatebook explain`, joined to the analyst that works without an upstream."""

from typing import Any

import click

from gatebook.bookshelf import open_book
from gatebook.googlesql.errors import CatalogError, EngineUnavailable
from gatebook.inbound.cli.explain import explain_command
from gatebook.inbound.cli.policy import policy_commands
from gatebook.inbound.cli.policy_test import Understander


def _offline(resources: list[dict[str, Any]]) -> Understander:
    """Make an analyst of a catalog. The engine is loaded for it alone: the other commands do without."""
    from gatebook.outbound.offline import OfflineAnalyst  # noqa: PLC0415

    try:
        return OfflineAnalyst(resources)
    except (CatalogError, EngineUnavailable) as error:
        raise click.ClickException(f"the catalog cannot be used: {error}") from error


policy = policy_commands(_offline, open_book)
explain = explain_command(_offline)
