"""Tokens that must not be accepted, each with the reason that it must be refused for."""

import base64
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from token_gate import AUDIENCE, PUBLIC_URL, TOKEN_BYTES, Gate, issuer_settings

from gatebook.core.model import Credential
from gatebook.errors import Reason, Refused
from gatebook.issuer import Flaw, Issuer
from gatebook.issuer.flaws import compact
from gatebook.issuer.keys import generate

# One variant is signed with a key that is too short on purpose.
pytestmark = pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")

NOW = int(time.time())
STRANGER = generate("RS256")
Build = Callable[[Issuer], str]


def claims(issuer: Issuer, **changes: Any) -> dict[str, Any]:
    return issuer.claims(audience=AUDIENCE, claims=changes)


@dataclass(frozen=True)
class In:
    """A time so many seconds from when the token is made: these tables are written long before they are run."""

    seconds: float

    def date(self) -> int:
        return int(time.time() + self.seconds)


def signed(**changes: Any) -> Build:
    def build(issuer: Issuer) -> str:
        now = {name: value.date() if isinstance(value, In) else value for name, value in changes.items()}
        return issuer.sign(claims(issuer, **now))

    return build


def headed(algorithm: str | None = None, **headers: Any) -> Build:
    return lambda issuer: issuer.sign(claims(issuer), algorithm=algorithm, headers=headers)


def flawed(flaw: Flaw) -> Build:
    return lambda issuer: issuer.mint_flawed(flaw, audience=AUDIENCE)


def raw_payload(edit: Callable[[str], str]) -> Build:
    """Sign a payload whose text no JSON library would write."""

    def build(issuer: Issuer) -> str:
        payload = edit(json.dumps(claims(issuer))).encode()
        key = issuer.key()
        return jwt.PyJWS().encode(payload, key.private, algorithm=key.algorithm, headers={"kid": key.id})

    return build


def replaced(old: str, new: str) -> Build:
    return raw_payload(lambda text: text.replace(old, new, 1))


def parts(edit: Callable[[list[str]], list[str]]) -> Build:
    return lambda issuer: ".".join(edit(issuer.mint(audience=AUDIENCE).split(".")))


def text_header(text: str) -> Build:
    encoded = base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()
    return parts(lambda p: [encoded, *p[1:]])


def hmac_with(secret: Callable[[Issuer], bytes], algorithm: str = "HS256") -> Build:
    def build(issuer: Issuer) -> str:
        header = {"alg": algorithm, "typ": "JWT", "kid": issuer.key().id}
        signing_input = compact(header, claims(issuer), b"").rstrip(".")
        signature = jwt.get_algorithm_by_name(algorithm).sign(signing_input.encode(), secret(issuer))
        return f"{signing_input}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"

    return build


def public_der(issuer: Issuer) -> bytes:
    return issuer.key().private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def resigned(private: Any, algorithm: str, key_of: str, **headers: Any) -> Build:
    """Sign with a stranger's key, under the id of the issuer's key for `key_of`."""
    return lambda issuer: jwt.encode(
        claims(issuer), private, algorithm=algorithm, headers={"kid": issuer.key(key_of).id, **headers}
    )


def tampered(**changes: Any) -> Build:
    """Change claims under a signature that was good."""

    def build(issuer: Issuer) -> str:
        genuine = claims(issuer)
        head, _, signature = issuer.sign(genuine).split(".")
        payload = json.dumps({**genuine, **changes}).encode()
        return f"{head}.{base64.urlsafe_b64encode(payload).rstrip(b'=').decode()}.{signature}"

    return build


def own_access_token(**changes: Any) -> Build:
    """Forge an access token of Gatebook's own with the issuer's key."""
    return lambda issuer: issuer.sign({**claims(issuer), "iss": PUBLIC_URL, **changes}, headers={"typ": "at+jwt"})


STRANGER_JWK = {**STRANGER.jwk(), "kid": "embedded"}

