"""What the fields of a site's files are called in sentences, with their units."""

from crowdsafe.contract.words import Text


def field_words(path: str) -> Text:
    """Return what a field is called; one that has no name here is called as in the file."""
    return _FIELDS.get(path) or Text(de=path[:200], en=path[:200])


def unit_of(path: str) -> Text | None:
    """Return the unit of a field's value, as its name ends, None without one."""
    return next((unit for ending, unit in _UNITS.items() if path.endswith(ending)), None)


_UNITS = {
    "_ppm2": Text(de="P/m²", en="p/m²"),
    "_ppm2_per_min": Text(de="P/m² je min", en="p/m² a minute"),
    "_per_s2": Text(de="1/s²", en="1/s²"),
    "_px_per_m": Text(de="px/m", en="px/m"),
    "_min": Text(de="min", en="min"),
    "_m": Text(de="m", en="m"),
    "_s": Text(de="s", en="s"),
}
_FIELDS = {
    "name.de": Text(de="Name auf Deutsch", en="name in German"),
    "name.en": Text(de="Name auf Englisch", en="name in English"),
    "title.de": Text(de="Titel auf Deutsch", en="title in German"),
    "title.en": Text(de="Titel auf Englisch", en="title in English"),
    "why.de": Text(de="Begründung auf Deutsch", en="why, in German"),
    "why.en": Text(de="Begründung auf Englisch", en="why, in English"),
    "timezone": Text(de="Zeitzone", en="time zone"),
    "origin": Text(de="Nullpunkt", en="origin"),
    "peak_radius_m": Text(de="Radius der engsten Stelle", en="radius of the tightest place"),
    "thresholds.busy_ppm2": Text(de="belebt ab", en="busy from"),
    "thresholds.tight_ppm2": Text(de="eng ab", en="tight from"),
    "thresholds.critical_ppm2": Text(de="kritisch ab", en="critical from"),
    "thresholds.hysteresis_ppm2": Text(de="Hysterese", en="hysteresis"),
    "thresholds.rise_s": Text(de="Stufe steigt nach", en="level rises after"),
    "thresholds.fall_s": Text(de="Stufe fällt nach", en="level falls after"),
    "thresholds_reason.de": Text(
        de="Grund der Schwellen auf Deutsch", en="thresholds' why, German"
    ),
    "thresholds_reason.en": Text(
        de="Grund der Schwellen auf Englisch", en="thresholds' why, English"
    ),
    "limits.peak_ppm2": Text(de="engste Stelle, Alarm ab", en="tightest place, alarm from"),
    "limits.rise_ppm2_per_min": Text(de="Anstieg, Alarm ab", en="rise, alarm from"),
    "limits.forecast_min": Text(de="Vorhersage, Alarm ab", en="forecast, alarm from"),
    "limits.pressure_per_s2": Text(de="Druck, Alarm ab", en="pressure, alarm from"),
    "limits.counter_flow_share": Text(de="Gegenstrom, Alarm ab", en="counter-flow, alarm from"),
    "limits.people": Text(de="Höchstzahl an Personen", en="most people"),
    "limits.rise_s": Text(de="Alarm kommt nach", en="alarm comes after"),
    "limits.fall_s": Text(de="Alarm geht nach", en="alarm goes after"),
    "min_seen_share": Text(de="mindestens einsehbarer Anteil", en="least share seen"),
    "into_zone": Text(de="führt in Zone", en="leads into zone"),
    "range_m": Text(de="Reichweite", en="range"),
    "min_px_per_m": Text(de="gröbste Auflösung", en="coarsest resolution"),
    "approved_by": Text(de="freigegeben von", en="approved by"),
    "approved_on": Text(de="freigegeben am", en="approved on"),
    "causes": Text(de="für die Ursachen", en="for the causes"),
    "zones": Text(de="für die Zonen", en="for the zones"),
    "from_grade": Text(de="ab Schwere", en="from grade"),
    "loudspeaker.de": Text(de="Durchsage auf Deutsch", en="loudspeaker, German"),
    "loudspeaker.en": Text(de="Durchsage auf Englisch", en="loudspeaker, English"),
    "display.de": Text(de="Anzeige auf Deutsch", en="display, German"),
    "display.en": Text(de="Anzeige auf Englisch", en="display, English"),
    "gate": Text(de="gedrosselt an Zähllinie", en="held back at counting line"),
    "holds": Text(de="gedrosselte Richtung", en="direction held back"),
    "team": Text(de="geschickt wird", en="who is sent"),
    "target": Text(de="geht hinaus an", en="goes out to"),
    "kind": Text(de="Art", en="kind"),
}
