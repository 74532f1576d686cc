"""TokenEndpoint: POST /v1/token (RFC 8693) and POST /v1/introspect (RFC 7662), free of any server.

Client authentication is not asked for and not looked at: gcloud sends a public client's, others send none. Who may
have a token is proven by the subject token alone.
"""

from collections.abc import Mapping

from gatebook.core.identity.issuance import Issuance
from gatebook.core.model import Credential, Identity
from gatebook.errors import Fault, Reason, Refused
from gatebook.inbound.sts.answers import Answer, answer, error, fault
from gatebook.inbound.sts.exchange_request import ACCESS_TOKEN_TYPE, NotExchangeable, subject_of
from gatebook.inbound.sts.parameters import read_parameters
from gatebook.ports import Reply, TokenExchange

TOKEN_PATH = "/v1/token"  # noqa: S105 - a path, not a secret
INTROSPECT_PATH = "/v1/introspect"
PATHS = frozenset({TOKEN_PATH, INTROSPECT_PATH})
_BESIDE_THE_TOKEN_BYTES = 8 * 1024  # the other parameters, and what percent-encoding adds


class TokenEndpoint:
    """Answers requests for tokens. `audience` and `public_url` are the names by which clients know this gateway."""

    def __init__(self, exchange: TokenExchange, *, audience: str, public_url: str, token_bytes: int) -> None:
        self.body_bytes = token_bytes + _BESIDE_THE_TOKEN_BYTES  # a server may stop reading a body there
        self._exchange = exchange
        self._audience = audience
        self._public_url = public_url
        self._targets = frozenset({audience, public_url})

    async def handle(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Answer one request; `headers` have lower-case names, `path` is without a query string. Never raises a Fault.

        The answer's `issuance` is to be written in the book before the reply is sent.
        """
        if path not in PATHS:
            return Answer(error(404, "invalid_request", f"there is {TOKEN_PATH} and {INTROSPECT_PATH}"))
        if method != "POST":
            return Answer(error(405, "invalid_request", "the method must be POST", (("allow", "POST"),)))
        try:
            if len(body) > self.body_bytes:
                raise Refused(Reason.BODY_TOO_LARGE, f"the body is larger than {self.body_bytes} bytes")
            parameters = read_parameters(headers, body)
            if path == INTROSPECT_PATH:
                return Answer(await self._introspect(parameters))
            return await self._token(parameters)
        except NotExchangeable as problem:
            issuance = Issuance(reason=Reason.BODY_MALFORMED, message=problem.description)
            return Answer(error(400, problem.error, problem.description), issuance)
        except Fault as found:
            refused = Issuance(reason=found.reason, message=found.message)
            return Answer(fault(found), refused if path == TOKEN_PATH else None)

    async def _token(self, parameters: Mapping[str, str]) -> Answer:
        token = await self._exchange.exchange(subject_of(parameters, self._targets))
        reply = answer(200, {
            "access_token": token.text,
            "issued_token_type": ACCESS_TOKEN_TYPE,
            "token_type": "Bearer",
            "expires_in": token.expires_in_seconds,
        })  # fmt: skip
        return Answer(reply, Issuance(token.identity, token.id, token.identity.expires_at_seconds))

    async def _introspect(self, parameters: Mapping[str, str]) -> Reply:
        """Say what an access token of ours stands for. Whoever has the token may ask; others' tokens are inactive.

        RFC 7662 section 2.1 wants the endpoint closed against guessing; signed tokens cannot be guessed, and the
        answer holds nothing that the token does not.
        """
        if "token" not in parameters:
            return error(400, "invalid_request", "token is missing")
        identity = await self._exchange.introspect(Credential(parameters["token"]))
        return answer(200, {"active": False} if identity is None else self._active(identity))

    def _active(self, identity: Identity) -> dict[str, object]:
        return {
            "active": True,
            "username": identity.caller.name,  # gcloud and bq show it as the account
            "client_id": identity.caller.name,
            "sub": identity.caller.key,
            "iss": self._public_url,
            "aud": self._audience,
            "exp": identity.expires_at_seconds,
            "token_type": "Bearer",
        }
