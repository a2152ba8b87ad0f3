"""Accounts of people: made, changed, disabled; every change is in the record."""

import hashlib
import time
from collections.abc import Mapping

from crowdsafe.contract.accounts import Account
from crowdsafe.contract.people import Role
from crowdsafe.errors import BadInput, CrowdsafeError
from crowdsafe.hub.access import COMMAND_LINE
from crowdsafe.hub.access.passwords import Passwords, normal, refuse_weak
from crowdsafe.hub.access.rights import NotAllowed, checked_role, rights_of
from crowdsafe.hub.store import AuditEntry, Store

_MAX_NAME = 100
_NOT_NAMES = frozenset((COMMAND_LINE, "hub"))
# Stands where a password's hash does: whom of which provider the name belongs to.
_OF_PROVIDER = "oidc:"


class UnknownPerson(CrowdsafeError):
    """There is no account of this name."""


class People:
    """The accounts. Blocks: call it from a thread."""

    def __init__(self, store: Store, passwords: Passwords) -> None:
        """Use a store."""
        self._store = store
        self._passwords = passwords

    def put(self, *, name: str, password: str | None, role: str, by: str) -> None:
        """Make an account or change a known one's role and password; ends its sessions.

        Args:
            name: of the person, 1 to 100 printable characters.
            password: None keeps a known one's.
            role: one of the roles.
            by: who does it, for the record.

        Raises:
            BadInput: the name, password or role cannot be.
            NotAllowed: a person would take their own right to manage people.
        """
        name, new_role = checked_name(name), checked_role(role)
        known = self._store.people.user(name)
        if password is not None:
            refuse_weak(password, name=name)
            kept: str | None = self._passwords.hash(password)
        elif known is not None:
            kept = known.password_hash
        else:
            raise BadInput("password: none, expected one for a new person")
        alike = self._alike(name)
        if alike is not None:
            raise BadInput(f"name: '{name}' is mistaken for '{alike}', who is there already")
        if name == by and "manage_people" not in rights_of(new_role):
            raise NotAllowed("nobody may take their own right to manage people")
        what = {"role": new_role, "password": "new" if password is not None else "as it was"}
        self._record("person.put", name, by=by, detail=what)
        self._put(name, kept, new_role)

    def put_password(self, *, name: str, password: str) -> None:
        """Give a person the password that they chose; ends their sessions.

        Raises:
            BadInput: it is too weak.
            UnknownPerson: there is no such person.
        """
        known = self._store.people.user(name)
        if known is None:
            raise UnknownPerson(f"name: there is no person '{name}'")
        refuse_weak(password, name=name)
        self._record("person.password", name, by=name, detail={})
        self._put(name, self._passwords.hash(password), known.role)

    def take_from_provider(self, *, name: str, subject: str, role: Role) -> None:
        """Make or refresh the account of a person whom a provider vouches for.

        Args:
            name: as the provider calls the person.
            subject: what the provider never gives to another person, with the provider's name.
            role: as the provider's claim says.

        Raises:
            BadInput: the name cannot be.
            NotAllowed: the name is another's, or disabled.
        """
        name = checked_name(name)
        bound = _OF_PROVIDER + hashlib.sha256(subject.encode()).hexdigest()
        known = self._store.people.user(name)
        # Else whoever may choose a name at the provider chooses an administrator's.
        if self._alike(name) or (known is not None and known.password_hash != bound):
            raise NotAllowed(f"the name '{name}' belongs to another account")
        if known is not None and known.disabled_at_s is not None:
            raise NotAllowed("this account is disabled")
        if known is None or known.role != role:
            self._record(
                "person.put", name, by=name, detail={"role": role, "password": "of the provider"}
            )
            self._put(name, bound, role)

    def disable(self, name: str, *, by: str) -> None:
        """Let a person in no more; ends their sessions at once.

        Raises:
            UnknownPerson: there is no such person.
            NotAllowed: it is the one who asks.
        """
        self._known(name)
        if name == by:
            raise NotAllowed("nobody may disable their own account")
        self._record("person.disabled", name, by=by, detail={})
        self._store.people.disable_user(name, at_s=time.time())

    def enable(self, name: str, *, by: str) -> None:
        """Let a disabled person in again.

        Raises:
            UnknownPerson: there is no such person.
        """
        self._known(name)
        self._record("person.enabled", name, by=by, detail={})
        self._store.people.enable_user(name)

    def account(self, name: str) -> Account:
        """Return one account.

        Raises:
            UnknownPerson: there is no such person.
        """
        self._known(name)
        return next(each for each in self.accounts() if each.name == name)

    def accounts(self) -> tuple[Account, ...]:
        """Return all accounts, by name."""
        return tuple(
            Account(
                name=row.name,
                role=checked_role(row.role),
                by="oidc" if (row.password_hash or "").startswith(_OF_PROVIDER) else "password",
                disabled_at_s=row.disabled_at_s,
            )
            for row in self._store.people.users()
        )

    def _alike(self, name: str) -> str | None:
        """Return another's name that differs only in capitals."""
        return next(
            (
                row.name
                for row in self._store.people.users()
                if row.name != name and row.name.casefold() == name.casefold()
            ),
            None,
        )

    def _known(self, name: str) -> None:
        if self._store.people.user(name) is None:
            raise UnknownPerson(f"name: there is no person '{name[:_MAX_NAME]}'")

    def _put(self, name: str, password_hash: str | None, role: str) -> None:
        self._store.people.put_user(
            name=name, password_hash=password_hash, role=role, at_s=time.time()
        )

    def _record(self, action: str, name: str, *, by: str, detail: Mapping[str, str]) -> None:
        # Before it is done: nothing of this may happen without a trace.
        self._store.audit.append(
            AuditEntry(
                at_s=time.time(),
                actor=by,
                action=action,
                subject=f"person/{name}",
                detail=dict(detail),
            )
        )


def checked_name(name: str) -> str:
    """Return a person's name in its one form.

    Raises:
        BadInput: it cannot be a name here.
    """
    name = normal(name).strip()
    if not 1 <= len(name) <= _MAX_NAME:
        raise BadInput(f"name: {len(name)} characters, expected 1 to {_MAX_NAME}")
    if not (name[0].isalnum() and name.isprintable()) or "/" in name:
        raise BadInput(
            "name: expected a letter or digit, then anything that can be printed but '/'"
        )
    if name.casefold() in _NOT_NAMES:
        raise BadInput(f"name: '{name}' stands for something else in the record")
    return name
