"""Sentences of alarms, for messages that leave the hub."""

from dataclasses import replace

import pytest

from crowdsafe.contract.words import Text
from crowdsafe.domain.alarm.alarm import Alarm, Evidence, raise_alarm, step_alarm
from crowdsafe.domain.alarm.cause import Cause
from crowdsafe.hub.alarm_message import from_message, to_message
from crowdsafe.hub.wording import sentence, weather_name

NAME = Text(de="Tor 2", en="Gate 2")
DENSITY = Evidence(grade=2, quantity="density_ppm2", value=3.14, value_sd=0.2, limit=3.0)


def _alarm(cause: Cause, evidence: Evidence) -> Alarm:
    return raise_alarm(
        cause=cause, subject_id="gate_2", evidence=evidence, held_s=10.0, now_s=100.0
    )[0]


@pytest.mark.parametrize(
    ("cause", "evidence", "de", "en"),
    [
        (
            "density",
            DENSITY,
            "Tor 2: 3,1 Personen/m² seit 40 s (Grenze 3,0).",
            "Gate 2: 3.1 persons/m² for 40 s (limit 3.0).",
        ),
        (
            "counter_flow",
            Evidence(quantity="counter_flow_share", value=0.41, limit=0.35),
            "Tor 2: 41 % gehen gegen den Strom seit 40 s (Grenze 35).",
            "Gate 2: 41 % walk against the stream for 40 s (limit 35).",
        ),
        (
            "silence",
            Evidence(grade=2, words=("zuletzt eng: Tor", "tight when last seen: gate")),
            "Tor 2: seit 40 s kein Bild, die Lage dort ist unbekannt, zuletzt eng: Tor.",
            "Gate 2: no picture for 40 s, what happens there is unknown, tight when last seen: "
            "gate.",
        ),
        (
            "silence",
            Evidence(),
            "Tor 2: seit 40 s kein Bild, die Lage dort ist unbekannt.",
            "Gate 2: no picture for 40 s, what happens there is unknown.",
        ),
        (
            "picture",
            Evidence(detail="frozen"),
            "Tor 2: das Bild steht, seit 40 s; die Lage dort ist unbekannt.",
            "Gate 2: its picture is frozen, for 40 s; what happens there is unknown.",
        ),
        (
            "weather",
            Evidence(grade=3, words=("Sturmböen bis 90 km/h", "gusts up to 90 km/h")),
            "Tor 2: Sturmböen bis 90 km/h",
            "Gate 2: gusts up to 90 km/h",
        ),
    ],
)
def test_an_alarm_reads_as_a_colleague_says_it(
    cause: Cause, evidence: Evidence, de: str, en: str
) -> None:
    message = to_message(1, _alarm(cause, evidence))
    assert sentence(message, name=NAME, now_s=130.0) == Text(de=de, en=en)


def test_what_is_over_says_so() -> None:
    gone, _ = step_alarm(
        _alarm("density", DENSITY), present=False, evidence=DENSITY, held_s=0, now_s=120.0
    )
    text = sentence(to_message(1, gone), name=NAME, now_s=130.0)
    assert (text.de, text.en) == ("Tor 2: wieder in Ordnung.", "Gate 2: back to normal.")


def test_a_sentence_is_never_longer_than_a_text_may_be() -> None:
    long = Text(de="ä" * 200, en="x" * 200)
    text = sentence(to_message(1, _alarm("density", DENSITY)), name=long, now_s=130.0)
    assert (len(text.de), len(text.en)) == (200, 200)


def test_a_weather_source_is_named() -> None:
    assert weather_name("source.dwd").de == "Wetterquelle dwd"
    assert weather_name("wind").en == "Wind"


def test_an_alarm_outlives_its_message() -> None:
    alarm = _alarm("weather", replace(DENSITY, words=("a", "b"), at_s=5.0, camera_id="mast"))
    assert from_message(to_message(3, alarm)) == alarm
