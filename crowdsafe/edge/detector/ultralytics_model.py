"""Ultralytics' own ``.pt`` files, where the extra ``train`` is installed."""

import threading
from pathlib import Path

import numpy as np

from crowdsafe.domain.camera.head_view import HeadView
from crowdsafe.domain.crowd.density import CountError
from crowdsafe.edge.detections import Detections, Kind, Picture, boxes_alone
from crowdsafe.edge.detector.layout import person_class
from crowdsafe.errors import BadInput

_UNFITTED_ERROR = CountError(constant=0.3, sqrt=0.3, relative=0.15)


class UltralyticsDetector:
    """A ``.pt`` file, run by ultralytics and torch."""

    def __init__(
        self, path: Path, *, score_threshold: float | None = None, long_side_px: int | None = None
    ) -> None:
        """Load a model.

        Raises:
            BadInput: missing, not a detection model, or ultralytics is not installed.
        """
        if not path.is_file():
            raise BadInput(f"{path}: there is no such model file")
        try:
            from ultralytics import YOLO
        except ImportError:
            raise BadInput(
                f"{path}: a .pt file needs ultralytics; install it with "
                "pip install 'crowdsafe[train]', or export the file to ONNX"
            ) from None
        self._model = YOLO(str(path))
        if self._model.task != "detect":
            raise BadInput(f"{path}: is a model for '{self._model.task}', expected 'detect'")
        self._person = person_class(str(path), names=self._model.names, classes=None)
        self._threshold = 0.25 if score_threshold is None else score_threshold
        self._long_side_px = long_side_px or 640
        self._name = path.stem
        # Its predictor keeps the picture of one call in itself.
        self._one_at_a_time = threading.Lock()

    @property
    def name(self) -> str:
        """The file's name."""
        return self._name

    @property
    def kind(self) -> Kind:
        """Whether it finds heads or bodies."""
        return self._person.kind

    @property
    def count_error(self) -> CountError:
        """A guess: nobody has measured this model here."""
        return _UNFITTED_ERROR

    def detect(self, picture: Picture, _view: HeadView | None = None, /) -> Detections:
        """Return what it finds in a picture (height, width, 3) in blue-green-red, at one scale."""
        with self._one_at_a_time:
            boxes = self._model.predict(
                picture,
                conf=self._threshold,
                classes=[self._person.index],
                imgsz=self._long_side_px,
                max_det=3000,
                verbose=False,
            )[0].boxes
        return boxes_alone(
            np.asarray(boxes.xyxy.cpu().numpy(), dtype=np.float64).reshape(-1, 4),
            np.asarray(boxes.conf.cpu().numpy(), dtype=np.float64),
            self._person.kind,
            self._threshold,
        )
