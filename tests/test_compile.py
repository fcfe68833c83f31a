"""One graph by torch.compile, and bfloat16 by autocast, for every model."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from compiling import STEPPING, models
from course.models.seq2seq import Seq2Seq

HERE = Path(__file__).resolve().parent
STEPS = [(model, inputs) for model, inputs in models() if isinstance(model, STEPPING)]


def label(each) -> str:
    config = getattr(each, "config", None)
    kind = getattr(config, "context", getattr(config, "positions", ""))
    return f"{type(each).__name__}-{kind}" if config else ""


@pytest.mark.parametrize("kind", ["recurrent", "attention"])
def test_every_model_compiles_to_one_graph_that_computes_the_same(kind):
    found = subprocess.run(
        [sys.executable, "-W", "error", HERE / "compiling.py", kind],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
    )
    assert found.returncode == 0, found.stderr
    assert found.stdout.split() == [
        type(model).__name__
        for model, _ in models()
        if isinstance(model, Seq2Seq) == (kind == "recurrent")
    ]


@pytest.mark.parametrize(("model", "inputs"), [*models()], ids=label)
def test_autocast_computes_in_bfloat16_and_stays_close(model, inputs):
    torch.manual_seed(0)
    exact = model.eval()(*inputs)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        rough = model(*inputs)
    # the output bias of the recurrent models, which no product takes in, stays in float32
    assert rough.dtype == (torch.float32 if isinstance(model, Seq2Seq) else torch.bfloat16)
    assert torch.isfinite(rough).all()
    assert 0 < (rough - exact).abs().max() < 0.1 * exact.abs().max()
    rough.float().square().mean().backward()
    used = [p.grad for p in model.parameters() if p.grad is not None]
    assert used and all(g.dtype == torch.float32 and torch.isfinite(g).all() for g in used)


@pytest.mark.parametrize(("model", "inputs"), STEPS, ids=label)
@torch.no_grad()
def test_autocast_steps_stay_close_and_weights_stay_shares(model, inputs):
    src, mask, tgt_in = inputs

    def step():
        memory = model.eval().encode(src, mask)
        state = model.start(memory, tgt_in[:, :1])
        return model.step(tgt_in[:, 1], memory, state, return_weights=True)

    exact = step()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        rough = step()
    assert 0 < (rough.log_probs - exact.log_probs).abs().max() < 0.1
    assert (rough.weights is None) == (exact.weights is None)
    if exact.weights is not None:
        torch.testing.assert_close(rough.weights.float(), exact.weights, rtol=0, atol=0.02)
