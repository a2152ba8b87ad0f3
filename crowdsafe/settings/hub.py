"""Settings of the hub."""

from functools import cached_property
from typing import Annotated

from pydantic import Field, SecretStr

from crowdsafe.contract.escalation import EscalationSettings
from crowdsafe.contract.people import Role
from crowdsafe.contract.targets import CapSettings, Targets
from crowdsafe.contract.weather import WeatherSettings
from crowdsafe.domain.alarm.escalation import EscalationStep
from crowdsafe.settings.section import Section

_Days = Annotated[float, Field(gt=0, le=3650)]


class OidcSettings(Section):
    """Sign-in by an OpenID Connect provider."""

    issuer: Annotated[str, Field(description="the provider, as it calls itself; https://")]
    client_id: Annotated[str, Field(min_length=1, description="this hub's name there")]
    client_secret: Annotated[SecretStr, Field(description="empty: a public client")] = SecretStr("")
    redirect_url: Annotated[
        str, Field(description="https://HUB/api/oidc/back, as the provider has it")
    ]
    role_claim: Annotated[
        str, Field(description="claim of the ID token, or path as realm_access.roles")
    ] = "roles"
    roles: Annotated[
        dict[str, Role],
        Field(
            min_length=1,
            description="value of that claim = role; the first that fits counts, without one "
            "nobody comes in",
        ),
    ]
    name_claim: Annotated[
        str, Field(description="the person's name; one that people cannot choose")
    ] = "preferred_username"
    scope: Annotated[str, Field(description="what the provider is asked for")] = "openid profile"


class KeepSettings(Section):
    """Days that each kind of data is kept; see history.md for what it takes."""

    readings: Annotated[
        _Days, Field(description="what each camera saw of each zone; the largest part of the store")
    ] = 1.0
    zone_values: Annotated[_Days, Field(description="values of the zones, one a second")] = 2.0
    steps_10_s: Annotated[_Days, Field(description="their steps of 10 s")] = 14.0
    steps_60_s: Annotated[_Days, Field(description="their steps of a minute")] = 60.0
    steps_900_s: Annotated[_Days, Field(description="their steps of 15 minutes")] = 730.0
    alarms: Annotated[_Days, Field(description="alarms, after they ended")] = 3650.0
    audit: Annotated[_Days, Field(description="the record of who did what")] = 3650.0
    outbox: Annotated[_Days, Field(description="messages, after they were delivered")] = 30.0


class HubSettings(Section):
    """The hub."""

    host: Annotated[str, Field(description="address to listen on")] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535, description="port to listen on")] = 8400
    database_url: Annotated[str, Field(description="SQLAlchemy address of the store")] = (
        "sqlite:///crowdsafe.db"
    )
    unknown_after_s: Annotated[
        float,
        Field(gt=0, le=600, description="a zone without a new value for so long is unknown"),
    ] = 5.0
    max_clock_ahead_s: Annotated[
        float,
        Field(ge=0, le=3600, description="observations dated farther ahead than this are refused"),
    ] = 2.0
    session_hours: Annotated[
        float,
        Field(
            gt=0,
            le=720,
            description="a person is signed out after so many hours without a request or an open "
            "page",
        ),
    ] = 12.0
    sign_in_failures_per_min: Annotated[
        int,
        Field(
            ge=1,
            le=1000,
            description="more wrong passwords than this lock the name for the address they come "
            "from",
        ),
    ] = 8
    secure_cookies: Annotated[
        bool, Field(description="send the session cookie over HTTPS only; off for loopback")
    ] = False
    trusted_proxies: Annotated[
        str, Field(description="addresses of proxies whose X-Forwarded-For counts, with commas")
    ] = "127.0.0.1"
    oidc: Annotated[
        OidcSettings | None, Field(description="sign-in by another provider; empty: none")
    ] = None
    metrics_token: Annotated[
        SecretStr | None,
        Field(
            min_length=16,
            description="Prometheus reads /metrics with this as its bearer token; empty: only "
            "people who are signed in do",
        ),
    ] = None
    exercise: Annotated[
        bool, Field(description="nothing of it is real: pages and messages say so, loudly")
    ] = False
    keep: Annotated[KeepSettings, Field(description="how long each kind of data is kept")] = (
        KeepSettings()
    )
    escalation: Annotated[
        tuple[EscalationSettings, ...],
        Field(max_length=20, description="what happens when nobody acknowledges, a table each"),
    ] = ()
    targets: Annotated[
        Targets, Field(description="where messages go outside, a table each; see messages-out.md")
    ] = ()
    cap: Annotated[
        CapSettings, Field(description="warnings by CAP 1.2, which a person approves")
    ] = CapSettings()
    weather: Annotated[WeatherSettings, Field(description="the weather, see weather.md")] = (
        WeatherSettings()
    )

    @cached_property
    def ladder(self) -> tuple[EscalationStep, ...]:
        """The steps of the escalation."""
        return tuple(
            EscalationStep(after_s=step.after_s, priorities=frozenset(step.priorities))
            for step in self.escalation
        )
