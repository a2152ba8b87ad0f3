"""A small OpenID Connect provider that really signs, over HTTP."""

import base64
import hashlib
import itertools
import secrets
import time
from typing import Any
from urllib.parse import parse_qsl, urlencode

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

CLIENT_ID = "crowdsafe"
CLIENT_SECRET = "a secret / with : odd signs"
REDIRECT_URL = "http://127.0.0.1:8400/api/oidc/back"


def _new_key() -> ECKey:
    return ECKey.generate_key("P-256", {"kid": secrets.token_hex(4), "use": "sig"})


class Provider:
    """Signs in whoever ``claims`` say, with what is wrong about it set from outside."""

    def __init__(self) -> None:
        self.issuer = ""
        """Where it is served; set before it is asked."""
        self._first_key = _new_key()
        self._people = itertools.count(1)
        self.app = Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._configuration),
                Route("/keys", self._keys),
                Route("/authorize", self._authorize),
                Route("/token", self._token, methods=["POST"]),
            ]
        )
        self.reset()

    def reset(self) -> None:
        """Become honest again, with somebody new."""
        self.name = f"anna_{next(self._people)}"
        self.claims: dict[str, Any] = {}
        """Over the right ones; None leaves one out."""
        self.sign_with: ECKey | OctKey | None = None
        """Instead of its own key."""
        self.algorithm = "ES256"
        self.named_issuer: str | None = None
        """What it calls itself, where that is not its address."""
        self.answers_token: Any = None
        """Instead of the right answer of the token endpoint."""
        self.asked: list[str] = []
        self._key = self._first_key
        self._codes: dict[str, dict[str, str]] = {}

    def change_keys(self) -> None:
        """Sign with a new key from now on."""
        self._key = _new_key()

    def public_pem(self) -> bytes:
        """Return the public key, as everybody knows it."""
        return self._key.as_pem(private=False)

    async def _configuration(self, _: Request) -> Response:
        self.asked.append("configuration")
        return JSONResponse(
            {
                "issuer": self.named_issuer or self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                # What a provider that was tampered with would say.
                "id_token_signing_alg_values_supported": ["none", "HS256", "ES256"],
            }
        )

    async def _keys(self, _: Request) -> Response:
        self.asked.append("keys")
        return JSONResponse(KeySet([self._key]).as_dict(private=False))

    async def _authorize(self, request: Request) -> Response:
        query = dict(request.query_params)
        assert query["response_type"] == "code"
        assert query["client_id"] == CLIENT_ID
        assert query["redirect_uri"] == REDIRECT_URL
        assert "openid" in query["scope"].split()
        assert query["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self._codes[code] = query
        back = urlencode({"code": code, "state": query["state"]})
        return RedirectResponse(f"{REDIRECT_URL}?{back}", status_code=302)

    async def _token(self, request: Request) -> Response:
        self.asked.append("token")
        form = dict(parse_qsl((await request.body()).decode()))
        begun = self._codes.pop(form["code"], None)
        basic = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        verifier = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(verifier).decode().rstrip("=")
        if (
            begun is None
            or begun["code_challenge"] != challenge
            or form["redirect_uri"] != begun["redirect_uri"]
            or request.headers.get("authorization") != f"Basic {basic}"
        ):
            return JSONResponse({"error": "invalid_grant"}, status_code=400)
        if self.answers_token is not None:
            return JSONResponse(self.answers_token)
        now_s = int(time.time())
        claims = {
            "iss": self.issuer,
            "sub": f"subject of {self.name}",
            "aud": CLIENT_ID,
            "exp": now_s + 300,
            "iat": now_s,
            "nonce": begun["nonce"],
            "preferred_username": self.name,
            "groups": ["everybody", "control-room"],
            **self.claims,
        }
        claims = {key: value for key, value in claims.items() if value is not None}
        header = {"alg": self.algorithm, "kid": self._key.kid}
        signed = jwt.encode(header, claims, self.sign_with or self._key, [self.algorithm])
        return JSONResponse(
            {"access_token": "any", "token_type": "Bearer", "expires_in": 300, "id_token": signed}
        )
