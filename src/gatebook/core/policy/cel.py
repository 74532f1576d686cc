"""Conditions in CEL (https://cel.dev): checked for types when a policy is compiled, bounded when they are evaluated.

Google's implementation stops a condition after 10,000 steps of its macros, matches regular expressions in linear time
(RE2), and takes no text nested deeper than 32 levels. The macro `map` is left out: chained, it makes texts that
double with every link. `has` is left out too: every variable always has a value, or the condition fails.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from cel_expr_python import cel

from gatebook.core.policy.attested import TEXT_FACTS

_BOOL, _INT, _STRING, _TIMESTAMP, _LIST = "bool", "int", "string", "timestamp", "list"

# name: (type, what it is). Documented in docs/policy.md; what is not known is not bound, and then the condition fails.
VARIABLES: Mapping[str, tuple[str, str]] = {
    "call.method": (_STRING, "the API method, as in `bigquery.jobs.query`"),
    "call.project": (_STRING, "the project in the call's path"),
    "call.dry_run": (_BOOL, "whether the call is a dry run"),
    "call.statements": (_INT, "how many statements it has"),
    "caller.entries": (_LIST, "names of the caller entries and groups that the caller is in"),
    "caller.issuer": (_STRING, "the issuer of its token"),
    "caller.kind": (_STRING, "as in `github_actions`"),
    "caller.subject": (_STRING, "its subject, as the book shows it"),
    "caller.name": (_STRING, "its name for people, as the book shows it"),
    **{f"attested.{name}": (_STRING, "as the token proves it; empty when it does not say") for name in TEXT_FACTS},
    "attested.ref_protected": (_BOOL, "true when the token proves it"),
    "statement.type": (_STRING, "as in `SELECT`"),
    "statement.reads": (_LIST, "tables read, as `project.dataset.table`, and other things, as `uri:...`"),
    "statement.writes": (_LIST, "tables and other things written"),
    "statement.columns": (_LIST, "columns read or written, as `project.dataset.table.column`"),
    "statement.outputs": (_LIST, "columns whose values are in the result or in what is written"),
    "statement.classes": (_LIST, "classes of the columns read or written"),
    "statement.output_classes": (_LIST, "classes of the columns whose values are in the result"),
    "statement.traits": (_LIST, "as in `every_row`"),
    "statement.opaque": (_LIST, "reasons why it is not understood"),
    "estimate.bytes": (_INT, "bytes that upstream's dry run says; 0 for what processes none; else it may be unknown"),
    "estimate.rows": (_INT, "rows affected, where that is known beforehand"),
    "usage.calls_last_minute": (_INT, "calls of this caller"),
    "usage.running_jobs": (_INT, "jobs of this caller"),
    "usage.bytes_today": (_INT, "bytes that this caller's jobs processed since midnight, UTC"),
    "now": (_TIMESTAMP, "when the call came"),
}
_EXCLUDED_MACROS = ("has", "map")
_NO_CONTAINER = " (in container '')"
# Comments and texts; in raw ones a backslash means nothing. Texts of three quotes are not taken.
_LITERAL = re.compile(
    r"//[^\n]*"
    r'|[rR][bB]?"[^"\n]*"'
    r"|[rR][bB]?'[^'\n]*'"
    r'|[bB]?"(?:\\.|[^"\\\n])*"'
    r"|[bB]?'(?:\\.|[^'\\\n])*'"
)
_THREE_QUOTES = re.compile(r"[\"]{3}|[']{3}")
_CONSTANT = '""'
_MATCHES = re.compile(r"\bmatches\b")
_MATCHES_CONSTANT = re.compile(rf"\.\s*matches\s*\(\s*{_CONSTANT}\s*\)")


class CelError(ValueError):
    """A text that is no condition, or one that failed."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A compiled condition."""

    text: str
    expression: cel.Expression

    @property
    def uses_estimate(self) -> bool:
        """Tell whether it may look at the estimate; a text constant that reads so counts too."""
        return "estimate" in self.text

    def holds(self, values: Mapping[str, object]) -> bool:
        """Evaluate it. Raises CelError: what it needs is not known, it goes on for too long, ..."""
        try:
            found = self.expression.eval(data=values).value()
        except RuntimeError as error:
            raise CelError(_plain(str(error))) from error
        if not isinstance(found, bool):
            raise CelError(_plain(str(found)))
        return found


class Conditions:
    """Compiles conditions, each text once."""

    def __init__(self) -> None:
        self._environment = cel.NewEnv(config=cel.NewEnvConfigFromYaml(_environment()))
        self._known: dict[str, Condition] = {}

    def compile(self, text: str) -> Condition:
        """Give the condition. Raises CelError: syntax, unknown variables, types that do not fit."""
        known = self._known.get(text)
        if known is None:
            known = self._known[text] = Condition(text, self._compiled(text))
        return known

    def _compiled(self, text: str) -> cel.Expression:
        _check_regular_expressions(text)
        try:
            expression = self._environment.compile(text)
        except RuntimeError as error:
            raise CelError(_plain(str(error))) from error
        if expression.return_type() != cel.Type.BOOL:
            raise CelError("it must be true or false: write a comparison")
        return expression


def _check_regular_expressions(text: str) -> None:
    """Raise CelError for a pattern that is made of what a call says: each is compiled anew, and may be costly.

    The implementation compiles constant patterns anew too, so that what a policy's author wrote is all that it costs.
    """
    if _THREE_QUOTES.search(text):
        raise CelError("it has three quotes in a row: write texts in single or double quotes")
    code = _LITERAL.sub(lambda found: " " if found[0].startswith("//") else _CONSTANT, text)
    if len(_MATCHES.findall(code)) != len(_MATCHES_CONSTANT.findall(code)):
        raise CelError("`matches` takes a text constant: write text.matches('pattern')")


def _environment() -> str:
    """Give the environment in the configuration format of CEL, which is YAML; JSON is YAML too."""
    lines = ["stdlib:", f"  exclude_macros: [{', '.join(_EXCLUDED_MACROS)}]", "variables:"]
    for name, (kind, _) in VARIABLES.items():
        lines += [f"- name: {name}", f"  type_name: {kind}"]
        if kind == _LIST:
            lines.append("  params: [{type_name: string}]")
    return "\n".join(lines)


def _plain(message: str) -> str:
    """Take the first error out of what the implementation prints, with its column."""
    _, marked, rest = message.partition("ERROR: <input>:")
    if not marked:
        return message.rpartition(" [")[0] or message
    place, _, problem = rest.splitlines()[0].partition(": ")
    line, _, column = place.partition(":")
    return f"{problem.replace(_NO_CONTAINER, '')} (line {line}, column {column} of the condition)"
