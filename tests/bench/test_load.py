"""A small load on a real hub."""

import json
import signal
import subprocess
import sys
from itertools import chain
from pathlib import Path

import psutil
import pytest
from typer.testing import CliRunner

from crowdsafe.bench.ceiling import CeilingPlan, run_ceiling
from crowdsafe.bench.commands import app
from tests.live import wait_until


def test_a_steady_load_is_taken_whole_and_shown() -> None:
    plan = {
        "--cameras": "4",
        "--zones-per-camera": "3",
        "--cameras-per-zone": "2",
        "--pages": "2",
        "--warm-up": "1",
        "--seconds": "2",
    }
    result = CliRunner().invoke(app, ["hub", "--json", *chain.from_iterable(plan.items())])
    assert result.exit_code == 0, result.output
    report = json.loads(result.output)["report"]
    assert report["zones"] == 6
    assert (report["lost"], report["missing"], report["refused"]) == (0, 0, [])
    assert 12 <= report["offered_per_s"] <= 30
    assert report["written"]["number"] > 8
    assert report["shown"]["number"] > 2 * 12
    assert report["unmatched"] == 0
    assert 0.5 < report["told_share"] < 1.3
    assert 0 < report["shown"]["p50_ms"] < 2000
    assert report["page_bytes_per_s"] > 0
    assert report["hub_cpu_share"] > 0
    assert all(50 < size_mb < 1000 for size_mb in report["rss_mb"])


def test_a_pushed_hub_loses_nothing(tmp_path: Path) -> None:
    runs = run_ceiling(
        CeilingPlan(zones=6, connections=2, waiting=20, warm_up_s=0.2, seconds=0.5), tmp_path
    )
    assert [each.name for each in runs] == ["one connection", "2 connections", "one by one"]
    for each in runs:
        assert (each.lost, each.missing) == (0, 0)
        assert each.written_per_s > 0
        assert each.written_per_cpu_s > each.written_per_s * 0.5
    assert runs[0].written_per_s > runs[2].written_per_s


def test_a_plan_that_does_not_fit_is_one_sentence() -> None:
    result = CliRunner().invoke(app, ["hub", "--cameras", "3", "--cameras-per-zone", "2"])
    assert "cameras-per-zone: 2, expected a part of the 3 cameras" in str(result.exception)


@pytest.mark.parametrize("asked", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_with_its_hub_when_it_is_asked_once(asked: signal.Signals) -> None:
    load = ["--cameras", "8", "--pages", "4", "--warm-up", "0", "--seconds", "600"]
    bench = psutil.Popen(
        [sys.executable, "-m", "crowdsafe", "bench", "hub", *load],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        # A shell without job control lets its jobs ignore Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    try:
        wait_until(lambda: any(each.net_connections() for each in bench.children()), within_s=60)
        (hub,) = bench.children()
        wait_until(lambda: len(hub.net_connections()) >= 6, within_s=60)
        bench.send_signal(asked)
        assert bench.wait(20) != 0
        assert not hub.is_running()
    finally:
        for each in (*bench.children(recursive=True), bench) if bench.is_running() else ():
            each.kill()
