"""How long to wait before the next attempt."""

LONGEST_S = 60.0
FIRST_S = 1.0


def backoff_s(
    failures: int, *, luck: float, asked_s: float | None = None, first_s: float = FIRST_S
) -> float:
    """Return the seconds until the next attempt: twice as long each time, with jitter.

    Args:
        failures: attempts that failed so far, at least one.
        luck: from 0 to 1, at random, so that hubs that failed together do not come together.
        asked_s: the wait that the target asked for; more than ten minutes are not granted.
        first_s: the first wait.
    """
    longest_s = min(LONGEST_S, first_s * 2.0 ** min(failures - 1, 10))
    own_s = longest_s * (0.5 + 0.5 * luck)
    return own_s if asked_s is None else max(own_s, min(asked_s, 10 * LONGEST_S))
