"""What needs torch: the network, its losses, a short run with resume, and the export."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import torch

    from crowdsafe.training.export import export_onnx, load_average
    from crowdsafe.training.finish import parse_sizes
    from crowdsafe.training.fit import CHECKPOINT_FILE, LOG_FILE, Run, RunSettings, read_checkpoint
    from crowdsafe.training.gate import Gate
    from crowdsafe.training.losses import focal_loss, poisson_loss
    from crowdsafe.training.network import CrowdNet
    from crowdsafe.training.start import calibrate_norms, load_weights

from crowdsafe.contract.model_file import CountSd, ModelSettings
from crowdsafe.edge.detector.onnx_model import OnnxDetector
from crowdsafe.errors import BadInput
from crowdsafe.training.data import read_datasets
from crowdsafe.training.metadata import write_settings
from crowdsafe.training.readings import look
from crowdsafe.training.recipe import Recipe
from crowdsafe.training.targets import density_map

MakeFolder = Callable[..., Path]
GATE = Gate(0.35, 16.0)


def settings(folder: Path, *, resume: bool = False) -> RunSettings:
    return RunSettings(folder=folder, weights_path=None, resume=resume, threads=1, device="cpu")


def short_recipe(minutes: float) -> Recipe:
    return Recipe(minutes=minutes, crop_px=64, long_side_px=(80, 120), batch_pictures=2)


def kept_settings() -> ModelSettings:
    return ModelSettings(
        score_threshold=0.3,
        input_long_side_px=64,
        count_sd=CountSd(constant=1.0, sqrt=0.5, relative=0.1),
        trained_on="2026-01-31",
    )


@pytest.fixture
def run_folder(make_folder: MakeFolder, tmp_path: Path) -> Path:
    Run(read_datasets(make_folder()), short_recipe(0.02), settings(tmp_path / "run")).fit()
    return tmp_path / "run"


def test_output_shapes() -> None:
    net = CrowdNet().eval()
    with torch.no_grad():
        raw = net(torch.zeros(2, 3, 64, 96))
    assert raw.score_logit.shape == (2, 1, 16, 24)
    assert raw.offset.shape == raw.log_size.shape == (2, 2, 16, 24)
    assert raw.density.shape == (2, 1, 8, 12)
    assert float(raw.density.min()) > 0.0
    assert sum(parameter.numel() for parameter in net.parameters()) < 2_000_000


def test_losses_are_least_at_the_truth() -> None:
    heat = torch.tensor([[[1.0, 0.2, 0.0]]])
    right = focal_loss(torch.tensor([[[9.0, -9.0, -9.0]]]), heat)
    wrong = focal_loss(torch.tensor([[[-9.0, 9.0, 9.0]]]), heat)
    assert float(right) < 0.01 < 5.0 < float(wrong)
    target = torch.tensor([0.0, 0.5, 2.0])
    assert float(poisson_loss(target, target)) == pytest.approx(0.0, abs=1e-4)
    assert float(poisson_loss(target + 0.3, target)) > 0.01


def test_a_run_goes_on_where_it_stopped(make_folder: MakeFolder, run_folder: Path) -> None:
    first = read_checkpoint(run_folder / CHECKPOINT_FILE)
    assert first["step"] > 0
    assert (run_folder / LOG_FILE).is_file()
    datasets = read_datasets(make_folder("again"))
    with pytest.raises(BadInput, match="there is a run already"):
        Run(datasets, short_recipe(0.02), settings(run_folder))
    Run(datasets, short_recipe(0.04), settings(run_folder, resume=True)).fit()
    second = read_checkpoint(run_folder / CHECKPOINT_FILE)
    assert second["step"] > first["step"]
    assert second["spent_s"] > first["spent_s"]


def test_resume_needs_a_checkpoint(make_folder: MakeFolder, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no checkpoint here"):
        Run(read_datasets(make_folder()), Recipe(), settings(tmp_path / "none", resume=True))


def test_the_export_computes_what_the_network_does(run_folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    checkpoint_path = run_folder / CHECKPOINT_FILE
    export_onnx(checkpoint_paths=[checkpoint_path], out_path=path, density_factor=2.0, gate=GATE)
    kept = kept_settings()
    write_settings(path, kept)
    detector = OnnxDetector(path, long_side_px=96, score_threshold=1e-6)
    assert detector.settings == kept
    rgb = np.random.default_rng(0).integers(0, 256, size=(64, 96, 3), dtype=np.uint8)
    found, _ = look(detector, rgb)
    images = torch.from_numpy(rgb).permute(2, 0, 1)[None].float() / 255.0
    with torch.no_grad():
        raw = load_average([checkpoint_path])(images)
    density = sum(float(part.people.sum()) for part in found.density)
    assert density == pytest.approx(2.0 * float(GATE.let_through(raw.density).sum()), rel=1e-4)
    best = float(torch.sigmoid(raw.score_logit).max())
    assert found.score.max() == pytest.approx(best, rel=1e-4)


def test_half_a_person_is_nobody_and_a_whole_one_stays_also_at_the_edge() -> None:
    def seen(people: float, row: int, column: int) -> float:
        target = density_map(
            heads_px=np.array([[column * 8 + 4.0, row * 8 + 4.0]], dtype=np.float32), cells=64
        )
        density = torch.from_numpy(people * target)[None, None]
        return float(GATE.let_through(density).sum() / density.sum())

    assert seen(1.0, 32, 32) > 0.95
    assert seen(0.8, 32, 32) > 0.9
    assert seen(0.4, 32, 32) < 0.05
    assert seen(1.0, 0, 0) > 0.95
    haze = torch.full((1, 1, 96, 128), 3e-4)
    assert float(GATE.let_through(haze).sum()) < 1e-6
    small = torch.full((1, 1, 4, 4), 0.5)
    torch.testing.assert_close(GATE.let_through(small), small)


def test_several_runs_are_averaged(run_folder: Path, tmp_path: Path) -> None:
    one = run_folder / CHECKPOINT_FILE
    state = read_checkpoint(one)
    moved = {
        name: value + 2.0 if value.is_floating_point() else value
        for name, value in state["average"].items()
    }
    other = tmp_path / "other.pt"
    torch.save({**state, "average": moved}, other)
    mean = load_average([one, other]).state_dict()
    name = "head_out.bias"
    torch.testing.assert_close(mean[name], state["average"][name] + 1.0)
    assert mean["b0.bn.num_batches_tracked"] == state["average"]["b0.bn.num_batches_tracked"]


def test_starting_weights_are_checked(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="starting weights not found"):
        load_weights(CrowdNet(), tmp_path / "none.onnx")
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"\xff\xff no model")
    with pytest.raises(BadInput, match="not a readable ONNX file"):
        load_weights(CrowdNet(), broken)


def test_a_run_can_start_from_an_exported_model(run_folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    checkpoint_path = run_folder / CHECKPOINT_FILE
    export_onnx(checkpoint_paths=[checkpoint_path], out_path=path, density_factor=1.0, gate=GATE)
    write_settings(path, kept_settings())
    net = CrowdNet()
    assert load_weights(net, path) == sum(isinstance(m, torch.nn.Conv2d) for m in net.modules())
    images = torch.rand(2, 3, 64, 96, generator=torch.Generator().manual_seed(0))
    expected = load_average([checkpoint_path])(images)
    for actual in (net.eval()(images), _calibrated(net, images).eval()(images)):
        for one, other in zip(actual, expected, strict=True):
            torch.testing.assert_close(one, other, atol=1e-3, rtol=1e-2)


def _calibrated(net: CrowdNet, images: torch.Tensor) -> CrowdNet:
    calibrate_norms(net, images)
    return net


@pytest.mark.parametrize("text", ["", "1000", "1024,x", "0", "-32"])
def test_sizes_are_multiples_of_the_stride(text: str) -> None:
    with pytest.raises(BadInput, match="expected multiples of 32"):
        parse_sizes(text)
