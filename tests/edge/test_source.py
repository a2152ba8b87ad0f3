"""Recordings and live sources, on real little videos."""

import re
import threading
import time
from pathlib import Path

import av
import numpy as np
import pytest

from crowdsafe.edge.source import (
    Decoded,
    Frame,
    LiveSource,
    Mailbox,
    recording,
    without_credentials,
)
from crowdsafe.errors import BadInput
from tests.clips import write_clip, write_sound
from tests.live import wait_until


def test_a_recording_gives_its_pictures_with_their_times(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.mp4", pictures=10)
    frames = list(recording(clip))
    assert [frame.index for frame in frames] == list(range(10))
    assert [frame.t_s for frame in frames] == pytest.approx([n / 10 for n in range(10)])
    assert frames[0].size_px == (64, 48)
    greys = [float(frame.picture.mean()) for frame in frames]
    assert greys == sorted(greys)
    assert greys[-1] - greys[0] > 30


def test_every_third_picture_keeps_its_index_and_time(tmp_path: Path) -> None:
    frames = list(recording(write_clip(tmp_path / "a.mp4", pictures=10), every=3))
    assert [frame.index for frame in frames] == [0, 3, 6, 9]
    assert frames[-1].t_s == pytest.approx(0.9)


def test_what_is_no_video_is_said_in_one_sentence(tmp_path: Path) -> None:
    text = tmp_path / "notes.mp4"
    text.write_text("no video at all " * 100)
    empty = tmp_path / "empty.mp4"
    empty.touch()
    for path, says in (
        (tmp_path / "nowhere.mp4", "there is no such video file"),
        (tmp_path, "there is no such video file"),
        (text, "is not a video that can be read"),
        (empty, "is not a video that can be read"),
        (write_sound(tmp_path / "sound.wav"), "has no picture track"),
    ):
        with pytest.raises(BadInput) as refused:
            list(recording(path))
        assert str(refused.value).startswith(str(path))
        assert says in str(refused.value)


def test_a_video_of_zero_pictures_is_said(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.avi", pictures=3)
    data = clip.read_bytes()
    # The header stays, the pictures go.
    clip.write_bytes(data[: data.index(b"movi") + 4])
    with pytest.raises(BadInput, match=r"has no pictures \(zero frames\)|is not a video"):
        list(recording(clip))


def test_a_truncated_video_gives_what_is_left_of_it(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.avi", pictures=40)
    data = clip.read_bytes()
    clip.write_bytes(data[: len(data) // 2])
    assert 0 < len(list(recording(clip))) < 40


def test_an_address_is_shown_without_its_password() -> None:
    shown = without_credentials("rtsp://admin:secret@10.0.0.5:554/stream?token=x")
    assert shown == "rtsp://10.0.0.5:554/stream"


def _decoded(index: int, *, captured_at_s: float | None = None) -> Decoded:
    at_s = float(index) if captured_at_s is None else captured_at_s
    return Decoded(index, at_s, at_s, av.VideoFrame(2, 2, "bgr24"))


def test_the_mailbox_holds_the_newest_and_counts_the_due_that_it_let_go() -> None:
    mailbox = Mailbox()
    for index in range(8):
        assert mailbox.put(_decoded(index), at_s=10.0 + index, due=index % 2 == 0)
    assert mailbox.newest_at_s() == 17.0
    taken = mailbox.take()
    assert taken is not None
    assert (taken.index, mailbox.dropped) == (7, 3)
    assert (mailbox.take(), mailbox.newest_at_s()) == (None, None)


def test_looks_that_nobody_asked_for_are_no_credit() -> None:
    mailbox = Mailbox()
    for index in range(6):
        mailbox.put(_decoded(index), at_s=index, due=False)
        assert mailbox.take() is not None
    for index in range(6, 10):
        mailbox.put(_decoded(index), at_s=index, due=True)
    # One was looked at ahead of its time, one may still be.
    assert mailbox.dropped == 2


def test_pictures_dated_no_later_than_one_that_was_taken_are_counted_and_not_left() -> None:
    mailbox = Mailbox()
    mailbox.put(_decoded(0, captured_at_s=100.0), at_s=1.0, due=True)
    assert mailbox.take() is not None
    for index, captured_at_s in enumerate([100.0, 99.96, 40.0, float("-inf")]):
        late = _decoded(index, captured_at_s=captured_at_s)
        assert not mailbox.put(late, at_s=2.0 + index, due=True)
    assert mailbox.take() is None
    assert (mailbox.out_of_order, mailbox.dropped) == (4, 0)
    assert mailbox.behind_s(40.0) == 60.0
    assert mailbox.put(_decoded(9, captured_at_s=100.04), at_s=9.0, due=False)


def test_a_picture_without_a_time_is_not_left() -> None:
    mailbox = Mailbox()
    assert not mailbox.put(_decoded(0, captured_at_s=float("nan")), at_s=1.0, due=True)


def _live(source: str, *, loop: bool) -> tuple[LiveSource, list[tuple[str, str]], threading.Event]:
    said: list[tuple[str, str]] = []
    stop = threading.Event()
    live = LiveSource(
        source,
        loop=loop,
        analysed_per_s=5.0,
        status=lambda status, detail: said.append((status, detail)),
        stop=stop,
    )
    live.start()
    return live, said, stop


def _take(live: LiveSource) -> Frame:
    deadline_s = time.monotonic() + 5
    while time.monotonic() < deadline_s:
        decoded = live.mailbox.take()
        if decoded is not None:
            return decoded.frame()
        time.sleep(0.005)
    raise AssertionError("no picture came")


def test_a_file_plays_in_real_time_and_ends(tmp_path: Path) -> None:
    begun_s = time.time()
    live, said, _ = _live(str(write_clip(tmp_path / "a.mp4", pictures=11)), loop=False)
    frames = [_take(live) for _ in range(6)]
    live.join(10)
    assert [status for status, _ in said] == ["connecting", "running", "ended"]
    assert time.time() - begun_s > 0.95
    assert all(begun_s - 0.1 <= frame.captured_at_s <= time.time() for frame in frames)
    indices = [frame.index for frame in frames]
    assert indices == sorted(set(indices))


def test_of_a_file_that_nobody_looks_at_all_due_pictures_but_one_are_dropped(
    tmp_path: Path,
) -> None:
    live, _, _ = _live(str(write_clip(tmp_path / "a.mp4", pictures=11)), loop=False)
    live.join(10)
    # Two of ten pictures a second are due five times a second.
    assert 4 <= live.mailbox.dropped <= 6
    last = live.mailbox.take()
    assert last is not None
    assert last.index == 10


@pytest.mark.parametrize(
    ("per_s", "earlier_s"), [(50, 0.08), (25, 0.08), (12, 1 / 12), (10, 0.1), (3, 1 / 3), (2, None)]
)
def test_a_picture_comes_with_the_nearest_one_that_is_long_enough_before(
    tmp_path: Path, per_s: int, earlier_s: float | None
) -> None:
    clip = write_clip(tmp_path / "a.mp4", pictures=per_s // 2 + 2, per_s=per_s)
    pictures = [frame.picture for frame in recording(clip)]
    live, _, _ = _live(str(clip), loop=False)
    live.join(10)
    last = live.mailbox.take()
    assert last is not None
    frame = last.frame()
    if earlier_s is None:
        assert frame.earlier is None
        return
    assert frame.earlier is not None
    assert frame.captured_at_s - frame.earlier.captured_at_s == pytest.approx(earlier_s, abs=2e-3)
    back = round(earlier_s * per_s)
    assert np.array_equal(frame.earlier.picture, pictures[-1 - back])
    assert np.array_equal(frame.picture, pictures[-1])


def test_the_first_picture_has_none_before_it(tmp_path: Path) -> None:
    live, _, stop = _live(str(write_clip(tmp_path / "a.mp4", pictures=4)), loop=True)
    first = _take(live)
    stop.set()
    live.join(5)
    assert first.index == 0
    assert first.earlier is None


class _KeepsAll(Mailbox):
    """A mailbox that remembers everything that was put."""

    def __init__(self) -> None:
        super().__init__()
        self.all: list[Decoded] = []

    def put(self, decoded: Decoded, *, at_s: float, due: bool) -> bool:
        self.all.append(decoded)
        return super().put(decoded, at_s=at_s, due=due)


def test_where_size_and_time_stamps_jump_no_pair_is_made_across(tmp_path: Path) -> None:
    small = write_clip(tmp_path / "small.ts", pictures=5)
    large = write_clip(tmp_path / "large.ts", pictures=5, size_px=(128, 96))
    both = tmp_path / "both.ts"
    both.write_bytes(small.read_bytes() + large.read_bytes())
    live = LiveSource(
        str(both), loop=False, analysed_per_s=5, status=lambda *_: None, stop=threading.Event()
    )
    live.mailbox = mailbox = _KeepsAll()
    live.start()
    live.join(10)
    assert [decoded.video.width for decoded in mailbox.all] == [64] * 5 + [128] * 5
    assert [decoded.t_s for decoded in mailbox.all] == pytest.approx([0, 0.1, 0.2, 0.3, 0.4] * 2)
    for number, decoded in enumerate(mailbox.all):
        frame = decoded.frame()
        assert (frame.earlier is None) == (number % 5 == 0)
        if frame.earlier is not None:
            assert frame.earlier.picture.shape == frame.picture.shape
            assert frame.captured_at_s - frame.earlier.captured_at_s == pytest.approx(0.1, abs=1e-3)


def test_a_looped_file_goes_on_with_new_times(tmp_path: Path) -> None:
    live, _, stop = _live(str(write_clip(tmp_path / "a.mp4", pictures=4)), loop=True)
    times = [_take(live).captured_at_s for _ in range(6)]
    stop.set()
    live.join(5)
    assert times == sorted(set(times))
    assert not live.is_alive()


def test_a_source_that_is_not_there_is_lost_and_tried_again(tmp_path: Path) -> None:
    path = tmp_path / "later.mp4"
    live, said, stop = _live(str(path), loop=True)
    wait_until(lambda: len(said) >= 2, within_s=5)
    assert said[1] == ("lost", f"{path}: there is no such video file")
    write_clip(tmp_path / "made.mp4", pictures=4).rename(path)
    assert _take(live).size_px == (64, 48)
    stop.set()
    live.join(5)


class _SetBack:
    """The module ``time``, but of a machine whose clock is wrong by ``error_s``."""

    error_s = 0.0
    monotonic = staticmethod(time.monotonic)

    def time(self) -> float:
        return time.time() + self.error_s


def test_a_clock_that_is_set_back_is_said_once_and_so_is_that_it_caught_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = _SetBack()
    monkeypatch.setattr("crowdsafe.edge.source.time", clock)
    monkeypatch.setattr("crowdsafe.edge.source._OUT_OF_ORDER_S", 0.3)
    live, said, stop = _live(str(write_clip(tmp_path / "a.mp4", pictures=3)), loop=True)
    before = _take(live)
    clock.error_s = -3600.0
    wait_until(lambda: any(status == "lost" for status, _ in said), within_s=10)
    time.sleep(0.5)
    # What lay there when the clock was set back may still be taken.
    left = live.mailbox.take()
    assert left is None or left.captured_at_s > before.captured_at_s
    assert live.mailbox.take() is None
    assert live.mailbox.out_of_order > 3
    lost = [detail for status, detail in said if status == "lost"]
    assert len(lost) == 1
    assert re.search(r"its clock went back: .* 3(599|600)\.\d s before", lost[0])
    clock.error_s = 1.0
    assert _take(live).captured_at_s > before.captured_at_s
    stop.set()
    live.join(5)
    after_lost = [status for status, _ in said][[status for status, _ in said].index("lost") :]
    assert "running" in after_lost


def test_a_fault_in_decoding_is_told_and_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(_container: object) -> None:
        raise ValueError("pixel format 17 is unknown")

    monkeypatch.setattr("crowdsafe.edge.source._frames", breaks)
    monkeypatch.setattr("crowdsafe.edge.source._RETRY_S", 0.05)
    clip = write_clip(tmp_path / "a.mp4", pictures=3)
    live, said, stop = _live(str(clip), loop=True)
    wait_until(lambda: [status for status, _ in said].count("connecting") >= 2, within_s=5)
    assert said[1] == ("lost", f"{clip}: cannot be decoded (ValueError)")
    monkeypatch.undo()
    assert _take(live).size_px == (64, 48)
    stop.set()
    live.join(5)


def test_a_stream_that_nobody_serves_is_lost_without_its_password() -> None:
    live, said, stop = _live("http://user:secret@127.0.0.1:9/video", loop=False)
    deadline_s = time.monotonic() + 8
    while len(said) < 2 and time.monotonic() < deadline_s:
        time.sleep(0.02)
    stop.set()
    live.join(8)
    assert said[1][0] == "lost"
    assert "127.0.0.1:9" in said[1][1]
    assert "secret" not in said[1][1]
