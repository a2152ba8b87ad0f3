"""How many wrong passwords are borne before more are refused.

Whoever may guess without end finds a password; whoever may lock a name can lock out the night
shift. So a name is locked only for the address that guesses, and never for longer than a minute
after its last wrong guess. The limits of an address and of a name over all addresses do not bind
a name at an address from which it has signed in before.
"""

import ipaddress

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from crowdsafe.errors import CrowdsafeError

_ADDRESS_TIMES = 4
_NAME_TIMES = 20
_IPV6_SITE_BITS = 64


class TooManyTries(CrowdsafeError):
    """Too many wrong passwords."""


class Tries:
    """Counts wrong passwords by name and address, in this process."""

    def __init__(self, failures_per_min: int) -> None:
        """``failures_per_min``: of one name from one address."""
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._pair = RateLimitItemPerMinute(failures_per_min)
        self._address = RateLimitItemPerMinute(failures_per_min * _ADDRESS_TIMES)
        self._name = RateLimitItemPerMinute(failures_per_min * _NAME_TIMES)
        self._signed_in: set[tuple[str, str]] = set()

    def refuse(self, *, name: str, address: str) -> None:
        """Refuse a further try where there were too many. Does not block.

        Raises:
            TooManyTries: for this name, or from this address.
        """
        site = _site(address)
        if not self._limiter.test(self._pair, "pair", name, site):
            raise TooManyTries("too many wrong passwords for this name, try again in a minute")
        if (name, site) in self._signed_in:
            return
        self.refuse_address(address)
        if not self._limiter.test(self._name, "name", name):
            raise TooManyTries("too many wrong passwords for this name, try again in a minute")

    def refuse_address(self, address: str) -> None:
        """Refuse a further try from an address where there were too many.

        Raises:
            TooManyTries: from this address.
        """
        if not self._limiter.test(self._address, "address", _site(address)):
            raise TooManyTries("too many wrong passwords from this address, try again in a minute")

    def failed(self, *, name: str, address: str) -> None:
        """Note a wrong password."""
        site = _site(address)
        self._limiter.hit(self._pair, "pair", name, site)
        self._limiter.hit(self._name, "name", name)
        self.failed_address(address)

    def failed_address(self, address: str) -> None:
        """Note a try that failed without a name."""
        self._limiter.hit(self._address, "address", _site(address))

    def succeeded(self, *, name: str, address: str) -> None:
        """Note a right password."""
        site = _site(address)
        self._signed_in.add((name, site))
        self._limiter.clear(self._pair, "pair", name, site)


def _site(address: str) -> str:
    """Return what one attacker has of an address: all of IPv4, the first half of IPv6."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(parsed), _IPV6_SITE_BITS), strict=False))
