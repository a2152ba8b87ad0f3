"""A recording's camera: calibration, zones and detector put together from files."""

from dataclasses import dataclass
from pathlib import Path

from crowdsafe.contract.calibration import read_calibration
from crowdsafe.contract.site import read_zones
from crowdsafe.domain.camera.visible import VisibleZone
from crowdsafe.edge.detector.base import Detector
from crowdsafe.edge.detector.load import load_detector
from crowdsafe.edge.observe import Observer, observer


@dataclass(frozen=True)
class RecordedCamera:
    """What is needed to turn a recording into readings."""

    observer: Observer
    detector: Detector

    @property
    def zones(self) -> tuple[VisibleZone, ...]:
        """The zones and how much of each the camera sees."""
        return self.observer.zones


def recorded_camera(
    *,
    homography: Path,
    zones: Path,
    local_metres: bool,
    model: Path,
    threads: int,
    head_height_m: float,
    fast: bool = False,
) -> RecordedCamera:
    """Read calibration, zones and model.

    Args:
        homography: calibration file.
        zones: GeoJSON file.
        local_metres: its coordinates are metres of the calibration already.
        model: .onnx or .pt.
        threads: processor threads for one picture.
        head_height_m: height of a head over the ground.
        fast: use the model's own setting for weak processors.

    Raises:
        BadInput: one sentence that names the file and what is wrong.
    """
    calibration, camera = read_calibration(homography)
    read = read_zones(zones, local_metres=local_metres)
    detector = load_detector(model, threads=threads, fast=fast)
    return RecordedCamera(
        observer=observer(
            camera_id=homography.stem,
            camera=camera,
            zones=read,
            kind=detector.kind,
            head_height_m=head_height_m,
            range_m=calibration.range_m,
            min_px_per_m=calibration.min_px_per_m,
            masks_px=calibration.masks,
            count_error=detector.count_error,
        ),
        detector=detector,
    )
