"""Random training crops: scale, flip, light, colour, blur, noise, JPEG, and empty scenes."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from crowdsafe.errors import BadInput
from crowdsafe.training.data import Dataset, Picture, load_rgb
from crowdsafe.training.furniture import furnish
from crowdsafe.training.recipe import Recipe
from crowdsafe.training.targets import Targets, make_targets
from crowdsafe.training.weather import CORRUPTIONS, corrupt

_MARGIN_PX = 32.0


@dataclass(frozen=True)
class Sample:
    """A crop, (S, S, 3) RGB 0..255, with its targets."""

    image: NDArray[np.uint8]
    targets: Targets


class CropSource:
    """Draws batches of crops from the training pictures of several folders.

    Pictures are decoded once and kept: decoding would cost more than the crop. The batch of a step
    depends on seed and step only, so that a resumed run goes on with the pictures it would have
    seen.
    """

    def __init__(self, datasets: tuple[Dataset, ...], recipe: Recipe) -> None:
        """Take the training pictures; raises BadInput if nobody is marked in any of them."""
        if not any(len(picture.heads_px) for data in datasets for picture in data.training()):
            names = ", ".join(data.name for data in datasets)
            raise BadInput(
                f"{names}: no training picture has a head point; expected one or more to learn"
            )
        self._recipe = recipe
        self._folders = [dataset.training() for dataset in datasets]
        known = [recipe.shares[data.name] for data in datasets if data.name in recipe.shares]
        usual = float(np.mean(known)) if known else 1.0
        shares = np.array([recipe.shares.get(dataset.name, usual) for dataset in datasets])
        self._shares = shares / shares.sum()
        self._decoded: dict[Picture, NDArray[np.uint8]] = {}

    def batch(self, step: int) -> list[Sample]:
        """The crops of one step."""
        rng = np.random.default_rng([self._recipe.seed, step])
        return [self._draw(rng) for _ in range(self._recipe.batch_pictures)]

    def _draw(self, rng: np.random.Generator) -> Sample:
        recipe = self._recipe
        folder = self._folders[rng.choice(len(self._folders), p=self._shares)]
        picture = folder[rng.integers(len(folder))]
        low_px, high_px = recipe.long_side_px
        long_side_px = np.exp(rng.uniform(np.log(low_px), np.log(high_px)))
        scale = float(long_side_px) / picture.long_side_px
        corner_px = self._corner(rng, picture, scale)
        image = _cut(self._pixels(picture), corner_px, scale, recipe.crop_px)
        heads_px = picture.heads_px * scale - corner_px
        sizes_px = picture.sizes_px * scale
        if rng.random() < 0.5:
            image = np.ascontiguousarray(image[:, ::-1])
            heads_px = np.stack((recipe.crop_px - heads_px[:, 0], heads_px[:, 1]), axis=1)
        if rng.random() < recipe.empty_share:
            image = _emptied(rng, image, sizes_px)
            heads_px, sizes_px = heads_px[:0], sizes_px[:0]
        near = np.all((heads_px > -_MARGIN_PX) & (heads_px < recipe.crop_px + _MARGIN_PX), axis=1)
        heads_px, sizes_px = heads_px[near].astype(np.float32), sizes_px[near].astype(np.float32)
        if rng.random() < recipe.furniture_share:
            image = furnish(rng, image, heads_px=heads_px, sizes_px=sizes_px).image
        return Sample(
            image=_relit(rng, image, recipe),
            targets=make_targets(heads_px=heads_px, sizes_px=sizes_px, crop_px=recipe.crop_px),
        )

    def _pixels(self, picture: Picture) -> NDArray[np.uint8]:
        if picture not in self._decoded:
            self._decoded[picture] = load_rgb(picture)
        return self._decoded[picture]

    def _corner(
        self, rng: np.random.Generator, picture: Picture, scale: float
    ) -> NDArray[np.float32]:
        crop_px = self._recipe.crop_px
        room = np.array([picture.width_px, picture.height_px]) * scale - crop_px
        if len(picture.heads_px) and rng.random() < self._recipe.head_centred_share:
            centre = picture.heads_px[rng.integers(len(picture.heads_px))] * scale
            corner = centre - crop_px * rng.uniform(0.25, 0.75, size=2)
        else:
            corner = rng.uniform(0.0, 1.0, size=2) * np.maximum(room, 0.0)
        corner = np.clip(corner, np.minimum(room, 0.0), np.maximum(room, 0.0))
        return np.asarray(corner, dtype=np.float32)


def _cut(
    pixels: NDArray[np.uint8], corner_px: NDArray[np.float32], scale: float, crop_px: int
) -> NDArray[np.uint8]:
    """Cut a crop out of the picture resized by `scale`; what lies outside is grey 114."""
    matrix = np.array(
        [
            [scale, 0.0, scale / 2 - 0.5 - corner_px[0]],
            [0.0, scale, scale / 2 - 0.5 - corner_px[1]],
        ]
    )
    shrinks = scale < 0.75
    crop = cv2.warpAffine(
        cv2.GaussianBlur(pixels, (0, 0), 0.4 / scale) if shrinks else pixels,
        matrix,
        (crop_px, crop_px),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=(114, 114, 114),
    )
    return np.asarray(crop, dtype=np.uint8)


def _emptied(
    rng: np.random.Generator, image: NDArray[np.uint8], sizes_px: NDArray[np.float32]
) -> NDArray[np.uint8]:
    """A picture of nobody: the crop blurred far beyond head size, or a made-up surface.

    Made-up surfaces are gradients, half of them with paving or with lights, which are as round as
    heads; noise comes on top of some.
    """
    side = image.shape[0]
    if rng.random() < 0.4:
        sigma_px = 1.5 * float(sizes_px.max(initial=16.0)) * rng.uniform(1.0, 2.0)
        small = cv2.resize(image, (side // 8, side // 8), interpolation=cv2.INTER_AREA)
        small = cv2.GaussianBlur(small, (0, 0), sigma_px / 8)
        return np.asarray(cv2.resize(small, (side, side)), dtype=np.uint8)
    colours = rng.uniform(0, 255, size=(2, 2, 3)) * rng.choice((0.15, 0.5, 1.0))
    plain = cv2.resize(colours.astype(np.float32), (side, side), interpolation=cv2.INTER_LINEAR)
    kind = rng.random()
    if kind < 0.2:
        cell_px = rng.uniform(6.0, 48.0)
        tiles = (np.arange(side) / cell_px).astype(np.int64)
        plain += rng.uniform(-60.0, 60.0) * ((tiles[:, None] + tiles) % 2)[:, :, None]
    elif kind < 0.6:
        for _ in range(int(rng.integers(3, 40))):
            x_px, y_px = rng.integers(0, side, size=2)
            colour = rng.uniform(0, 255, size=3).tolist()
            cv2.circle(plain, (int(x_px), int(y_px)), int(rng.integers(2, 22)), colour, -1)
        plain = cv2.GaussianBlur(plain, (0, 0), rng.uniform(0.5, 5.0))
    if rng.random() < 0.5:
        grain = cv2.GaussianBlur(rng.normal(size=(side, side)), (0, 0), rng.uniform(0.3, 10.0))
        plain = plain + (rng.uniform(3.0, 40.0) * grain / grain.std())[:, :, None]
    return np.asarray(np.clip(plain, 0, 255), dtype=np.uint8)


def _relit(rng: np.random.Generator, image: NDArray[np.uint8], recipe: Recipe) -> NDArray[np.uint8]:
    gain = rng.uniform(0.6, 1.4) * rng.uniform(0.9, 1.1, size=3)
    shift = rng.uniform(-25.0, 25.0)
    levels = np.arange(256)[:, None] * gain + shift
    gamma = np.exp(rng.uniform(-0.35, 0.35))
    table = 255.0 * (np.clip(levels, 0, 255) / 255.0) ** gamma
    image = np.asarray(cv2.LUT(image, table.astype(np.uint8)[:, None, :]), dtype=np.uint8)
    if rng.random() < recipe.grey_share:
        grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
        image = np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB), dtype=np.uint8)
    if rng.random() < recipe.degrade_share:
        image = _degraded(rng, image)
    if rng.random() < recipe.weather_share:
        kind = CORRUPTIONS[rng.integers(len(CORRUPTIONS))]
        image = corrupt(rng, image, kind, float(rng.uniform(0.15, 1.0)))
    return image


def _degraded(rng: np.random.Generator, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    kind = rng.integers(3)
    if kind == 0:
        blurred = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.4, 1.4))
        return np.asarray(blurred, dtype=np.uint8)
    if kind == 1:
        noise = rng.normal(0.0, rng.uniform(2.0, 14.0), size=image.shape)
        return np.clip(image + noise, 0, 255).astype(np.uint8)
    quality = int(rng.integers(25, 75))
    encoded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR), dtype=np.uint8)
