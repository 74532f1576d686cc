"""`gatebook policy test`: cases of who asks what, and what the policy must say; offline, with the real analyzer."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import click
import msgspec

from gatebook.core.analysis.footprint import Footprint
from gatebook.core.model import Call
from gatebook.core.policy.case_document import Case, CaseDocument
from gatebook.core.policy.cases import CaseError, Difference, Outcome, run
from gatebook.core.policy.policy import Policy
from gatebook.core.policy.reading import CASES, Read
from gatebook.inbound.cli.plain_text import plain
from gatebook.inbound.cli.policy_catalog import read_catalog, tables_of
from gatebook.inbound.cli.policy_paths import CannotTry, named_files, print_json, print_problems
from gatebook.policy_files import PolicyFilesError, files_of, read_file, read_policy


class Understander(Protocol):
    """Tells what a call touches."""

    def understand(self, call: Call) -> Footprint:
        """Give the footprint. Raises Refused, as for SQL that is not valid, or Unavailable."""
        ...


# Makes what understands calls, of the resources of a catalog. Raises click.ClickException.
Offline = Callable[[list[dict[str, Any]]], Understander]


@dataclass(frozen=True, slots=True)
class _Result:
    """How a case came out."""

    file: str
    line: int
    name: str
    differences: tuple[Difference, ...]
    message: str | None

    @property
    def passed(self) -> bool:
        return not self.differences


@click.command("test")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def run_cases(offline: Offline, /, files: tuple[Path, ...], *, as_json: bool) -> None:
    """Run the cases in FILES (or directories of them; without any: ./policy/tests).

    Exit status: 0 all came out as expected, 1 some did not, 2 they could not be run.
    """
    results = [result for file in named_files(files, Path("policy/tests")) for result in _run_file(file, offline)]
    failed = [result for result in results if not result.passed]
    if as_json:
        cases = [{**asdict(result), "passed": result.passed} for result in results]
        print_json({"passed": len(results) - len(failed), "failed": len(failed), "cases": cases})
    else:
        for result in results:
            _show(result)
        click.echo(f"{len(results) - len(failed)} passed, {len(failed)} failed")
    if failed:
        raise click.exceptions.Exit(1)
    if not results:
        raise CannotTry("there are no cases in these files")


def _run_file(file: Path, offline: Offline) -> list[_Result]:
    read = read_file(file, CASES)
    if isinstance(read, list):
        print_problems(read)
        raise CannotTry(f"{file}: is no file of cases")
    document, policy = read.document, _policy(file, read.document)
    resources = [] if isinstance(document.catalog, msgspec.UnsetType) else read_catalog(file.parent / document.catalog)
    understander, tables = offline(resources), tables_of(resources)
    return [
        _run_case(read, index, lambda case: run(case, document, policy, tables, understander.understand))
        for index in range(len(document.cases))
    ]


def _policy(file: Path, document: CaseDocument) -> Policy:
    try:
        named = files_of(file.parent / name for name in document.policy)
    except PolicyFilesError as error:
        raise CannotTry(str(error)) from error
    compiled = read_policy(named)
    if compiled.policy is None:
        print_problems(compiled.problems)
        raise CannotTry(f"{file}: the policy that it tests has errors")
    return compiled.policy


def _run_case(read: Read[CaseDocument], index: int, ask: Callable[[Case], Outcome]) -> _Result:
    case, problem = read.document.cases[index], read.located.problem(("cases", index), "")
    try:
        outcome = ask(case)
    except CaseError as error:
        raise CannotTry(f"{problem.file}:{problem.line}: {case.name}: {error}") from error
    return _Result(problem.file, problem.line, case.name, outcome.differences, outcome.message)


def _show(result: _Result) -> None:
    if result.passed:
        click.echo(f"{click.style('ok', fg='green')}    {plain(result.name)}")
        return
    click.echo(f"{click.style('FAIL', fg='red')}  {plain(result.name)}  {plain(result.file)}:{result.line}")
    width = max(len(difference.what) for difference in result.differences)
    expected, found = click.style("- expected", fg="red"), click.style("+ found   ", fg="green")
    for difference in result.differences:
        click.echo(f"      {difference.what:<{width}}  {expected} {_text(difference.expected)}")
        click.echo(f"      {'':<{width}}  {found} {_text(difference.found)}")
    if result.message:
        click.echo(f"      {plain(result.message)}")


def _text(value: object) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(plain(str(one)) for one in value)}]"
    return "nothing" if value is None else plain(str(value))
