"""A Tsai camera in plain arithmetic, point by point, and its XML file."""

from dataclasses import dataclass
from math import cos, sin
from pathlib import Path


@dataclass(frozen=True)
class TsaiCamera:
    """World in millimetres, angles in radians; see Tsai 1987 and Willson's notes."""

    width: int = 960
    height: int = 540
    dpx: float = 6.1e-3
    dpy: float = 5.8e-3
    focal: float = 6.3
    kappa1: float = 4.2e-3
    cx: float = 470.5
    cy: float = 281.25
    sx: float = 1.04
    tx: float = -1450.0
    ty: float = -2100.0
    tz: float = 21_500.0
    rx: float = 2.02
    ry: float = 0.31
    rz: float = 0.12

    def camera_mm(self, world_mm: tuple[float, float, float]) -> tuple[float, float, float]:
        """Where a world point lies in the camera's axes."""
        x, y, z = world_mm
        sa, ca, sb, cb, sg, cg = (
            sin(self.rx), cos(self.rx), sin(self.ry), cos(self.ry), sin(self.rz), cos(self.rz)
        )  # fmt: skip
        return (
            cb * cg * x + (cg * sa * sb - ca * sg) * y + (sa * sg + ca * cg * sb) * z + self.tx,
            cb * sg * x + (sa * sb * sg + ca * cg) * y + (ca * sb * sg - cg * sa) * z + self.ty,
            -sb * x + cb * sa * y + ca * cb * z + self.tz,
        )

    def picture_of(self, world_mm: tuple[float, float, float]) -> tuple[float, float]:
        """Where the picture shows a world point, the distorted radius found by halving."""
        x, y, z = self.camera_mm(world_mm)
        assert z > 0
        ideal_x, ideal_y = self.focal * x / z, self.focal * y / z
        ideal = (ideal_x**2 + ideal_y**2) ** 0.5
        low, high = 0.0, ideal if self.kappa1 >= 0 else 2 * ideal
        for _ in range(200):
            middle = (low + high) / 2
            if middle * (1 + self.kappa1 * middle**2) < ideal:
                low = middle
            else:
                high = middle
        shrunk = low / ideal if ideal else 1.0
        return (
            ideal_x * shrunk * self.sx / self.dpx + self.cx,
            ideal_y * shrunk / self.dpy + self.cy,
        )

    def write(self, path: Path, **changes: object) -> Path:
        """Write the file; a change of None leaves a number out."""
        values: dict[str, object] = {
            name: f"{getattr(self, name):.10e}" for name in self.__dataclass_fields__
        }
        values["width"], values["height"] = self.width, self.height
        values.update(changes)

        def element(tag: str, *names: str) -> str:
            given = " ".join(f'{n}="{values[n]}"' for n in names if values[n] is not None)
            return f"<{tag} {given}/>"

        path.write_text(
            '<?xml version="1.0" encoding="UTF-8"?>\n<Camera name="Roof">'
            + element("Geometry", "width", "height", "dpx", "dpy")
            + element("Intrinsic", "focal", "kappa1", "cx", "cy", "sx")
            + element("Extrinsic", "tx", "ty", "tz", "rx", "ry", "rz")
            + "</Camera>\n",
            encoding="utf-8",
        )
        return path
