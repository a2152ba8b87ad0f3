"""The table of roles and rights by itself."""

from typing import get_args

import pytest

from crowdsafe.contract.people import Right, Role
from crowdsafe.errors import BadInput
from crowdsafe.hub.access.rights import (
    RIGHTS,
    NotAllowed,
    person_of,
    refuse_without,
    rights_of,
)


def test_every_role_has_its_line_and_every_right_is_somebodys() -> None:
    assert set(RIGHTS) == set(get_args(Role))
    assert {right for role in RIGHTS for right in rights_of(role)} == set(get_args(Right))
    for role in RIGHTS:
        assert len(set(rights_of(role))) == len(rights_of(role))


@pytest.mark.parametrize(
    ("right", "roles"),
    [
        ("look", {"viewer", "operator", "organiser", "engineer", "administrator"}),
        ("read_record", {"viewer", "operator", "organiser", "engineer", "administrator"}),
        ("acknowledge", {"operator", "administrator"}),
        ("shelve", {"operator", "administrator"}),
        ("confirm_measure", {"operator", "administrator"}),
        ("hand_over", {"operator", "administrator"}),
        ("export_record", {"organiser", "engineer", "administrator"}),
        ("edit_draft", {"organiser", "engineer", "administrator"}),
        ("take_out_of_service", {"organiser", "engineer", "administrator"}),
        ("publish", {"organiser", "administrator"}),
        ("approve_warning", {"organiser", "administrator"}),
        ("manage_people", {"administrator"}),
        ("manage_workers", {"administrator"}),
    ],
)
def test_a_right_belongs_to_these_roles(right: Right, roles: set[Role]) -> None:
    assert {role for role in RIGHTS if right in rights_of(role)} == roles


@pytest.mark.parametrize(
    ("role", "right", "says"),
    [
        ("viewer", "acknowledge", "a viewer may not acknowledge alarms"),
        ("operator", "publish", "an operator may not publish a revision"),
        ("organiser", "acknowledge", "an organiser may not acknowledge alarms"),
        ("engineer", "manage_workers", "an engineer may not manage workers"),
    ],
)
def test_a_lacking_right_is_one_sentence(role: Role, right: Right, says: str) -> None:
    with pytest.raises(NotAllowed) as refused:
        refuse_without(person_of("somebody", role), right)
    assert str(refused.value) == says


def test_a_right_that_one_has_is_not_refused() -> None:
    refuse_without(person_of("somebody", "operator"), "acknowledge")


def test_what_a_person_claims_to_have_does_not_count() -> None:
    guest = person_of("guest", "viewer").model_copy(update={"rights": ("acknowledge",)})
    with pytest.raises(NotAllowed):
        refuse_without(guest, "acknowledge")


def test_an_unknown_role_is_refused() -> None:
    with pytest.raises(BadInput, match="role: 'king', expected one of viewer, operator"):
        person_of("somebody", "king")
