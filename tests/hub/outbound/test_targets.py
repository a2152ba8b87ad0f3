"""Settings of targets: what is refused, and that no secret is ever shown."""

import base64
import json
import secrets
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from crowdsafe.contract.strict import first_problem
from crowdsafe.contract.targets import (
    TARGET_SHAPES,
    AppriseTarget,
    CapSettings,
    MqttTarget,
    TargetBase,
    Targets,
    WebhookTarget,
)

TARGETS: TypeAdapter[tuple[TargetBase, ...]] = TypeAdapter(Targets)
KEY = "whsec_" + base64.b64encode(bytes(range(32))).decode()
HUSH = "unspeakable"
WEBHOOK = {
    "id": "mast",
    "kind": "webhook",
    "url": f"https://name:{HUSH}@mast.example/hook?token={HUSH}2",
    "secret": KEY,
}
MQTT = {"id": "city", "kind": "mqtt", "url": "mqtts://broker.example", "password": HUSH}
APPRISE = {"id": "post", "kind": "apprise", "url": f"mailtos://name:{HUSH}@fair.example"}
CAP = {"id": "authority", "kind": "cap", "url": "https://cap.example/in", "token": HUSH}
NGSI = {"id": "broker", "kind": "ngsi", "url": "https://broker.example", "token": HUSH}
ALL = [WEBHOOK, MQTT, APPRISE, CAP, NGSI]


def test_every_kind_is_read_and_every_field_described() -> None:
    kinds = [target.kind for target in TARGETS.validate_python(ALL)]  # type: ignore[attr-defined]
    assert kinds == ["webhook", "mqtt", "apprise", "cap", "ngsi"]
    for shape in (*TARGET_SHAPES, CapSettings):
        for name, field in shape.model_fields.items():
            assert name == "kind" or field.description, f"{shape.__name__}.{name}"


def test_what_is_secret_shows_nowhere() -> None:
    targets = TARGETS.validate_python(ALL)
    shown = repr(targets) + str(targets) + "".join(each.model_dump_json() for each in targets)
    assert HUSH not in shown
    assert KEY not in shown


@pytest.mark.parametrize(
    ("tables", "says"),
    [
        ([WEBHOOK | {"url": f"ftp://name:{HUSH}@x"}], "begins with http:// or https://"),
        ([WEBHOOK | {"url": f"https://name:{HUSH}@x:99999999"}], "begins with http"),
        ([WEBHOOK | {"url": f"https://[{HUSH}"}], "begins with http"),
        ([WEBHOOK | {"url": 5}], "valid string"),
        ([WEBHOOK | {"secret": HUSH}], "not base64"),
        ([WEBHOOK | {"secret": base64.b64encode(HUSH.encode()).decode()}], "11 bytes"),
        ([{k: v for k, v in WEBHOOK.items() if k != "secret"}], "secret: field required"),
        ([WEBHOOK | {"pasword": HUSH}], "pasword: extra inputs"),
        ([WEBHOOK | {"kind": "carrier_pigeon"}], "does not match any of the expected tags"),
        ([{"id": "a", "url": f"https://x/{HUSH}"}], "unable to extract tag"),
        ([WEBHOOK | {"id": "not an id"}], "id: string should match"),
        ([WEBHOOK | {"timeout_s": float("nan")}], "timeout_s"),
        ([WEBHOOK | {"timeout_s": 1e9}], "timeout_s"),
        ([WEBHOOK | {"events": ["exploded"]}], "events"),
        ([WEBHOOK | {"min_priority": "urgent"}], "min_priority"),
        ([MQTT | {"url": f"mqtt://name:{HUSH}@broker"}], "set 'username' and 'password'"),
        ([MQTT | {"prefix": "fair/#"}], "prefix"),
        ([MQTT | {"password": 12345}], "valid string (got a hidden value)"),
        ([APPRISE | {"url": HUSH}], "is no address"),
        ([NGSI | {"tenant": "no blanks please"}], "tenant"),
        ([WEBHOOK, WEBHOOK], "'mast' is there twice"),
        ([WEBHOOK | {"id": f"t{n}"} for n in range(101)], "at most 100"),
        (f"https://x/{HUSH}", "valid tuple (got a hidden value)"),
        ([f"https://x/{HUSH}"], "got a hidden value"),
        ({"mast": WEBHOOK}, "valid tuple (got a hidden value)"),
    ],
)
def test_what_is_wrong_is_said_without_secrets(tables: Any, says: str) -> None:
    with pytest.raises(ValidationError) as caught:
        TARGETS.validate_python(tables)
    problem = first_problem(caught.value)
    assert says in problem
    for told in (problem, str(caught.value), repr(caught.value)):
        assert HUSH not in told
        assert "12345" not in told
        assert KEY not in told


def test_a_target_is_also_read_from_the_environments_json() -> None:
    (target,) = TARGETS.validate_python(json.loads(json.dumps([WEBHOOK])))
    assert isinstance(target, WebhookTarget)
    assert target.secret.get_secret_value() == KEY
    assert TARGETS.validate_python([target]) == (target,)


def test_secrets_are_blotted_out_of_what_libraries_say() -> None:
    webhook, mqtt, apprise, *_ = TARGETS.validate_python(ALL)
    said = f"POST {WEBHOOK['url']} failed: {HUSH}2 at mast.example, key {KEY}"
    assert webhook.hidden(said) == "POST *** failed: *** at mast.example, key ***"
    assert mqtt.hidden(f"login with {HUSH}") == "login with ***"
    assert isinstance(apprise, AppriseTarget)
    token = secrets.token_hex(8)
    telegram = TARGETS.validate_python([APPRISE | {"url": f"tgram://{token}/123456789"}])[0]
    assert token not in telegram.hidden(f"no such bot: {token}")


def test_defaults_suit_the_kind() -> None:
    webhook, mqtt, apprise, *_ = TARGETS.validate_python(ALL)
    assert isinstance(webhook, WebhookTarget)
    assert webhook.events == ()
    assert isinstance(apprise, AppriseTarget)
    assert apprise.events == ("raised", "worsened", "came_back", "escalated")
    assert apprise.language == "de"
    assert isinstance(mqtt, MqttTarget)
    assert mqtt.prefix == "crowdsafe"


@pytest.mark.parametrize("sender", ["", "two words", "a,b", "a&b", "a<b", "x" * 101])
def test_a_cap_sender_has_no_signs_that_cap_forbids(sender: str) -> None:
    with pytest.raises(ValidationError, match="without blanks"):
        CapSettings(sender=sender)
