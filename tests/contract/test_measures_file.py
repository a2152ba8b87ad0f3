"""Measures that are refused, above all those that would seal the exit where the crush is."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from shapely.geometry import Polygon, box

from crowdsafe.contract.measures import Measure
from crowdsafe.contract.measures_file import as_measures, refuse_unready
from crowdsafe.contract.site import read_site
from crowdsafe.domain.camera.geometry import Points
from crowdsafe.errors import BadInput
from tests.contract.site_folder import written

PATH = Path("fair/measures.json")
# From west to east: the way in, the square, the way out. Nothing beyond.
ZONES = {
    "way_in": box(0, 0, 10, 10),
    "square": box(10, 0, 20, 10),
    "way_out": box(20, 0, 30, 10),
}
ROOT = Path(__file__).parents[2]
DEMO = ROOT / "zones/pets_demo"


@dataclass(frozen=True)
class Line:
    """A gate; from south to north what is west of it lies to its left."""

    id: str
    points_m: Points
    into_zone: str | None = None


def line(line_id: str, *points: tuple[float, float], into_zone: str | None = None) -> Line:
    return Line(line_id, np.array(points, dtype=np.float64), into_zone)


GATES = (
    line("entrance", (0, 0), (0, 10), into_zone="way_in"),
    line("to_square", (10, 0), (10, 10), into_zone="square"),
    line("from_square", (10, 10), (10, 0)),
    line("to_way_out", (20, 0), (20, 10)),
    line("outside", (50, 0), (50, 10)),
    line("far_exit", (30, 0), (30, 10)),
)


def measure(**changes: Any) -> dict[str, Any]:
    return {
        "id": "m",
        "kind": "other",
        "title": {"de": "Titel", "en": "Title"},
        "why": {"de": "Grund", "en": "Reason"},
        "causes": ["density"],
        "approved_by": "organiser",
        "approved_on": "2026-05-01",
    } | changes


def meter(gate: str, holds: str, *zones: str, **changes: Any) -> dict[str, Any]:
    return measure(kind="meter", gate=gate, holds=holds, zones=list(zones), **changes)


def read(
    *measures: dict[str, Any],
    gates: Sequence[Line] = GATES,
    zones: dict[str, Polygon] = ZONES,
    **file: Any,
) -> tuple[Measure, ...]:
    content = {"version": 1, "measures": list(measures)} | file
    return as_measures(PATH, content, zones=zones, gates=gates)


@pytest.mark.parametrize(
    ("gate", "holds", "zones"),
    [
        ("entrance", "into", ["way_in"]),
        ("entrance", "into", ["square"]),
        ("entrance", "into", []),
        ("to_square", "into", ["square"]),
        ("from_square", "out", ["square"]),
        # Upstream of the way out people are held in the square: its crush is not theirs.
        ("to_way_out", "into", ["way_out"]),
    ],
)
def test_people_may_be_held_upstream(gate: str, holds: str, zones: list[str]) -> None:
    (read_back,) = read(meter(gate, holds, *zones))
    assert (read_back.gate, read_back.holds) == (gate, holds)


@pytest.mark.parametrize(
    ("gate", "holds", "zones", "sealed"),
    [
        ("to_square", "out", ["square"], "square"),
        ("from_square", "into", ["square"], "square"),
        # Going on to the way out is how the square empties.
        ("to_way_out", "into", ["square"], "square"),
        ("to_square", "into", ["way_in"], "way_in"),
        ("to_square", "into", ["square", "way_in"], "way_in"),
        ("entrance", "out", ["way_in"], "way_in"),
        # A measure for every zone is for each of them.
        ("to_square", "into", [], "way_in"),
        ("entrance", "out", [], "way_in"),
    ],
)
def test_the_exit_of_its_own_zone_is_never_sealed(
    gate: str, holds: str, zones: list[str], sealed: str
) -> None:
    with pytest.raises(BadInput) as caught:
        read(measure(id="first"), meter(gate, holds, *zones))
    assert str(caught.value) == (
        f"fair/measures.json: measures.1 ('m'): holds: '{holds}' at gate '{gate}' holds back "
        f"people in '{sealed}', which it is for: that seals the exit where the crush is; hold "
        "back upstream instead"
    )


def test_what_the_gate_says_counts_even_where_it_is_drawn_elsewhere() -> None:
    astray = line("astray", (100, 0), (100, 10), into_zone="square")
    with pytest.raises(BadInput, match="seals the exit"):
        read(meter("astray", "out", "square"), gates=[astray])
    assert read(meter("astray", "into", "square"), gates=[astray])


def test_a_bent_gate_is_looked_at_along_all_of_it() -> None:
    bent = line("bent", (40, -5), (40, -1), (20, 0), (20, 10), into_zone="way_out")
    with pytest.raises(BadInput, match="holds back people in 'square'"):
        read(meter("bent", "into", "square"), gates=[bent])


@pytest.mark.parametrize("holds", ["into", "out"])
def test_holding_into_or_out_of_nothing_is_refused(holds: str) -> None:
    for gate in ("outside", "far_exit"):
        with pytest.raises(BadInput, match=rf"holds: '{holds}' of nothing: gate '{gate}'"):
            read(meter(gate, holds, "square"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kind": "meter", "holds": "into"}, "gate: missing, expected the gate"),
        ({"kind": "meter", "gate": "entrance"}, "holds: missing, expected the gate"),
        ({"kind": "meter", "gate": "x", "holds": "into"}, "gate: 'x' is not a counting line"),
        ({"gate": "entrance"}, "gate: only of kind 'meter', not 'other'"),
        ({"holds": "out"}, "holds: only of kind 'meter', not 'other'"),
        ({"kind": "send"}, "team: missing, expected who is sent"),
        ({"kind": "send", "team": ""}, "team: missing, expected who is sent"),
        ({"kind": "announce"}, "loudspeaker: missing, expected words"),
        ({"loudspeaker": {"en": "Stop"}}, "loudspeaker: has en, expected German"),
        ({"display": {"nl": "a", "en": "b"}}, "display: has en, nl, expected German"),
        ({"loudspeaker": {"de": "  "}}, "loudspeaker.de: '  ', expected one line"),
        ({"loudspeaker": {"de": "a\nb"}}, r"loudspeaker.de: 'a\\nb', expected one line"),
        ({"display": {"de": "x" * 61}}, "display.de: 61 characters, expected at most 60"),
        ({"zones": ["nowhere"]}, "zones: 'nowhere' is not a zone"),
        ({"zones": ["square", "square"]}, "zones: 'square' is there twice"),
        ({"causes": ["density", "density"]}, "causes: 'density' is there twice"),
        ({"causes": ["weather"], "zones": ["square"]}, "zones: alarms of 'weather' have no zone"),
        ({"causes": ["silence"], "zones": ["square"]}, "zones: alarms of 'silence' have no zone"),
        ({"from_grade": 4}, "from_grade: 4, but alarms of 'density' get no worse than 3"),
        (
            {"causes": ["density", "peak"], "from_grade": 3},
            "from_grade: 3, but alarms of 'peak' get no worse than 1",
        ),
        ({"weather": ["wind"]}, "weather: 'wind', but its causes have no 'weather'"),
        ({"causes": []}, "causes"),
        ({"causes": ["rain"]}, "causes"),
        ({"approved_by": ""}, "approved_by"),
        ({"approved_on": "yesterday"}, "approved_on"),
        ({"display": {"German": "x"}}, "display"),
        ({"loudspeaker": {"de": "x" * 501}}, "loudspeaker"),
        ({"why": {"de": "Grund"}}, "why.en"),
        ({"colour": "red"}, "colour"),
        ({"from_grade": float("nan")}, "from_grade"),
    ],
)
def test_refuses_a_wrong_measure(change: dict[str, Any], said: str) -> None:
    with pytest.raises(BadInput, match=rf"^fair/measures\.json: measures\.0.*{said}"):
        read(measure(**change))


def test_an_id_is_there_once() -> None:
    with pytest.raises(BadInput, match=r"measures\.0 \('a'\): id: is there twice.* \(and 1 more\)"):
        read(measure(id="a"), measure(id="a"))


def test_says_how_many_more_things_are_wrong() -> None:
    with pytest.raises(BadInput, match=r"team: missing.* \(and 2 more\)$"):
        read(measure(id="a", kind="send"), measure(id="b", zones=["x"], weather=["wind"]))


def test_displays_may_be_shorter() -> None:
    display = measure(display={"de": "Bitte rechts gehen"})
    assert read(display, max_display_chars=18)
    with pytest.raises(BadInput, match="18 characters, expected at most 17"):
        read(display, max_display_chars=17)


def test_the_target_is_known_and_the_approval_is_not_to_come() -> None:
    measures = read(measure(), measure(id="n", target="mast"))
    refuse_unready(PATH, measures)
    refuse_unready(PATH, measures, targets={"mast"}, today=date(2026, 5, 1))
    with pytest.raises(BadInput, match=r"measures\.1 \('n'\): target: 'mast' is not in"):
        refuse_unready(PATH, measures, targets=())
    with pytest.raises(BadInput, match=r"measures\.0 \('m'\): approved_on: 2026-05-01 is still"):
        refuse_unready(PATH, measures, today=date(2026, 4, 30))


def test_a_site_carries_its_measures(tmp_path: Path) -> None:
    folder = written(tmp_path / "fair")
    assert [each.id for each in read_site(folder).measures] == ["say_stop"]
    (folder / "measures.json").unlink()
    assert read_site(folder).measures == ()


def test_a_site_with_wrong_measures_is_refused(tmp_path: Path) -> None:
    folder = written(tmp_path / "fair")
    path = folder / "measures.json"
    for content, said in (
        (json.dumps({"version": 1, "measures": [measure(zones=["x"])]}), "'x' is not a zone"),
        (json.dumps({"version": 2, "measures": []}), "version"),
        ("{", "is not valid JSON"),
        ('{"version": 1, "measures": [], "max_display_chars": NaN}', "NaN is no JSON number"),
    ):
        path.write_text(content)
        with pytest.raises(BadInput) as caught:
            read_site(folder)
        assert str(caught.value).startswith(f"{path}: ")
        assert said in str(caught.value)


def test_the_demos_measures_are_ready_and_answer_every_cause_of_a_crowd() -> None:
    measures = read_site(DEMO).measures
    refuse_unready(DEMO / "measures.json", measures, targets=(), today=date(2026, 6, 1))
    answered = {cause for each in measures for cause in each.causes}
    assert answered >= {
        *("density", "peak", "rise", "forecast", "pressure", "counter_flow", "occupancy"),
        *("silence", "picture", "worker", "weather"),
    }
    spoken = [each for each in measures if each.kind == "announce"]
    assert all({"de", "en"} <= each.loudspeaker.keys() for each in spoken)
    assert any(len(each.loudspeaker) > 2 for each in spoken)
    assert any(each.kind == "meter" for each in measures)


def test_the_example_of_the_documents_is_right() -> None:
    text = (ROOT / "docs/measures-playbook.md").read_text()
    (example,) = re.findall(r"```json\n(.*?)```", text, re.DOTALL)
    gate = line("gate_1", (0, 0), (0, 10), into_zone="main_street")
    zones = {"main_street": box(0, 0, 10, 10)}
    (read_back,) = as_measures(PATH, json.loads(example), zones=zones, gates=[gate])
    assert read_back.id == "hold_at_gate_1"
