"""The hash chain of the record: what is hashed of an entry, and with what before it.

The hash of an entry is the SHA-256, in lower-case hexadecimal, of three things in ASCII: the hash
of the entry before (64 zeros before the first), a line feed, and the canonical JSON of the entry,
which is the object ``{"action":…,"actor":…,"at_s":…,"detail":…,"subject":…}`` with keys in
alphabetical order at every depth, no spaces, everything beyond ASCII escaped as ``\\uXXXX``, and
floats as Python's ``repr``, the shortest text that reads back to the same number. The sequence
number is not hashed: the order is in the chain.
"""

import hashlib
import json
from typing import Any

BEFORE_THE_FIRST = "0" * 64


def canonical(value: Any) -> str:
    """Return the canonical JSON of a value.

    Raises:
        ValueError, TypeError: it holds NaN, infinity or what JSON does not know.
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def entry_hash(
    *, prev_hash: str, at_s: float, actor: str, action: str, subject: str, detail: str
) -> str:
    """Return the hash of an entry; ``detail`` is its canonical JSON."""
    text = (
        f'{{"action":{json.dumps(action)},"actor":{json.dumps(actor)},"at_s":{float(at_s)!r},'
        f'"detail":{detail},"subject":{json.dumps(subject)}}}'
    )
    # A stored detail that somebody changed need not be ASCII any more.
    return hashlib.sha256(f"{prev_hash}\n{text}".encode("utf-8", "surrogatepass")).hexdigest()
