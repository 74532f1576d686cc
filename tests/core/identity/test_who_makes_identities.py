"""The types that carry trust are made where the design says, and nowhere else."""

import ast
from pathlib import Path

import gatebook

SOURCE = Path(gatebook.__file__).parent


def makers_of(name: str) -> set[str]:
    found = set()
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
                called = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
                if called == name:
                    found.add(str(path.relative_to(SOURCE)))
    return found


def test_only_the_verifier_makes_verified_claims() -> None:
    assert makers_of("VerifiedClaims") == {"outbound/tokens/verify.py"}


def test_only_what_asks_what_a_policy_would_say_supposes_an_identity() -> None:
    assert makers_of("supposed") == {"core/identity/supposed.py"}
    assert makers_of("supposed_identity") == {"core/policy/cases.py", "inbound/cli/explain.py"}


def test_only_the_core_makes_a_caller_of_claims() -> None:
    assert {"core/identity/identify.py", "core/identity/access_token.py"} <= makers_of("Caller")
    assert not [maker for maker in makers_of("Caller") if maker.startswith(("inbound/", "outbound/tokens"))]
