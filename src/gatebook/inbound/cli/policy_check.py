"""`gatebook policy check`: whether files make a policy, and what is wrong with them, by file, line and field."""

from pathlib import Path

import click

from gatebook.core.policy.problems import Severity
from gatebook.inbound.cli.policy_catalog import read_catalog, unmatched
from gatebook.inbound.cli.policy_paths import named_files, print_json, print_problems, problem_objects
from gatebook.policy_files import read_policy

_FILES = click.Path(path_type=Path)


@click.command("check")
@click.argument("files", nargs=-1, type=_FILES)
@click.option("--catalog", type=click.Path(path_type=Path, dir_okay=False), help="Table resources, as a JSON array.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def check_policy(files: tuple[Path, ...], catalog: Path | None, *, as_json: bool) -> None:
    """Check policy files (or directories of them; without any: ./policy).

    With a catalog, warns of columns and tables that it does not have. Exit status: 0 there are no errors, 1 there are
    some, 2 there is nothing to check.
    """
    named = named_files(files, Path("policy"))
    compiled = read_policy(named)
    problems = list(compiled.problems)
    if catalog is not None and compiled.policy is not None:
        problems += unmatched(named, read_catalog(catalog))
    version = None if compiled.policy is None else compiled.policy.version
    errors = sum(problem.severity is Severity.ERROR for problem in problems)
    if as_json:
        shown = {"files": [str(file) for file in named], "version": version, "problems": problem_objects(problems)}
        print_json({"ok": not errors, **shown})
    else:
        print_problems(problems)
        if version is not None:
            click.echo(f"{len(named)} file{'s' if len(named) > 1 else ''}, no errors: policy {version}")
    if errors:
        raise click.exceptions.Exit(1)