HOSTILE: dict[str, tuple[Build, Reason]] = {
    # not a token at all
    "empty": (lambda _: "", Reason.TOKEN_MISSING),
    "garbage": (lambda _: "garbage", Reason.TOKEN_MALFORMED),
    "blanks": (lambda _: "   ", Reason.TOKEN_MALFORMED),
    "dots": (lambda _: "..", Reason.TOKEN_MALFORMED),
    "two segments": (parts(lambda p: p[:2]), Reason.TOKEN_MALFORMED),
    "four segments": (parts(lambda p: [*p, p[2]]), Reason.TOKEN_MALFORMED),
    "encrypted (JWE)": (parts(lambda p: [*p, p[1], p[2]]), Reason.TOKEN_MALFORMED),
    "not ASCII": (parts(lambda p: [p[0], p[1], p[2] + "é"]), Reason.TOKEN_MALFORMED),
    "lone surrogate": (parts(lambda p: [p[0], p[1], p[2] + "\udc80"]), Reason.TOKEN_MALFORMED),
    "new line at the end": (parts(lambda p: [p[0], p[1], p[2] + "\n"]), Reason.TOKEN_MALFORMED),
    "Bearer twice": (lambda issuer: "Bearer " + issuer.mint(audience=AUDIENCE), Reason.TOKEN_MALFORMED),
    "padding": (parts(lambda p: [p[0] + "=" * (-len(p[0]) % 4 or 4), p[1], p[2]]), Reason.TOKEN_MALFORMED),
    "plain base64": (parts(lambda p: [p[0], p[1], "+/" + p[2][2:]]), Reason.TOKEN_MALFORMED),
    "another text of the same octets": (
        lambda issuer: _last_bit_flipped(issuer.sign(claims(issuer), algorithm="RS256")), Reason.TOKEN_MALFORMED),
    "too large": (signed(padding="x" * TOKEN_BYTES), Reason.TOKEN_TOO_LARGE),
    "too large garbage": (lambda _: "x" * (TOKEN_BYTES + 1), Reason.TOKEN_TOO_LARGE),
    # the header
    "header is not JSON": (text_header("{"), Reason.TOKEN_MALFORMED),
    "header is a list": (text_header('["alg","RS256"]'), Reason.TOKEN_MALFORMED),
    "header names alg twice": (text_header('{"alg":"none","alg":"RS256"}'), Reason.TOKEN_MALFORMED),
    "header nests without end": (text_header('{"a":' * 1500 + "1" + "}" * 1500), Reason.TOKEN_MALFORMED),
    "header is not UTF-8": (parts(lambda p: ["_w", *p[1:]]), Reason.TOKEN_MALFORMED),
    "critical extension": (headed(crit=["exp"], exp=1), Reason.TOKEN_MALFORMED),
    "empty critical extensions": (text_header('{"alg":"RS256","kid":"x","crit":[]}'), Reason.TOKEN_MALFORMED),
    "unencoded payload": (text_header('{"alg":"RS256","kid":"x","b64":false,"crit":["b64"]}'), Reason.TOKEN_MALFORMED),
    "compressed": (headed(zip="DEF"), Reason.TOKEN_MALFORMED),
    "encryption in the header": (headed(enc="A128GCM"), Reason.TOKEN_MALFORMED),
    "token within a token": (headed(cty="JWT"), Reason.TOKEN_MALFORMED),
    "logout token": (headed(typ="logout+jwt"), Reason.TOKEN_MALFORMED),
    "DPoP proof": (headed(typ="dpop+jwt"), Reason.TOKEN_MALFORMED),
    "type is a number": (text_header('{"alg":"RS256","kid":"x","typ":1}'), Reason.TOKEN_MALFORMED),
    "no key id": (headed(kid=None), Reason.TOKEN_MALFORMED),
    "key id is a number": (text_header('{"alg":"RS256","kid":7}'), Reason.TOKEN_MALFORMED),
    "key id without end": (headed(kid="k" * 300), Reason.TOKEN_MALFORMED),
    # the algorithm
    "unsigned": (flawed(Flaw.UNSIGNED), Reason.TOKEN_ALGORITHM),
    "unsigned, None": (text_header('{"alg":"None","kid":"x"}'), Reason.TOKEN_ALGORITHM),
    "unsigned, nOnE": (text_header('{"alg":"nOnE","kid":"x"}'), Reason.TOKEN_ALGORITHM),
    "no algorithm": (text_header('{"typ":"JWT","kid":"x"}'), Reason.TOKEN_ALGORITHM),
    "algorithm is null": (text_header('{"alg":null,"kid":"x"}'), Reason.TOKEN_ALGORITHM),
    "algorithm is a list": (text_header('{"alg":["RS256"],"kid":"x"}'), Reason.TOKEN_ALGORITHM),
    "algorithm in lower case": (text_header('{"alg":"rs256","kid":"x"}'), Reason.TOKEN_ALGORITHM),
    "HS256 with the public key (PEM)": (flawed(Flaw.HMAC_WITH_PUBLIC_KEY), Reason.TOKEN_ALGORITHM),
    "HS256 with the public key (DER)": (hmac_with(public_der), Reason.TOKEN_ALGORITHM),
    "HS256 with the key id": (hmac_with(lambda issuer: issuer.key().id.encode()), Reason.TOKEN_ALGORITHM),
    "HS256 with an empty secret": (hmac_with(lambda _: b"\0"), Reason.TOKEN_ALGORITHM),
    "HS512 with the public key": (hmac_with(public_der, "HS512"), Reason.TOKEN_ALGORITHM),
    "RS512": (lambda issuer: _with_algorithm(issuer, "RS512"), Reason.TOKEN_ALGORITHM),
    "PS256": (lambda issuer: _with_algorithm(issuer, "PS256"), Reason.TOKEN_ALGORITHM),
    "RS256 header, ES256 key": (
        resigned(ec.generate_private_key(ec.SECP256R1()), "ES256", "RS256"), Reason.TOKEN_ALGORITHM),
    "ES256 header, EdDSA key": (
        resigned(ed25519.Ed25519PrivateKey.generate(), "EdDSA", "ES256"), Reason.TOKEN_ALGORITHM),
    "RS256 with the id of the EdDSA key": (resigned(STRANGER.private, "RS256", "EdDSA"), Reason.TOKEN_ALGORITHM),
    "EdDSA text under RS256": (
        lambda issuer: _swapped_header(issuer, "EdDSA", issuer.key("RS256").id, "RS256"), Reason.TOKEN_SIGNATURE),
    # the signature
    "bad signature": (flawed(Flaw.BAD_SIGNATURE), Reason.TOKEN_SIGNATURE),
    "no signature": (parts(lambda p: [p[0], p[1], ""]), Reason.TOKEN_MALFORMED),
    "short signature": (parts(lambda p: [p[0], p[1], "AAAA"]), Reason.TOKEN_SIGNATURE),
    "zero ES256 signature (psychic)": (
        lambda issuer: issuer.sign(claims(issuer), algorithm="ES256").rsplit(".", 1)[0] + "." + "A" * 86,
        Reason.TOKEN_SIGNATURE),
    "zero EdDSA signature": (
        lambda issuer: issuer.sign(claims(issuer), algorithm="EdDSA").rsplit(".", 1)[0] + "." + "A" * 86,
        Reason.TOKEN_SIGNATURE),
    "stranger's key under the issuer's key id": (flawed(Flaw.STRANGERS_KEY), Reason.TOKEN_SIGNATURE),
    "small RSA key under the issuer's key id": (
        resigned(rsa.generate_private_key(public_exponent=65537, key_size=1024), "RS256", "RS256"),
        Reason.TOKEN_SIGNATURE),
    "unknown key": (flawed(Flaw.UNKNOWN_KEY), Reason.TOKEN_SIGNATURE),
    "key in the header (jwk)": (
        resigned(STRANGER.private, "RS256", "RS256", kid="embedded", jwk=STRANGER_JWK), Reason.TOKEN_SIGNATURE),
    "key by address (jku)": (
        resigned(STRANGER.private, "RS256", "RS256", kid="embedded", jku="https://evil.example/jwks"),
        Reason.TOKEN_SIGNATURE),
    "certificate by address (x5u)": (
        resigned(STRANGER.private, "RS256", "RS256", x5u="https://evil.example/cert"), Reason.TOKEN_SIGNATURE),
    "key id that is a path": (headed(kid="../../dev/null"), Reason.TOKEN_SIGNATURE),
    "key id that is SQL": (headed(kid="' UNION SELECT 'k"), Reason.TOKEN_SIGNATURE),
    "another repository under the signature": (
        tampered(repository_id="1", repository="evil/repo"), Reason.TOKEN_SIGNATURE),
    "a later end under the signature": (tampered(exp=NOW + 90000), Reason.TOKEN_SIGNATURE),
    # the issuer
    "no issuer": (signed(iss=None), Reason.TOKEN_MALFORMED),
    "issuer is a list": (replaced('"iss": "', '"iss": ["x"], "was": "'), Reason.TOKEN_MALFORMED),
    "unknown issuer": (signed(iss="https://token.actions.githubusercontent.com"), Reason.TOKEN_UNKNOWN_ISSUER),
    "issuer with a slash": (
        lambda issuer: issuer.sign(claims(issuer, iss=issuer.url + "/")), Reason.TOKEN_UNKNOWN_ISSUER),
    "issuer in capitals": (
        lambda issuer: issuer.sign(claims(issuer, iss=issuer.url.upper())), Reason.TOKEN_UNKNOWN_ISSUER),
    "issuer with a path": (
        lambda issuer: issuer.sign(claims(issuer, iss=issuer.url + "/evil")), Reason.TOKEN_UNKNOWN_ISSUER),
    "issuer before an @": (
        lambda issuer: issuer.sign(claims(issuer, iss=issuer.url + "@evil.example")), Reason.TOKEN_UNKNOWN_ISSUER),
    "Google access token": (lambda _: "ya29.a0AfB_byC1234567890", Reason.GOOGLE_CREDENTIAL),
    "Google federated access token": (lambda _: "ya29.d.c0AZ4bNpY", Reason.GOOGLE_CREDENTIAL),
    "service account key": (signed(iss="etl@acme.iam.gserviceaccount.com", aud="https://bigquery.googleapis.com/"),
        Reason.GOOGLE_CREDENTIAL),
    "service account key without key id": (
        lambda issuer: issuer.sign(claims(issuer, iss="etl@acme.iam.gserviceaccount.com"), headers={"kid": None}),
        Reason.GOOGLE_CREDENTIAL),
    "person's Google identity token": (signed(iss="https://accounts.google.com"), Reason.TOKEN_UNKNOWN_ISSUER),
    # the audience
    "wrong audience": (flawed(Flaw.WRONG_AUDIENCE), Reason.TOKEN_AUDIENCE),
    "no audience": (signed(aud=None), Reason.TOKEN_AUDIENCE),
    "empty audience": (signed(aud=""), Reason.TOKEN_AUDIENCE),
    "empty list of audiences": (signed(aud=[]), Reason.TOKEN_AUDIENCE),
    "our audience among others": (signed(aud=[AUDIENCE, "https://elsewhere.example"]), Reason.TOKEN_AUDIENCE),
    "our audience twice": (signed(aud=[AUDIENCE, AUDIENCE]), Reason.TOKEN_AUDIENCE),
    "audience in a list in a list": (signed(aud=[[AUDIENCE]]), Reason.TOKEN_AUDIENCE),
    "audience as an object": (signed(aud={AUDIENCE: True}), Reason.TOKEN_AUDIENCE),
    "audience with a slash": (signed(aud=AUDIENCE + "/"), Reason.TOKEN_AUDIENCE),
    "audience as a prefix": (signed(aud=AUDIENCE + ".evil.example"), Reason.TOKEN_AUDIENCE),
    "audience is true": (signed(aud=True), Reason.TOKEN_AUDIENCE),
    # the time
    "expired": (flawed(Flaw.EXPIRED), Reason.TOKEN_EXPIRED),
    "expired beyond the leeway": (signed(iat=In(-400), nbf=In(-400), exp=In(-31)), Reason.TOKEN_EXPIRED),
    "never expires": (flawed(Flaw.NO_EXPIRY), Reason.TOKEN_CLAIMS),
    "expiry is null": (replaced('"exp": ', '"exp": null, "was": '), Reason.TOKEN_CLAIMS),
    "expiry is text": (signed(exp=str(NOW + 300)), Reason.TOKEN_MALFORMED),
    "expiry is true": (signed(exp=True), Reason.TOKEN_MALFORMED),
    "expiry is a list": (signed(exp=[NOW + 300]), Reason.TOKEN_MALFORMED),
    "expiry is negative": (signed(exp=-1), Reason.TOKEN_MALFORMED),
    "expiry beyond the calendar": (signed(exp=10**15), Reason.TOKEN_MALFORMED),
    "expiry of 400 digits": (replaced('"exp": ', '"exp": 1' + "0" * 400), Reason.TOKEN_MALFORMED),
    "expiry of 5000 digits": (replaced('"exp": ', '"exp": 1' + "0" * 5000), Reason.TOKEN_MALFORMED),
    "expiry is infinite": (replaced('"exp": ', '"exp": 1e999, "was": '), Reason.TOKEN_MALFORMED),
    "expiry is Infinity": (replaced('"exp": ', '"exp": Infinity, "was": '), Reason.TOKEN_MALFORMED),
    "expiry is NaN": (replaced('"exp": ', '"exp": NaN, "was": '), Reason.TOKEN_MALFORMED),
    "not yet valid": (flawed(Flaw.NOT_YET_VALID), Reason.TOKEN_NOT_YET_VALID),
    "not before, beyond the leeway": (signed(nbf=In(120)), Reason.TOKEN_NOT_YET_VALID),
    "not before is text": (signed(nbf="soon"), Reason.TOKEN_MALFORMED),
    "issued in the future": (signed(iat=In(120)), Reason.TOKEN_NOT_YET_VALID),
    "no time of issue": (signed(iat=None), Reason.TOKEN_CLAIMS),
    "ends before it begins": (signed(iat=In(20), nbf=In(20), exp=In(10)), Reason.TOKEN_MALFORMED),
    # the payload
    "payload is not JSON": (raw_payload(lambda _: "{"), Reason.TOKEN_MALFORMED),
    "payload is a list": (raw_payload(lambda t: f"[{t}]"), Reason.TOKEN_MALFORMED),
    "payload is empty": (raw_payload(lambda _: "{}"), Reason.TOKEN_MALFORMED),
    "payload with a byte order mark": (raw_payload(lambda t: "\ufeff" + t), Reason.TOKEN_MALFORMED),
    "two issuers": (
        raw_payload(lambda t: t[:-1] + ', "iss": "https://evil.example"}'), Reason.TOKEN_MALFORMED),
    "two audiences claims": (raw_payload(lambda t: '{"aud": "x", ' + t[1:]), Reason.TOKEN_MALFORMED),
    "two ends within": (raw_payload(lambda t: t[:-1] + ', "x": {"a": 1, "a": 2}}'), Reason.TOKEN_MALFORMED),
    "payload nests without end": (
        raw_payload(lambda t: t[:-1] + ', "x": ' + "[" * 4000 + "]" * 4000 + "}"), Reason.TOKEN_MALFORMED),
    "claims nest too deeply": (
        raw_payload(lambda t: t[:-1] + ', "x": ' + '{"a":' * 20 + "1" + "}" * 20 + "}"), Reason.TOKEN_CLAIMS),
    "sub is a number": (signed(sub=7), Reason.TOKEN_MALFORMED),
    "jti is a list": (signed(jti=["a"]), Reason.TOKEN_MALFORMED),
    # what the claims say
    "no repository": (signed(repository=None), Reason.TOKEN_CLAIMS),
    "no repository id": (signed(repository_id=None), Reason.TOKEN_CLAIMS),
    "empty repository id": (signed(repository_id=""), Reason.TOKEN_CLAIMS),
    "repository id is a list": (signed(repository_id=["20230117"]), Reason.TOKEN_CLAIMS),
    "no workflow": (signed(job_workflow_ref=None), Reason.TOKEN_CLAIMS),
    "no commit": (signed(sha=None), Reason.TOKEN_CLAIMS),
    "another owner": (signed(repository_owner_id="1016"), Reason.TOKEN_CLAIMS),
    "required owner in a list": (signed(repository_owner_id=["1015"]), Reason.TOKEN_CLAIMS),
    "claim of two readings": (signed(**{"a": {"b": "1"}, "a.b": "2"}), Reason.TOKEN_CLAIMS),
    "terminal escapes in a branch": (signed(ref="refs/heads/\x1b[2Jmain"), Reason.TOKEN_CLAIMS),
    "bidirectional text in an environment": (signed(environment="prod\u202egnp"), Reason.TOKEN_CLAIMS),
    "lone surrogate in a branch": (signed(ref="refs/heads/\ud800"), Reason.TOKEN_CLAIMS),
    "branch without end": (signed(ref="refs/heads/" + "x" * 2000), Reason.TOKEN_CLAIMS),
    "protection that is neither": (signed(ref_protected="yes"), Reason.TOKEN_CLAIMS),
    # Gatebook's own tokens, forged
    "own token by another's key": (own_access_token(), Reason.TOKEN_ALGORITHM),
    "own token, EdDSA by another's key": (
        lambda issuer: issuer.sign(
            {**claims(issuer), "iss": PUBLIC_URL}, algorithm="EdDSA", headers={"typ": "at+jwt"}),
        Reason.TOKEN_SIGNATURE),
    "own token of the wrong type": (
        lambda issuer: issuer.sign({**claims(issuer), "iss": PUBLIC_URL}, algorithm="EdDSA"), Reason.TOKEN_MALFORMED),
    "own token, unsigned": (
        lambda issuer: compact({"alg": "none", "typ": "at+jwt"}, {**claims(issuer), "iss": PUBLIC_URL}, b""),
        Reason.TOKEN_ALGORITHM),
}  # fmt: skip


