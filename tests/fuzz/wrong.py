"""Values that nobody expects, and right documents with one thing spoiled."""

import copy
import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

_INTEGERS = (0, -1, 1, 2**31, 2**53, 2**53 + 1, 2**63 - 1, 2**63, -(2**63) - 1, 10**30)
_FLOATS = (math.nan, math.inf, -math.inf, 1e308, -1e308, 5e-324, -0.0, 1e11, 1e-9)
_STRINGS = (
    *("", " ", "\0", "a\0b", "\ud800", "\udc00x", "a\nb", "\u202eab", "İ", "💥" * 100, "x" * 65),
    *("x" * 301, "x" * 4000, "NaN", "1e5", "null", "../../etc/passwd", "'; DROP TABLE audit; --"),
    *("${jndi:x}", "<script>", "%00", "a" * 64, "-", ".", "true"),
)
NEVER_RIGHT = (math.nan, math.inf, -math.inf, "\ud800", "\udc00x")
"""What no message may hold, wherever it stands."""

_NUMBERS = st.one_of(
    st.sampled_from(_INTEGERS), st.sampled_from(_FLOATS), st.integers(), st.floats()
)
JUNK: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from((None, True, False, [], {}, [[]], [None], {"a": 1}, {"": {}})),
    _NUMBERS,
    st.sampled_from(_STRINGS),
    st.text(max_size=40),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
        max_leaves=5,
    ),
)

RUBBISH: st.SearchStrategy[bytes] = st.one_of(
    st.sampled_from(
        (
            *(b"", b"{", b"[]", b"null", b"true", b"NaN", b'"text"', b"0", b"{}", b"\xff\xfe"),
            *(b"[" * 3000, b'{"a":' * 1500, b'{"a":1,"a":2}', b"\xef\xbb\xbf{}", b"{}{}"),
            *(b'"' + b"x" * 3500 + b'"', b"9" * 5000, b'{"\xed\xa0\x80":1}', b'{"a":"\\ud800"}'),
        )
    ),
    st.binary(max_size=200),
    JUNK.map(lambda value: json.dumps(value).encode()),
)
"""Bodies and messages that are no right document."""

_UNKNOWN = "no_such_field"


@dataclass(frozen=True)
class Spoiled:
    """A right document with one thing changed."""

    document: Any
    is_wrong: bool
    """Whether it cannot be right, whatever the hub knows and whatever state it is in."""


def spoiled(right: Any, *, is_strict: Callable[[tuple[Any, ...]], bool]) -> st.SearchStrategy[Any]:
    """Return a strategy for a right document with one thing replaced, left out, added or repeated.

    Args:
        right: JSON values.
        is_strict: whether an object at this place refuses keys that it does not know.
    """
    places = tuple(_places(right))

    @st.composite
    def one(draw: st.DrawFn) -> Spoiled:
        place = draw(st.sampled_from(places))
        document = copy.deepcopy(right)
        holder: Any = None
        found = document
        for key in place:
            holder, found = found, found[key]
        hows = ["replace"]
        if place:
            hows.append("drop")
        if isinstance(found, dict):
            hows.append("add")
        if isinstance(found, list) and found:
            hows.append("repeat")
        how = draw(st.sampled_from(hows))
        if how == "drop":
            del holder[place[-1]]
            return Spoiled(document, is_wrong=False)
        if how == "add":
            found[_UNKNOWN] = draw(JUNK)
            return Spoiled(document, is_wrong=is_strict(place))
        if how == "repeat":
            found *= draw(st.sampled_from((2, 3, 50)))
            return Spoiled(document, is_wrong=False)
        # What is of the right kind gets farthest.
        new = draw(_NUMBERS | JUNK if isinstance(found, int | float) else JUNK)
        is_wrong = any(new is each or new == each for each in NEVER_RIGHT)
        if not place:
            return Spoiled(new, is_wrong=is_wrong)
        holder[place[-1]] = new
        return Spoiled(document, is_wrong=is_wrong)

    return one()


EXTREMES = (1e308, -1e308, 5e-324, 2**53, 10**30)


def with_an_extreme(right: Any) -> Iterator[Any]:
    """Yield a right document with each of its numbers replaced by each of the extremes."""
    for place in _places(right):
        for extreme in EXTREMES:
            document = copy.deepcopy(right)
            holder, found = None, document
            for key in place:
                holder, found = found, found[key]
            if isinstance(found, int | float) and holder is not None:
                holder[place[-1]] = extreme
                yield document


def _places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield at
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _places(each, (*at, key))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _places(each, (*at, index))
