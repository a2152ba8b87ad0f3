"""A site folder as one document: to and fro without loss, and what is refused."""

import json
import shutil
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crowdsafe.contract.sameness import same_line, same_view, same_zone
from crowdsafe.contract.site import read_site
from crowdsafe.contract.site_document import (
    MAX_DOCUMENT_BYTES,
    SiteDocument,
    as_document,
    document_from_text,
    pictures_for,
    read_document,
    write_folder,
)
from crowdsafe.errors import BadInput
from crowdsafe.resources import DEMO_SITE, resource
from tests.contract.site_folder import PICTURE, changed, content, written


def _files(folder: Path) -> dict[str, bytes]:
    return {
        str(each.relative_to(folder)): each.read_bytes()
        for each in sorted(folder.rglob("*"))
        if each.is_file()
    }


def test_the_demos_folder_comes_back_byte_by_byte(tmp_path: Path) -> None:
    demo = resource(DEMO_SITE)
    write_folder(read_document(demo), tmp_path / "again")
    assert _files(tmp_path / "again") == _files(demo)


def test_a_folder_of_any_layout_comes_back_with_the_same_content(tmp_path: Path) -> None:
    document = read_document(written(tmp_path / "hand"))
    write_folder(document, tmp_path / "first")
    write_folder(read_document(tmp_path / "first"), tmp_path / "second")
    assert _files(tmp_path / "first") == _files(tmp_path / "second")
    assert read_document(tmp_path / "first") == document == as_document(content())
    assert document_from_text(document.text()) == document


def test_a_document_is_read_as_the_same_site_as_its_folder(tmp_path: Path) -> None:
    folder = written(tmp_path / "site", picture=PICTURE)
    document = read_document(folder)
    pictures, missing = pictures_for(document, folder)
    site, same = read_site(folder), document.to_site(pictures=pictures)
    assert missing == ()
    assert [camera.picture for camera in same.cameras] == [folder / "cameras" / "mast.png", None]
    assert [camera.picture for camera in site.cameras] == [folder / "cameras" / "mast.png", None]
    assert all(map(same_zone, site.zones, same.zones))
    assert all(map(same_line, site.lines, same.lines))
    assert all(map(same_view, site.cameras, same.cameras))
    assert (site.id, site.name, site.plan) == (same.id, same.name, same.plan)


def test_the_hash_is_of_the_content_and_not_of_how_it_is_written() -> None:
    values = content()
    turned = json.loads(json.dumps(dict(reversed(values.items()))))
    turned["cameras"] = dict(reversed(turned["cameras"].items()))
    turned["cameras"]["mast"]["range_m"] = 60
    document, other = as_document(values), as_document(turned)
    assert other.text() != document.text()
    assert other.content_hash() == document.content_hash()
    assert other.canonical_bytes() == document.canonical_bytes()
    moved = changed(lambda each: each["cameras"]["mast"].update(range_m=60.5))
    assert moved.content_hash() != document.content_hash()


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=12,
)


