"""Words in both languages of the product."""

from typing import Annotated

from pydantic import Field

from crowdsafe.contract.strict import Strict


class Text(Strict):
    """One text in both languages of the product."""

    de: Annotated[str, Field(min_length=1, max_length=200)]
    en: Annotated[str, Field(min_length=1, max_length=200)]
