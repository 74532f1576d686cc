from pathlib import Path

import pytest

from gatebook.settings import SettingsError, effective, read_settings

GOOD = """\
data_directory = "data"

[listen]
port = 8099

[identity]
audience = "https://gatebook.test"

[[identity.issuers]]
issuer = "https://token.actions.githubusercontent.com"
kind = "github_actions"
require = { repository_owner = "acme" }

[upstream]
endpoint = "http://127.0.0.1:9050"
credential = "none"
"""


def write(directory: Path, text: str) -> Path:
    path = directory / "gatebook.toml"
    path.write_text(text)
    return path


def test_good_settings_are_read_and_relative_to_the_file(tmp_path: Path) -> None:
    settings = read_settings(write(tmp_path, GOOD))
    assert settings.data_directory == tmp_path / "data"
    assert settings.public_url == "http://127.0.0.1:8099"
    assert settings.identity.issuers[0].require == {"repository_owner": "acme"}


def test_effective_values_include_defaults(tmp_path: Path) -> None:
    plain = effective(read_settings(write(tmp_path, GOOD)))
    assert plain["analysis"]["time_limit_seconds"] == 2.0
    assert plain["data_directory"] == str(tmp_path / "data")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("port = 8099", "prot = 8099", "gatebook.toml:4: listen.prot: unknown key"),
        ("port = 8099", 'port = "x"', "gatebook.toml:4: listen.port: Expected `int`"),
        ("port = 8099", "port = 70000", "gatebook.toml:4: listen.port:"),
        ('data_directory = "data"\n', "", "data_directory"),
        ('kind = "github_actions"', 'kind = "jenkins"', "identity.issuers"),
        ('require = { repository_owner = "acme" }', "", "identity.issuers: https://token.actions"),
        ('require = { repository_owner = "acme" }', "require = { repository_owner = [] }", "nothing can meet"),
        ("https://token.actions.githubusercontent.com", "http://token.actions", "must be an https URL"),
        ('credential = "none"', 'credential = "key_file"', "gatebook.toml:14: upstream.key_file:"),
        ("http://127.0.0.1:9050", "https://bigquery.googleapis.com", "needs a credential"),
        ("http://127.0.0.1:9050", "http://127.0.0.1:9050/bigquery/v2", "upstream.endpoint: must be an http(s) URL"),
        ('credential = "none"', 'credential = "none"\nimpersonate = "x@y"', "upstream.impersonate"),
        ("port = 8099", 'certificate_file = "c.pem"', "listen.private_key_file"),
        ("[listen]", "[listen", "not valid TOML"),
        (
            'audience = "https://gatebook.test"',
            'audience = " "',
            "gatebook.toml:7: identity.audience: must not be empty",
        ),
    ],
)
def test_bad_settings_name_file_line_and_key(tmp_path: Path, old: str, new: str, expected: str) -> None:
    assert old in GOOD
    with pytest.raises(SettingsError) as caught:
        read_settings(write(tmp_path, GOOD.replace(old, new)))
    assert str(tmp_path / "gatebook.toml") in str(caught.value)
    assert expected in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        read_settings(tmp_path / "absent.toml")


def test_no_issuer_at_all_is_refused(tmp_path: Path) -> None:
    text = (
        GOOD[: GOOD.index("[[identity")].replace("audience", "issuers = []\naudience")
        + GOOD[GOOD.index("[upstream]") :]
    )
    with pytest.raises(SettingsError, match="at least one issuer"):
        read_settings(write(tmp_path, text))
