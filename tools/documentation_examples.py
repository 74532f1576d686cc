"""Reads every example of Google's own documentation of GoogleSQL and tells what its footprint comes to.

    git clone --depth 1 https://github.com/google/googlesql
    python tools/documentation_examples.py googlesql/docs

Tables that one example makes are known to all others. Examples that are no statements (signatures, fragments) are set
aside. Anything that is neither a footprint nor one of the analyzer's own errors is a crash: the exit status is then 1.
"""

import re
import sys
import traceback
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from gatebook.core.analysis.created import created_tables
from gatebook.core.analysis.names import Names
from gatebook.core.analysis.script import names_used, read_script
from gatebook.googlesql import script
from gatebook.googlesql.analyzer import Analyzer
from gatebook.googlesql.catalog import Catalog, Table
from gatebook.googlesql.errors import AnalysisLimit, GoogleSqlError

_EXAMPLE = re.compile(r"^ *```(?:googlesql|sql)[^\n]*\n(.*?)^ *```", re.DOTALL | re.MULTILINE)
_PROJECT, _DATASET = "documentation", "examples"
_SECONDS = 10.0


def main(folder: Path) -> int:
    """Read the examples of all pages in a folder; print the shares."""
    reader = Analyzer()
    texts = [text for page in sorted(folder.glob("*.md")) for text in _EXAMPLE.findall(page.read_text())]
    statements = [text for text in dict.fromkeys(texts) if _is_sql(reader, text)]
    tables = dict(_tables(reader, statements))
    found = Counter(_outcome(reader, text, tables) for text in statements)
    print(f"{len(texts)} examples, {len(statements)} different ones are SQL, {len(tables)} tables are made in them")
    for outcome, count in found.most_common():
        print(f"{count:6} {count / len(statements):7.1%}  {outcome}")
    return 1 if any(outcome.startswith("crash") for outcome in found) else 0


def _is_sql(reader: Analyzer, text: str) -> bool:
    try:
        return bool(reader.statements(text).body)
    except GoogleSqlError:
        return False


def _tables(reader: Analyzer, texts: list[str]) -> Iterator[tuple[str, Table]]:
    names = Names(_PROJECT, _DATASET)
    for text in texts:
        for node in reader.statements(text).walk():
            if isinstance(node, script.Statement) and node.kind.startswith("CREATE_TABLE"):
                try:
                    analysis = reader.analyze(node.range.text(text), Catalog())
                except GoogleSqlError:
                    continue
                for table in created_tables(analysis.statement, names):
                    yield table.path[-1].lower(), table


def _outcome(reader: Analyzer, text: str, tables: dict[str, Table]) -> str:
    try:
        with reader.engine.deadline(_SECONDS):
            used = names_used(reader, text, _PROJECT, _DATASET)
            named = {ref: tables[ref.table.lower()] for ref in used.tables if ref.table.lower() in tables}
            known = [Table((ref.project, ref.dataset, ref.table), table.columns) for ref, table in named.items()]
            catalog = Catalog(tuple(known), default_project=_PROJECT, default_dataset=_DATASET)
            footprint = read_script(reader, text, catalog, None)
    except AnalysisLimit as limit:
        return f"given up: {limit.kind}"
    except GoogleSqlError as error:
        unknown = str(error).startswith("Table not found")
        return f"rejected by the analyzer: {'a table that no example makes' if unknown else 'for other reasons'}"
    except Exception:  # noqa: BLE001 - to find these is what this is for
        print(text, file=sys.stderr)
        traceback.print_exc(limit=-3)
        return "crash"
    reasons = sorted({opaque.reason for opaque in footprint.opaque})
    return f"opaque: {', '.join(reasons)}" if reasons else "full footprint"


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
