"""Every setting is documented, with its default where that is a plain value; every reason for being opaque."""

from pathlib import Path

import msgspec
import pytest

from gatebook import settings
from gatebook.core.analysis.reasons import REASONS

DOCS = Path(__file__).parent.parent / "docs"
PAGE = (DOCS / "configuration.md").read_text()
FOOTPRINTS = (DOCS / "footprints.md").read_text()
SECTIONS = (
    settings.Settings,
    settings.Listen,
    settings.Limits,
    settings.Identity,
    settings.Issuer,
    settings.Upstream,
    settings.Analysis,
    settings.Policy,
)
FIELDS = [(section.__name__, field) for section in SECTIONS for field in msgspec.structs.fields(section)]


@pytest.mark.parametrize(("section", "field"), FIELDS, ids=[f"{s}.{f.name}" for s, f in FIELDS])
def test_every_setting_is_documented(section: str, field: msgspec.structs.FieldInfo) -> None:
    lines = [
        line
        for line in PAGE.splitlines()
        if f"`{field.name}`" in line or f".{field.name}]" in line or f"`[{field.name}]" in line
    ]
    assert lines, f"{section}.{field.name} is not in docs/configuration.md"
    if isinstance(field.default, int | float) and not isinstance(field.default, bool):
        assert any(f"{field.default:g}".rstrip("0") in line or str(field.default) in line for line in lines)


@pytest.mark.parametrize("reason", sorted(REASONS))
def test_every_reason_for_being_opaque_is_documented(reason: str) -> None:
    assert f"`{reason}`" in FOOTPRINTS
