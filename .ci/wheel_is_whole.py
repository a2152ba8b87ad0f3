"""Fail when the wheel lacks the page, the model, the clip or the demo's zones."""

import sys
import zipfile
from pathlib import Path

EXPECTED = (
    "crowdsafe/hub/static/index.html",
    "crowdsafe/assets/models/crowdsafe_heads.onnx",
    "crowdsafe/assets/sample_videos/pets2009_s2l1_view001.mp4",
    "crowdsafe/assets/zones/pets_demo/site.geojson",
)


def missing(folder: Path) -> list[str]:
    """Return what the newest wheel of a folder lacks."""
    wheel = max(folder.glob("crowdsafe-*.whl"), key=lambda path: path.stat().st_mtime)
    names = set(zipfile.ZipFile(wheel).namelist())
    return [f"{wheel.name}: lacks {name}" for name in EXPECTED if name not in names]


if __name__ == "__main__":
    sys.exit("\n".join(missing(Path(sys.argv[1]))) or None)
