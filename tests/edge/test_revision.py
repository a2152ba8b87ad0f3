"""What a worker makes of another revision: what it keeps, what it makes anew, what it refuses."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crowdsafe.contract.edge_messages import Observation, RunsRevision
from crowdsafe.contract.site import read_site
from crowdsafe.contract.site_document import PictureMark, as_document
from crowdsafe.edge.analyses import analyses
from crowdsafe.edge.camera import CameraAnalysis, Pace
from crowdsafe.edge.revision import SiteRevision, View
from crowdsafe.edge.source import Frame
from crowdsafe.settings import CameraSettings, EdgeSettings
from tests.contract.site_folder import WIDER, calibration, changed, content, measure, ring, written
from tests.edge.health.pictures import clip
from tests.edge.test_worker_camera import Finds

SETTINGS = EdgeSettings(
    cameras=(CameraSettings(id="mast", source="x"), CameraSettings(id="roof", source="y"))
)
PACE = Pace(asked_per_s=2.0, achieved_per_s=2.0, frames_dropped=0, frames_out_of_order=0)
Change = Callable[[dict[str, Any]], Any]


class _Camera:
    """A camera that notes how it is to be looked at."""

    def __init__(self, analysis: CameraAnalysis) -> None:
        self.camera_id = analysis.camera_id
        self.ran: list[tuple[View | None, int]] = []

    def run(self, view: View | None, *, revision: int) -> None:
        self.ran.append((view, revision))


class _Worker:
    """A worker's cameras on the site of a folder, and what the hub is told."""

    def __init__(self, folder: Path) -> None:
        self.folder = written(folder / "site")
        self.told: list[RunsRevision] = []
        site = read_site(self.folder)
        detector = Finds(0)
        self.cameras = [_Camera(each) for each in analyses(site, SETTINGS, detector)]
        self.revision = SiteRevision(
            self.cameras,
            site=site,
            folder=self.folder,
            settings=SETTINGS,
            detector=detector,
            tell=self.told.append,
        )

    def publish(self, *documents: dict[str, Any]) -> RunsRevision:
        """Publish documents one right after the other, and return what is told last."""
        number = (self.revision.number or 0) + 1

        async def scene() -> None:
            before = len(self.told)
            keeping_up = asyncio.create_task(self.revision.keep_up())
            for more, document in enumerate(documents):
                self.revision.publish(number + more, document)
            while len(self.told) == before:
                await asyncio.sleep(0.005)
            keeping_up.cancel()

        asyncio.run(scene())
        return self.told[-1]

    def views(self) -> list[View | None]:
        return [camera.ran[-1][0] for camera in self.cameras]


