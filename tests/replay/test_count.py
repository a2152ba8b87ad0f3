"""Still pictures to counts and drawings; one bad picture spoils no other."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

from crowdsafe.domain.camera.head_view import HeadView
from crowdsafe.edge.detections import Detections, Picture
from crowdsafe.edge.detector.load import load_detector
from crowdsafe.edge.detector.onnx_model import OnnxDetector
from crowdsafe.edge.observe import Observer, observer
from crowdsafe.errors import BadInput
from crowdsafe.replay.count import Counted, Refused, count_pictures, pictures_at
from crowdsafe.resources import DEFAULT_MODEL, resource
from tests.edge.models import own_metadata, write_model
from tests.pinhole import Pinhole


@pytest.fixture
def three_heads(tmp_path: Path) -> OnnxDetector:
    """A model that finds three heads in whatever it is shown, and two people by density."""
    heads = np.zeros((1, 5, 16, 16), np.float32)
    for column, score in ((2, 0.9), (6, 0.8), (10, 0.7)):
        x = 4.0 * column
        heads[0, :, 4, column] = (score, x - 3, 13, x + 3, 19)
    density = np.zeros((1, 1, 8, 8), np.float32)
    density[0, 0, :4, :4] = 2 / 16
    path = write_model(
        tmp_path / "three.onnx",
        {"heads": heads, "density": density},
        metadata=own_metadata(count_sd={"constant": 2.0, "sqrt": 0.0, "relative": 0.0}),
    )
    return OnnxDetector(path)


def _picture(path: Path, *, width: int = 64, height: int = 64) -> Path:
    path.parent.mkdir(exist_ok=True)
    cv2.imwrite(str(path), np.full((height, width, 3), 90, np.uint8))
    return path


def _read(path: Path) -> Picture:
    drawn = cv2.imread(str(path))
    assert drawn is not None
    return np.asarray(drawn, dtype=np.uint8)


def _results(
    files: Sequence[Path],
    detector: OnnxDetector,
    *,
    observer: Observer | None = None,
    drawings: Path | None = None,
) -> list[Counted | Refused]:
    return list(count_pictures(files, detector=detector, observer=observer, drawings=drawings))


def test_a_count_comes_with_its_interval(tmp_path: Path, three_heads: OnnxDetector) -> None:
    (result,) = _results([_picture(tmp_path / "a.png")], three_heads)
    assert isinstance(result, Counted)
    assert result.file == tmp_path / "a.png"
    assert result.count == pytest.approx(3.0)
    # ± 1.645 · 2 people, and never fewer than nobody.
    assert result.interval_90 == pytest.approx((0.0, 3.0 + 3.29))
    assert 0.0 < result.ms < 5_000


def test_a_bad_picture_is_named_and_the_rest_goes_on(
    tmp_path: Path, three_heads: OnnxDetector
) -> None:
    good, text = _picture(tmp_path / "a.png"), tmp_path / "b.png"
    text.write_text("no picture")
    results = _results([text, good, tmp_path / "nowhere.png", good], three_heads)
    assert [type(result) for result in results] == [Refused, Counted, Refused, Counted]
    sentences = [result.sentence for result in results if isinstance(result, Refused)]
    assert sentences[0].startswith(f"{text}: is no picture")
    assert sentences[1].startswith(f"{tmp_path / 'nowhere.png'}: there is no such file")


def test_the_smallest_and_a_picture_of_50_megapixels_are_counted(
    tmp_path: Path, three_heads: OnnxDetector
) -> None:
    one = _picture(tmp_path / "one.png", width=1, height=1)
    large = tmp_path / "large.png"
    cv2.imwrite(str(large), np.zeros((6000, 8400), np.uint8), [cv2.IMWRITE_PNG_COMPRESSION, 1])
    results = _results([one, large], three_heads)
    assert [result.count for result in results if isinstance(result, Counted)] == [3.0, 3.0]


def test_the_real_model_counts_an_empty_square_and_one_px(tmp_path: Path) -> None:
    detector = load_detector(resource(DEFAULT_MODEL))
    files = [
        _picture(tmp_path / "one.png", width=1, height=1),
        _picture(tmp_path / "thin.png", width=3000, height=2),
        _picture(tmp_path / "square.png"),
    ]
    for result in count_pictures(files, detector=detector):
        assert isinstance(result, Counted)
        assert 0.0 <= result.count < 1.0
        assert result.interval_90[0] <= result.count <= result.interval_90[1]


def test_drawings_show_the_heads_where_they_are(tmp_path: Path, three_heads: OnnxDetector) -> None:
    out = tmp_path / "new" / "out"
    _results([_picture(tmp_path / "a.jpg", width=1600, height=1600)], three_heads, drawings=out)
    assert [path.name for path in out.iterdir()] == ["a.png"]
    drawn = _read(out / "a.png")
    assert drawn.shape[1] == 1600
    assert drawn.shape[0] > 1600
    # The first head is (5, 13) to (11, 19) of the 64 px input, which is 25 times smaller.
    assert tuple(drawn[325, 200]) == (233, 180, 86)
    assert tuple(drawn[400, 275]) == (233, 180, 86)
    assert np.abs(drawn[1000:1600].astype(int) - 90).max() <= 1


def test_drawings_of_equal_names_lie_beside_each_other(
    tmp_path: Path, three_heads: OnnxDetector
) -> None:
    files = [
        _picture(tmp_path / folder / name, width=width)
        for folder, name, width in (
            ("one", "a.png", 10),
            ("two", "a.png", 20),
            ("two", "a.bmp", 30),
            ("two", "A-2.png", 40),
        )
    ]
    out = tmp_path / "out"
    _results(files, three_heads, drawings=out)
    names = ["a.png", "a-2.png", "a-3.png", "A-2-2.png"]
    assert sorted(path.name for path in out.iterdir()) == sorted(names)
    widths = [_read(out / name).shape[1] for name in names]
    # 64 px high pictures, drawn 1600 px high.
    assert widths == [max(640, 25 * width) for width in (10, 20, 30, 40)]


def test_drawings_never_overwrite_pictures(tmp_path: Path, three_heads: OnnxDetector) -> None:
    picture = _picture(tmp_path / "a.png")
    before = picture.read_bytes()
    with pytest.raises(BadInput, match=r"a\.png, which is to be counted, lies in it; expected"):
        _results([picture], three_heads, drawings=tmp_path / "." / ".." / tmp_path.name)
    assert picture.read_bytes() == before


def test_a_folder_for_drawings_that_cannot_be_is_one_sentence(
    tmp_path: Path, three_heads: OnnxDetector
) -> None:
    picture = _picture(tmp_path / "a.png")
    file = tmp_path / "file"
    file.write_text("x")
    for folder in (file, file / "deeper"):
        with pytest.raises(BadInput, match="cannot be made a folder"):
            _results([picture], three_heads, drawings=folder)
    out = tmp_path / "out"
    (out / "a.png").mkdir(parents=True)
    with pytest.raises(BadInput, match=r"out/a\.png: cannot be written \(Is a directory\)"):
        _results([picture], three_heads, drawings=out)
    assert [path.name for path in out.iterdir()] == ["a.png"]


def test_a_camera_gives_its_view_and_refuses_pictures_of_another_shape(
    tmp_path: Path, three_heads: OnnxDetector, monkeypatch: pytest.MonkeyPatch
) -> None:
    pinhole = Pinhole(size_px=(64, 48), focal_px=45, position_m=(0.0, 0.0))
    camera = observer(
        camera_id="mast",
        camera=pinhole.calibrated(),
        zones=(),
        kind="head",
        head_height_m=1.7,
        range_m=60,
        count_error=three_heads.count_error,
    )
    views: list[HeadView | None] = []
    detect = three_heads.detect

    def watched(picture: Picture, view: HeadView | None = None, /) -> Detections:
        views.append(view)
        return detect(picture, view)

    monkeypatch.setattr(three_heads, "detect", watched)
    square = _picture(tmp_path / "square.png")
    fitting = _picture(tmp_path / "fitting.png", width=128, height=96)
    refused, counted = _results([square, fitting], three_heads, observer=camera)
    assert isinstance(counted, Counted)
    assert isinstance(refused, Refused)
    assert refused.sentence == (
        f"{square}: camera 'mast': its picture is 64 × 64 px, but its calibration was made for "
        "64 × 48 px"
    )
    assert views == [camera.view]


def test_folders_stand_for_their_pictures(tmp_path: Path) -> None:
    first, second = _picture(tmp_path / "full" / "b.png"), _picture(tmp_path / "full" / "a.jpg")
    empty = tmp_path / "empty"
    empty.mkdir()
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    files, refused = pictures_at([loop, empty, tmp_path / "full", first])
    assert files == (loop, second, first, first)
    assert [one.path for one in refused] == [empty]
    assert refused[0].sentence.startswith(f"{empty}: holds no picture")
