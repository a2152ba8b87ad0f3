"""Every setting as Markdown, for docs/settings.md."""

from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel, SecretStr

from crowdsafe.contract.words import Text
from crowdsafe.settings.load import OTHER_VARIABLES, Settings

_INTRO = """\
# Settings

From a TOML file (`--config FILE`) and from the environment, which wins. A variable is named as its
place, in capitals: `CROWDSAFE_HUB__PORT` is `port` of `[hub]`; a list of tables is one variable of
JSON. Unknown keys and variables are refused. This page is made by `make settings`.
"""


def settings_table() -> str:
    """Return every setting, its default and what it is."""
    lines = [_INTRO]
    for title, prefix, shape in _sections("", Settings, listed=False):
        lines += [f"## {title}", "", "| key | default | what |", "|---|---|---|"]
        for key, field in shape.model_fields.items():
            if _shapes(field.annotation) and not _is_list(field.annotation):
                continue
            default = (
                "required"
                if field.is_required()
                else _shown(field.get_default(call_default_factory=True))
            )
            lines.append(
                f"| `{prefix}{key}` | {default} | {field.description or _only(field.annotation)} |"
            )
        lines.append("")
    lines += ["## Other variables", "", "| variable | what |", "|---|---|"]
    lines += [f"| `{name}` | {what} |" for name, what in OTHER_VARIABLES.items()]
    return "\n".join(lines) + "\n"


def _sections(
    prefix: str, shape: type[BaseModel], *, listed: bool, kind: str = ""
) -> Iterator[tuple[str, str, type[BaseModel]]]:
    """Yield title, prefix and shape of a section and of all that is in it, outer ones first."""
    name = prefix.rstrip(".")
    title = f"[[{name}]]{kind}" if listed else f"[{name}]"
    yield title if name else "Top level", prefix, shape
    for key, field in shape.model_fields.items():
        inner = _shapes(field.annotation)
        for each in inner:
            yield from _sections(
                f"{prefix}{key}.",
                each,
                listed=_is_list(field.annotation),
                kind=_kind(each) if len(inner) > 1 else "",
            )


def _kind(shape: type[BaseModel]) -> str:
    return f" of kind `{get_args(shape.model_fields['kind'].annotation)[0]}`"


def _only(annotation: Any) -> str:
    return f"`{get_args(annotation)[0]}`, which tells this kind from the others"


def _is_list(annotation: Any) -> bool:
    return not isinstance(annotation, type) or not issubclass(annotation, BaseModel)


def _shapes(annotation: Any) -> tuple[type[BaseModel], ...]:
    """Return the sections that a setting holds: itself, or those in its list or union."""
    if annotation is Text:
        return ()
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return (annotation,)
    return tuple(shape for part in get_args(annotation) for shape in _shapes(part))


def _shown(default: Any) -> str:
    if default is None or default == () or isinstance(default, SecretStr):
        return "empty"
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    if isinstance(default, tuple):
        return f"`{', '.join(str(each) for each in default)}`"
    return f"`{default}`"
