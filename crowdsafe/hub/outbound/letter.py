"""A notice in words: title and body, for e-mail, SMS and the like."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from crowdsafe.contract.notices import AlarmNotice, MeasureNotice
from crowdsafe.contract.words import Text
from crowdsafe.hub.outbound.cause_words import (
    EVENTS,
    MEASURES,
    PRIORITIES,
    MessageLanguage,
    words,
)

_EXERCISE = Text(de="ÜBUNG", en="EXERCISE")


@dataclass(frozen=True)
class Letter:
    """What a person reads."""

    title: str
    body: str


def letter(
    notice: AlarmNotice | MeasureNotice, *, language: MessageLanguage, timezone: str
) -> Letter:
    """Return a notice as one line and a few more, with the site's time of day."""
    if isinstance(notice, AlarmNotice):
        written = _alarm(notice, language)
    else:
        written = _measure(notice, language)
    at = datetime.fromtimestamp(notice.at_s, ZoneInfo(timezone))
    body = f"{written.body}\n{at:%d.%m.%Y %H:%M:%S} · {notice.site_id}"
    if not notice.exercise:
        return Letter(written.title, body)
    exercise = words(_EXERCISE, language)
    return Letter(f"{exercise}: {written.title}", f"{exercise}\n{body}\n{exercise}")


def _alarm(notice: AlarmNotice, language: MessageLanguage) -> Letter:
    what = words(EVENTS[notice.event], language)
    where = words(notice.subject.name, language)
    priority = words(PRIORITIES[notice.alarm.priority], language)
    lines = [words(notice.sentence, language)]
    if notice.by is not None:
        lines.append(f"{what}: {notice.by}")
    return Letter(f"{what} ({priority}): {where}", "\n".join(lines))


def _measure(notice: MeasureNotice, language: MessageLanguage) -> Letter:
    measure = notice.measure
    in_german = language == "de"
    where = words(notice.subject.name, language)
    lines = [words(measure.title, language), words(measure.why, language)]
    for heard, said in sorted(measure.loudspeaker.items()):
        lines.append(f"{'Lautsprecher' if in_german else 'Loudspeaker'} ({heard}): {said}")
    for shown, text in sorted(measure.display.items()):
        lines.append(f"{'Anzeige' if in_german else 'Display'} ({shown}): {text}")
    if measure.gate is not None:
        held = {"into": ("hinein", "in"), "out": ("hinaus", "out")}.get(measure.holds or "")
        direction = "" if held is None else f" ({held[0] if in_german else held[1]})"
        lines.append(f"{'Zugang' if in_german else 'Gate'}: {measure.gate}{direction}")
    if measure.team is not None:
        lines.append(f"Team: {measure.team}")
    lines.append(f"{'Bestätigt von' if in_german else 'Confirmed by'} {notice.by}")
    return Letter(f"{words(MEASURES[measure.kind], language)}: {where}", "\n".join(lines))
