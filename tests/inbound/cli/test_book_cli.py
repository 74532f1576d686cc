"""`gatebook book list|show` on a real book: what people see, what programs get, and what hostile text cannot do."""

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

import book_samples as samples
from gatebook.core.analysis.footprint import Footprint, Opaque, Output, Resource, ResourceKind, Statement, Trait, Uses
from gatebook.core.book.records import Evidence, Promise, Refusal, Settlement
from gatebook.core.book.search import Search
from gatebook.core.model import Ending, Origin, Provenance
from gatebook.core.policy.decision import Allow, Ceilings, Deny, Hold
from gatebook.core.policy.question import ColumnFacts, Estimate, TableFacts, Usage
from gatebook.core.policy.standing import Standing
from gatebook.errors import Reason
from gatebook.inbound.cli.book import book_commands
from gatebook.inbound.cli.book_filters import _OPTIONS
from gatebook.inbound.cli.plain_text import plain, plain_json, plain_lines
from gatebook.outbound.stores.errors import NoBook
from gatebook.outbound.stores.sqlite_reader import SqliteReader
from gatebook.outbound.stores.sqlite_store import SqliteStore
from gatebook.ports import BookReader

GOLDEN = Path(__file__).parent / "golden"


class FixedClock:
    def now_microseconds(self) -> int:
        return samples.NOW


def open_book(directory: Path) -> BookReader | None:
    try:
        return SqliteReader.open(directory)
    except NoBook:
        return None


book: click.Group = book_commands(open_book)


def write(directory: Path, records: list[Promise | Settlement | Refusal]) -> None:
    async def go() -> None:
        store = SqliteStore.open(directory, FixedClock())
        for record in records:
            if isinstance(record, Promise):
                await store.book.promise(record)
            elif isinstance(record, Settlement):
                await store.book.settle(record)
            else:
                await store.book.refuse(record)
        await store.close()

    asyncio.run(go())


def run(directory: Path, *arguments: str, **environment: str) -> Result:
    command, *rest = arguments
    return CliRunner().invoke(book, [command, "--data", str(directory), *rest], env={"COLUMNS": "160", **environment})


SCRIPT = Footprint(
    (
        Statement("SCRIPT", opaque=(Opaque("dynamic_sql", "EXECUTE IMMEDIATE runs text made at run time."),)),
        Statement("DROP_TABLE", (), (samples.ORDERS,)),
        Statement(
            "CREATE_TABLE_AS_SELECT",
            (samples.CUSTOMERS,),
            (samples.ORDERS,),
            ((samples.CUSTOMERS, "contact.email"), (samples.CUSTOMERS, "id")),
            outputs=(Output("mail", "STRING", ((samples.CUSTOMERS, "contact.email"),)), Output("n", "INT64")),
            uses=Uses(predicate=((samples.CUSTOMERS, "id"),), order=((samples.CUSTOMERS, "id"),)),
            resources_read=(Resource(ResourceKind.ROUTINE, "acme.shop.clean"),),
            resources_written=(Resource(ResourceKind.DATASET, "acme.shop"),),
            traits=(Trait.REPLACES,),
        ),
    )
)


