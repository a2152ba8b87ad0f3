"""A picture as the network's input, written into memory that is there already."""

import threading

import cv2
import numpy as np
from numpy.typing import NDArray

from crowdsafe.edge.detections import Picture

_SHAPES_KEPT = 8


class InputBlobs(threading.local):
    """Inputs of the shapes that were asked for lately, for each thread its own.

    New memory for each picture costs more than filling it: 9 MB of it for 1024 × 768 px, of which
    the system clears every page first.
    """

    def __init__(self) -> None:
        self._blobs: dict[tuple[int, int], NDArray[np.float32]] = {}
        self._planes: dict[tuple[int, int], list[NDArray[np.uint8]]] = {}

    def fill(self, canvas: Picture, *, scale: float, rgb: bool) -> NDArray[np.float32]:
        """Return a picture as (1, 3, height, width), good until this thread's next call.

        Args:
            canvas: (height, width, 3) in blue-green-red.
            scale: factor of the levels 0 to 255.
            rgb: red first instead of blue.
        """
        shape = (canvas.shape[0], canvas.shape[1])
        if shape not in self._blobs:
            if len(self._blobs) >= _SHAPES_KEPT:
                self._blobs.clear()
                self._planes.clear()
            self._blobs[shape] = np.empty((1, 3, *shape), dtype=np.float32)
            self._planes[shape] = [np.empty(shape, dtype=np.uint8) for _ in range(3)]
        blob, planes = self._blobs[shape], self._planes[shape]
        cv2.split(canvas, planes)
        for channel, plane in enumerate(reversed(planes) if rgb else planes):
            np.multiply(plane, np.float32(scale), out=blob[0, channel])
        return blob
