"""The keys that sign Gatebook's own access tokens, in one private file of the data directory.

The file holds the key that signs, and the public halves of earlier ones until the last token signed with them has
ended, so that running jobs survive a rotation. Whoever can read the file can make tokens for any caller.
"""

import contextlib
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from jwt.algorithms import OKPAlgorithm

from gatebook.errors import Reason, Refused
from gatebook.outbound.tokens.jwks import VerificationKey
from gatebook.settings import SettingsError

FILE_NAME = "access-token-keys.json"
ROTATION_SECONDS = 30 * 86400  # a key older than this is replaced when the gateway starts
KEEP_SECONDS = 2 * 86400  # earlier public keys; no access token lives longer than half a day


class _StoredKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A key in the file: a JWK (RFC 8037) and its times, in seconds since the epoch. Only the first has a `d`."""

    kid: str
    x: str
    created_at: int
    d: str | None = None
    retired_at: int | None = None


class _StoredKeys(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    keys: tuple[_StoredKey, ...]


@dataclass(frozen=True, slots=True)
class SigningKeys:
    """The signing key in use, and every public key whose tokens may still be about."""

    key_id: str
    private: Ed25519PrivateKey = field(repr=False)
    public: dict[str, VerificationKey]

    async def find(self, key_id: str) -> VerificationKey:
        """Give a public key. Raises Refused (TOKEN_SIGNATURE)."""
        key = self.public.get(key_id)
        if key is None:
            raise Refused(
                Reason.TOKEN_SIGNATURE, "the access token is signed with a key that is no longer in use: exchange again"
            )
        return key


def open_signing_keys(directory: Path, now_seconds: int) -> SigningKeys:
    """Read the keys, or make them; replace one that has served its time. Raises SettingsError naming the file."""
    path = directory / FILE_NAME
    with _file_errors(path):
        if not path.exists():
            _create(path, _StoredKeys(1, (_new_key(now_seconds),)))
        stored = _read(path)
        if now_seconds - stored.keys[0].created_at >= ROTATION_SECONDS:
            stored = _rotated(stored, now_seconds)
            _replace(path, stored)
        return _loaded(stored)


def rotate_signing_keys(directory: Path, now_seconds: int) -> SigningKeys:
    """Make a new signing key now; tokens of the earlier ones stay good until they end. Raises SettingsError."""
    path = directory / FILE_NAME
    with _file_errors(path):
        stored = _rotated(_read(path), now_seconds)
        _replace(path, stored)
        return _loaded(stored)


def _rotated(stored: _StoredKeys, now_seconds: int) -> _StoredKeys:
    retired = msgspec.structs.replace(stored.keys[0], d=None, retired_at=now_seconds)
    earlier = (key for key in (retired, *stored.keys[1:]) if now_seconds - (key.retired_at or 0) < KEEP_SECONDS)
    return _StoredKeys(1, (_new_key(now_seconds), *earlier))


def _new_key(now_seconds: int) -> _StoredKey:
    jwk = OKPAlgorithm.to_jwk(Ed25519PrivateKey.generate(), as_dict=True)
    return _StoredKey(kid=secrets.token_hex(8), x=jwk["x"], d=jwk["d"], created_at=now_seconds)


def _loaded(stored: _StoredKeys) -> SigningKeys:
    current = stored.keys[0]
    private = OKPAlgorithm.from_jwk({"kty": "OKP", "crv": "Ed25519", "x": current.x, "d": current.d})
    if not isinstance(private, Ed25519PrivateKey):
        raise TypeError("the first key has no private half")
    return SigningKeys(current.kid, private, {key.kid: _public(key) for key in stored.keys})


def _public(key: _StoredKey) -> VerificationKey:
    public = OKPAlgorithm.from_jwk({"kty": "OKP", "crv": "Ed25519", "x": key.x})
    if not isinstance(public, Ed25519PublicKey):
        raise TypeError("the key is not a public Ed25519 key")
    return VerificationKey(key.kid, "EdDSA", public)


def _read(path: Path) -> _StoredKeys:
    if path.stat().st_mode & 0o077:
        raise SettingsError(f"{path}: the signing keys must be readable by their owner only (chmod 600)")
    stored = msgspec.json.decode(path.read_bytes(), type=_StoredKeys)
    if stored.version != 1 or not stored.keys:
        raise SettingsError(f"{path}: the signing keys are of a version that this Gatebook does not know")
    return stored


def _create(path: Path, stored: _StoredKeys) -> None:
    """Write the first file. Of two gateways that start at once, one wins and both use its keys."""
    with _written(path, stored) as temporary, contextlib.suppress(FileExistsError):
        os.link(temporary, path)


def _replace(path: Path, stored: _StoredKeys) -> None:
    with _written(path, stored) as temporary:
        temporary.rename(path)


@contextlib.contextmanager
def _written(path: Path, stored: _StoredKeys) -> Iterator[Path]:
    """Write a private file beside `path`, durable before it takes that place: a crash leaves the old or the new."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(msgspec.json.encode(stored))
            file.flush()
            os.fsync(file.fileno())
        yield temporary
        _sync_directory(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _file_errors(path: Path) -> Iterator[None]:
    """Say which file is at fault, and nothing of what is in it."""
    try:
        yield
    except OSError as error:
        raise SettingsError(f"{path}: the signing keys cannot be read or written: {error.strerror}") from None
    except (msgspec.MsgspecError, jwt.PyJWTError, ValueError, TypeError):
        raise SettingsError(f"{path}: the signing keys are damaged; remove the file to make new ones") from None
