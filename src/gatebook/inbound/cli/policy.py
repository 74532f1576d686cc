"""`gatebook policy`: policies as files, before they are in force. Nothing here needs a gateway, or BigQuery."""

import json
from typing import Any

import click
import msgspec

from gatebook.core.policy.reading import CASES, POLICY, Shape
from gatebook.inbound.cli.book import OpenBook
from gatebook.inbound.cli.policy_check import check_policy
from gatebook.inbound.cli.policy_init import init_policy
from gatebook.inbound.cli.policy_simulate import simulate_command
from gatebook.inbound.cli.policy_test import Offline, run_cases

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def policy_commands(offline: Offline, open_book: OpenBook) -> click.Group:
    """Give the commands; `offline` makes what understands calls with the schemas of a catalog."""
    return click.Group(
        "policy",
        commands=[init_policy, check_policy, print_schema, run_cases, simulate_command(open_book)],
        help="Write, check, test and try out policies.",
        context_settings={"obj": offline},
    )


@click.command("schema")
@click.option("--tests", is_flag=True, help="The schema of test files instead.")
def print_schema(*, tests: bool) -> None:
    """Print the JSON Schema of policy files, for editors."""
    click.echo(schema_text(CASES if tests else POLICY), nl=False)


def schema_text(shape: Shape[Any]) -> str:
    """Give the JSON Schema of a kind of file, as it is published."""
    schema = {"$schema": _DIALECT, "title": f"Gatebook, {shape.version_key}", **msgspec.json.schema(shape.kind)}
    return json.dumps(schema, indent=2) + "\n"
