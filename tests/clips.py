"""Little real videos, made when they are needed."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np


def write_clip(
    path: Path, *, pictures: int, per_s: int = 10, size_px: tuple[int, int] = (64, 48)
) -> Path:
    """Write a video whose picture n has the mean grey value rises with n."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=per_s)
        stream.width, stream.height = size_px
        stream.pix_fmt = "yuv420p"
        for number in range(pictures):
            noise = np.random.default_rng(number).integers(0, 40, (size_px[1], size_px[0], 3))
            grey = np.minimum(noise + 20 + 5 * number, 255).astype(np.uint8)
            frame = av.VideoFrame.from_ndarray(grey, format="bgr24")
            frame.pts, frame.time_base = number, Fraction(1, per_s)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def write_sound(path: Path) -> Path:
    """Write a file with sound and no picture."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000)
        stream.layout = "mono"
        frame = av.AudioFrame.from_ndarray(
            np.zeros((1, 800), dtype=np.int16), format="s16", layout="mono"
        )
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path
