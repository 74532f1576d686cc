"""Cases cut, joined and mixed up: each is a footprint or a refusal, never anything else."""

import re
from contextlib import suppress
from pathlib import Path

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from attacks.attack_catalog import read
from gatebook.core.analysis.footprint import Footprint
from gatebook.errors import Refused

HERE = Path(__file__).parent
FILES = (HERE / "sensitive.yaml", HERE / "destructive_sql.yaml", HERE.parent / "core" / "analysis" / "lineage.yaml")
TEXTS = [case["sql"] for file in FILES for case in yaml.safe_load(file.read_text())]
TOKENS = [re.findall(r"\w+|\s+|'[^']*'|.", text) for text in TEXTS]

Tokens = list[str]


@st.composite
def mutated(draw: st.DrawFn) -> str:
    first, second = draw(st.sampled_from(TOKENS)), draw(st.sampled_from(TOKENS))
    cut, end = sorted((draw(st.integers(0, len(first))), draw(st.integers(0, len(first)))))
    match draw(st.sampled_from(["delete", "repeat", "splice", "nest", "chain"])):
        case "delete":
            return "".join(first[:cut] + first[end:])
        case "repeat":
            return "".join(first[:end] + first[cut:])
        case "splice":
            return "".join(first[:cut] + second[:end] + first[end:])
        case "nest":
            return f"SELECT * FROM ({''.join(first)}) AS a, ({''.join(second)}) AS b"
        case _:
            return f"BEGIN {''.join(first)}; {''.join(second)}; EXCEPTION WHEN ERROR THEN {''.join(first)}; END"


@settings(max_examples=200, deadline=None)
@given(mutated())
def test_any_mixture_is_a_footprint_or_a_refusal(sql: str) -> None:
    with suppress(Refused):
        assert isinstance(read(sql), Footprint)
