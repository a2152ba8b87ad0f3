"""Where messages go outside: the tables ``[[hub.targets]]`` and ``[hub.cap]`` of the settings.

What is secret in them, and what is not known, is hidden before anything is checked, so that no
sentence about a wrong setting shows a password.
"""

import base64
import binascii
import re
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr

from crowdsafe.contract.alarms import AlarmCause, AlarmEventName
from crowdsafe.contract.strict import Identifier, Strict
from crowdsafe.domain.alarm.cause import Priority

TargetKind = Literal["webhook", "mqtt", "apprise", "cap", "ngsi"]
_SECRET_KEYS = frozenset({"url", "secret", "previous_secret", "token", "password"})
_MIN_HIDDEN_LENGTH = 6
_CAP_NAME = re.compile(r"[^\s,<&]{1,100}")


class _Unsaid:
    """Stands for something that must not be shown."""

    def __repr__(self) -> str:
        return "a hidden value"


def _http_url(value: SecretStr) -> SecretStr:
    _parts(value, schemes=("http", "https"))
    return value


def _mqtt_url(value: SecretStr) -> SecretStr:
    parts = _parts(value, schemes=("mqtt", "mqtts"))
    if parts.username is not None:
        raise ValueError("has a name or password in it; set 'username' and 'password' for that")
    return value


def _any_url(value: SecretStr) -> SecretStr:
    if not re.match(r"^[A-Za-z][A-Za-z0-9+.-]*://\S", value.get_secret_value()):
        raise ValueError("is no address, expected one as mailtos://NAME:PASSWORD@example.org")
    return value


def _parts(value: SecretStr, *, schemes: tuple[str, ...]) -> Any:
    try:
        parts = urlsplit(value.get_secret_value())
        wrong = parts.scheme not in schemes or not parts.hostname or parts.port == 0
    except ValueError:
        wrong = True
    if wrong:
        raise ValueError(
            f"is no address that begins with {' or '.join(f'{s}://' for s in schemes)}"
        )
    return parts


