"""Golden cases as SQL: files of cases separated by lines of `----`, each with its expectations as comments before it.

-- columns: id INT64, f0_ STRING        the output schema
-- tables: acme.shop.customers          the tables that are scanned
-- kind: INSERT                         BigQuery's statement type (SELECT when left out)
-- error: Unrecognized name: x at [1:8] the message instead of all of these
-- sql: ...                             the text that the byte ranges refer to, when it is not the one submitted
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

_EXPECTATION = re.compile(r"-- (\w+): (.*)")


@dataclass
class GoldenCase:
    sql: str
    expected: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.sql


def golden_cases(name: str) -> list[GoldenCase]:
    text = (Path(__file__).parent / "golden" / name).read_text()
    return [_read(part.strip("\n")) for part in text.split("\n----\n") if part.strip()]


def _read(part: str) -> GoldenCase:
    lines = part.split("\n")
    expected = {}
    while lines and (match := _EXPECTATION.fullmatch(lines[0])):
        expected[match[1]] = match[2]
        del lines[0]
    return GoldenCase("\n".join(lines), expected)
