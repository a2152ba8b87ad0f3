"""One camera's pictures to measures of its health."""

from dataclasses import replace
from typing import Final

import numpy as np

from crowdsafe.domain.health.picture_measures import PictureMeasures, Shift
from crowdsafe.edge.detections import Picture
from crowdsafe.edge.health.light import Light, measure_light, white_share
from crowdsafe.edge.health.reduced import Grey, grey_of, reduced, reduced_size_px, same_shape
from crowdsafe.edge.health.reference import Reference
from crowdsafe.edge.health.sharpness import Sharpness
from crowdsafe.edge.health.stillness import Stillness
from crowdsafe.errors import BadInput

SHIFT_EVERY_S: Final = 0.45
_FIRST_PICTURES = 5
_FIRST_EVERY_S = 0.45
# What a picture must be to become part of the reference.
_MIN_BRIGHTEST_LEVEL = 60.0
_MAX_ONE_COLOUR_SHARE = 0.8
# A bright sky is no glare; what covers more than half of the picture is.
_MAX_WHITE_SHARE = 0.5
# The first pictures lie on each other within this many widths, or the camera was still turned.
_STEADY_SHARE = 2.0 / 768.0


class PictureWatch:
    """Measures each picture against the one before and against the reference.

    Without a stored calibration picture the first believable pictures are the reference. It is
    kept when the camera sends another resolution; when it sends another shape, a stored one cannot
    be compared any more, and one of the first pictures is made anew.
    """

    def __init__(
        self, reference: Reference | None = None, *, shift_every_s: float = SHIFT_EVERY_S
    ) -> None:
        self._stored = reference is not None
        self._reference = reference
        self._shift_every_s = shift_every_s
        self._stillness = Stillness()
        self._sharpness: Sharpness | None = None
        self._size_px: tuple[int, int] | None = None
        self._first: list[tuple[Grey, Grey]] = []
        self._first_at_s: float | None = None
        self._looked_at_s: float | None = None

    @property
    def has_reference(self) -> bool:
        """Whether pictures can be compared with one that was believed."""
        return self._reference is not None

    def step(self, picture: Picture, *, captured_at_s: float) -> PictureMeasures:
        """Measure one picture.

        Args:
            picture: any size.
            captured_at_s: its own time stamp; may repeat or jump back.

        Raises:
            BadInput: it is no picture, or its shape is not that of the stored calibration picture.
        """
        grey = grey_of(picture)
        size_px = (grey.shape[1], grey.shape[0])
        if size_px != self._size_px:
            self._resized(size_px)
        reference = self._reference
        small = reduced(
            grey, reduced_size_px(size_px) if reference is None else reference.small_size_px
        )
        light = measure_light(picture, small)
        differs = self._stillness.step(grey, small, brightest_level=light.brightest_level)
        measures = PictureMeasures(
            captured_at_s=captured_at_s,
            size_px=size_px,
            difference=None if differs is None else differs.difference,
            changed_share=None if differs is None else differs.changed_share,
            moving_share=None if differs is None else differs.moving_share,
            mean_level=light.mean_level,
            brightest_level=light.brightest_level,
            one_colour_share=light.one_colour_share,
            clipped_share=white_share(small, None if reference is None else reference.small),
        )
        if _shows_something(light, measures) and measures.changed_share != 0:
            self._learn(grey, small, captured_at_s)
        if reference is None:
            return measures
        measures = replace(
            measures,
            veiled_share=reference.texture.veiled_share(small),
            sharpness_ratio=None if self._sharpness is None else self._sharpness.ratio(grey),
            light_ratio=light.mean_level / max(reference.mean_level, 1.0),
        )
        if not self._is_due(captured_at_s):
            return measures
        self._looked_at_s = captured_at_s
        shift, found_share = reference.find(small, at_s=captured_at_s)
        return replace(
            measures,
            found_share=found_share,
            shift=None if shift is None else _scaled(shift, size_px[0] / small.shape[1]),
        )

    def _resized(self, size_px: tuple[int, int]) -> None:
        reference = self._reference
        if reference is not None and not same_shape(reference.size_px, size_px):
            if self._stored:
                raise BadInput(
                    f"picture: {size_px[0]} × {size_px[1]} px, but the calibration picture is "
                    f"{reference.size_px[0]} × {reference.size_px[1]} px"
                )
            self._reference = reference = None
        self._size_px = size_px
        self._first, self._first_at_s, self._looked_at_s = [], None, None
        # How sharp a picture can be depends on its resolution.
        self._sharpness = None
        picture = None if reference is None else reference.picture
        if picture is not None and (picture.shape[1], picture.shape[0]) == size_px:
            self._sharpness = Sharpness([picture])

    def _is_due(self, at_s: float) -> bool:
        last_s = self._looked_at_s
        return last_s is None or not 0 <= at_s - last_s < self._shift_every_s

    def _learn(self, grey: Grey, small: Grey, at_s: float) -> None:
        """Collect the first pictures for what there is no reference of."""
        if self._reference is not None and self._sharpness is not None:
            return
        last_s = self._first_at_s
        if last_s is not None and 0 <= at_s - last_s < _FIRST_EVERY_S:
            return
        self._first_at_s = at_s
        self._first.append((grey, small))
        if len(self._first) < _FIRST_PICTURES:
            return
        first, self._first = self._first, []
        if self._reference is None:
            self._reference = _reference_of([each for _, each in first], grey)
        if self._reference is not None:
            self._sharpness = Sharpness([each for each, _ in first])


def _shows_something(light: Light, measures: PictureMeasures) -> bool:
    return (
        light.brightest_level >= _MIN_BRIGHTEST_LEVEL
        and light.one_colour_share <= _MAX_ONE_COLOUR_SHARE
        and measures.clipped_share <= _MAX_WHITE_SHARE
    )


def _reference_of(smalls: list[Grey], grey: Grey) -> Reference | None:
    """Return the median of pictures as a reference, None where it shows no steady background."""
    middle = np.asarray(np.median(smalls, axis=0), dtype=np.uint8)
    try:
        reference = Reference(middle, size_px=(grey.shape[1], grey.shape[0]), picture=None)
    except BadInput:
        return None
    limit_px = _STEADY_SHARE * middle.shape[1]
    for small in (smalls[0], smalls[-1]):
        shift = reference.place(small)
        if shift is None or shift.size_px(reference.small_size_px) > limit_px:
            return None
    return reference


def _scaled(shift: Shift, factor: float) -> Shift:
    return replace(shift, dx_px=shift.dx_px * factor, dy_px=shift.dy_px * factor)
