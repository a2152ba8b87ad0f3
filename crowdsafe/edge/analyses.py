"""What is made of the pictures of a worker's cameras, by the site that it is given."""

import time
from pathlib import Path

from crowdsafe.contract.site import Site, SiteCamera
from crowdsafe.domain.motion.lines import CountingLine
from crowdsafe.edge.camera import CameraAnalysis
from crowdsafe.edge.detector.base import Detector
from crowdsafe.edge.health.reference import Reference
from crowdsafe.edge.observe import Observer, observer, refuse_other_aspect
from crowdsafe.edge.still import read_still
from crowdsafe.errors import BadInput
from crowdsafe.settings import EdgeSettings


def analyses(site: Site, settings: EdgeSettings, detector: Detector) -> tuple[CameraAnalysis, ...]:
    """Return the analysis of each configured camera, in the settings' order.

    Raises:
        BadInput: no camera is configured, one twice, one that the site does not know, or a camera's
            calibration picture is of no use.
    """
    known = {camera.id: camera for camera in site.cameras}
    if not settings.cameras:
        raise BadInput("edge.cameras: none is configured, expected at least one")
    ids = [camera.id for camera in settings.cameras]
    for camera_id in ids:
        if ids.count(camera_id) > 1:
            raise BadInput(f"edge.cameras: '{camera_id}' is there twice, expected once")
        if camera_id not in known:
            raise BadInput(
                f"edge.cameras: '{camera_id}' has no calibration at the site, expected one of "
                f"{', '.join(sorted(known)) or 'none (cameras/ is empty)'}"
            )
    return tuple(analysis_of(known[camera_id], site, settings, detector) for camera_id in ids)


def analysis_of(
    camera: SiteCamera, site: Site, settings: EdgeSettings, detector: Detector
) -> CameraAnalysis:
    """Return the analysis of one camera.

    Raises:
        BadInput: it hangs lower than a head, or its calibration picture is of no use.
    """
    observing = observer(
        camera_id=camera.id,
        camera=camera.camera,
        zones=[zone.zone for zone in site.zones],
        kind=detector.kind,
        head_height_m=settings.head_height_m,
        range_m=camera.range_m,
        min_px_per_m=camera.min_px_per_m,
        masks_px=camera.masks_px,
        count_error=detector.count_error,
        peak_radius_m=site.peak_radius_m,
    )
    return CameraAnalysis(
        observer=observing,
        detector=detector,
        zones=site.zones,
        steady_s=settings.steady_s,
        # Starting at the time keeps numbers rising over restarts without a state on disk.
        first_seq=int(time.time() * 1000),
        lines=[CountingLine(line.id, line.points_m) for line in site.lines],
        reference=_reference(observing, camera.picture),
    )


def _reference(watching: Observer, picture: Path | None) -> Reference | None:
    if picture is None:
        return None
    try:
        still = read_still(picture)
        refuse_other_aspect(watching, (still.shape[1], still.shape[0]))
        return Reference.from_picture(still)
    except BadInput as error:
        told = str(error)
        raise BadInput(told if str(picture) in told else f"{picture}: {told}") from None
