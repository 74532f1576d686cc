"""docs/policy.md: its examples are valid, and it leaves out no key, variable, trait or rule id."""

import re
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo

import msgspec
import pytest

from gatebook.core.analysis.footprint import ResourceKind, Trait
from gatebook.core.policy import builtin, case_document, document
from gatebook.core.policy.cel import VARIABLES
from gatebook.core.policy.compiling import compile_policy
from gatebook.core.policy.invariants import INVARIANTS
from gatebook.core.policy.reading import CASES, POLICY, read_document
from gatebook.core.policy.statement_names import OTHER_TYPES
from gatebook.inbound.cli.policy_init import default_files

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "policy.md").read_text()
BLOCKS = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
POLICIES = [block for block in BLOCKS if "gatebook_policy_test" not in block]
TESTS = [block for block in BLOCKS if "gatebook_policy_test" in block]

STRUCTS = [
    document.Document, document.CallerEntry, document.Attested, document.Classification, document.Reviewers,
    document.Window, document.Above, document.AtMost, document.Covered, document.Matched, document.Unless,
    document.AllowRule, document.DenyRule, document.HoldRule, document.ObserveRule, document.Limit,
    case_document.CaseDocument, case_document.Case, case_document.CaseCaller, case_document.Expected,
]  # fmt: skip
KEYS = [(struct.__name__, field.encode_name) for struct in STRUCTS for field in msgspec.structs.fields(struct)]


def test_the_examples_make_one_policy_without_problems() -> None:
    assert len(POLICIES) >= 5
    read = [read_document(f"block {n}", f"gatebook_policy: 1\n{text}", POLICY) for n, text in enumerate(POLICIES)]
    assert [one for one in read if isinstance(one, list)] == []
    made = compile_policy([one for one in read if not isinstance(one, list)], ZoneInfo)
    assert [str(problem) for problem in made.problems] == []
    assert made.policy is not None


def test_the_example_of_a_test_file_is_one() -> None:
    (block,) = TESTS
    read = read_document("tests.yaml", block, CASES)
    assert not isinstance(read, list), read
    assert len(read.document.cases) == 3


@pytest.mark.parametrize(("struct", "key"), KEYS, ids=[f"{struct}.{key}" for struct, key in KEYS])
def test_every_key_is_documented(struct: str, key: str) -> None:
    in_tables = f"`{key}`" in PAGE
    in_example = struct.startswith("Case") and any(re.search(rf"\b{key}:", block) for block in TESTS)
    assert in_tables or in_example, f"{struct}.{key} is not in docs/policy.md"


def test_every_variable_trait_kind_way_and_type_is_documented() -> None:
    names = {*VARIABLES, *Trait, *get_args(document.How)}
    assert [name for name in sorted(names) if f"`{name}`" not in PAGE] == []
    assert [kind for kind in ResourceKind if f"`{kind}:" not in PAGE] == []
    # These come with something that is not understood, or are written as statements are.
    elsewhere = {"ALTER_FUNCTION", "CALL", "DATA_WRITE", "EXECUTE_IMMEDIATE", "METADATA_WRITE", "SET"}
    assert [name for name in sorted(OTHER_TYPES - elsewhere) if f"`{name}`" not in PAGE] == []


def test_every_id_that_is_not_a_rules_is_documented() -> None:
    source = (ROOT / "src/gatebook/core/policy").glob("*.py")
    ids = {one for file in source for one in re.findall(r'"(builtin/[a-z-]+)"', file.read_text())}
    assert ids >= set(INVARIANTS)
    only_without_documents = set(builtin.RULES)
    assert [one for one in sorted(ids - only_without_documents) if f"`{one}`" not in PAGE] == []


def test_the_default_set_is_explained_rule_by_rule() -> None:
    section = PAGE.partition("## The default set")[2].partition("\n## ")[0]
    for name, text in default_files():
        if name.endswith(".yaml") and "/" not in name:
            read = read_document(name, text, POLICY)
            assert not isinstance(read, list)
            for entry in (*read.document.rules, *read.document.limits):
                assert f"`{entry.id}`" in section, f"{entry.id} is not explained"
