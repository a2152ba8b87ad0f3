"""Feet of the PETS 2009 clip on the ground, by the benchmark's own calibration.

Source of the calibration: PETS 2009 Benchmark Data, University of Reading, View_001.xml (Tsai
model, world in millimetres). Source of the answers: the foot points in px and in metres that come
with the annotation of sequence S2.L1, converted by its authors with that calibration.
"""

from pathlib import Path

import numpy as np

from crowdsafe.calibration.tsai import read_tsai

_VIEW_001 = """<?xml version="1.0" encoding="UTF-8"?>
<Camera name="View_001">
<Geometry width="768" height="576" ncx="7.9500000000e+02" nfx="7.5200000000e+02"
 dx="4.8500000000e-03" dy="4.6500000000e-03" dpx="5.1273271277e-03" dpy="4.6500000000e-03"/>
<Intrinsic focal="5.5549183034e+00" kappa1="5.1113043639e-03" cx="3.2422149053e+02"
 cy="2.8256650051e+02" sx="1.0937855397e+00"/>
<Extrinsic tx="8.2873214225e+02" ty="-3.1754796051e+03" tz="3.5469298547e+04"
 rx="2.0405458695e+00" ry="-8.9337703748e-01" rz="-4.3056124791e-01"/>
</Camera>
"""
FEET = np.array(
    [
        [514.711, 232.858, -4.2124, -7.432],
        [752.989, 350.478, -9.7288, -14.6249],
        [678.537, 159.638, 5.7821, -8.0994],
        [690.35, 154.192, 6.7551, -8.1547],
        [632.284, 353.347, -10.7466, -12.8358],
        [14.336, 243.252, -10.0365, 3.6009],
        [286.859, 576.291, -19.4777, -11.9864],
        [414.265, 266.118, -7.6723, -6.7039],
    ]
)
"""foot_u and foot_v in px, X and Y in metres."""


def test_feet_stand_where_the_benchmark_says(tmp_path: Path) -> None:
    path = tmp_path / "View_001.xml"
    path.write_text(_VIEW_001, encoding="utf-8")
    camera = read_tsai(path, image_size_px=None).camera()
    ground = camera.to_ground(FEET[:, :2], height_m=0.0)
    # The stored px have three decimals, the metres four.
    np.testing.assert_allclose(ground, FEET[:, 2:], atol=2e-4)
    np.testing.assert_allclose(camera.to_picture(FEET[:, 2:], height_m=0.0), FEET[:, :2], atol=0.01)
