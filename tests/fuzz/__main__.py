"""``python -m tests.fuzz``: ask every route of the hub thousands of times, and say what it did.

The store is SQLite, or PostgreSQL where TEST_DATABASE_URL names an empty database.
"""

import argparse
import os
import sys
import tempfile
import time

from tests.fuzz.fuzzing import LEAST_LET_IN, Fuzzing
from tests.fuzz.opened import opened_hub

_TELL_EVERY_S = 10.0


def _say(text: str, *, end: str = "\n") -> None:
    sys.stdout.write(f"{text}{end}")
    sys.stdout.flush()


def main() -> int:
    """Run, print, and return 1 where something was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    begun_s = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        url = os.environ.get("TEST_DATABASE_URL", f"sqlite:///{folder}/hub.db")
        with opened_hub(url) as opened:
            fuzzing = Fuzzing(opened, first_seed=arguments.seed)
            fuzzing.run(arguments.cases, told=_Progress())
            broken = opened.problem()
    _say(f"\n\n{'route':<62}{'cases':>7}  answers")
    for route, counter in fuzzing.statuses.items():
        answers = ", ".join(f"{status}: {times}" for status, times in sorted(counter.items()))
        _say(f"{route:<62}{counter.total():>7}  {answers}")
    _say(f"\nkinds: {', '.join(f'{each} {n}' for each, n in sorted(fuzzing.kinds.items()))}")
    problems = [f"{len(fuzzing.findings)} findings"] if fuzzing.findings else []
    if fuzzing.let_in_share < LEAST_LET_IN:
        problems.append(f"only {fuzzing.let_in_share:.0%} of the administrator's were let in")
    if fuzzing.never_right:
        problems.append(f"never right: {', '.join(fuzzing.never_right)}")
    if broken is not None:
        problems.append(f"the hub: {broken}")
    _say(
        f"\n{fuzzing.cases} cases in {time.monotonic() - begun_s:.0f} s, seed {arguments.seed}; "
        f"{fuzzing.let_in_share:.1%} of the administrator's let in, healed {opened.healed} times"
    )
    _say("; ".join(problems) or "nothing was found")
    return 1 if problems else 0


class _Progress:
    """Prints what is found and how far it is: on a terminal in one line, else now and then."""

    def __init__(self) -> None:
        self._next_s = 0.0

    def __call__(self, line: str) -> None:
        now_s = time.monotonic()
        if "\n" in line:
            _say(line)
        elif sys.stdout.isatty():
            _say(f"{line:<110}", end="\r")
        elif now_s >= self._next_s:
            self._next_s = now_s + _TELL_EVERY_S
            _say(line)


if __name__ == "__main__":
    sys.exit(main())
