"""What machines and people get to read, and who signed it."""

import base64
import json
import time

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from crowdsafe.contract.notices import AlarmNotice, MeasureNotice
from crowdsafe.hub.outbound.envelope import envelope_text
from crowdsafe.hub.outbound.letter import letter
from crowdsafe.hub.outbound.signature import signed_headers
from tests.hub.outbound.notices import alarm_notice, measure_notice

KEYS = ["whsec_" + base64.b64encode(bytes([n]) * 32).decode() for n in (1, 2)]


def test_an_envelope_is_the_whole_notice_with_type_and_time() -> None:
    envelope = json.loads(envelope_text(alarm_notice("worsened")))
    assert envelope["type"] == "alarm.worsened"
    assert envelope["timestamp"] == "2026-08-07T21:14:03.750Z"
    assert AlarmNotice.model_validate(envelope["data"]) == alarm_notice("worsened")
    envelope = json.loads(envelope_text(measure_notice()))
    assert envelope["type"] == "measure.confirmed"
    assert MeasureNotice.model_validate(envelope["data"]) == measure_notice()


def test_the_librarys_own_verifier_takes_both_keys_and_nothing_else() -> None:
    body = envelope_text(alarm_notice())
    headers = signed_headers(body, message_id="n1", sent_at_s=time.time(), secrets=KEYS)
    for key in KEYS:
        assert Webhook(key).verify(body, headers)["type"] == "alarm.raised"
    other_key = "whsec_" + base64.b64encode(bytes(32)).decode()
    for key, data, changed in (
        (other_key, body, {}),
        (KEYS[0], body.replace("Stage", "Gate"), {}),
        (KEYS[0], body, {"webhook-id": "n2"}),
        (KEYS[0], body, {"webhook-timestamp": str(int(time.time()) + 1)}),
    ):
        with pytest.raises(WebhookVerificationError):
            Webhook(key).verify(data, headers | changed)


def test_an_old_message_cannot_be_played_again() -> None:
    body = envelope_text(alarm_notice())
    headers = signed_headers(body, message_id="n1", sent_at_s=time.time() - 301, secrets=KEYS)
    with pytest.raises(WebhookVerificationError, match="too old"):
        Webhook(KEYS[0]).verify(body, headers)


def test_a_letter_is_in_the_readers_language_and_the_sites_time() -> None:
    german = letter(alarm_notice(), language="de", timezone="Europe/Berlin")
    assert german.title == "Alarm (hoch): Bühne"
    assert german.body.splitlines() == [
        "Vor der Bühne stehen 4,0 Personen je m², Grenze 3,57.",
        "07.08.2026 23:14:03 · fair",
    ]
    english = letter(alarm_notice("acknowledged", by="ada"), language="en", timezone="UTC")
    assert english.title == "Acknowledged (high): Stage"
    assert "Acknowledged: ada" in english.body
    assert "21:14:03" in english.body


def test_a_letter_of_a_measure_has_its_exact_words() -> None:
    words = letter(measure_notice(), language="de", timezone="Europe/Berlin")
    assert words.title == "Durchsage: Bühne"
    for line in (
        "Lautsprecher (de): Bitte bleiben Sie stehen.",
        "Lautsprecher (en): Please stay where you are.",
        "Anzeige (de): Bühne voll",
        "Zugang: gate_1 (hinein)",
        "Team: Ordner 3",
        "Bestätigt von night_shift",
    ):
        assert line in words.body.splitlines()
    english = letter(measure_notice(), language="en", timezone="UTC")
    assert "Gate: gate_1 (in)" in english.body


def test_an_exercise_says_so_first_and_last() -> None:
    words = letter(alarm_notice(exercise=True), language="de", timezone="UTC")
    assert words.title.startswith("ÜBUNG: ")
    assert words.body.splitlines()[0] == words.body.splitlines()[-1] == "ÜBUNG"
