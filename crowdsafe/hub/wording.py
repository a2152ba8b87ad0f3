"""An alarm in one sentence, as a colleague would say it, for messages that leave the hub."""

from collections.abc import Mapping
from typing import Literal

from crowdsafe.contract.alarms import Alarm
from crowdsafe.contract.words import Text
from crowdsafe.domain.alarm.cause import Quantity

_MAX = 200
_UNITS: Mapping[Quantity, tuple[str, str]] = {
    "density_ppm2": ("Personen/m²", "persons/m²"),
    "peak_ppm2": ("Personen/m² an der engsten Stelle", "persons/m² at its tightest place"),
    "rise_ppm2_per_min": ("Personen/m² mehr je Minute", "persons/m² more each minute"),
    "time_to_limit_min": ("min, bis es eng wird", "min until it is tight"),
    "pressure_per_s2": ("1/s² Druck in der Menge", "1/s² crowd pressure"),
    "counter_flow_share": ("% gehen gegen den Strom", "% walk against the stream"),
    "people": ("Personen", "people"),
    "weather_level": ("Warnstufe", "warning level"),
    "waiting_s": ("s wartet die älteste Nachricht", "s the oldest message has waited"),
}
_PLACES: Mapping[Quantity, int] = {"people": 0, "weather_level": 0, "waiting_s": 0}
_HEALTH: Mapping[str, tuple[str, str]] = {
    "frozen": ("das Bild steht", "its picture is frozen"),
    "dark": ("das Bild ist dunkel", "its picture is dark"),
    "blinded": ("sie ist geblendet", "it is blinded"),
    "moved": ("sie wurde bewegt", "it was moved"),
}
_WEATHER: Mapping[str, Text] = {
    "wind": Text(de="Wind", en="Wind"),
    "thunderstorm": Text(de="Gewitter", en="Thunderstorm"),
    "other": Text(de="Wetter", en="Weather"),
}
Language = Literal["de", "en"]


def weather_name(subject_id: str) -> Text:
    """Return what a hazard or a weather source is called."""
    source = subject_id.removeprefix("source.")
    return _WEATHER.get(
        subject_id, Text(de=f"Wetterquelle {source}", en=f"Weather source {source}")
    )


def sentence(alarm: Alarm, *, name: Text, now_s: float) -> Text:
    """Return what an alarm says now, in both languages.

    Args:
        alarm: as it is now.
        name: of its zone, camera or other subject.
        now_s: the time, for how long it has lasted.
    """
    return Text(
        de=_in(alarm, "de", name=name.de, now_s=now_s),
        en=_in(alarm, "en", name=name.en, now_s=now_s),
    )


def _in(alarm: Alarm, language: Language, *, name: str, now_s: float) -> str:
    german = language == "de"
    if not alarm.present:
        over = "wieder in Ordnung" if german else "back to normal"
        return _cut(f"{name}: {over}.")
    for_s = max(0.0, now_s - alarm.raised_at_s + alarm.held_s)
    since = f"seit {_span(for_s)}" if german else f"for {_span(for_s)}"
    hidden = "" if alarm.words is None else f", {alarm.words.de if german else alarm.words.en}"
    if alarm.cause == "silence":
        return _cut(
            f"{name}: {since} kein Bild, die Lage dort ist unbekannt{hidden}."
            if german
            else f"{name}: no picture {since}, what happens there is unknown{hidden}."
        )
    if alarm.cause == "picture":
        what = _HEALTH.get(alarm.detail, ("das Bild ist unbrauchbar", "its picture is unusable"))
        return _cut(
            f"{name}: {what[0]}, {since}; die Lage dort ist unbekannt{hidden}."
            if german
            else f"{name}: {what[1]}, {since}; what happens there is unknown{hidden}."
        )
    if alarm.cause == "worker":
        return _cut(
            f"Auswerterechner {name}: {since} keine Verbindung, seine Kameras fehlen{hidden}."
            if german
            else f"Edge worker {name}: no connection {since}, its cameras are missing{hidden}."
        )
    if alarm.cause == "weather":
        words = alarm.words
        return _cut(name if words is None else f"{name}: {words.de if german else words.en}")
    if alarm.quantity is None or alarm.value is None:
        return _cut(f"{name}: {since}.")
    value = _number(alarm.value, alarm.quantity, language)
    unit = _UNITS[alarm.quantity][0 if german else 1]
    limit = ""
    if alarm.limit is not None:
        word = "Grenze" if german else "limit"
        limit = f" ({word} {_number(alarm.limit, alarm.quantity, language)})"
    return _cut(f"{name}: {value} {unit} {since}{limit}.")


def _number(value: float, quantity: Quantity, language: Language) -> str:
    if quantity == "counter_flow_share":
        return f"{100 * value:.0f}"
    text = f"{value:.{_PLACES.get(quantity, 3 if quantity == 'pressure_per_s2' else 1)}f}"
    return text.replace(".", ",") if language == "de" else text


def _span(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h"


def _cut(text: str) -> str:
    return text if len(text) <= _MAX else text[: _MAX - 1] + "…"
