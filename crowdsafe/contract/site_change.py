"""One change between two revisions of a site: its data, and the sentence that tells it."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from crowdsafe.contract.field_words import field_words, unit_of
from crowdsafe.contract.strict import Strict

ChangedPart = Literal["site", "plan", "zone", "counting_line", "camera", "measure"]
Scalar = str | float | bool | None
_SHOWN_LETTERS = 80
_CALLED: Mapping[ChangedPart, tuple[str, str]] = {
    "site": ("Gelände", "Site"),
    "plan": ("Lageplan", "Site plan"),
    "zone": ("Zone", "Zone"),
    "counting_line": ("Zähllinie", "Counting line"),
    "camera": ("Kamera", "Camera"),
    "measure": ("Maßnahme", "Measure"),
}


class Sentence(Strict):
    """One sentence in both languages of the product."""

    de: str
    en: str


class SiteChange(Strict):
    """One thing that changed."""

    part: ChangedPart
    id: Annotated[str, Field(description="of the zone, line, camera or measure; else empty")] = ""
    change: Literal["added", "removed", "changed"]
    field: Annotated[
        str | None,
        Field(description="as thresholds.busy_ppm2; geometry, calibration, masks, picture, order"),
    ] = None
    before: Annotated[
        Scalar, Field(description="as in the file; of a geometry m² or m; of masks how many")
    ] = None
    after: Scalar = None
    words: Sentence


def changed(
    part: ChangedPart,
    thing_id: str,
    field: str | None,
    de: str,
    en: str,
    *,
    change: Literal["added", "removed", "changed"] = "changed",
    before: Scalar = None,
    after: Scalar = None,
) -> SiteChange:
    """Return a change with its sentence, which begins with what changed."""
    called_de, called_en = _CALLED[part]
    named = f" '{thing_id}'" if thing_id else ""
    return SiteChange(
        part=part,
        id=thing_id,
        change=change,
        field=field,
        before=before,
        after=after,
        words=Sentence(de=f"{called_de}{named}: {de}", en=f"{called_en}{named}: {en}"),
    )


def field_changes(
    part: ChangedPart, thing_id: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[SiteChange]:
    """Tell for each field of two JSON objects in which they differ."""
    was, now = dict(_leaves(before)), dict(_leaves(after))
    for path in sorted(was | now):
        if was.get(path) == now.get(path):
            continue
        words, unit = field_words(path), unit_of(path)
        yield changed(
            part,
            thing_id,
            path,
            f"{words.de}: {_shown_de(was.get(path))} → {_shown_de(now.get(path))}"
            + (f" {unit.de}" if unit else ""),
            f"{words.en}: {_shown_en(was.get(path))} → {_shown_en(now.get(path))}"
            + (f" {unit.en}" if unit else ""),
            before=was.get(path),
            after=now.get(path),
        )


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Scalar]]:
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield from _leaves(each, f"{path}.{key}" if path else str(key))
    elif isinstance(value, (list, tuple)):
        yield path, ", ".join(str(each) for each in value)
    else:
        yield path, value


def _shown_en(value: Scalar) -> str:
    match value:
        case None | "":
            return "none"
        case bool():
            return "yes" if value else "no"
        case str():
            return repr(_clipped(value))
    return number_en(value)


def _shown_de(value: Scalar) -> str:
    match value:
        case None | "":
            return "keine"
        case bool():
            return "ja" if value else "nein"
        case str():
            return repr(_clipped(value))
    return number_de(value)


def _clipped(text: str) -> str:
    return text if len(text) <= _SHOWN_LETTERS else text[: _SHOWN_LETTERS - 1] + "…"


def number_en(number: float) -> str:
    """Return a number with a point and up to four decimals."""
    return f"{number:.4f}".rstrip("0").rstrip(".")


def number_de(number: float) -> str:
    """Return a number with a comma and up to four decimals."""
    return number_en(number).replace(".", ",")


def size_en(number: float) -> str:
    """Return what was measured on the ground, to a centimetre or so."""
    return number_en(round(number, 2))


def size_de(number: float) -> str:
    """Return the same with a comma."""
    return number_de(round(number, 2))
