"""Gatebook's own access tokens: what they carry, what they cannot be used for, and how their keys live."""

import json
import stat
from collections.abc import Callable
from pathlib import Path

import jwt
import pytest
from token_gate import AUDIENCE, PUBLIC_URL, Gate, issuer_settings

from gatebook.core.identity.access_token import AccessToken
from gatebook.core.model import Credential
from gatebook.errors import Reason, Refused
from gatebook.issuer import Issuer
from gatebook.outbound.tokens import open_signing_keys, rotate_signing_keys
from gatebook.outbound.tokens.signing_keys import FILE_NAME, KEEP_SECONDS, ROTATION_SECONDS
from gatebook.settings import SettingsError

NOW = 1_790_000_000


def exchange(gate: Gate, text: str) -> AccessToken:
    return gate.runner.run(gate.tokens.exchange(Credential(text)))


def reasons(gate: Gate, text: str) -> tuple[Reason, Reason]:
    found = []
    for use in (gate.tokens.identify, gate.tokens.exchange):
        with pytest.raises(Refused) as refused:
            gate.runner.run(use(Credential(text)))  # type: ignore[arg-type]  # both take a credential
        found.append(refused.value.reason)
    return found[0], found[1]


def test_access_token_carries_exactly_what_was_proven(gate: Gate, issuer: Issuer) -> None:
    subject = issuer.mint(audience=AUDIENCE)
    proven = gate.identify(subject)
    token = exchange(gate, subject)
    carried = gate.identify(token.text)
    assert (carried.caller, carried.attested) == (proven.caller, proven.attested)
    assert carried == token.identity
    assert token.expires_in_seconds == 3600
    assert gate.runner.run(gate.tokens.introspect(Credential(token.text))) == carried


def test_access_token_outlives_the_subject_token_and_has_an_end(gate: Gate, issuer: Issuer) -> None:
    token = exchange(gate, issuer.mint(audience=AUDIENCE, lifetime_seconds=60))
    gate.clock.ahead_seconds += 3000
    gate.identify(token.text)
    gate.clock.ahead_seconds += 700
    with pytest.raises(Refused) as refused:
        gate.identify(token.text)
    assert refused.value.reason == Reason.TOKEN_EXPIRED
    assert gate.runner.run(gate.tokens.introspect(Credential(token.text))) is None


def test_access_token_cannot_be_exchanged_again(gate: Gate, issuer: Issuer) -> None:
    token = exchange(gate, issuer.mint(audience=AUDIENCE))
    with pytest.raises(Refused, match="cannot be exchanged"):
        exchange(gate, token.text)


def test_form_of_the_access_token(gate: Gate, issuer: Issuer) -> None:
    token = exchange(gate, issuer.mint(audience=AUDIENCE))
    header = jwt.get_unverified_header(token.text)
    claims = jwt.decode(token.text, options={"verify_signature": False})
    assert (header["typ"], header["alg"]) == ("at+jwt", "EdDSA")
    assert (claims["iss"], claims["aud"], claims["jti"]) == (PUBLIC_URL, AUDIENCE, token.id)
    assert claims["exp"] - claims["iat"] == 3600
    assert claims["sub"] == token.identity.caller.key
    assert token.text not in repr(token)


def test_two_exchanges_give_two_tokens(gate: Gate, issuer: Issuer) -> None:
    subject = issuer.mint(audience=AUDIENCE)
    assert exchange(gate, subject).id != exchange(gate, subject).id


def test_access_token_of_another_gateway_is_refused(
    make_gate: Callable[..., Gate], issuer: Issuer, tmp_path: Path
) -> None:
    here = make_gate(issuer_settings(issuer))
    token = exchange(here, issuer.mint(audience=AUDIENCE))
    (tmp_path / FILE_NAME).unlink()
    elsewhere = make_gate(issuer_settings(issuer))
    assert reasons(elsewhere, token.text)[0] == Reason.TOKEN_SIGNATURE