EVIDENCE = Evidence(
    Standing(foreign_jobs=("acme:j1",)),
    Estimate(2**40, 17),
    {samples.CUSTOMERS: TableFacts((ColumnFacts("contact.email", ("t/1",)),), {"pii": "yes"})},
    Usage(3, 1, 2**30),
    ("BigQuery reads the table acme.shop.x",),
)
SHADOW = Allow(
    ("shadow",), "sha256:1", Ceilings(10**9, 1000), ("exports",), Hold(("drops",), "sha256:1", ("owners",), "Ask.")
)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a book of one exchange of each kind."""
    directory = tmp_path_factory.mktemp("told")
    denied = Deny(("builtin/foreign-job",), "builtin-1", Reason.JOB_NOT_FOUND, "Not found: Job acme:j1")
    agent = Provenance(repository="acme/agent", commit="abcdef0123", reason="explore")
    failed = {"status": 400, "rows_returned": None, "error_reason": "invalidQuery", "error_message": "Syntax error"}
    write(
        directory,
        [
            samples.promise(1),
            samples.settlement(1),
            samples.promise(2, declared=agent, footprint=SCRIPT, sql="DROP TABLE shop.orders"),
            samples.settlement(2, Ending.UPSTREAM_ERROR, **failed),
            samples.refusal(3, declared=agent),
            samples.refusal(
                4,
                identity=samples.NIGHTLY,
                footprint=samples.READS,
                decision=denied,
                reason=Reason.JOB_NOT_FOUND,
                evidence=EVIDENCE,
            ),
            samples.promise(5, decision=SHADOW),
        ],
    )
    return directory


GOLDEN_COMMANDS = {
    "list_160": (["list"], "160"),
    "list_100": (["list"], "100"),
    "list_60": (["list"], "60"),
    "list_30": (["list"], "30"),
    "list_refused": (["list", "--status", "refused", "--oldest-first"], "160"),
    "list_ndjson": (["list", "--format", "ndjson"], "160"),
    "show_answered": (["show", "00000001"], "110"),
    "show_answered_60": (["show", "00000001"], "60"),
    "show_error": (["show", "00000002"], "110"),
    "show_refused": (["show", "00000003"], "110"),
    "show_denied": (["show", "00000004"], "110"),
    "show_unsettled": (["show", "00000005"], "110"),
    "show_json": (["show", "00000002", "--format", "json"], "110"),
}


@pytest.mark.parametrize("name", GOLDEN_COMMANDS)
def test_what_is_printed(told: Path, name: str) -> None:
    arguments, columns = GOLDEN_COMMANDS[name]
    result = run(told, *arguments, COLUMNS=columns)
    assert result.exit_code == 0, result.output
    assert printed(result.stdout) == (GOLDEN / f"{name}.txt").read_text()


def printed(text: str) -> str:
    """Give what is seen: without the blanks at the ends of lines."""
    return "".join(line.rstrip() + "\n" for line in text.splitlines())


def test_attested_and_declared_facts_are_shown_apart(told: Path) -> None:
    page = run(told, "show", "00000002").stdout
    attested, declared = page.index("Attested  signed by the issuer"), page.index("Declared  said by the client")
    assert attested < page.index("acme/warehouse-etl", attested) < declared < page.index("acme/agent")
    shown = json.loads(run(told, "show", "00000002", "--format", "json").stdout)
    assert shown["attested"]["repository"] == "acme/warehouse-etl"
    assert shown["declared"] == {"repository": "acme/agent", "commit": "abcdef0123", "reason": "explore"}
    line = next(line for line in run(told, "list").stdout.splitlines() if line.startswith("00000003"))
    assert "(declared) acme/agent@abcdef0" in line
    for columns in (150, 120, 100, 90):  # where a column is cut, its being declared is not
        lines = run(told, "list", COLUMNS=str(columns)).stdout.splitlines()
        assert "acme/agent" not in lines[3] or "(declared) acme/agent" in lines[3]


FILTERS = {
    "--caller acme/warehouse-etl": [5, 4, 2, 1],
    "--service-account acme/warehouse-etl": [],
    "--issuer https://token.actions.githubusercontent.com": [5, 4, 2, 1],
    "--repository acme/warehouse-etl": [5, 4, 2, 1],
    "--repository acme/agent": [],
    "--repository acme/agent --declared": [3, 2],
    "--commit 4f1d --run 7001": [5, 4, 2, 1],
    "--table acme.shop": [5, 4, 2, 1],
    "--column email": [5, 4, 2, 1],
    "--statement drop_table": [2],
    "--method jobs.query --status answered": [1],
    "--decision deny": [4],
    "--decision allow --rule drops": [5],
    "--rule exports": [5],
    "--finding footprint_contradicted": [4],
    "--status unsettled": [5],
    "--since 2026-09-21T14:13:23Z": [5, 4, 3],
    "--until 2026-09-21T14:13:23Z": [2, 1],
    "--since 2026-09-21 --limit 1 --oldest-first": [1],
    "--limit 2": [5, 4],
    "--all": [5, 4, 3, 2, 1],
}


@pytest.mark.parametrize("options", FILTERS)
def test_filters(told: Path, options: str) -> None:
    result = run(told, "list", "--format", "json", *options.split())
    assert result.exit_code == 0, result.output
    assert [int(exchange["id"][:8]) for exchange in json.loads(result.stdout)] == FILTERS[options]


def test_every_filter_of_a_search_has_an_option() -> None:
    command = click.command("x")(lambda: None)
    for option in _OPTIONS:
        option(command)
    assert {str(parameter.name) for parameter in command.params} == {f.name for f in fields(Search)} | {"everything"}


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["list", "--since", "yesterday"], "neither a time like"),
        (["list", "--since", "2026-09-21T14:13:20"], "time zone"),
        (["list", "--status", "fine"], "'fine' is not one of"),
        (["list", "--limit", "0"], "0 is not in the range"),
        (["show", "9"], "The book has no exchange '9'"),
        (["show", ""], "The book has no exchange ''"),
        (["show", "0000000"], "begins several ids; give more of it:\n  00000001"),
        (["show", "%"], "The book has no exchange '%'"),
    ],
)
def test_mistakes_are_explained(told: Path, arguments: list[str], problem: str) -> None:
    result = run(told, *arguments)
    assert result.exit_code in (1, 2)
    assert problem in result.stderr
    assert result.stdout == ""


def test_which_book(told: Path, tmp_path: Path) -> None:
    runner = CliRunner()
    assert "Say which book" in runner.invoke(book, ["list"]).stderr
    assert "Say which book" in runner.invoke(book, ["list", "--data", str(told), "--config", "x"]).stderr
    assert "no such directory" in run(tmp_path / "nowhere", "list").stderr
    missing = runner.invoke(book, ["list", "--config", str(tmp_path / "gatebook.toml")])
    assert missing.exit_code == 1
    assert "gatebook.toml: cannot be read" in missing.stderr
    config = tmp_path / "good.toml"
    config.write_text(f'''
        data_directory = "{told}"
        [identity]
        audience = "https://gatebook.example.com"
        [[identity.issuers]]
        issuer = "https://token.actions.githubusercontent.com"
        kind = "github_actions"
        require = {{ repository = "acme/warehouse-etl" }}
    ''')
    found = runner.invoke(book, ["list", "--config", str(config), "--format", "ndjson"])
    assert len(found.stdout.splitlines()) == 5


def test_empty_states_teach(tmp_path: Path) -> None:
    for form, expected in (("table", ""), ("json", "[]\n"), ("ndjson", "")):
        result = run(tmp_path, "list", "--format", form)
        assert (result.exit_code, result.stdout) == (0, expected)
        assert "begins with the first `gatebook serve`" in result.stderr
    assert "begins with the first `gatebook serve`" in run(tmp_path, "show", "1").stderr
    write(tmp_path, [])
    assert "Point a client at the gateway" in run(tmp_path, "list").stderr
    write(tmp_path, [samples.refusal(1)])
    assert "--declared looks among declared ones" in run(tmp_path, "list", "--repository", "acme/etl").stderr


HOSTILE = (
    "\x1b]0;owned\x07\x1b[2J\x1b[1;1H\x1b[31mred\x1b[0m\x9b5n\r\x08\x7f\x00"
    " \u202etxet desrever\u202c \u2066 \u200b \ufeff \u2028line\u2029 \u00a0 \U000e0041 [bold red]markup[/] [link=http://x]y"
)
HARMLESS = re.compile(r"[^\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]*")
STYLES = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give a book in which everything that a client can say is hostile."""
    directory = tmp_path_factory.mktemp("hostile")
    asked = samples.promise(1, sql=f"SELECT 1 -- {HOSTILE}\n\tFROM t", declared=Provenance(*[HOSTILE] * 3, None))
    statement = Statement(
        HOSTILE,
        (replace(samples.ORDERS, table=HOSTILE),),
        resources_read=(Resource(ResourceKind.ROUTINE, HOSTILE),),
        opaque=(Opaque(HOSTILE, HOSTILE),),
    )
    identity = replace(
        samples.NIGHTLY,
        caller=replace(samples.NIGHTLY.caller, name=HOSTILE, subject=HOSTILE),
        attested=Provenance(repository=HOSTILE, commit=HOSTILE, run=HOSTILE),
    )
    call = replace(
        asked.call,
        origin=Origin(HOSTILE, HOSTILE, HOSTILE),
        method=replace(asked.call.method, name=HOSTILE, template=HOSTILE),
        resource={HOSTILE: HOSTILE},
        parameters=(("pageToken", HOSTILE),),
    )
    request = replace(asked.request, query_parameters=({"name": HOSTILE},), job_id=HOSTILE, location=HOSTILE)
    footprint = Footprint((statement,))
    settled = samples.settlement(1, error_message=HOSTILE, error_reason=HOSTILE, job_id=HOSTILE, job_state=HOSTILE)
    refused = samples.refusal(2, message=HOSTILE, declared=Provenance(repository=HOSTILE, commit=HOSTILE))
    promised = replace(asked, call=call, identity=identity, request=request, footprint=footprint)
    write(directory, [promised, settled, replace(refused, call=replace(refused.call, origin=call.origin))])
    return directory


