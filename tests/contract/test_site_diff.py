"""What changed between two revisions, as it is told."""

from typing import Any

import pytest

from crowdsafe.contract.site_diff import site_changes
from crowdsafe.contract.site_document import as_document
from crowdsafe.errors import BadInput
from tests.contract.site_folder import EAST, SQUARE, WIDER, changed, content, measure, ring, zone

BEFORE = as_document(content())


def _zone(each: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = each["site"]["features"][0]
    return found


def _member(each: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = _zone(each)["properties"]["crowdsafe"]
    return found


def _widen(each: dict[str, Any]) -> None:
    _zone(each)["geometry"]["coordinates"] = ring(WIDER)


_MARK = {"suffix": ".png", "size_bytes": 1, "sha256": "0" * 64}


@pytest.mark.parametrize(
    ("change", "de", "en"),
    [
        (
            lambda each: _member(each).update(thresholds={"busy_ppm2": 0.9}),
            "Zone 'gate': belebt ab: 1,08 → 0,9 P/m²",
            "Zone 'gate': busy from: 1.08 → 0.9 p/m²",
        ),
        (
            lambda each: _member(each).update(min_seen_share=0.5),
            "Zone 'gate': mindestens einsehbarer Anteil: 0,3 → 0,5",
            "Zone 'gate': least share seen: 0.3 → 0.5",
        ),
        (
            _widen,
            "Zone 'gate': Umriss geändert: 20 m² kamen dazu, 0 m² fielen weg (200 → 220 m²)",
            "Zone 'gate': outline changed: 20 m² came, 0 m² went (200 → 220 m²)",
        ),
        (
            lambda each: each["site"]["features"].append(zone("west", SQUARE)),
            "Zone 'west': neu",
            "Zone 'west': added",
        ),
        (
            lambda each: each["site"]["features"].pop(1),
            "Zone 'east': entfernt",
            "Zone 'east': removed",
        ),
        (
            lambda each: each["site"]["features"][2]["geometry"].update(
                coordinates=ring(((21, 0), (21, 10)))[0][:2]
            ),
            "Zähllinie 'door': bis zu 1 m verlegt",
            "Counting line 'door': moved by up to 1 m",
        ),
        (
            lambda each: each["cameras"]["mast"].update(
                H_image_to_ground_m=[[0.1, 0, -11.5], [0, -0.1, 29.0], [0, 0, 1]]
            ),
            "Kamera 'mast': Kalibrierung geändert: im unteren Bild liegt der Boden 0,5 m woanders",
            "Camera 'mast': calibration changed: in the lower picture the ground lies 0.5 m "
            "elsewhere",
        ),
        (
            lambda each: each["cameras"]["mast"].update(masks=[[[0, 0], [9, 0], [9, 9]]]),
            "Kamera 'mast': Masken geändert: 0 → 1",
            "Camera 'mast': masks changed: 0 → 1",
        ),
        (
            lambda each: each["cameras"]["mast"].update(range_m=45),
            "Kamera 'mast': Reichweite: 60 → 45 m",
            "Camera 'mast': range: 60 → 45 m",
        ),
        (
            lambda each: each.update(pictures={"mast": _MARK}),
            "Kamera 'mast': Bild der Kalibrierung neu",
            "Camera 'mast': calibration picture added",
        ),
        (
            lambda each: each["measures"].update(
                measures=[measure(loudspeaker={"de": "Halt.", "en": "Please stand still."})]
            ),
            "Maßnahme 'say_stop': Durchsage auf Deutsch: 'Bitte bleiben Sie stehen.' → 'Halt.'",
            "Measure 'say_stop': loudspeaker, German: 'Bitte bleiben Sie stehen.' → 'Halt.'",
        ),
        (
            lambda each: each.update(measures=None),
            "Maßnahme 'say_stop': entfernt",
            "Measure 'say_stop': removed",
        ),
        (
            lambda each: each["site"]["crowdsafe"].update(timezone="Europe/Vienna"),
            "Gelände: Zeitzone: 'Europe/Berlin' → 'Europe/Vienna'",
            "Site: time zone: 'Europe/Berlin' → 'Europe/Vienna'",
        ),
        (
            lambda each: each["site"].update(foreign=1),
            "Gelände: nur die Reihenfolge oder etwas, das crowdsafe nicht liest, ist anders",
            "Site: only the order, or what crowdsafe does not read, is different",
        ),
    ],
)
def test_one_change_is_one_sentence(change: Any, de: str, en: str) -> None:
    (told,) = site_changes(BEFORE, changed(change))
    assert (told.words.de, told.words.en) == (de, en)
    assert "{" not in told.model_dump_json()[1:-1].replace('"words":{', "")


def test_the_same_is_no_change_however_it_is_written() -> None:
    def spelt_out(each: dict[str, Any]) -> None:
        _member(each)["min_seen_share"] = 0.3
        each["cameras"]["mast"]["range_m"] = 60

    assert site_changes(BEFORE, BEFORE) == ()
    after = changed(spelt_out)
    (told,) = site_changes(BEFORE, after)
    assert told.field == "order"


def test_data_goes_with_the_words() -> None:
    def much(each: dict[str, Any]) -> None:
        _widen(each)
        _member(each)["thresholds"] = {"tight_ppm2": 2.0}
        each["cameras"].pop("roof")
        each["cameras"]["tower"] = each["cameras"]["mast"]

    told = site_changes(BEFORE, changed(much))
    assert [(each.part, each.id, each.change, each.field) for each in told] == [
        ("zone", "gate", "changed", "geometry"),
        ("zone", "gate", "changed", "thresholds.tight_ppm2"),
        ("camera", "roof", "removed", None),
        ("camera", "tower", "added", None),
    ]
    assert [(each.before, each.after) for each in told[:2]] == [(200.0, 220.0), (2.17, 2.0)]


def test_another_origin_moves_no_zone_that_stays_where_it_is() -> None:
    after = changed(lambda each: each["site"]["crowdsafe"].update(origin=[9.0001, 49.0]))
    told = site_changes(BEFORE, after)
    assert [(each.part, each.field) for each in told if each.part == "site"] == [("site", "origin")]
    for each in told:
        if each.part == "zone":
            assert "0 m² came, 0 m² went" in each.words.en
    assert EAST


def test_what_is_no_site_is_named() -> None:
    broken = changed(lambda each: each["site"].update(features=[]))
    with pytest.raises(BadInput, match=r"^revision 4/site.geojson"):
        site_changes(BEFORE, broken, named=("revision 3", "revision 4"))
