"""Reading a JSON file into a shape, with one clear sentence for each thing wrong with it."""

import json
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from crowdsafe.contract.strict import first_problem
from crowdsafe.errors import BadInput

_Shape = TypeVar("_Shape", bound=BaseModel)
_MAX_BYTES = 50_000_000


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON number")


def read_json(path: Path) -> Any:
    """Return the content of a JSON file.

    Raises:
        BadInput: missing, too large, not UTF-8, not JSON, or with NaN or Infinity.
    """
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise BadInput(f"{path}: larger than {_MAX_BYTES // 1_000_000} MB, not read")
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise BadInput(f"{path}: there is no such file") from None
    except IsADirectoryError:
        raise BadInput(f"{path}: is a folder, expected a JSON file") from None
    except UnicodeDecodeError:
        raise BadInput(f"{path}: is not UTF-8 text, expected a JSON file") from None
    except OSError as error:
        raise BadInput(f"{path}: cannot be read ({error.strerror})") from None
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{path}: is not valid JSON ({error})") from None


def read_shape(path: Path, shape: type[_Shape]) -> _Shape:
    """Return a JSON file as a shape.

    Raises:
        BadInput: as :func:`read_json`, or the content does not fit the shape.
    """
    return as_shape(path, read_json(path), shape)


def as_shape(path: Path, content: Any, shape: type[_Shape]) -> _Shape:
    """Return the content of a JSON file as a shape.

    Raises:
        BadInput: it does not fit the shape.
    """
    try:
        return shape.model_validate(content)
    except ValidationError as error:
        raise BadInput(f"{path}: {first_problem(error)}") from None
