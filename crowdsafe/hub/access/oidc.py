"""Sign in by an OpenID Connect provider: authorization code with PKCE (RFC 7636), state and nonce.

What a sign-in needs until it comes back stands in a signed cookie of the browser that began it.
Only the states that came back already are kept here, so that none does so twice.
"""

import asyncio
import secrets
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx2
from authlib.integrations.base_client import OAuthError  # type: ignore[import-untyped]
from authlib.integrations.httpx_client import AsyncOAuth2Client  # type: ignore[import-untyped]
from authlib.oidc.core import CodeIDToken  # type: ignore[import-untyped]
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OctKey
from joserfc.jwt import JWTClaimsRegistry

from crowdsafe.contract.people import Role
from crowdsafe.errors import BadInput, CrowdsafeError
from crowdsafe.hub.access.auth import NotSignedIn
from crowdsafe.hub.access.rights import NotAllowed

BEGUN_COOKIE = "crowdsafe_oidc"
BEGUN_WITHIN_S = 600
_SIGNED_BY = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
"""Only with the provider's own keys: neither unsigned, nor with what a client knows."""
_CLOCKS_APART_S = 60
_TIMEOUT_S = 5.0
_ASK_AGAIN_AFTER_S = 3600.0
_NEW_KEYS_AFTER_S = 30.0
_MAX_PARAMETER = 4096
_LOOPBACK = frozenset(("127.0.0.1", "localhost", "::1"))


class ProviderFailed(CrowdsafeError):
    """The provider does not answer, or not as it should."""


@dataclass(frozen=True)
class OidcClient:
    """How this hub is known at a provider, and what the provider's claims mean here.

    ``redirect_url`` is this hub's /api/oidc/back as browsers reach it and as the provider has it.
    ``name_claim`` must be one that people cannot choose. ``role_claim`` may be a path with dots;
    ``roles`` maps its values to roles, of which the first that fits counts.
    """

    issuer: str
    client_id: str
    client_secret: str
    redirect_url: str
    role_claim: str
    roles: Mapping[str, Role]
    name_claim: str = "preferred_username"
    scope: str = "openid profile"

    def __post_init__(self) -> None:
        """Refuse a provider that anybody on the way could play."""
        for what, url in (("issuer", self.issuer), ("redirect_url", self.redirect_url)):
            if not _is_safe(url):
                raise BadInput(f"hub.oidc.{what}: '{url}', expected an https:// address")
        if not self.roles:
            raise BadInput("hub.oidc.roles: empty, nobody could sign in")


@dataclass(frozen=True)
class Begun:
    """Where the browser goes, and the cookie that it keeps until it comes back."""

    url: str
    cookie: str


@dataclass(frozen=True)
class Vouched:
    """Whom the provider vouches for; ``subject`` is no other person's, ever."""

    name: str
    subject: str
    role: Role


@dataclass
class _Provider:
    """What the provider says of itself, and when it was asked."""

    metadata: Mapping[str, Any] = field(default_factory=dict)
    metadata_at_s: float = -_ASK_AGAIN_AFTER_S
    keys: KeySet | None = None
    keys_at_s: float = -_ASK_AGAIN_AFTER_S


