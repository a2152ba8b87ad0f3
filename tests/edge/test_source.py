"""Recordings and live sources, on real little videos."""

import threading
import time
from pathlib import Path

import numpy as np
import pytest

from crowdsafe.edge.source import Frame, LiveSource, Mailbox, recording, without_credentials
from crowdsafe.errors import BadInput
from tests.clips import write_clip, write_sound


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


def _frame(index: int) -> Frame:
    return Frame(index, 0.0, 0.0, np.zeros((2, 2, 3), dtype=np.uint8))


def test_the_mailbox_holds_the_newest_and_counts_what_it_let_go() -> None:
    mailbox = Mailbox()
    for index in range(4):
        mailbox.put(_frame(index))
    taken = mailbox.take(timeout_s=0)
    assert taken is not None
    assert (taken.index, mailbox.dropped) == (3, 3)
    assert mailbox.take(timeout_s=0) is None


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


def test_a_file_plays_in_real_time_and_ends(tmp_path: Path) -> None:
    begun_s = time.time()
    live, said, _ = _live(str(write_clip(tmp_path / "a.mp4", pictures=11)), loop=False)
    frames = []
    while live.is_alive() and time.time() < begun_s + 10:
        frame = live.mailbox.take(timeout_s=0.3)
        if frame is not None:
            frames.append(frame)
    assert [status for status, _ in said] == ["connecting", "running", "ended"]
    assert time.time() - begun_s > 0.95
    # Two of ten pictures a second are due five times a second.
    assert 4 <= len(frames) <= 6
    assert all(begun_s - 0.1 <= frame.captured_at_s <= time.time() for frame in frames)


def test_a_looped_file_goes_on_with_new_times(tmp_path: Path) -> None:
    live, _, stop = _live(str(write_clip(tmp_path / "a.mp4", pictures=4)), loop=True)
    taken = [live.mailbox.take(timeout_s=5) for _ in range(4)]
    stop.set()
    live.join(5)
    times = [frame.captured_at_s for frame in taken if frame is not None]
    assert len(times) == 4
    assert times == sorted(set(times))
    assert not live.is_alive()


def test_a_source_that_is_not_there_is_lost_and_tried_again(tmp_path: Path) -> None:
    path = tmp_path / "later.mp4"
    live, said, stop = _live(str(path), loop=True)
    deadline_s = time.monotonic() + 5
    while len(said) < 2 and time.monotonic() < deadline_s:
        time.sleep(0.02)
    assert said[1] == ("lost", f"{path}: there is no such video file")
    write_clip(tmp_path / "made.mp4", pictures=4).rename(path)
    assert live.mailbox.take(timeout_s=5) is not None
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
