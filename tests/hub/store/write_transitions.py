"""Writes alarm transitions until it is killed, and says which are written: see test_kill."""

import sys

from crowdsafe.hub.store import AlarmEventRow, Batch, Store
from tests.hub.store.making import make_alarm

EVENTS = ("raised", "acknowledged", "worsened", "returned", "ended")


def transition(number: int) -> AlarmEventRow:
    """The transition of a number; five of them are the life of one alarm."""
    alarm_id, step = divmod(number, len(EVENTS))
    state = "normal" if EVENTS[step] == "ended" else "unacknowledged"
    at_s = 1000.0 + number
    alarm = make_alarm(
        alarm_id + 1,
        state=state,
        value=number / 7,
        value_at_s=at_s,
        ended_at_s=at_s if state == "normal" else None,
    )
    return AlarmEventRow(message=alarm, event=EVENTS[step], at_s=at_s, by=f"person {number}")


def main(url: str, first: int, end: int) -> None:
    """Write transitions one by one, each acknowledged when it is kept."""
    store = Store(url)
    for number in range(first, end):
        store.write(Batch(alarms=(transition(number),)))
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()
    store.close()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