def _with_algorithm(issuer: Issuer, algorithm: str) -> str:
    key = issuer.key("RS256")
    return jwt.encode(claims(issuer), key.private, algorithm=algorithm, headers={"kid": key.id})


def _swapped_header(issuer: Issuer, signed_with: str, key_id: str, algorithm: str) -> str:
    _, payload, signature = issuer.sign(claims(issuer), algorithm=signed_with).split(".")
    header = compact({"alg": algorithm, "typ": "JWT", "kid": key_id}, {}, b"").split(".")[0]
    return f"{header}.{payload}.{signature}"


def _last_bit_flipped(text: str) -> str:
    """Change bits that decoding drops: 256 octets leave four unused ones in the last letter."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return text[:-1] + alphabet[alphabet.index(text[-1]) ^ 1]


def test_there_are_many_hostile_tokens() -> None:
    assert len(HOSTILE) >= 60


@pytest.mark.parametrize("title", HOSTILE)
def test_hostile_token_is_refused(title: str, gate: Gate, issuer: Issuer) -> None:
    build, reason = HOSTILE[title]
    text = build(issuer)
    with pytest.raises(Refused) as refused:
        gate.identify(text)
    assert refused.value.reason == reason, refused.value.message
    _tells_nothing_secret(refused.value.message, text)


@pytest.mark.parametrize("title", HOSTILE)
def test_hostile_token_is_not_exchanged_nor_active(title: str, gate: Gate, issuer: Issuer) -> None:
    text = HOSTILE[title][0](issuer)
    with pytest.raises(Refused):
        gate.runner.run(gate.tokens.exchange(Credential(text)))
    assert gate.runner.run(gate.tokens.introspect(Credential(text))) is None


def _tells_nothing_secret(message: str, text: str) -> None:
    assert message.isprintable()
    assert len(message) < 500
    assert not any(segment in message for segment in text.split(".") if len(segment) > 8)
    assert not any(value in message for value in ("evil", "acme", "20230117", "7201", "127.0.0.1"))


def test_good_token_is_accepted_so_the_table_can_fail(gate: Gate, issuer: Issuer) -> None:
    for algorithm in ("RS256", "ES256", "EdDSA"):
        assert gate.identify(issuer.mint(audience=AUDIENCE, algorithm=algorithm)).caller.issuer == issuer.url
    now = int(time.time())
    for edges in ({"exp": now - 20, "iat": now - 400, "nbf": now - 400}, {"nbf": now + 20, "iat": now + 20}):
        gate.identify(issuer.mint(audience=AUDIENCE, claims=edges))
    for types in ({"typ": None}, {"typ": "JWT"}, {"typ": "application/jwt"}, {"typ": "at+jwt"}):
        gate.identify(issuer.sign(claims(issuer), headers=types))
    gate.identify(issuer.mint(audience=AUDIENCE, claims={"aud": [AUDIENCE]}))
    gate.identify(issuer.mint(audience=AUDIENCE, claims={"exp": now + 100.5}))


def test_algorithm_that_the_settings_leave_out_is_refused(make_gate: Callable[..., Gate], issuer: Issuer) -> None:
    gate = make_gate(issuer_settings(issuer, algorithms=("ES256",)))
    gate.identify(issuer.mint(audience=AUDIENCE, algorithm="ES256"))
    with pytest.raises(Refused) as refused:
        gate.identify(issuer.mint(audience=AUDIENCE, algorithm="RS256"))
    assert refused.value.reason == Reason.TOKEN_ALGORITHM


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
CLAIM_NAMES = st.sampled_from([
    "iss", "aud", "exp", "nbf", "iat", "sub", "jti", "repository", "repository_id", "repository_owner_id", "ref",
    "ref_protected", "workflow_ref", "job_workflow_ref", "sha", "run_id", "run_attempt", "environment", "kubernetes.io",
]) | st.text(max_size=12)  # fmt: skip
PROPERTY = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@PROPERTY
@given(changes=st.dictionaries(CLAIM_NAMES, JSON, max_size=4))
def test_any_claims_give_an_identity_or_a_refusal(gate: Gate, issuer: Issuer, changes: dict[str, Any]) -> None:
    full = {**claims(issuer), **changes}
    payload = json.dumps(full).encode()
    key = issuer.key("EdDSA")
    text = jwt.PyJWS().encode(payload, key.private, algorithm="EdDSA", headers={"kid": key.id})
    try:
        identity = gate.identify(text)
    except Refused:
        return
    assert identity.caller.issuer == issuer.url
    assert not set(identity.caller.key[len(issuer.url) + 1 :]) & set(" \n\t")
    assert full["repository_owner_id"] == "1015"
    assert full["aud"] in (AUDIENCE, [AUDIENCE])


@PROPERTY
@given(text=st.text(max_size=60) | st.text("abcdefghijklmnopqrstuvwxyzAZ09-_=.", max_size=400))
def test_any_text_is_refused(gate: Gate, text: str) -> None:
    with pytest.raises(Refused):
        gate.identify(text)


@PROPERTY
@given(data=st.data())
def test_no_change_of_a_letter_is_accepted(gate: Gate, issuer: Issuer, data: st.DataObject) -> None:
    text = issuer.mint(audience=AUDIENCE, algorithm="EdDSA")
    place = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.sampled_from("AQgw08-_.=\x00é").filter(lambda other: other != text[place]))
    with pytest.raises(Refused):
        gate.identify(text[:place] + letter + text[place + 1 :])
