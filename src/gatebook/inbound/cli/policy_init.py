"""`gatebook policy init`: the default set, written as files to begin with."""

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import click

from gatebook.inbound.cli.policy_paths import CannotTry

_NEXT = (
    "Next: name your callers in callers.yaml, then `gatebook policy check {0}` and `gatebook policy test {0}/tests`."
)


@click.command("init")
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False), default=Path("policy"))
def init_policy(directory: Path) -> None:
    """Write the default set into DIRECTORY (./policy): callers, rules, and cases that test them."""
    written = [(directory / name, text) for name, text in default_files()]
    there = [str(path) for path, _ in written if path.exists()]
    if there:
        raise CannotTry(f"{', '.join(there)}: there already; nothing was written")
    for path, text in written:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        click.echo(path)
    click.echo(_NEXT.format(directory))


def default_files() -> list[tuple[str, str]]:
    """Give the files of the default set: their paths and texts."""
    return sorted(_texts(files("gatebook.inbound.cli") / "policy_default", ""))


def _texts(folder: Traversable, prefix: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for entry in folder.iterdir():
        if entry.is_dir():
            found += _texts(entry, f"{prefix}{entry.name}/")
        else:
            found.append((prefix + entry.name, entry.read_text(encoding="utf-8")))
    return found
