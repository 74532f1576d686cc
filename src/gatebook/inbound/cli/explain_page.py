"""What `gatebook explain` prints: the decision, why, and what it rests on; as JSON in a form that stays as it is."""

from dataclasses import asdict

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from gatebook.core.analysis.footprint import Footprint, Statement
from gatebook.core.model import JsonObject
from gatebook.core.policy.decision import Allow, Decision, Hold, effect_of
from gatebook.inbound.cli.facts import Fact, facts_table
from gatebook.inbound.cli.footprint_page import footprint_page
from gatebook.inbound.cli.plain_text import plain
from gatebook.inbound.footprint_json import column_names, output_json, resources_json, uses_json

_STYLES = {"allow": "bold green", "deny": "bold red", "hold": "bold yellow"}


def explanation_json(decision: Decision, footprint: Footprint, sql: str | None) -> JsonObject:
    """Give the explanation; `executed_sql` is what would be sent to BigQuery, null when nothing would."""
    return {
        "decision": effect_of(decision),
        "rules": list(decision.rules),
        "reason": _reason(decision),
        "policy_version": decision.policy_version,
        "observed": list(decision.observed),
        "reviewers": list(decision.reviewers) if isinstance(decision, Hold) else [],
        "limits": asdict(decision.limits) if isinstance(decision, Allow) else None,
        "statements": [_statement(statement) for statement in footprint.statements],
        "executed_sql": sql if isinstance(decision, Allow) else None,
    }


def print_explanation(decision: Decision, footprint: Footprint) -> None:
    """Print the explanation for people."""
    console = Console(highlight=False)
    effect = effect_of(decision)
    console.print(Text(effect, style=_STYLES[effect]).append(f"  {plain(_reason(decision))}", "not bold default"))
    console.print(Padding(facts_table(_facts(decision)), (0, 0, 1, 2), expand=False))
    console.print(Text("Touched", style="bold underline"))
    console.print(Padding(footprint_page(footprint), (0, 0, 0, 2), expand=False))


def _facts(decision: Decision) -> list[Fact]:
    limits = asdict(decision.limits) if isinstance(decision, Allow) else {}
    return [
        ("rules", ", ".join(decision.rules) or None),
        ("observed", ", ".join(decision.observed) or None),
        ("reviewers", ", ".join(decision.reviewers) if isinstance(decision, Hold) else None),
        *((name.replace("_", " "), value) for name, value in limits.items()),
        ("policy version", decision.policy_version),
    ]


def _reason(decision: Decision) -> str:
    if isinstance(decision, Allow):
        return f"Allowed by {', '.join(decision.rules)}."
    return decision.message


def _statement(statement: Statement) -> JsonObject:
    return {
        "type": statement.type,
        "tables_read": [str(table) for table in statement.tables_read],
        "tables_written": [str(table) for table in statement.tables_written],
        "columns_read": column_names(statement.columns_read),
        "columns_written": column_names(statement.columns_written),
        "outputs": [output_json(output) for output in statement.outputs],
        "uses": uses_json(statement.uses),
        "resources_read": resources_json(statement.resources_read),
        "resources_written": resources_json(statement.resources_written),
        "traits": [str(trait) for trait in statement.traits],
        "opaque": [asdict(item) for item in statement.opaque],
    }