def _member(each: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = each["site"]["features"][0]["properties"]["crowdsafe"]
    return found


def _widen(each: dict[str, Any]) -> None:
    each["site"]["features"][0]["geometry"]["coordinates"] = ring(WIDER)


@pytest.mark.parametrize(
    "change",
    [
        lambda each: None,
        lambda each: _member(each).update(thresholds={"busy_ppm2": 0.5}),
        lambda each: _member(each).update(name={"de": "Tor", "en": "Gate"}),
        lambda each: each["measures"].update(measures=[measure(team="the gate's")]),
        lambda each: each["cameras"].update(new=calibration()),
    ],
)
def test_a_camera_goes_on_with_what_it_knows_where_it_can(change: Change, tmp_path: Path) -> None:
    worker = _Worker(tmp_path)
    document = changed(change)
    told = worker.publish(document.content())
    assert (told.revision, told.refused, told.wrong) == (1, None, "")
    assert told.content_hash == worker.revision.content_hash == document.content_hash()
    for view in worker.views():
        assert view is not None
        assert view.new is None
        assert len(view.site.zones) == 2


def test_what_is_seen_otherwise_is_made_anew_for_the_cameras_that_see_it(tmp_path: Path) -> None:
    worker = _Worker(tmp_path)
    worker.publish(changed(lambda each: each["cameras"]["mast"].update(range_m=50)).content())
    mast, roof = worker.views()
    assert mast is not None
    assert mast.new is not None
    assert not mast.same_picture
    assert roof is not None
    assert roof.new is None
    worker.publish(changed(_widen).content())
    mast, roof = worker.views()
    assert mast is not None
    assert roof is not None
    assert mast.new is not None
    assert roof.new is not None
    # Its range is as before the first revision again; the roof's camera was never touched.
    assert (mast.same_picture, roof.same_picture) == (False, True)


def test_of_several_that_come_at_once_the_newest_counts(tmp_path: Path) -> None:
    worker = _Worker(tmp_path)
    worker.publish(*(changed(_widen).content() for _ in range(5)))
    assert [each.revision for each in worker.told] == [5]
    assert [number for _, number in worker.cameras[0].ran] == [5]


def test_a_camera_that_is_gone_is_looked_at_no_more(tmp_path: Path) -> None:
    worker = _Worker(tmp_path)
    told = worker.publish(changed(lambda each: each["cameras"].pop("mast")).content())
    assert told.wrong == "camera 'mast' is not in it and is not looked at"
    mast, roof = worker.views()
    assert mast is None
    assert roof is not None
    worker.publish(content())
    mast, _ = worker.views()
    assert mast is not None
    assert mast.new is not None


def test_a_picture_that_is_not_there_is_told_and_does_without(tmp_path: Path) -> None:
    worker = _Worker(tmp_path)
    mark = {"suffix": ".png", "size_bytes": 3, "sha256": "0" * 64}
    told = worker.publish(changed(lambda each: each.update(pictures={"mast": mark})).content())
    assert (told.revision, told.refused) == (1, None)
    assert "camera 'mast': the picture of its calibration is not in the site folder" in told.wrong


def _junk(worker: _Worker) -> dict[str, Any]:
    junk = worker.folder / "cameras" / "junk.png"
    junk.write_bytes(b"no picture")
    mark = PictureMark.of(junk).model_dump()
    return changed(lambda each: each.update(pictures={"mast": mark})).content()


def _with(**changes: Any) -> dict[str, Any]:
    return {**content(), **changes}


@pytest.mark.parametrize(
    ("document", "says"),
    [
        (lambda _: {}, "site: field required"),
        (lambda _: _with(extra=1), "extra: extra inputs are not permitted"),
        (lambda _: _with(version=2), "version"),
        (lambda _: _with(site={"x": float("nan")}), "no JSON that can be kept"),
        (lambda _: _with(site={"x": "y" * 9_000_000}), "expected at most 8 MB"),
        (lambda _: _with(site={"type": "FeatureCollection"}), "features: missing"),
        (lambda _: _with(cameras={}), "has none of this worker's cameras mast, roof"),
        (
            lambda _: _with(cameras={"mast": calibration(camera_position_m=[20.0, 5.0, 1.5])}),
            "1.5 m",
        ),
        (lambda _: _with(cameras={"mast": calibration(typo=1)}), "cameras/mast.json: typo"),
        (_junk, "junk.png: is no picture"),
    ],
)
def test_a_revision_that_cannot_be_used_is_one_sentence_and_changes_nothing(
    document: Callable[[_Worker], dict[str, Any]],
    says: str,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    worker = _Worker(tmp_path)
    before = worker.revision.content_hash
    told = worker.publish(document(worker))
    assert (told.revision, told.refused, told.content_hash) == (None, 1, before)
    assert says in told.wrong
    assert "\n" not in told.wrong
    assert [camera.ran for camera in worker.cameras] == [[], []]
    (record,) = [each for each in caplog.records if each.levelname == "ERROR"]
    assert "revision 1 cannot be used, the own site folder runs on" in record.getMessage()
    # The next one that can be used is.
    assert worker.publish(changed(_widen).content()).refused is None


def test_a_worker_without_its_folder_takes_everything_as_new(tmp_path: Path) -> None:
    worker = _Worker(tmp_path)
    bare = SiteRevision(
        worker.cameras,
        site=read_site(worker.folder),
        folder=None,
        settings=SETTINGS,
        detector=Finds(0),
        tell=worker.told.append,
    )
    assert (bare.number, bare.content_hash) == (None, None)
    worker.revision = bare
    worker.publish(content())
    assert bare.content_hash == as_document(content()).content_hash()
    assert all(view is not None and view.new is not None for view in worker.views())


def _looks(analysis: CameraAnalysis, numbers: range) -> list[Observation]:
    """Look twice a second at a clip that stands still from its tenth second on."""
    return [
        analysis.look(Frame(number, number / 2, 1000.0 + number / 2, clip()[min(number, 20)]), PACE)
        for number in numbers
    ]


@pytest.mark.parametrize("same_picture", [True, False])
def test_what_is_known_of_a_picture_holds_on_while_its_calibration_does(
    same_picture: bool, tmp_path: Path
) -> None:
    site = read_site(written(tmp_path / "site"))
    # Made first, it would number on from before the other: a clock that was set back.
    after, _ = analyses(site, SETTINGS, Finds(0))
    before, _ = analyses(site, SETTINGS, Finds(0))
    seen = _looks(before, range(36))
    assert seen[-1].picture.name == "frozen"
    after.succeed(before, same_picture=same_picture)
    (next_seen,) = _looks(after, range(36, 37))
    assert next_seen.seq == seen[-1].seq + 1
    assert (next_seen.picture.name == "frozen") is same_picture
