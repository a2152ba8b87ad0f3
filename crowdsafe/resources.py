"""Files that come along: the model, the sample clip and the demo's site."""

from pathlib import Path

_PACKAGE = Path(__file__).parent


def resource(relative: str) -> Path:
    """Return where a file lies that comes along, as ``models/crowdsafe_heads.onnx``.

    In an installed package they lie in ``assets/``, in a checkout beside the package.
    """
    installed = _PACKAGE / "assets" / relative
    return installed if installed.exists() else _PACKAGE.parent / relative


DEFAULT_MODEL = "models/crowdsafe_heads.onnx"
DEMO_CLIP = "sample_videos/pets2009_s2l1_view001.mp4"
DEMO_SITE = "zones/pets_demo"