@pytest.mark.parametrize(
    "arguments",
    [
        ["list"],
        ["list", "--format", "ndjson"],
        ["list", "--format", "json"],
        ["show", "00000001"],
        ["show", "00000002"],
        ["show", "00000001", "--format", "json"],
        ["list", "--repository", HOSTILE.replace("\0", "")],
        ["show", HOSTILE.replace("\0", "")],
    ],
    ids=lambda arguments: " ".join(map(ascii, arguments))[:40],
)
@pytest.mark.parametrize("terminal", [False, True])
def test_recorded_text_does_not_reach_the_terminal_raw(hostile: Path, arguments: list[str], terminal: bool) -> None:
    colours = {"FORCE_COLOR": "1", "TERM": "xterm-256color"} if terminal else {}
    result = run(hostile, *arguments, **colours)
    assert result.stdout or result.stderr
    for line in STYLES.sub("", result.output).split("\n"):
        assert HARMLESS.fullmatch(line.replace("\t", "")), line
    if terminal and arguments[0] == "show" and len(arguments) == 2 and result.exit_code == 0:
        assert STYLES.search(result.output)


def test_hostile_text_is_shown_as_text(hostile: Path) -> None:
    page = run(hostile, "show", "00000001", COLUMNS="400").stdout
    assert r"\x1b]0;owned\x07" in page
    assert r"\u202etxet desrever\u202c" in page
    assert "[bold red]markup[/] [link=http://x]y" in page