class Oidc:
    """One provider."""

    def __init__(self, client: OidcClient) -> None:
        """Nothing is asked before the first person signs in."""
        self._client = client
        self._provider = _Provider()
        self._asking = asyncio.Lock()
        # Whoever was on the way when the hub restarts begins again.
        self._cookie_key = OctKey.import_key(secrets.token_bytes(32))
        self._came_back: dict[str, float] = {}
        # Reading the certificates takes longer than all the rest of a sign-in.
        self._tls = httpx2.create_ssl_context()

    async def begin(self, *, now_s: float) -> Begun:
        """Begin a sign-in.

        Raises:
            ProviderFailed: it cannot be asked.
        """
        metadata = await self._metadata()
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        async with self._session() as session:
            url, _ = session.create_authorization_url(
                metadata["authorization_endpoint"], state=state, nonce=nonce, code_verifier=verifier
            )
        claims = {
            "state": state,
            "nonce": nonce,
            "verifier": verifier,
            "exp": int(now_s) + BEGUN_WITHIN_S,
        }
        cookie = jwt.encode({"alg": "HS256"}, claims, self._cookie_key)
        return Begun(url=str(url), cookie=cookie)

    async def finish(
        self, *, cookie: str | None, query: Mapping[str, str], now_s: float
    ) -> Vouched:
        """Finish a sign-in with what the browser brought back from the provider.

        Raises:
            NotSignedIn: it was not begun by this browser, took too long, comes a second time, or
                what the provider gave does not hold.
            NotAllowed: the person has no role here.
            ProviderFailed: the provider cannot be asked.
        """
        begun = self._begun(cookie, state=query.get("state", ""), now_s=now_s)
        if query.get("iss", self._client.issuer) != self._client.issuer:
            raise NotSignedIn("the answer is of another provider")
        code = query.get("code", "")
        if not 1 <= len(code) <= _MAX_PARAMETER:
            raise NotSignedIn("the provider did not let you in")
        token = await self._token(code, verifier=begun["verifier"])
        claims = await self._claims(token, nonce=begun["nonce"], now_s=now_s)
        return self._vouched(claims)

    def _begun(self, cookie: str | None, *, state: str, now_s: float) -> Mapping[str, str]:
        try:
            begun = jwt.decode(cookie or "", self._cookie_key, algorithms=["HS256"]).claims
            JWTClaimsRegistry(now=int(now_s), exp={"essential": True}).validate(begun)
        except (JoseError, ValueError):
            raise NotSignedIn("this sign-in was not begun here, or took too long") from None
        if not secrets.compare_digest(state.encode(), str(begun["state"]).encode()):
            raise NotSignedIn("this sign-in was not begun here, or took too long")
        self._came_back = {each: at for each, at in self._came_back.items() if at > now_s}
        if state in self._came_back:
            raise NotSignedIn("this sign-in came back already, begin again")
        self._came_back[state] = now_s + BEGUN_WITHIN_S
        return begun

    async def _token(self, code: str, *, verifier: str) -> Mapping[str, Any]:
        metadata = await self._metadata()
        try:
            async with self._session() as session:
                token = await session.fetch_token(
                    metadata["token_endpoint"], code=code, code_verifier=verifier
                )
        except OAuthError as error:
            raise NotSignedIn(f"the provider refused the code ({error.error})") from None
        except (httpx2.HTTPError, ValueError) as error:
            raise ProviderFailed(
                f"the sign-in provider does not answer rightly ({error})"
            ) from None
        if not isinstance(token.get("id_token"), str):
            raise NotSignedIn("the provider sent no ID token")
        return dict(token)

    async def _claims(
        self, token: Mapping[str, Any], *, nonce: str, now_s: float
    ) -> Mapping[str, Any]:
        """Return the ID token's claims, checked as OpenID Connect Core 1.0, 3.1.3.7 asks."""
        try:
            try:
                decoded = jwt.decode(token["id_token"], await self._keys(), algorithms=_SIGNED_BY)
            except (JoseError, ValueError):
                # The provider may have changed its keys since they were asked for.
                keys = await self._keys(older_than_s=_NEW_KEYS_AFTER_S)
                decoded = jwt.decode(token["id_token"], keys, algorithms=_SIGNED_BY)
            checked = CodeIDToken(
                decoded.claims,
                decoded.header,
                {
                    "iss": {"essential": True, "value": self._client.issuer},
                    "aud": {"essential": True, "value": self._client.client_id},
                },
                {
                    "nonce": nonce,
                    "client_id": self._client.client_id,
                    "access_token": token.get("access_token"),
                },
            )
            checked.validate(now=int(now_s), leeway=_CLOCKS_APART_S)
        except (JoseError, ValueError) as error:
            raise NotSignedIn(f"the provider's ID token does not hold ({error})") from None
        return dict(decoded.claims)

    def _vouched(self, claims: Mapping[str, Any]) -> Vouched:
        name = claims.get(self._client.name_claim)
        if not isinstance(name, str):
            raise NotAllowed(f"the provider sent no name in '{self._client.name_claim}'")
        held = set(_texts(_claim(claims, self._client.role_claim)))
        role = next((role for value, role in self._client.roles.items() if value in held), None)
        if role is None:
            raise NotAllowed("the provider gave you no role here")
        return Vouched(name=name, subject=f"{self._client.issuer} {claims['sub']}", role=role)

    # --- the provider ------------------------------------------------------------------------

    def _session(self) -> AsyncOAuth2Client:
        return AsyncOAuth2Client(
            client_id=self._client.client_id,
            client_secret=self._client.client_secret or None,
            scope=self._client.scope,
            redirect_uri=self._client.redirect_url,
            code_challenge_method="S256",
            timeout=_TIMEOUT_S,
            verify=self._tls,
        )

    async def _metadata(self) -> Mapping[str, Any]:
        async with self._asking:
            provider, now_s = self._provider, time.monotonic()
            if now_s - provider.metadata_at_s >= _ASK_AGAIN_AFTER_S:
                issuer = self._client.issuer.rstrip("/")
                metadata = await self._get_json(f"{issuer}/.well-known/openid-configuration")
                if metadata.get("issuer") != self._client.issuer:
                    raise ProviderFailed("the sign-in provider calls itself another issuer")
                for endpoint in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                    if not _is_safe(str(metadata.get(endpoint))):
                        raise ProviderFailed(f"the sign-in provider has no {endpoint} over https")
                provider.metadata, provider.metadata_at_s = metadata, now_s
            return provider.metadata

    async def _keys(self, *, older_than_s: float = _ASK_AGAIN_AFTER_S) -> KeySet:
        """Return the provider's keys, asked for anew when they are older than that."""
        metadata = await self._metadata()
        async with self._asking:
            provider, now_s = self._provider, time.monotonic()
            if provider.keys is None or now_s - provider.keys_at_s >= older_than_s:
                found = await self._get_json(metadata["jwks_uri"])
                try:
                    provider.keys = KeySet.import_key_set({"keys": found["keys"]})
                except (JoseError, ValueError, KeyError, TypeError):
                    raise ProviderFailed("the sign-in provider sent no key set") from None
                provider.keys_at_s = now_s
            return provider.keys

    async def _get_json(self, url: str) -> Mapping[str, Any]:
        try:
            async with httpx2.AsyncClient(timeout=_TIMEOUT_S, verify=self._tls) as http:
                answer = await http.get(url)
                answer.raise_for_status()
                found = answer.json()
        except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
            raise ProviderFailed(
                f"the sign-in provider does not answer rightly ({error})"
            ) from None
        if not isinstance(found, dict):
            raise ProviderFailed("the sign-in provider does not answer rightly (no object)")
        return found


def _is_safe(url: str) -> bool:
    """Say whether nobody on the way can read or change what goes to an address."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    return host is not None and (
        parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)
    )


def _claim(claims: Mapping[str, Any], path: str) -> Any:
    """Return a claim by its name, or by its path: ``realm_access.roles``."""
    if path in claims:
        return claims[path]
    found: Any = claims
    for part in path.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return found


def _texts(value: Any) -> Iterable[str]:
    values = value if isinstance(value, list) else [value]
    return (each for each in values if isinstance(each, str))
