"""Settings from a TOML file and the environment; every one is documented in docs/settings.md."""

from crowdsafe.settings.edge import CameraSettings, EdgeSettings
from crowdsafe.settings.hub import HubSettings
from crowdsafe.settings.load import Settings, known_variables, load_settings
from crowdsafe.settings.table import settings_table

__all__ = [
    "CameraSettings",
    "EdgeSettings",
    "HubSettings",
    "Settings",
    "known_variables",
    "load_settings",
    "settings_table",
]