def test_ndjson_is_one_line_per_exchange_and_holds_the_exact_text(hostile: Path) -> None:
    lines = run(hostile, "list", "--format", "ndjson", "--oldest-first").stdout
    assert len(lines.splitlines()) == 2
    first = json.loads(lines.splitlines()[0])
    assert first["request"]["sql"] == f"SELECT 1 -- {HOSTILE}\n\tFROM t"
    assert first["origin"]["user_agent"] == HOSTILE
    assert first["outcome"]["error_message"] == HOSTILE


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("SELECT é 😀 漢字", "SELECT é 😀 漢字"),
        ("a\x1b[0mb", r"a\x1b[0mb"),
        ("a\u202eb\U000e0041c", r"a\u202eb\U000e0041c"),
        ("a\tb\nc", r"a\x09b\x0ac"),
        ("\ud800", r"\ud800"),
    ],
)
def test_plain(text: str, shown: str) -> None:
    assert plain(text) == shown


def test_plain_lines_and_json() -> None:
    assert plain_lines("a\r\nb\tc\rd\x1b") == "a\nb\tc\\x0dd\\x1b"
    document = json.dumps({"a": "\U000e0041\x9b\u2028é"}, ensure_ascii=False, indent=1)
    assert json.loads(plain_json(document, keep="\n")) == json.loads(document)
    assert HARMLESS.fullmatch(plain_json(document, keep="\n").replace("\n", ""))


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    write(tmp_path, [samples.refusal(number, sql="x" * 3000) for number in range(200)])
    program = (
        "from gatebook.inbound.cli.book import book_commands\n"
        "from gatebook.outbound.stores.sqlite_reader import SqliteReader\n"
        "book_commands(SqliteReader.open)()"
    )
    for form in (["--format", "ndjson"], ["--format", "json"], []):
        command = [sys.executable, "-c", program, "list", "--all", "--data", str(tmp_path), *form]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            process.stdout.readline()
            process.stdout.close()
            assert process.stderr.read() == b""


def test_every_field_is_documented(told: Path) -> None:
    page = (Path(__file__).parents[3] / "docs" / "book.md").read_text()

    def names(value: Any, path: str = "") -> Iterator[str]:
        if isinstance(value, dict):
            for name, inner in value.items():
                yield f"{path}{name}"
                yield from names(inner, f"{path}{name}.")
        elif isinstance(value, list):
            for inner in value:
                yield from names(inner, path.removesuffix(".") + "[].")

    given = json.loads(run(told, "list", "--format", "json").stdout)
    free = re.compile(r"call\.resource\.|request\.query_parameters|decision\.instead\.")
    told_names = {name for exchange in given for name in names(exchange) if not free.match(name)}
    assert len(told_names) > 80
    for name in told_names:
        assert f"`{name.replace('declared.', 'attested.')}`" in page, name
    with closing(SqliteReader.open(told)) as reader:
        statuses = {exchange.status.value for exchange in reader.search(Search(limit=None))}
    assert all(f"`{status}`" in page for status in statuses)
