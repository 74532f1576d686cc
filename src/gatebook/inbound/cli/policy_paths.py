"""Which files a policy command is about, and how it shows what is wrong with them."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

import click

from gatebook.core.policy.problems import Problem
from gatebook.inbound.cli.plain_text import plain
from gatebook.policy_files import PolicyFilesError, files_of

USAGE = 2  # the exit status of what could not even be tried, as click has it


class CannotTry(click.ClickException):
    """The command cannot do what it is for: no such file, no policy to test."""

    exit_code = USAGE


def named_files(paths: Sequence[Path], default: Path) -> list[Path]:
    """Give the files that the arguments name; without any, those of the default. Raises CannotTry."""
    try:
        return files_of(paths or [default])
    except PolicyFilesError as error:
        raise CannotTry(str(error)) from error


def print_problems(problems: Iterable[Problem]) -> None:
    """Print each on a line of its own, on standard error."""
    for problem in problems:
        place, _, rest = str(problem).partition(": ")
        click.echo(f"{plain(place)}: {problem.severity}: {plain(rest)}", err=True)


def problem_objects(problems: Iterable[Problem]) -> list[dict[str, object]]:
    """Give problems as plain data."""
    return [asdict(problem) for problem in problems]


def print_json(value: object) -> None:
    """Print one JSON value."""
    click.echo(json.dumps(value, indent=2))
