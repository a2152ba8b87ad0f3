"""What causes and events are called in messages to people outside the control room."""

from typing import Literal

from crowdsafe.contract.alarms import AlarmCause, AlarmEventName
from crowdsafe.contract.measures import MeasureKind
from crowdsafe.contract.words import Text
from crowdsafe.domain.alarm.cause import Priority

MessageLanguage = Literal["de", "en"]

CAUSES: dict[AlarmCause, Text] = {
    "density": Text(de="Gedränge", en="Crowding"),
    "peak": Text(de="Gedränge an einer Stelle", en="Local crowding"),
    "rise": Text(de="Rascher Zulauf", en="Crowd growing fast"),
    "forecast": Text(de="Gedränge erwartet", en="Crowding expected"),
    "pressure": Text(de="Druck in der Menge", en="Crowd pressure"),
    "counter_flow": Text(de="Gegenläufige Ströme", en="Counter-flow"),
    "occupancy": Text(de="Bereich voll", en="Area full"),
    "picture": Text(de="Kamerabild nicht brauchbar", en="Camera picture unusable"),
    "silence": Text(de="Kamera schweigt", en="Camera silent"),
    "worker": Text(de="Auswerterechner schweigt", en="Edge worker silent"),
    "weather": Text(de="Wetter", en="Weather"),
    "delivery": Text(de="Zustellung gestört", en="Delivery failing"),
}
EVENTS: dict[AlarmEventName, Text] = {
    "raised": Text(de="Alarm", en="Alarm"),
    "worsened": Text(de="Alarm verschärft", en="Alarm worse"),
    "came_back": Text(de="Alarm wieder da", en="Alarm is back"),
    "returned": Text(de="Ursache vorbei", en="Cause gone"),
    "acknowledged": Text(de="Quittiert", en="Acknowledged"),
    "ended": Text(de="Alarm beendet", en="Alarm ended"),
    "shelved": Text(de="Zurückgestellt", en="Shelved"),
    "unshelved": Text(de="Nicht mehr zurückgestellt", en="No longer shelved"),
    "suppressed": Text(de="Unterdrückt", en="Suppressed"),
    "unsuppressed": Text(de="Nicht mehr unterdrückt", en="No longer suppressed"),
    "out_of_service": Text(de="Außer Betrieb", en="Out of service"),
    "in_service": Text(de="Wieder in Betrieb", en="In service again"),
    "escalated": Text(de="Alarm nicht quittiert", en="Alarm not acknowledged"),
}
PRIORITIES: dict[Priority, Text] = {
    "high": Text(de="hoch", en="high"),
    "medium": Text(de="mittel", en="medium"),
    "low": Text(de="niedrig", en="low"),
}
MEASURES: dict[MeasureKind, Text] = {
    "announce": Text(de="Durchsage", en="Announcement"),
    "meter": Text(de="Zulauf drosseln", en="Hold people back"),
    "send": Text(de="Team schicken", en="Send a team"),
    "other": Text(de="Maßnahme", en="Measure"),
}


def words(text: Text, language: MessageLanguage) -> str:
    """Return a text in one language."""
    return text.de if language == "de" else text.en
