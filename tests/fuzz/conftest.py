"""One hub for all tests of a module, which ask it badly one after another."""

from collections.abc import Iterator

import pytest

from tests.fuzz.opened import OpenedHub, opened_hub


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenedHub]:
    folder = tmp_path_factory.mktemp("fuzz")
    with opened_hub(f"sqlite:///{folder / 'hub.db'}") as opened:
        yield opened
        assert opened.problem() is None
