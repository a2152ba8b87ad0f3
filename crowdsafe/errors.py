"""What crowdsafe raises on purpose. The command line prints these as one sentence."""


class CrowdsafeError(Exception):
    """Something the user can understand and mend; its text is one clear sentence."""


class BadInput(CrowdsafeError):
    """A file, field or value from outside is not what was expected."""


class SourceLost(CrowdsafeError):
    """A camera or recording gives no picture any more."""


class HubRefused(CrowdsafeError):
    """The hub will not take what was sent."""