@settings(max_examples=60)
@given(
    foreign=st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=6), _JSON)
)
def test_whatever_a_file_holds_is_kept(
    foreign: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> None:
    document = changed(lambda each: each["site"].update({"members": foreign}))
    again = document_from_text(document.text())
    assert again == document
    assert again.canonical_bytes() == document.canonical_bytes()
    folder = tmp_path_factory.mktemp("site") / "site"
    write_folder(document, folder)
    assert read_document(folder).canonical_bytes() == document.canonical_bytes()


def test_a_picture_is_found_by_its_content_whatever_its_name(tmp_path: Path) -> None:
    folder = written(tmp_path / "site", picture=PICTURE)
    document = read_document(folder)
    beside = folder / "cameras"
    shutil.move(beside / "mast.png", beside / "spring.png")
    assert pictures_for(document, folder) == ({"mast": beside / "spring.png"}, ())
    (beside / "mast.png").write_bytes(PICTURE[:-1] + b"!")
    assert pictures_for(document, folder) == ({"mast": beside / "spring.png"}, ())
    (beside / "spring.png").unlink()
    assert pictures_for(document, folder) == ({}, ("mast",))
    assert pictures_for(document, tmp_path / "nowhere") == ({}, ("mast",))


def _nested(levels: int) -> Any:
    value: Any = []
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda each: each.update(extra=1), "extra: extra inputs are not permitted"),
        (lambda each: each.update(version=2), "version"),
        (lambda each: each.pop("site"), "site: field required"),
        (lambda each: each.update(site=[]), "site: input should be a valid dictionary"),
        (lambda each: each["cameras"].update({"a b": {}}), "cameras.a b"),
        (lambda each: each["cameras"].update({"../x": {}}), "cameras.../x"),
        (lambda each: each["cameras"].update(mast=[]), "cameras.mast"),
        (lambda each: each["site"].update(x=float("nan")), "no JSON that can be kept"),
        (lambda each: each["cameras"]["mast"].update(range_m=float("inf")), "no JSON that can"),
        (lambda each: each["site"].update(x="\ud800"), "no JSON that can be kept"),
        (lambda each: each["site"].update(x=_nested(60)), "nested more than 50 deep"),
        (lambda each: each["site"].update(x=_nested(3000)), "nested more than 50 deep"),
        (lambda each: each["site"].update(x="y" * MAX_DOCUMENT_BYTES), "expected at most 8 MB"),
        (
            lambda each: each.update(
                pictures={"gone": {"suffix": ".png", "size_bytes": 1, "sha256": "0" * 64}}
            ),
            "pictures: 'gone' is not one of the cameras",
        ),
        (
            lambda each: each.update(
                pictures={"mast": {"suffix": ".exe", "size_bytes": 1, "sha256": "0" * 64}}
            ),
            "pictures.mast.suffix",
        ),
        (
            lambda each: each.update(
                pictures={"mast": {"suffix": ".png", "size_bytes": 1, "sha256": "0" * 63}}
            ),
            "pictures.mast.sha256",
        ),
    ],
)
def test_what_is_no_document_is_one_sentence(change: Any, says: str) -> None:
    with pytest.raises(BadInput, match=r"^revision: ") as caught:
        changed(change)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    "text",
    ["", "[]", "null", '{"version": 1', '{"site": {"a": NaN}}', "[" * 5000, '{"site": 1e999}'],
)
def test_text_that_is_no_document_is_one_sentence(text: str) -> None:
    with pytest.raises(BadInput, match=r"^revision 7: ") as caught:
        document_from_text(text, named="revision 7")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            lambda each: each["site"]["features"][0]["properties"]["crowdsafe"].update(typo=1),
            "site.geojson: features[0]: properties.crowdsafe.typo",
        ),
        (lambda each: each["site"].update(features=[]), "there is no zone in it"),
        (
            lambda each: each["site"]["features"][0]["geometry"]["coordinates"][0].insert(
                0, [10**400, 0]
            ),
            "features[0]: geometry.coordinates: expected [x, y] pairs",
        ),
        (
            lambda each: each["cameras"]["roof"].update(H_image_to_ground_m=[[0, 0, 0]] * 3),
            "cameras/roof.json: ",
        ),
        (
            lambda each: each["measures"]["measures"][0].update(typo=1),
            "measures.json: measures.0.typo",
        ),
    ],
)
def test_a_document_that_is_no_site_names_the_part(change: Any, says: str) -> None:
    document = changed(change)
    with pytest.raises(BadInput, match=r"^revision 3/") as caught:
        document.to_site(pictures={}, named="revision 3")
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_folder_is_not_written_over_another(tmp_path: Path) -> None:
    document = SiteDocument.model_validate(deepcopy(content()))
    (tmp_path / "x").write_text("mine")
    with pytest.raises(BadInput, match="expected a new or empty folder"):
        write_folder(document, tmp_path)
    with pytest.raises(BadInput, match="is there already"):
        write_folder(document, tmp_path / "x")
    assert (tmp_path / "x").read_text() == "mine"


def test_a_folder_that_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"site\.geojson: there is no such file"):
        read_document(tmp_path)
    folder = written(tmp_path / "site")
    (folder / "cameras" / "mast 2.json").write_text("{}")
    with pytest.raises(BadInput, match=r"cameras\.mast 2"):
        read_document(folder)
