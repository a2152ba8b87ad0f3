"""Two pictures a second of the sample clip, what can befall them, and the health they give."""

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from functools import cache
from io import BytesIO

import av
import cv2
import numpy as np

from crowdsafe.domain.health.health_rule import HealthName
from crowdsafe.domain.health.picture_health import HealthState, step_health
from crowdsafe.edge.detections import Picture
from crowdsafe.edge.health.reference import Reference
from crowdsafe.edge.health.watch import PictureWatch
from crowdsafe.edge.source import recording
from crowdsafe.resources import DEMO_CLIP, resource

EVERY_S = 0.5


@cache
def clip() -> tuple[Picture, ...]:
    """The whole sample clip, 159 pictures."""
    return tuple(frame.picture for frame in recording(resource(DEMO_CLIP), every=5))


def piece(seconds: float, *, from_s: float = 0.0) -> list[Picture]:
    """Some seconds of it."""
    begin = round(from_s / EVERY_S)
    return list(clip()[begin : begin + round(seconds / EVERY_S)])


def healths(
    pictures: Iterable[Picture], *, reference: Reference | None = None, every_s: float = EVERY_S
) -> list[HealthState]:
    """The health after each picture, picture n at n · ``every_s``."""
    watch, state, course = PictureWatch(reference), HealthState(), []
    for number, picture in enumerate(pictures):
        measures = watch.step(picture, captured_at_s=number * every_s)
        state = step_health(state, measures, at_s=number * every_s)
        course.append(state)
    return course


def named(course: Sequence[HealthState]) -> set[HealthName]:
    """All states that ever held, "ok" when none did."""
    return {name for state in course for name in (*state.active, state.name)}


def delay_s(course: Sequence[HealthState], name: HealthName, *, change_at_s: float) -> float:
    """Seconds from the change until the health has the name first; infinite when it never has."""
    for number, state in enumerate(course):
        if state.name == name:
            return number * EVERY_S - change_at_s
    return float("inf")


def window(picture: Picture, dx_px: float, dy_px: float = 0.0) -> Picture:
    """Part of a picture, 704 × 528, looked at from so far to the left and above."""
    middle = (picture.shape[1] / 2 - dx_px, picture.shape[0] / 2 - dy_px)
    return np.asarray(cv2.getRectSubPix(picture, (704, 528), middle), dtype=np.uint8)


def turned(picture: Picture, angle_deg: float, zoom: float = 1.0) -> Picture:
    """The same part, the camera rolled or zoomed."""
    height, width = picture.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle_deg, zoom)
    return window(np.asarray(cv2.warpAffine(picture, matrix, (width, height)), np.uint8), 0.0)


def blurred(picture: Picture, sigma_px: float) -> Picture:
    """A lens out of focus."""
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma_px), dtype=np.uint8)


def box(
    picture: Picture, *, left: float, width_px: int, top: int, colour: tuple[int, int, int]
) -> Picture:
    """A lorry in front of the picture: one colour, with a dark lower part and a text."""
    result = picture.copy()
    begin, end = max(0, round(left)), min(picture.shape[1], round(left) + width_px)
    if end > begin:
        result[top:, begin:end] = colour
        result[top + (picture.shape[0] - top) * 4 // 5 :, begin:end] = 20
        at = (round(left) + 20, (top + picture.shape[0]) // 2)
        cv2.putText(result, "GETRAENKE", at, cv2.FONT_HERSHEY_SIMPLEX, 3.0, (255, 255, 255), 8)
    return result


def bird(picture: Picture, *, share: float) -> Picture:
    """A large bird at so much of its way across, wings beating."""
    result = picture.copy()
    if not 0.0 <= share <= 1.0:
        return result
    height, width = picture.shape[:2]
    x, y = round((1.3 * share - 0.15) * width), round(height * (0.5 - 0.1 * np.sin(6 * share)))
    wing = round(height * 0.3 * np.sin(25 * share))
    cv2.ellipse(result, (x, y), (width // 7, height // 12), 15, 0, 360, (18, 15, 15), -1)
    for reach in (-1, 1):
        corners = [(x - 50, y), (x + 50, y), (x + 30 * reach, y - wing - 40 * reach)]
        cv2.fillPoly(result, [np.array(corners, dtype=np.int32)], (12, 12, 14))
    return result


def encoded(
    pictures: Iterable[Picture], *, per_s: int, every: int, options: dict[str, str]
) -> list[Picture]:
    """Every ``every``-th picture as it comes out of a real H.264 encoder and decoder."""
    file = BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=per_s)
        stream.pix_fmt = "yuv420p"
        stream.options = options
        for number, picture in enumerate(pictures):
            if number == 0:
                stream.width, stream.height = picture.shape[1], picture.shape[0]
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
            frame.pts, frame.time_base = number, Fraction(1, per_s)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    file.seek(0)
    with av.open(file) as container:
        return [
            np.asarray(frame.to_ndarray(format="bgr24"), dtype=np.uint8)
            for number, frame in enumerate(container.decode(video=0))
            if number % every == 0
        ]


def noisy(picture: Picture, *, sigma: float, pictures: int) -> Iterable[Picture]:
    """A scene in which nothing moves, through a sensor with noise."""
    chance = np.random.default_rng(4)
    for _ in range(pictures):
        noise = chance.normal(0.0, sigma, picture.shape[:2])[..., None]
        yield np.clip(picture + noise, 0, 255).astype(np.uint8)


def from_half(
    pictures: Sequence[Picture], change: Callable[[Picture], Picture]
) -> tuple[list[Picture], float]:
    """Let something befall the second half; returns the pictures and when it begins."""
    half = len(pictures) // 2
    result = [*pictures[:half], *(change(picture) for picture in pictures[half:])]
    return result, half * EVERY_S
