"""What is wrong, said in one line, whatever was sent."""

_MAX_BYTES = 400
_MAX_CLOSE_REASON_BYTES = 123
_MORE = "..."


def one_sentence(text: str, *, max_bytes: int = _MAX_BYTES) -> str:
    """Return a text on one line: escaped where it cannot be printed, cut where it is too long.

    A sentence that repeats what was sent is as long and as odd as that; it goes to people, workers
    and the log.
    """
    shown = "".join(
        each if each.isprintable() else ascii(each)[1:-1] for each in text[: max_bytes + 1]
    ).encode()
    if len(shown) <= max_bytes:
        return shown.decode()
    return shown[: max_bytes - len(_MORE)].decode(errors="ignore") + _MORE


def close_reason(text: str) -> str:
    """Return a text as the reason of a websocket's end, for which there is little room."""
    return one_sentence(text, max_bytes=_MAX_CLOSE_REASON_BYTES)
