"""Measures (playbooks) that the organiser approved: file ``measures.json`` beside ``site.geojson``.

A measure is what a control room may do about an alarm, with its exact words. Nothing of it leaves
the hub before a person confirmed it.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from crowdsafe.contract.alarms import AlarmCause
from crowdsafe.contract.strict import Identifier, Strict
from crowdsafe.contract.words import Text

MAX_DISPLAY_CHARS = 60

MeasureKind = Literal["announce", "meter", "send", "other"]
"""``announce``: loudspeaker and display. ``meter``: hold people back at a gate upstream.
``send``: a team goes there."""
WeatherSubject = Literal["wind", "thunderstorm", "other", "source"]
"""``source``: a weather source is silent."""
Language = Annotated[str, Field(pattern=r"^[a-z]{2}$")]
Words = dict[Language, Annotated[str, Field(min_length=1, max_length=500)]]


class Measure(Strict):
    """One measure."""

    id: Identifier
    kind: MeasureKind
    title: Text
    why: Text
    causes: Annotated[tuple[AlarmCause, ...], Field(min_length=1)]
    zones: Annotated[
        tuple[Identifier, ...], Field(description="zones it is for; empty: every zone, or no zone")
    ] = ()
    from_grade: Annotated[
        int, Field(ge=0, le=9, description="only for alarms at least so bad; density: 3 critical")
    ] = 0
    weather: Annotated[
        tuple[WeatherSubject, ...],
        Field(description="only for alarms of this weather; empty: wind, thunderstorm and other"),
    ] = ()
    loudspeaker: Annotated[
        Words, Field(default_factory=dict, description="what is said, by language")
    ]
    display: Annotated[
        Words, Field(default_factory=dict, description="what stands on the display, by language")
    ]
    gate: Annotated[
        Identifier | None, Field(description="counting line at which people are held back")
    ] = None
    holds: Annotated[
        Literal["into", "out"] | None,
        Field(description="who is held back there: those who cross it to its right, or its left"),
    ] = None
    team: Annotated[str | None, Field(max_length=100, description="who is sent")] = None
    target: Annotated[
        Identifier | None, Field(description="where it goes out, of [[hub.targets]]; null: by hand")
    ] = None
    approved_by: Annotated[str, Field(min_length=1, max_length=100)]
    approved_on: date


class MeasuresFile(Strict):
    """The whole file."""

    version: Literal[1]
    max_display_chars: Annotated[
        int, Field(ge=8, le=500, description="most characters that the site's displays show")
    ] = MAX_DISPLAY_CHARS
    measures: Annotated[tuple[Measure, ...], Field(max_length=500)]
