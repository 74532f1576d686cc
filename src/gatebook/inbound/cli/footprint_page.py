"""A Footprint for people, statement by statement."""

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from gatebook.core.analysis.footprint import Footprint, Source, Statement, TableRef, Uses
from gatebook.inbound.cli.facts import Fact, facts_table
from gatebook.inbound.cli.plain_text import plain

_OUTPUTS_SHOWN = 40


def footprint_page(footprint: Footprint) -> RenderableType:
    """Give what is touched, or that nothing is."""
    if not footprint.statements:
        return Text("nothing", style="dim")
    return Group(*(_statement(number, statement) for number, statement in enumerate(footprint.statements, 1)))


def _statement(number: int, statement: Statement) -> RenderableType:
    facts: list[Fact] = [
        *_tables("reads", statement.tables_read, statement.columns_read),
        *_tables("writes", statement.tables_written, statement.columns_written),
        *(("uses", f"{resource.kind} {resource.name}") for resource in statement.resources_read),
        *(("changes", f"{resource.kind} {resource.name}") for resource in statement.resources_written),
        *_outputs(statement),
        *_uses(statement.uses),
        *(("note", str(trait).replace("_", " ")) for trait in statement.traits),
        *(("not understood", f"{item.reason}: {item.detail}") for item in statement.opaque),
    ]
    return Group(Text(f"{number}. {plain(statement.type)}"), Padding(facts_table(facts), (0, 0, 0, 3), expand=False))


def _tables(label: str, tables: tuple[TableRef, ...], columns: tuple[Source, ...]) -> Iterable[Fact]:
    for table in dict.fromkeys((*tables, *(table for table, _ in columns))):
        own = ", ".join(path for owner, path in columns if owner == table)
        yield label, f"{table} ({own})" if own else str(table)


def _outputs(statement: Statement) -> Iterable[Fact]:
    """Columns that derive from nothing (constants, counts of rows) are left out: they tell nothing of anybody."""
    derived = [output for output in statement.outputs if output.sources]
    for output in derived[:_OUTPUTS_SHOWN]:
        yield "gives", f"{output.name} from {_names(output.sources)}"
    if len(derived) > _OUTPUTS_SHOWN:
        yield "gives", f"{len(derived) - _OUTPUTS_SHOWN} more columns: see the JSON form"


def _uses(uses: Uses) -> Iterable[Fact]:
    how = (
        ("filters by", uses.predicate),
        ("joins by", uses.join),
        ("groups by", uses.group),
        ("orders by", uses.order),
        ("windows by", uses.window),
    )
    yield from ((label, _names(sources)) for label, sources in how if sources)


def _names(sources: tuple[Source, ...]) -> str:
    return ", ".join(f"{table.table}.{path}" for table, path in sources)