def test_access_token_ends_with_the_trust_in_its_issuer(make_gate: Callable[..., Gate], issuer: Issuer) -> None:
    token = exchange(make_gate(issuer_settings(issuer)), issuer.mint(audience=AUDIENCE))
    without = make_gate(issuer_settings(issuer, issuer="https://token.actions.githubusercontent.com"))
    assert reasons(without, token.text)[0] == Reason.TOKEN_UNKNOWN_ISSUER


def test_issuer_cannot_be_the_gateway_itself(make_gate: Callable[..., Gate], issuer: Issuer) -> None:
    with pytest.raises(SettingsError, match="own public URL"):
        make_gate(issuer_settings(issuer, issuer=PUBLIC_URL))


def test_running_tokens_survive_a_restart_and_a_rotation(
    make_gate: Callable[..., Gate], issuer: Issuer, tmp_path: Path
) -> None:
    before = exchange(make_gate(issuer_settings(issuer)), issuer.mint(audience=AUDIENCE))
    make_gate(issuer_settings(issuer)).identify(before.text)
    clock_seconds = int(jwt.decode(before.text, options={"verify_signature": False})["iat"])
    rotate_signing_keys(tmp_path, clock_seconds)
    rotated = make_gate(issuer_settings(issuer))
    after = exchange(rotated, issuer.mint(audience=AUDIENCE))
    assert rotated.identify(before.text) == before.identity
    assert jwt.get_unverified_header(before.text)["kid"] != jwt.get_unverified_header(after.text)["kid"]


def test_keys_rotate_with_age_and_old_ones_go(tmp_path: Path) -> None:
    first = open_signing_keys(tmp_path, NOW)
    assert open_signing_keys(tmp_path, NOW + ROTATION_SECONDS - 1).key_id == first.key_id
    second = open_signing_keys(tmp_path, NOW + ROTATION_SECONDS)
    assert second.key_id != first.key_id
    assert set(second.public) == {first.key_id, second.key_id}
    third = rotate_signing_keys(tmp_path, NOW + ROTATION_SECONDS + KEEP_SECONDS)
    assert set(third.public) == {second.key_id, third.key_id}


def test_key_file_is_private_and_holds_one_private_key(tmp_path: Path) -> None:
    open_signing_keys(tmp_path, NOW)
    rotate_signing_keys(tmp_path, NOW)
    path = tmp_path / FILE_NAME
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [bool(key["d"]) for key in json.loads(path.read_bytes())["keys"]] == [True, False]
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda path: path.chmod(0o640), "owner only"),
        (lambda path: path.write_bytes(b"{"), "damaged"),
        (lambda path: path.write_bytes(b'{"version":1,"keys":[]}'), "version"),
        (lambda path: path.write_bytes(b'{"version":2,"keys":[]}'), "version"),
        (lambda path: path.write_bytes(b'{"version":1,"keys":[{"kid":"a","x":"AA","created_at":0}]}'), "damaged"),
        (lambda path: path.write_bytes(path.read_bytes().replace(b'"d":"', b'"d":"A')), "damaged"),
        (lambda path: (path.unlink(), path.mkdir(mode=0o700)), "cannot be read"),
    ],
)  # fmt: skip
def test_bad_key_file_is_named_and_not_shown(damage: Callable[[Path], object], said: str, tmp_path: Path) -> None:
    open_signing_keys(tmp_path, NOW)
    path = tmp_path / FILE_NAME
    secret = json.loads(path.read_bytes())["keys"][0]["d"]
    damage(path)
    with pytest.raises(SettingsError, match=said) as error:
        open_signing_keys(tmp_path, NOW)
    assert str(path) in str(error.value)
    assert secret not in str(error.value)


def test_of_two_gateways_that_start_at_once_both_use_one_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = open_signing_keys(tmp_path, NOW)
    monkeypatch.setattr(Path, "exists", lambda _path: False)  # the second looked before the first had written
    assert open_signing_keys(tmp_path, NOW).key_id == first.key_id
