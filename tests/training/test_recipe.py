"""The recipe file and its refusals."""

from __future__ import annotations

from pathlib import Path

import pytest

from crowdsafe.errors import BadInput
from crowdsafe.training.recipe import Recipe, read_recipe


def test_our_own_recipe_is_complete() -> None:
    recipe = read_recipe()
    assert recipe.model_fields_set == set(Recipe.model_fields)
    assert sum(recipe.shares.values()) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("crop_size: 3", ["field crop_size"]),
        ("crop_px: 100", ["field crop_px is 100"]),
        ("minutes: -1", ["field minutes is -1"]),
        ("long_side_px: [900, 800]", ["long_side_px is [900, 800]", "first <= second"]),
        ("[1, 2]", ["name: value"]),
        ("a: [", ["not YAML"]),
    ],
)
def test_wrong_recipes_are_refused(tmp_path: Path, text: str, words: list[str]) -> None:
    path = tmp_path / "recipe.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput) as caught:
        read_recipe(path)
    for word in ["recipe.yaml", *words]:
        assert word in str(caught.value)


def test_a_missing_recipe_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="recipe cannot be read"):
        read_recipe(tmp_path / "none.yaml")
