"""The credentials that Gatebook shows to BigQuery: none, its own, or a service account for all or for each caller."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import google.auth
from google.auth import impersonated_credentials
from google.auth.exceptions import GoogleAuthError
from google.oauth2 import service_account

from gatebook.core.model import Caller
from gatebook.errors import Reason, Refused
from gatebook.outbound.upstream.access_tokens import AccessToken
from gatebook.settings import SettingsError, Upstream

_SCOPES = ("https://www.googleapis.com/auth/bigquery",)
_LIFETIME_SECONDS = 3600
IAM_ENDPOINT = "https://iamcredentials.googleapis.com"


class Credentials(Protocol):
    """Gives the Authorization header that stands for a caller."""

    async def authorization(self, caller: Caller) -> str | None:
        """Give the header's value, None for none. Raises UpstreamFailed(UPSTREAM_CREDENTIAL) or Refused(DENIED)."""
        ...

    def rejected(self, caller: Caller) -> None:
        """Take note that upstream answered 401 to the credential of this caller."""
        ...


class NoCredentials:
    """For an upstream that asks for none: the sandbox."""

    async def authorization(self, caller: Caller) -> None:
        """Give no header."""

    def rejected(self, caller: Caller) -> None:
        """Do nothing: nothing was shown."""


class OneCredential:
    """The same credential for every caller."""

    def __init__(self, token: AccessToken) -> None:
        self._token = token

    async def authorization(self, caller: Caller) -> str:
        """Give the header. Raises UpstreamFailed(UPSTREAM_CREDENTIAL)."""
        return await self._token.authorization()

    def rejected(self, caller: Caller) -> None:
        """Renew the token before its next use."""
        self._token.rejected()


class CredentialsByCaller:
    """A service account for each caller by its key, and one for the rest, or none: then the rest is refused.

    Names are for people: two callers may share one, so that a name must not choose a credential.

    The rest never gets Gatebook's own credential, which may act as all of the mapped accounts.
    """

    def __init__(self, tokens: Mapping[str, AccessToken], rest: AccessToken | None) -> None:
        self._tokens = tokens
        self._rest = rest

    async def authorization(self, caller: Caller) -> str:
        """Give the header. Raises UpstreamFailed(UPSTREAM_CREDENTIAL), Refused(DENIED)."""
        token = self._tokens.get(caller.key, self._rest)
        if token is None:
            raise Refused(
                Reason.DENIED,
                f"No service account is configured for {caller.key}. Ask the operator of Gatebook to add it to"
                " upstream.impersonate_by_caller.",
            )
        return await token.authorization()

    def rejected(self, caller: Caller) -> None:
        """Renew this caller's token before its next use."""
        token = self._tokens.get(caller.key, self._rest)
        if token is not None:
            token.rejected()


def load_credentials(settings: Upstream, iam_endpoint: str = IAM_ENDPOINT) -> Credentials:
    """Read what the settings name: a key file, or the environment's application default. Raises SettingsError.

    Blocks: finding an application default may ask the machine's metadata server.
    """
    if settings.credential == "none":
        return NoCredentials()
    source = _key_file(settings.key_file) if settings.key_file is not None else _application_default()
    if not settings.impersonate and not settings.impersonate_by_caller:
        return OneCredential(AccessToken(source))

    accounts = {*settings.impersonate_by_caller.values(), *filter(None, [settings.impersonate])}
    tokens = {account: AccessToken(_impersonated(source, account, iam_endpoint)) for account in accounts}
    rest = tokens[settings.impersonate] if settings.impersonate else None
    return CredentialsByCaller({key: tokens[account] for key, account in settings.impersonate_by_caller.items()}, rest)


def _application_default() -> Any:
    try:
        return google.auth.default(scopes=_SCOPES)[0]
    except GoogleAuthError as error:
        raise SettingsError(f"upstream.credential: no application default credential: {error.args[0]}") from error


def _key_file(path: Path) -> Any:
    try:
        return service_account.Credentials.from_service_account_file(str(path), scopes=_SCOPES)
    except OSError as error:
        raise SettingsError(f"upstream.key_file: {path} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError):
        # Their texts may quote the file.
        raise SettingsError(f"upstream.key_file: {path} is not a service account key") from None


def _impersonated(source: Any, account: str, iam_endpoint: str) -> Any:
    return impersonated_credentials.Credentials(
        source_credentials=source,
        target_principal=account,
        target_scopes=list(_SCOPES),
        lifetime=_LIFETIME_SECONDS,
        iam_endpoint_override=f"{iam_endpoint}/v1/projects/-/serviceAccounts/{account}:generateAccessToken",
    )
