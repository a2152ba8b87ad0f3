"""How far off feet are with cameras calibrated by clicked point pairs.

    crowdsafe calibrate import-tsai TSAI.xml --out exact.json
    python benchmarks/point_pairs.py exact.json people.csv

Pairs are feet of the table, far from each other in the picture, clicked with normal errors; the
camera's position is given. Printed is the median over draws of the mean and largest error of all
feet, with the lens of the exact calibration and without any.
"""

import argparse
from pathlib import Path

import numpy as np

from crowdsafe.calibration.feet import KnownFeet, feet_error, read_feet
from crowdsafe.contract.calibration import read_calibrated
from crowdsafe.domain.camera.calibration import camera_from_pairs
from crowdsafe.domain.camera.geometry import GroundCamera
from crowdsafe.domain.crowd.points import Points

_DRAWS = 40
_CANDIDATES = 400


def _apart(image_px: Points, *, how_many: int, generator: np.random.Generator) -> list[int]:
    """Choose points far from each other, the first by chance."""
    chosen = [int(generator.integers(len(image_px)))]
    while len(chosen) < how_many:
        nearest = np.min([np.hypot(*(image_px - image_px[one]).T) for one in chosen], axis=0)
        chosen.append(int(np.argmax(nearest)))
    return chosen


def _errors_m(
    camera: GroundCamera, feet: KnownFeet, *, pairs: int, click_sd_px: float, lens: bool
) -> tuple[float, float]:
    errors = []
    for seed in range(_DRAWS):
        generator = np.random.default_rng(seed)
        some = generator.choice(len(feet.ground_m), min(_CANDIDATES, len(feet.ground_m)), False)
        exact = camera.to_picture(feet.ground_m[some], height_m=0.0)
        chosen = _apart(exact, how_many=pairs, generator=generator)
        fitted = camera_from_pairs(
            image_px=exact[chosen] + click_sd_px * generator.normal(size=(pairs, 2)),
            ground_m=feet.ground_m[some][chosen],
            image_size_px=camera.image_size_px,
            lens=camera.lens if lens else None,
            position_m=(*camera.position_m, camera.height_m),
        )
        error = feet_error(fitted.camera, feet)
        errors.append((error.mean_m, error.max_m))
    mean_m, max_m = np.median(errors, axis=0)
    return float(mean_m), float(max_m)


def main() -> None:
    """Print a row for each number of pairs and click error."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("calibration", type=Path)
    parser.add_argument("people", type=Path)
    given = parser.parse_args()
    camera = read_calibrated(given.calibration)[1].camera
    feet = read_feet(given.people)
    print("pairs  click px  no lens: mean m  max m  lens: mean m  max m")
    for pairs in (4, 6, 8, 12, 20):
        for click_sd_px in (0.0, 1.0, 2.0):
            without, with_lens = (
                _errors_m(camera, feet, pairs=pairs, click_sd_px=click_sd_px, lens=lens)
                for lens in (False, True)
            )
            print(
                f"{pairs:5d}  {click_sd_px:8.1f}  {without[0]:15.3f}  {without[1]:5.3f}"
                f"  {with_lens[0]:12.3f}  {with_lens[1]:5.3f}"
            )


if __name__ == "__main__":
    main()
