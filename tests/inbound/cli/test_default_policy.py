"""The default set, asked with real SQL and real API calls through the real analyzer."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from gatebook.policies import policy

CASES = yaml.safe_load((Path(__file__).parent / "default_policy_cases.yaml").read_text())


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """All cases in one run: the analyzer is loaded once."""
    directory = tmp_path_factory.mktemp("default") / "policy"
    assert CliRunner().invoke(policy, ["init", str(directory)]).exit_code == 0
    file = directory / "tests" / "default.yaml"
    head = file.read_text().partition("cases:")[0]
    file.write_text(head + "cases: " + json.dumps([{"caller": "nightly", **case} for case in CASES]))
    result = CliRunner().invoke(policy, ["test", "--json", str(file)])
    assert result.exit_code in (0, 1), result.output
    return {case["name"]: case for case in json.loads(result.stdout)["cases"]}


@pytest.mark.parametrize("name", [case["name"] for case in CASES])
def test_the_default_set_says_what_it_must(outcomes: dict[str, Any], name: str) -> None:
    assert outcomes[name]["differences"] == [], outcomes[name]["message"]
