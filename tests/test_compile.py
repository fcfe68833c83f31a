"""One graph by torch.compile, and bfloat16 by autocast, for every Transformer."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from compiling import models

HERE = Path(__file__).resolve().parent


def test_every_model_compiles_to_one_graph_that_computes_the_same():
    found = subprocess.run(
        [sys.executable, "-W", "error", HERE / "compiling.py"],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
    )
    assert found.returncode == 0, found.stderr
    assert found.stdout.split() == [type(model).__name__ for model, _ in models()]


@pytest.mark.parametrize(("model", "inputs"), [*models()], ids=lambda x: type(x).__name__)
def test_autocast_computes_in_bfloat16_and_stays_close(model, inputs):
    torch.manual_seed(0)
    exact = model.eval()(*inputs)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        rough = model(*inputs)
    assert rough.dtype == torch.bfloat16
    assert torch.isfinite(rough).all()
    assert 0 < (rough - exact).abs().max() < 0.1 * exact.abs().max()
    rough.float().square().mean().backward()
    used = [p.grad for p in model.parameters() if p.grad is not None]
    assert used and all(g.dtype == torch.float32 and torch.isfinite(g).all() for g in used)


def test_autocast_steps_and_weights():
    model, (src, mask, tgt_in) = next(models())
    with torch.autocast("cpu", dtype=torch.bfloat16), torch.no_grad():
        memory = model.encode(src, mask)
        step = model.step(
            tgt_in[:, 1], memory, model.start(memory, tgt_in[:, :1]), return_weights=True
        )
    assert torch.isfinite(step.log_probs).all()
    assert step.weights.dtype == torch.bfloat16
    torch.testing.assert_close(
        step.weights.float().sum(-1), torch.ones(3, 2, 3), rtol=0.02, atol=0.02
    )
