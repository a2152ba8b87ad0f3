"""What forecasts begin with, until enough has been verified on the site itself.

Measured on 48 h of simulated evenings (seeds 11 and 12) by ``benchmarks/forecast.py --learn``; what
came on others is in docs/forecast.md.
"""

from crowdsafe.domain.forecast.outlook import Band
from crowdsafe.domain.forecast.skill import Tally

_NUMBER = 60.0
"""It counts for so many verifications."""

BANDS = (
    Band(below=(-3.9, -4.2, -4.0), above=(3.0, 3.3, 4.9)),
    Band(below=(-5.1, -6.0, -5.3), above=(3.0, 5.1, 5.3)),
    Band(below=(-4.4, -6.0, -5.4), above=(2.5, 3.8, 5.0)),
    Band(below=(-2.4, -3.1, -3.9), above=(2.2, 2.7, 3.0)),
)
"""By how long a rise has lasted, as ``WINDOWS_MIN``."""

# Mean error of the forecast, and of no change.
_ERRORS_PPM2 = {
    (0, 0): (0.350, 0.275),
    (0, 1): (0.642, 0.383),
    (0, 2): (0.741, 0.399),
    (1, 0): (0.204, 0.251),
    (1, 1): (0.477, 0.461),
    (1, 2): (0.750, 0.613),
    (2, 0): (0.135, 0.165),
    (2, 1): (0.319, 0.354),
    (2, 2): (0.615, 0.541),
    (3, 0): (0.064, 0.077),
    (3, 1): (0.114, 0.152),
    (3, 2): (0.205, 0.250),
}

PRIOR = {
    kind: Tally(
        number=_NUMBER, forecast_ppm2=_NUMBER * forecast, unchanged_ppm2=_NUMBER * unchanged
    )
    for kind, (forecast, unchanged) in _ERRORS_PPM2.items()
}
"""By places in ``WINDOWS_MIN`` and in ``HORIZONS_MIN``."""