def _signing_secret(value: SecretStr) -> SecretStr:
    try:
        key = base64.b64decode(value.get_secret_value().removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("is not base64, expected 'whsec_' and 24 to 64 bytes as base64") from None
    if not 24 <= len(key) <= 64:
        raise ValueError(f"has {len(key)} bytes, expected 24 to 64")
    return value


HttpUrl = Annotated[SecretStr, AfterValidator(_http_url)]
MqttUrl = Annotated[SecretStr, AfterValidator(_mqtt_url)]
AppriseUrl = Annotated[SecretStr, AfterValidator(_any_url)]
SigningSecret = Annotated[SecretStr, AfterValidator(_signing_secret)]


class TargetBase(Strict):
    """What every target has."""

    _host_is_public: ClassVar[bool] = True

    id: Annotated[Identifier, Field(description="its name here; measures name it as `target`")]
    timeout_s: Annotated[float, Field(gt=0, le=120, description="one attempt may last so long")] = (
        10.0
    )
    stuck_after_s: Annotated[
        float,
        Field(ge=5, le=86_400, description="a message that waits longer raises an alarm"),
    ] = 60.0

    def hidden(self, text: str) -> str:
        """Return a text with this target's secrets blotted out."""
        for secret in self._secrets():
            text = text.replace(secret, "***")
        return text

    def _secrets(self) -> list[str]:
        """Return all that must not be shown, the longest first."""
        found: set[str] = set()
        for key in type(self).model_fields:
            value = getattr(self, key)
            if not isinstance(value, SecretStr):
                continue
            plain = value.get_secret_value()
            found.add(plain)
            if key == "url":
                found |= set(re.split(r"[/?#&=@:,;]+", plain))
                if self._host_is_public:
                    found.discard(urlsplit(plain).hostname or "")
        return sorted((each for each in found if len(each) >= _MIN_HIDDEN_LENGTH), key=len)[::-1]


class NoticeTarget(TargetBase):
    """A target that takes alarms and confirmed measures."""

    takes: Annotated[
        Literal["alarms", "measures", "both"],
        Field(description="alarms, or the measures that name this target, or both"),
    ] = "both"
    events: Annotated[
        tuple[AlarmEventName, ...],
        Field(description="of alarms: only these events; empty: all"),
    ] = ()
    causes: Annotated[
        tuple[AlarmCause, ...], Field(description="of alarms: only these causes; empty: all")
    ] = ()
    min_priority: Annotated[
        Priority, Field(description="of alarms: only this priority and higher ones")
    ] = "low"
    from_step: Annotated[
        int,
        Field(
            ge=0,
            le=20,
            description="of alarms: only once they were escalated so many steps; 0: at once",
        ),
    ] = 0
    measure_late_s: Annotated[
        float,
        Field(
            gt=0,
            le=86_400,
            description="a measure that could not be delivered for so long is given up: an "
            "announcement that comes late misleads",
        ),
    ] = 600.0


class WebhookTarget(NoticeTarget):
    """Signed JSON by HTTP, as https://www.standardwebhooks.com describes."""

    kind: Literal["webhook"]
    url: Annotated[HttpUrl, Field(description="http:// or https:// address that takes a POST")]
    secret: Annotated[
        SigningSecret,
        Field(description="signs the messages: `whsec_` and 24 to 64 random bytes as base64"),
    ]
    previous_secret: Annotated[
        SigningSecret | None,
        Field(description="signs them too, while the receiver changes over to a new secret"),
    ] = None


class MqttTarget(NoticeTarget):
    """JSON to an MQTT broker, with QoS 1; receipts come back on PREFIX/receipts/ID."""

    kind: Literal["mqtt"]
    url: Annotated[MqttUrl, Field(description="mqtt://HOST or mqtts://HOST, with :PORT or not")]
    username: Annotated[str | None, Field(max_length=200, description="name at the broker")] = None
    password: Annotated[SecretStr | None, Field(description="password at the broker")] = None
    ca_file: Annotated[
        Path | None, Field(description="certificate that the broker's is signed with")
    ] = None
    client_id: Annotated[
        Identifier | None, Field(description="name of the connection; empty: crowdsafe-ID")
    ] = None
    prefix: Annotated[
        str,
        Field(pattern=r"^[^+#\s\x00$][^+#\s\x00]{0,199}$", description="begin of all topics"),
    ] = "crowdsafe"


class AppriseTarget(NoticeTarget):
    """E-mail, SMS and the like, through Apprise: one channel, in words."""

    kind: Literal["apprise"]
    url: Annotated[
        AppriseUrl, Field(description="Apprise's address of the channel, as mailtos://…")
    ]
    language: Annotated[Literal["de", "en"], Field(description="language of the words")] = "de"
    events: Annotated[
        tuple[AlarmEventName, ...],
        Field(description="of alarms: only these events; empty: all"),
    ] = ("raised", "worsened", "came_back", "escalated")

    # Many of Apprise's addresses have a token where others have the host.
    _host_is_public: ClassVar[bool] = False


class CapTarget(TargetBase):
    """CAP 1.2 as XML by HTTP; what it says is set in ``[hub.cap]``."""

    kind: Literal["cap"]
    url: Annotated[HttpUrl, Field(description="http:// or https:// address that takes a POST")]
    token: Annotated[SecretStr | None, Field(description="sent as Authorization: Bearer TOKEN")] = (
        None
    )


class NgsiTarget(TargetBase):
    """Zones as NGSI-LD CrowdFlowObserved, upserted in a context broker."""

    kind: Literal["ngsi"]
    url: Annotated[HttpUrl, Field(description="address of the broker, without /ngsi-ld/v1")]
    token: Annotated[SecretStr | None, Field(description="sent as Authorization: Bearer TOKEN")] = (
        None
    )
    tenant: Annotated[
        str | None, Field(pattern=r"^[A-Za-z0-9_]{1,50}$", description="NGSILD-Tenant; empty: none")
    ] = None
    every_s: Annotated[float, Field(ge=1, le=3600, description="zones are sent so often")] = 30.0
    late_s: Annotated[
        float,
        Field(gt=0, le=604_800, description="what could not be delivered for so long is given up"),
    ] = 3600.0
    context: Annotated[
        str, Field(pattern=r"^https?://", description="address of the JSON-LD @context")
    ] = (
        "https://raw.githubusercontent.com/smart-data-models/dataModel.Transportation/master/"
        "context.jsonld"
    )


Target = Annotated[
    WebhookTarget | MqttTarget | AppriseTarget | CapTarget | NgsiTarget,
    Field(discriminator="kind"),
]
TARGET_SHAPES: tuple[type[TargetBase], ...] = (
    WebhookTarget,
    MqttTarget,
    AppriseTarget,
    CapTarget,
    NgsiTarget,
)
_PUBLIC_KEYS = {key for shape in TARGET_SHAPES for key in shape.model_fields} - _SECRET_KEYS


def _hide(tables: Any) -> Any:
    """Wrap what is secret, or may be, before anything is checked."""
    if isinstance(tables, list | tuple):
        return [_hide_table(table) for table in tables]
    return _Unsaid()


def _hide_table(table: Any) -> Any:
    if isinstance(table, TargetBase):
        return table
    if not isinstance(table, dict):
        return _Unsaid()
    return {
        str(key): value if key in _PUBLIC_KEYS or value is None else _hide_value(value)
        for key, value in table.items()
    }


def _hide_value(value: Any) -> Any:
    if isinstance(value, SecretStr):
        return value
    return SecretStr(value) if isinstance(value, str) else _Unsaid()


def _no_id_twice(targets: tuple[TargetBase, ...]) -> tuple[TargetBase, ...]:
    ids = [target.id for target in targets]
    for each in ids:
        if ids.count(each) > 1:
            raise ValueError(f"'{each}' is there twice, expected once")
    return targets


Targets = Annotated[
    tuple[Target, ...],
    Field(max_length=100),
    AfterValidator(_no_id_twice),
    BeforeValidator(_hide),
]


def _cap_name(value: str) -> str:
    if not _CAP_NAME.fullmatch(value):
        raise ValueError("expected up to 100 characters without blanks, ',', '<' and '&'")
    return value


class CapSettings(Strict):
    """What a warning by CAP 1.2 says of its sender, and which alarms become one."""

    sender: Annotated[
        str,
        AfterValidator(_cap_name),
        Field(description="who warns, unique in the world, as NAME@DOMAIN or a domain"),
    ] = "crowdsafe.invalid"
    sender_name: Annotated[str | None, Field(max_length=100, description="the same for people")] = (
        None
    )
    restriction: Annotated[
        str, Field(min_length=1, max_length=200, description="who may read what is not public")
    ] = "control room and authorities of this event"
    contact: Annotated[
        str | None, Field(max_length=200, description="whom to ask: telephone or address")
    ] = None
    web: Annotated[
        str | None, Field(pattern=r"^https?://[!-~]+$", description="page with more about it")
    ] = None
    expires_min: Annotated[
        float, Field(ge=1, le=1440, description="a warning holds for so many minutes")
    ] = 60.0
    causes: Annotated[
        tuple[AlarmCause, ...], Field(description="alarms of these causes make a draft")
    ] = ("density", "peak", "pressure", "counter_flow", "occupancy", "weather")
    min_priority: Annotated[
        Priority, Field(description="alarms of this priority and higher ones make a draft")
    ] = "medium"
