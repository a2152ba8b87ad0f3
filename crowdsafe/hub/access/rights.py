"""What each role may do."""

from collections.abc import Mapping

from crowdsafe.contract.people import Person, Right, Role
from crowdsafe.errors import BadInput, CrowdsafeError


class NotAllowed(CrowdsafeError):
    """The role does not allow it."""


# Every role's rights are written out: none is implied by another.
RIGHTS: Mapping[Role, tuple[Right, ...]] = {
    "viewer": ("look", "read_record"),
    # Answers alarms, and sets none of the limits by which they are raised.
    "operator": (
        "look",
        "read_record",
        "acknowledge",
        "shelve",
        "confirm_measure",
        "hand_over",
    ),
    # Sets limits and measures and speaks to the public. Does not acknowledge: who is not on duty
    # must not silence an alarm over the heads of those who are.
    "organiser": (
        "look",
        "read_record",
        "export_record",
        "edit_draft",
        "publish",
        "take_out_of_service",
        "approve_warning",
    ),
    # Prepares zones and calibrations; another person publishes them.
    "engineer": (
        "look",
        "read_record",
        "export_record",
        "edit_draft",
        "take_out_of_service",
    ),
    # All of it: a small fair may have nobody else, and the record names who did what.
    "administrator": (
        "look",
        "read_record",
        "export_record",
        "acknowledge",
        "shelve",
        "confirm_measure",
        "hand_over",
        "edit_draft",
        "publish",
        "take_out_of_service",
        "approve_warning",
        "manage_people",
        "manage_workers",
    ),
}

_DOING: Mapping[Right, str] = {
    "look": "see the site",
    "acknowledge": "acknowledge alarms",
    "shelve": "shelve alarms",
    "confirm_measure": "confirm measures",
    "hand_over": "hand over a shift",
    "take_out_of_service": "take alarms out of service",
    "approve_warning": "approve warnings",
    "read_record": "read the record",
    "export_record": "export the record",
    "edit_draft": "edit a draft",
    "publish": "publish a revision",
    "manage_people": "manage people",
    "manage_workers": "manage workers",
}


def checked_role(role: str) -> Role:
    """Return a role by its name.

    Raises:
        BadInput: there is no such role.
    """
    for known in RIGHTS:
        if role == known:
            return known
    raise BadInput(f"role: '{role[:40]}', expected one of {', '.join(RIGHTS)}")


def rights_of(role: Role) -> tuple[Right, ...]:
    """Return what a role may do."""
    return RIGHTS[role]


def person_of(name: str, role: str) -> Person:
    """Return a person with the rights of their role. Raises BadInput for an unknown role."""
    known = checked_role(role)
    return Person(name=name, role=known, rights=rights_of(known))


def refuse_without(person: Person, right: Right) -> None:
    """Refuse a person who lacks a right.

    Raises:
        NotAllowed: "a viewer may not acknowledge alarms".
    """
    if right not in rights_of(person.role):
        article = "an" if person.role[0] in "aeiou" else "a"
        raise NotAllowed(f"{article} {person.role} may not {_DOING[right]}")
