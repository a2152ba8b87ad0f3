"""Metrics, read back with Prometheus' own parser."""

from prometheus_client.core import Metric
from prometheus_client.parser import text_string_to_metric_families

from crowdsafe.contract.alarms import AlarmLoad
from crowdsafe.hub.outbound.prometheus import CONTENT_TYPE, Figures, TargetFigures, render
from tests.hub.outbound.notices import AT_S, alarm
from tests.hub.outbound.zones import camera_state, zone_state

LOAD = AlarmLoad(
    last_10_min=3,
    last_hour=7,
    operators=2,
    per_operator_10_min=1.5,
    name="manageable",
    high_share=0.2,
    medium_share=0.3,
)
FIGURES = Figures(
    now_s=AT_S,
    version="0.1.0",
    zones=[
        zone_state(),
        zone_state(zone_id="path", level="unknown"),
        zone_state(zone_id="empty", level="clear", density_ppm2=0.0),
    ],
    cameras=[camera_state(), camera_state(camera_id="mast_2", health="silent", captured_at_s=None)],
    alarms=[alarm(), alarm(id=8, priority="low"), alarm(id=9, priority="low")],
    load=LOAD,
    targets=[
        TargetFigures("mast", 4, AT_S - 90, delivered=10, failed=2, given_up=1),
        TargetFigures("post", 0, None, delivered=0, failed=0, given_up=0),
    ],
    taken=1234,
    refused={"future": 2, "unknown_camera": 1},
    loop_lag_s=0.004,
)


def read(figures: Figures) -> dict[str, Metric]:
    return {
        family.name: family for family in text_string_to_metric_families(render(figures).decode())
    }


def samples(figures: Figures, name: str) -> dict[tuple[str, ...], float]:
    """Values by labels, which are in the order of their names."""
    return {
        tuple(value for _, value in sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(render(figures).decode())
        for sample in family.samples
        if sample.name == name
    }


def test_zones_and_what_is_not_known_of_them() -> None:
    assert samples(FIGURES, "crowdsafe_zone_density_ppm2") == {("stage",): 2.5, ("empty",): 0.0}
    assert samples(FIGURES, "crowdsafe_zone_density_sd_ppm2")[("stage",)] == 0.1
    assert samples(FIGURES, "crowdsafe_zone_seen_share")[("stage",)] == 0.9
    assert samples(FIGURES, "crowdsafe_zone_value_age_seconds")[("stage",)] == 1.0
    levels = samples(FIGURES, "crowdsafe_zone_level")
    for zone, level in (("stage", "tight"), ("path", "unknown"), ("empty", "clear")):
        ones = [key for key, value in levels.items() if value == 1 and key[1] == zone]
        assert ones == [(level, zone)]
    assert len(levels) == 3 * 5


def test_cameras() -> None:
    health = samples(FIGURES, "crowdsafe_camera_health")
    assert health[("mast_1", "ok")] == 1
    assert health[("mast_2", "silent")] == 1
    assert health[("mast_2", "ok")] == 0
    assert samples(FIGURES, "crowdsafe_camera_value_age_seconds") == {("mast_1",): 2.0}


def test_alarms_and_their_load() -> None:
    alarms = samples(FIGURES, "crowdsafe_alarms")
    assert alarms[("high", "unacknowledged")] == 1
    assert alarms[("low", "unacknowledged")] == 2
    assert alarms[("high", "shelved")] == 0
    assert len(alarms) == 7 * 3
    assert samples(FIGURES, "crowdsafe_alarm_load") == {("10",): 3, ("60",): 7}
    assert samples(FIGURES, "crowdsafe_alarm_load_per_operator") == {(): 1.5}
    assert samples(FIGURES, "crowdsafe_alarm_load_state")[("manageable",)] == 1


def test_nobody_on_duty_is_no_load_of_0() -> None:
    load = LOAD.model_copy(update={"operators": 0, "per_operator_10_min": None})
    figures = Figures(now_s=AT_S, version="1", load=load)
    assert samples(figures, "crowdsafe_alarm_load_per_operator") == {}


def test_the_outbox_and_the_hub_itself() -> None:
    assert samples(FIGURES, "crowdsafe_outbox_waiting") == {("mast",): 4, ("post",): 0}
    assert samples(FIGURES, "crowdsafe_outbox_oldest_age_seconds") == {("mast",): 90, ("post",): 0}
    assert samples(FIGURES, "crowdsafe_outbox_delivered_total")[("mast",)] == 10
    assert samples(FIGURES, "crowdsafe_outbox_failed_total")[("mast",)] == 2
    assert samples(FIGURES, "crowdsafe_outbox_given_up_total")[("mast",)] == 1
    assert samples(FIGURES, "crowdsafe_observations_taken_total") == {(): 1234}
    assert samples(FIGURES, "crowdsafe_observations_refused_total") == {
        ("future",): 2,
        ("unknown_camera",): 1,
    }
    assert samples(FIGURES, "crowdsafe_event_loop_lag_seconds") == {(): 0.004}
    assert samples(FIGURES, "crowdsafe_hub_info") == {("0.1.0",): 1}


def test_types_and_media_type_are_prometheus_own() -> None:
    families = read(FIGURES)
    assert families["crowdsafe_zone_density_ppm2"].type == "gauge"
    assert families["crowdsafe_outbox_failed"].type == "counter"
    assert all(family.documentation for family in families.values())
    assert CONTENT_TYPE.startswith("text/plain; version=0.0.4")


def test_one_reading_leaves_nothing_for_the_next() -> None:
    assert samples(Figures(now_s=0.0, version="1"), "crowdsafe_zone_level") == {}
    assert render(FIGURES) == render(FIGURES)
